"""Push, fetch and ls-remote against real remotes: a bare repository by path, one behind smart HTTP, one behind ssh."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from git_ccsync.errors import RemoteFailed, Stalled, Usage
from git_ccsync.git import answers, config, push, remote, repository
from git_ccsync.git.remote import Target
from git_ccsync.model import Progress

REF, TRACKING = "refs/ccsync/al", "refs/ccsync-remotes/origin/al"


def git(*words: str | Path, cwd: Path | str = ".", text: str = "") -> str:
    done = subprocess.run(["git", *map(str, words)], cwd=cwd, input=text, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


class Place:
    """A clone that this process works in, and its bare remote."""

    def __init__(self, base: Path, *clone: str) -> None:
        self.bare, self.work = base / "srv" / "app.git", base / "work" / "the app"
        git("init", "-q", "--bare", self.bare)
        seed = git("commit-tree", git("mktree", cwd=self.bare), "-m", "start", cwd=self.bare)
        git("update-ref", "refs/heads/main", seed, cwd=self.bare)
        git("config", "uploadpack.allowFilter", "true", cwd=self.bare)
        git("clone", "-q", *clone, self.bare.as_uri(), self.work)
        self.repo = repository.discover(str(self.work))

    def commit(self, text: str, parent: str = "") -> str:
        blob = git("hash-object", "-w", "--stdin", cwd=self.work, text=text)
        tree = git("mktree", cwd=self.work, text=f"100644 blob {blob}\tformat\n")
        return git("commit-tree", tree, "-m", text, *(("-p", parent) if parent else ()), cwd=self.work)

    def config(self):
        return config.read(git_dir=self.repo.git_dir)

    def target(self, url: str = "") -> Target:
        return remote.target_at(self.config(), "origin", url or str(self.bare), "origin")._replace(own="al")

    def push(self, oid: str, url: str = "", **more):
        more.setdefault("tracking", TRACKING)
        on_progress = more.pop("on_progress", None)
        return push.Push(self.repo, self.target(url), [(oid, REF)], stall=20, **more).finish(on_progress)[0]

    def fetch(self, url: str = "", spec=((REF, TRACKING),), **more) -> bool:
        told = more.pop("on_progress", None)
        return remote.Fetch(self.repo, self.target(url), spec, stall=20, **more).finish(told)

    def refs(self, cwd: Path | None = None) -> dict[str, str]:
        lines = git("for-each-ref", "--format=%(refname) %(objectname)", cwd=cwd or self.work).splitlines()
        return dict(line.split() for line in lines)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_push_tells_old_and_new_and_moves_the_tracking_ref(place: Place) -> None:
    first = place.commit("one")
    second = place.commit("two", first)
    assert place.push(first) == answers.RefPushed(REF, "pushed", "", first, "")
    assert place.push(second) == answers.RefPushed(REF, "pushed", first, second, "")
    assert place.refs()[TRACKING] == second
    assert place.push(second) == answers.RefPushed(REF, "up-to-date", second, second, "")
    assert place.refs(place.bare)[REF] == second


def test_a_push_never_forces(place: Place) -> None:
    first = place.commit("one")
    place.push(first)
    git("config", "remote.origin.push", "+refs/*:refs/*", cwd=place.work)
    git("config", "remote.origin.mirror", "true", cwd=place.work)
    other = place.commit("other")
    assert place.push(other).status == "rejected"
    assert place.refs(place.bare)[REF] == first
    with pytest.raises(Usage):
        push.Push(place.repo, place.target(), [("+" + other, REF)], stall=9)


def test_what_we_do_not_have_is_a_reason_to_fetch(place: Place) -> None:
    elsewhere = git("commit-tree", git("mktree", cwd=place.bare), "-m", "theirs", cwd=place.bare)
    git("update-ref", REF, elsewhere, cwd=place.bare)
    answer = place.push(place.commit("ours"))
    assert (answer.status, answer.reason) == ("rejected", "fetch first")
    assert place.fetch()
    assert place.refs()[TRACKING] == elsewhere
    assert place.push(place.commit("ours", elsewhere)).status == "pushed"


def test_a_lock_on_the_remote_is_a_reason_to_try_again(place: Place) -> None:
    (place.bare / "refs/ccsync").mkdir()
    (place.bare / "refs/ccsync/al.lock").touch()
    assert place.push(place.commit("one")).status == "rejected"


def test_a_host_that_wants_no_such_ref_refuses(place: Place) -> None:
    hook = place.bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase $1 in refs/heads/*) ;; *) echo "heads only" >&2; exit 1;; esac\n')
    hook.chmod(0o755)
    answer = place.push(place.commit("one"))
    assert (answer.status, answer.reason) == ("refused", "hook declined")
    assert answer.said.splitlines()[0] == "heads only"
    git("config", "receive.hideRefs", "refs/ccsync", cwd=place.bare)
    hook.unlink()
    assert place.push(place.commit("one")).status == "refused"
    assert TRACKING not in place.refs()


def test_what_a_remote_says_is_cut(place: Place) -> None:
    hook = place.bare / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' x >&2; exit 1\n")
    hook.chmod(0o755)
    assert len(place.push(place.commit("one")).said) == 500


def test_user_hooks_and_push_options_stay_out_of_it(place: Place) -> None:
    hook = place.work / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    for key, value in {"push.pushOption": "ci.skip", "push.gpgSign": "true", "push.followTags": "true"}.items():
        git("config", key, value, cwd=place.work)
    first = place.commit("one")
    git("tag", "-a", "-m", "t", "v1", first, cwd=place.work)
    assert place.push(first).status == "pushed"
    assert set(place.refs(place.bare)) == {"refs/heads/main", REF}


def test_urls_are_rewritten_once(place: Place) -> None:
    bare = str(place.bare)
    git("config", "remote.origin.url", "app:x", cwd=place.work)
    git("config", f"url.{bare}.insteadOf", "app:x", cwd=place.work)
    git("config", "url./nowhere.insteadOf", bare[: len(bare) - 2], cwd=place.work)
    git("config", "url./nowhere.pushInsteadOf", bare, cwd=place.work)
    urls = remote.push_urls(place.repo, place.config(), "origin")
    assert urls == (bare,)
    assert place.push(place.commit("one"), urls[0]).status == "pushed"
    assert place.fetch(urls[0])
    assert REF in remote.ls_remote(place.repo, place.target(urls[0]), "refs/ccsync/*")


def test_every_push_url_and_paths_of_their_own(place: Place, tmp_path: Path) -> None:
    git("remote", "set-url", "--push", "origin", "../a b.git", cwd=place.work)
    git("remote", "set-url", "--push", "--add", "origin", "https://h.org/x=y", cwd=place.work)
    assert remote.push_urls(place.repo, place.config(), "origin") == ("../a b.git", "https://h.org/x=y")
    assert remote.push_urls(place.repo, place.config(), "/srv/x") == ("/srv/x",)
    with pytest.raises(Usage):
        remote.push_urls(place.repo, place.config(), "--upload-pack=x")
    git("init", "-q", "--bare", tmp_path / "work" / "a b.git")
    assert place.push(place.commit("one"), "../a b.git").status == "pushed"


def test_an_equals_sign_in_a_url_is_no_end(place: Place, tmp_path: Path) -> None:
    os.rename(place.bare, tmp_path / "srv" / "a=b.c.git")
    assert place.push(place.commit("one"), str(tmp_path / "srv" / "a=b.c.git")).status == "pushed"


def test_the_remotes_own_settings_come_along(place: Place) -> None:
    git("config", "remote.origin.receivepack", "/nowhere/receive-pack", cwd=place.work)
    with pytest.raises(RemoteFailed, match="nowhere"):
        place.push(place.commit("one"))


def test_a_fetch_leaves_the_users_things_alone(place: Place) -> None:
    first = place.commit("one")
    place.push(first, tracking="")
    tagged = git("commit-tree", git("mktree", cwd=place.bare), "-p", first, "-m", "t", cwd=place.bare)
    git("update-ref", REF, tagged, cwd=place.bare)
    git("tag", "v1", tagged, cwd=place.bare)
    git("update-ref", "refs/heads/new", tagged, cwd=place.bare)
    for key in ("fetch.prune", "fetch.pruneTags", "remote.origin.prune"):
        git("config", key, "true", cwd=place.work)
    git("update-ref", "refs/ccsync-remotes/origin/other", first, cwd=place.work)
    before = place.refs()
    assert place.fetch()
    assert place.refs() == before | {TRACKING: tagged}
    assert not (place.work / ".git" / "FETCH_HEAD").exists()


def test_directories_that_a_fetch_makes_are_as_open_as_the_store(place: Place) -> None:
    """Git puts objects of its own there, which others could read before: it runs under our umask."""
    commit = git("commit-tree", git("mktree", cwd=place.bare), "-m", "there", cwd=place.bare)
    git("update-ref", REF, commit, cwd=place.bare)
    store = place.work / ".git" / "objects"
    store.chmod(0o755)
    before = os.umask(0o077)
    try:
        assert place.fetch(lenient=True)
    finally:
        os.umask(before)
    folders = [path for path in store.iterdir() if len(path.name) == 2]
    assert folders
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o755}


def test_a_fetch_of_nothing_says_so(place: Place) -> None:
    assert place.fetch() is False
    assert place.fetch(spec=[("refs/ccsync/*", "refs/ccsync-remotes/origin/*")]) is True
    with pytest.raises(Usage):
        place.fetch(spec=[(REF, "refs/heads/main")])


def test_a_tracking_ref_follows_the_remote_backwards(place: Place) -> None:
    first = place.commit("one")
    place.push(place.commit("two", first))
    git("update-ref", REF, first, cwd=place.bare)
    assert place.fetch()
    assert place.refs()[TRACKING] == first


def test_a_fetch_that_another_one_overtakes_begins_anew(place: Place, tmp_path: Path) -> None:
    """A hook's look at the remote and a push may fetch at once: git reads the tracking ref, and finds it moved later."""
    first = place.commit("one")
    second = place.commit("two", parent=first)
    assert place.push(first).status == "pushed"
    assert place.push(second, tracking="").status == "pushed"
    asked, go = tmp_path / "asked", tmp_path / "go"
    slow, server = tmp_path / "slow", tmp_path / "upload"
    slow.write_text(f'#!/bin/sh\necho >> "{asked}"\nwhile ! test -e "{go}"; do sleep 0.01; done\nexec "$@"\n')
    server.write_text(f'#!/bin/sh\nexec git -c "uploadpack.packObjectsHook={slow}" upload-pack "$@"\n')
    for script in (slow, server):
        script.chmod(0o755)
    third = place.commit("three", parent=second)
    assert place.push(third, tracking="").status == "pushed"
    git("gc", "-q", "--prune=now", cwd=place.work)  # what no ref holds is to come again
    target = place.target()._replace(settings=(("uploadpack", str(server)),))
    fetch = remote.Fetch(place.repo, target, [(REF, TRACKING)], stall=20)
    deadline = time.monotonic() + 20
    while not asked.exists():
        assert time.monotonic() < deadline, "the remote was not asked for objects"
        time.sleep(0.01)
    git("fetch", "-q", place.bare, f"+{second}:{TRACKING}", cwd=place.work)
    go.touch()
    assert fetch.finish()
    assert place.refs()[TRACKING] == third


def test_broken_objects_are_not_let_in(place: Place) -> None:
    tree = git("hash-object", "-w", "--literally", "-t", "tree", "--stdin", cwd=place.bare, text="")
    bad = f"tree {tree}\nauthor x\n\nno committer\n"
    oid = git("hash-object", "-w", "--literally", "-t", "commit", "--stdin", cwd=place.bare, text=bad)
    (place.bare / "refs/ccsync").mkdir()
    (place.bare / REF).write_text(oid + "\n")
    with pytest.raises(RemoteFailed):
        place.fetch()
    assert TRACKING not in place.refs()


@pytest.mark.parametrize("how", [("--depth=1",), ("--filter=blob:none",), ("--filter=tree:0",)])
def test_shallow_and_partial_clones(tmp_path: Path, how: tuple[str, ...]) -> None:
    place = Place(tmp_path, *how)
    first = place.commit("one")
    assert place.push(first).status == "pushed"
    blob = git("hash-object", "-w", "--stdin", cwd=place.bare, text="theirs")
    tree = git("mktree", cwd=place.bare, text=f"100644 blob {blob}\tformat\n")
    theirs = git("commit-tree", tree, "-p", first, "-m", "theirs", cwd=place.bare)
    git("update-ref", REF, theirs, cwd=place.bare)
    shallow = place.work / ".git" / "shallow"
    before = shallow.read_bytes() if shallow.exists() else b""
    assert place.fetch()
    assert (shallow.read_bytes() if shallow.exists() else b"") == before
    os.rename(place.bare, tmp_path / "away")
    assert git("cat-file", "blob", f"{TRACKING}:format", cwd=place.work) == "theirs"
    os.rename(tmp_path / "away", place.bare)
    assert place.push(place.commit("two", theirs)).status == "pushed"


def test_an_absent_remote_is_told_without_its_password(place: Place) -> None:
    for url in ("http://al:secret@127.0.0.1:9/app.git", "/nowhere/app.git"):
        for call in (
            lambda url=url: place.push(place.commit("one"), url),
            lambda url=url: place.fetch(url),
            lambda url=url: remote.ls_remote(place.repo, url),
        ):
            with pytest.raises(RemoteFailed) as caught:
                call()
            assert "secret" not in f"{caught.value}{caught.value.stderr!r}"


def test_progress_is_told_in_numbers(place: Place) -> None:
    seen: list[Progress] = []
    place.push(place.commit("one"), on_progress=seen.append)
    assert Progress("pushing", 3, 3, "objects") in seen
    git("update-ref", "-d", TRACKING, cwd=place.work)
    elsewhere = git("commit-tree", git("mktree", cwd=place.bare), "-m", "x", cwd=place.bare)
    git("update-ref", REF, elsewhere, cwd=place.bare)
    seen.clear()
    place.fetch(on_progress=seen.append)
    assert {step.phase for step in seen} & {"fetching", "packing"}


# --- over a network


def test_smart_http(world) -> None:
    place = Place(world.directory / "p")
    server = world.http()
    server.root = place.bare.parent
    url = server.url("app.git")
    first = place.commit("one")
    assert place.push(first, url).status == "pushed"
    git("update-ref", "-d", TRACKING, cwd=place.work)
    assert place.fetch(url)
    assert remote.ls_remote(place.repo, url, "refs/ccsync/*") == {REF: first}


def test_a_password_in_the_url_serves_us_and_not_the_anonymous(world) -> None:
    place = Place(world.directory / "p")
    server = world.http()
    server.root, server.password, server.anonymous = place.bare.parent, "secret", False
    url = server.url("app.git", user="al:secret")
    assert place.push(place.commit("one"), url).status == "pushed"
    with pytest.raises(RemoteFailed):
        remote.ls_remote(place.repo, url, anonymous=True)


def test_anonymous_uses_nothing_that_is_the_users(world, monkeypatch) -> None:
    place = Place(world.directory / "p")
    server = world.http()
    server.root, server.password, server.anonymous = place.bare.parent, "secret", False
    url = server.url("app.git")
    home = Path(os.environ["HOME"])
    (home / ".netrc").write_text("machine 127.0.0.1 login al password secret\n")
    basic = "Authorization: Basic YWw6c2VjcmV0"
    (home / "askpass").write_text("#!/bin/sh\ncase $1 in User*) echo al;; *) echo secret;; esac\n")
    (home / "askpass").chmod(0o755)
    helper = "!f() { echo username=al; echo password=secret; }; f"
    for key, value in {
        "credential.helper": helper,
        f"http.{url}.extraHeader": basic,
        "core.askPass": f"{home}/askpass",
    }.items():
        git("config", "--global", key, value)
    monkeypatch.setenv("GIT_ASKPASS", f"{home}/askpass")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "http.extraHeader")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", basic)
    assert remote.ls_remote(place.repo, url) != {}
    asked = len(server.requests)
    with pytest.raises(RemoteFailed):
        remote.ls_remote(place.repo, url, anonymous=True)
    assert {request.user for request in server.requests[asked:]} == {""}
    server.anonymous = True
    assert remote.ls_remote(place.repo, url, anonymous=True) != {}


def test_anonymous_goes_through_the_users_proxy(world) -> None:
    place = Place(world.directory / "p")
    git("config", "http.proxy", "http://127.0.0.1:9", cwd=place.work)
    with pytest.raises(RemoteFailed, match=r"127\.0\.0\.1 port 9|proxy"):
        remote.ls_remote(place.repo, "http://git.example.org/app.git", anonymous=True)


@pytest.mark.parametrize("url", ["git@github.com:acme/app.git", "/srv/app.git", "x::y"])
def test_nobody_is_anonymous_over_ssh(place: Place, url: str) -> None:
    with pytest.raises(RemoteFailed, match="without credentials"):
        remote.ls_remote(place.repo, url, anonymous=True)


def test_no_permission_is_told_apart(world) -> None:
    place = Place(world.directory / "p")
    server = world.http()
    server.root, server.push = place.bare.parent, False
    with pytest.raises(RemoteFailed) as caught:
        place.push(place.commit("one"), server.url("app.git"))
    assert answers.denied(caught.value)
    with pytest.raises(RemoteFailed) as caught:
        place.fetch(server.url("nothing.git"))
    assert not answers.denied(caught.value)


def test_a_remote_that_hangs_is_left(world) -> None:
    place = Place(world.directory / "p")
    server = world.http()
    server.root, server.hang_after = place.bare.parent, 10
    url, spec = server.url("app.git", user="al:secret"), [(place.commit("one"), REF)]
    told = re.escape(f"nothing heard for 0.4 seconds from '{server.url('app.git')}'") + "$"
    with pytest.raises(Stalled, match=told):
        remote.ls_remote(place.repo, url, stall=0.4)
    with pytest.raises(Stalled, match=told):
        push.Push(place.repo, place.target(url), spec, stall=0.4).finish()
    with pytest.raises(Stalled, match=told) as caught:
        remote.Fetch(place.repo, place.target(url), [(REF, TRACKING)], stall=0.4).finish()
    assert b"negotiation-tip" not in caught.value.stderr
