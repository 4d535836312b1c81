"""Which remote, URL, ref and branch a repository's sessions go to."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from git_ccsync.errors import Refused, Usage
from git_ccsync.git import config, repository
from git_ccsync.operations.destinations import destination


class Clone:
    """A repository without commits, and its configuration."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.git("init", "-q", str(path), cwd=path.parent)
        self.repo = repository.discover(str(path))

    def git(self, *words: str, cwd: Path | None = None) -> None:
        subprocess.run(["git", *words], cwd=cwd or self.path, check=True)

    def remote(self, name: str, url: str = "") -> None:
        self.git("remote", "add", name, url or f"https://{name}.org/acme/app.git")

    @property
    def config(self) -> config.Config:
        return config.read(str(self.path))

    def resolve(self, remote: str = "") -> destination.Destination:
        return destination.resolve(self.repo, self.config, "al", remote)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path / "app")


def test_the_order(clone: Clone) -> None:
    def chosen(*carrying: str) -> str:
        return destination.choose(clone.config, carrying)

    assert chosen() == ""
    clone.remote("fork")
    assert chosen() == "fork"  # the only one
    clone.remote("upstream")
    assert chosen() == ""
    clone.remote("origin")
    assert chosen() == "origin"
    clone.git("config", "remote.pushDefault", "nowhere")
    assert chosen() == "origin"
    clone.git("config", "remote.pushDefault", "upstream")
    clone.git("config", "branch.main.remote", "fork")  # the upstream plays no part
    assert chosen() == "upstream"
    assert chosen("fork") == "fork"
    assert chosen("fork", "origin") == "upstream"
    clone.git("config", "--global", "ccsync.remote", "https://h.org/me/sessions")
    assert chosen("fork") == "https://h.org/me/sessions"
    clone.git("config", "ccsync.remote", "origin")
    assert chosen("fork") == "origin"


def test_nothing_to_choose_from_is_refused_with_the_ways_out(clone: Clone) -> None:
    with pytest.raises(Refused, match="no remote") as caught:
        clone.resolve()
    assert any("--remote" in hint for hint in caught.value.hints)
    clone.remote("a")
    clone.remote("b")
    with pytest.raises(Refused, match="'a', 'b'"):
        clone.resolve()


def test_names_of_refs(clone: Clone) -> None:
    clone.remote("origin")
    clone.remote("desk/top", "../other clone")
    assert clone.resolve() == destination.Destination(
        "origin", ("https://origin.org/acme/app.git",), "refs/ccsync/al", "al", "refs/ccsync-remotes/origin/al"
    )
    clone.git("config", "ccsync.remote", "origin")
    clone.git("config", "ccsync.remoteRef", "refs/heads/ccsync/al")
    assert clone.resolve().ref == clone.resolve("origin").ref == "refs/heads/ccsync/al"
    other = clone.resolve("desk/top")
    assert (other.ref, other.tracking) == ("refs/ccsync/al", "refs/ccsync-remotes/desk%2Ftop/al")


def test_a_url_or_path_on_the_command_line(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    found = clone.resolve("https://al:secret@h.org/x/y.git")
    assert (found.remote, found.tracking) == ("", "refs/ccsync-remotes/h.org%2Fx%2Fy/al")
    assert found.name == "https://h.org/x/y.git"
    monkeypatch.chdir(clone.path.parent)
    assert clone.resolve("./b.git").urls == (str(clone.path.parent / "b.git"),)
    with pytest.raises(Usage):
        clone.resolve("ext::sh -c id")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("al", "al"),
        ("Al.Bert+work", "al-bert-work"),
        ("józef", "jozef"),
        ("-x-", "x"),
        ("a..b", "a-b"),
        ("李", ""),
        ("", ""),
        ("x" * 99, "x" * 64),
        ("a/b.lock", "a-b-lock"),
    ],
)
def test_branches_are_sanitised(given: str, name: str) -> None:
    assert destination.sanitised(given) == name
    if name:
        assert destination.checked_branch(name) == name


@pytest.mark.parametrize("bad", ["", "A", "a b", "a/b", "ä", "-a", "x" * 65, "a.lock", "a\n"])
def test_a_bad_branch_name_is_bad_usage(bad: str) -> None:
    with pytest.raises(Usage):
        destination.checked_branch(bad)


def test_the_project_is_one_component_and_the_same_in_every_clone(clone: Clone) -> None:
    assert destination.project(clone.repo, clone.config) == "directory%2Fapp"
    clone.remote("ccsync", "https://h.org/me/sessions")
    assert destination.project(clone.repo, clone.config) == "directory%2Fapp"
    clone.git("config", "url.git@h.org:.insteadOf", "h:")
    clone.remote("origin", "h:Acme/app.git")
    assert destination.project(clone.repo, clone.config) == "h.org%2FAcme%2Fapp"
    clone.git("remote", "set-url", "origin", "../app.git")
    base = str(clone.path.parent / "app.git").removesuffix(".git")
    assert destination.project(clone.repo, clone.config) == ("path" + base).replace("/", "%2F")
    clone.git("config", "ccsync.project", "a/b")
    assert destination.project(clone.repo, clone.config) == "a%2Fb"
    clone.git("config", "ccsync.project", "al")  # could be somebody's branch there
    assert destination.project(clone.repo, clone.config) == "project%2Fal"


def test_a_typed_url_is_rewritten_once_as_git_does_it(clone: Clone, tmp_path: Path) -> None:
    rules = {
        "https://h.org/": ("insteadOf", "h:"),
        "https://h.org/longer/": ("insteadOf", "h:al/"),
        "https://never.org/": ("insteadOf", "https://h.org/longer/"),
        "ssh://h.org/": ("pushInsteadOf", "h:push/"),
        "ext::sh -c ": ("insteadOf", "evil:"),
        "--upload-pack=": ("insteadOf", "option:"),
        f"{tmp_path}/": ("insteadOf", "disk:"),
    }
    for base, (word, start) in rules.items():
        clone.git("config", f"url.{base}.{word}", start)
    clone.git("config", "url.https://never.org/named.insteadOf", "named")
    clone.remote("named", "h:x")  # the name of a remote is none of this
    for typed, url in (
        ("h:x", "https://h.org/x"),
        ("h:al/x", "https://h.org/longer/x"),
        ("h:push/x", "ssh://h.org/x"),
        ("disk:bare", f"{tmp_path}/bare"),
        ("named", "https://h.org/x"),
        ("https://h.org/x", "https://h.org/x"),
    ):
        assert clone.resolve(typed).urls == (url,)
    for typed in ("evil:true", "option:x"):
        with pytest.raises(Usage):
            clone.resolve(typed)
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="is a file"):
        destination.refuse_file(clone.config, "disk:file")


def test_branches_are_looked_for_in_both_namespaces() -> None:
    refs = ["refs/ccsync/al", "refs/heads/ccsync/al", "refs/heads/ccsync/bo", "refs/heads/main", "refs/ccsync/p/al"]
    assert destination.named(refs) == {"al": "refs/ccsync/al", "bo": "refs/heads/ccsync/bo"}
    assert destination.named(refs, "refs/ccsync/p/") == {"al": "refs/ccsync/p/al"}
    assert destination.named(["refs/heads/ccsync/p/al"], "refs/ccsync/p/") == {"al": "refs/heads/ccsync/p/al"}
    assert destination.named(["refs/ccsync/A", "refs/ccsync/a b", "refs/ccsync/\x1b[0m"]) == {}
    assert destination.in_heads("refs/ccsync/p/al") == "refs/heads/ccsync/p/al"
