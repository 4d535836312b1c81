"""Who reads an encrypted branch, from its users' side: begin, ask, be let in, be shut out, recover; and what is refused."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from git_ccsync.privacy import keys
from tests.support.machine import Machine
from tests.support.world import World

BRANCH = "refs/ccsync/al"


def encrypted(world: World) -> tuple[Machine, str]:
    """A laptop with an encrypted branch that has one session; its recovery code."""
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    said = laptop.init("--encrypt").out
    laptop.ok("push")
    return laptop, said.split("write it down\n  ")[1].split("\n")[0]


def fingerprint(text: str) -> str:
    """The first fingerprint in words in a command's output."""
    return next(line for line in text.splitlines() if line.startswith("  ") and len(line.split()) == 8).strip()


def joined(world: World, laptop: Machine, name: str = "desktop") -> Machine:
    """Another machine that was let in and has pulled."""
    other = world.machine(name)
    words = fingerprint(other.init().out)
    laptop.ok("key", "approve", "--fingerprint", words)
    other.ok("pull")
    return other


@pytest.mark.slow
def test_a_machine_asks_is_let_in_and_reads_the_past(world: World) -> None:
    laptop, _ = encrypted(world)
    desktop = world.machine("desktop")
    asked = desktop.init()
    assert "git ccsync key approve desktop" in asked.out
    words = fingerprint(asked.out)
    assert desktop.ccsync("pull", status=1).err.startswith("error: this machine asked to be let in")
    for verb in (("status",), ("list",), ("verify", "--fetch")):
        said = desktop.ccsync(*verb, status=None)
        assert "this machine asked to be let in" in said.out + said.err, verb
    desktop.session("mine too")
    assert desktop.ccsync("push", status=1).out == ""
    assert "fix bug" not in desktop.ok("tasks").out  # it fetches, and looks at what it cannot read yet
    assert words in desktop.ok("key").out

    before = laptop.ok("key", "show").out
    assert "who asks to:\n  desktop" in before
    assert words in before
    wrong = laptop.ccsync("key", "approve", "desktop", "--fingerprint", "acorn " * 8, status=1)
    assert "the fingerprint of 'desktop' is another one" in wrong.err
    assert laptop.ccsync("key", "approve", status=1).err.startswith("error: nobody is here to compare")
    done = laptop.ok("key", "approve", "desktop", "--fingerprint", words.upper())

    branch = fingerprint(done.out)
    assert branch == fingerprint(before)
    pulled = desktop.ok("pull")
    assert branch in pulled.err
    assert len(desktop.sessions()) == 2
    assert "fix bug" in desktop.ok("list").out
    desktop.ok("push")
    laptop.ok("pull")
    assert sorted(laptop.sessions()) == sorted(desktop.sessions())
    assert "who asks" not in laptop.ok("key").out
    assert branch in desktop.ok("init").out or branch in desktop.ok("key").out


def test_the_remote_holds_nothing_that_can_be_read(world: World) -> None:
    laptop, code = encrypted(world)
    joined(world, laptop)
    (session,) = laptop.sessions()
    objects = world.git("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    everything = b"".join(
        subprocess.run(
            ["git", "cat-file", kind, oid], cwd=world.remote, env=world.environment, capture_output=True, check=True
        ).stdout
        for oid, kind, _ in map(str.split, objects)
    )
    # Nothing shorter than five bytes: random contents hold any two of them soon enough.
    words = ("fix bug", "laptop", "desktop", "transcript", "{{REPO", "recipients")
    for word in (session, str(laptop.clone), code, *words):
        assert word.encode() not in everything, word
    names = world.git("ls-tree", "--name-only", BRANCH).split()
    assert sorted(name for name in names if name[0] != ".") == ["format", "keys"]


def test_nothing_secret_is_left_where_others_see_it(world: World) -> None:
    laptop, code = encrypted(world)
    state = laptop.home / ".local" / "state" / "git-ccsync"
    private = [state / "identity", *(state / "keys").iterdir()]
    assert len(private) == 2
    secrets = [private[0].read_text().strip(), code]
    secrets += [line.split()[2] for line in private[1].read_text().splitlines()]
    for path in private:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    laptop.ccsync("key", "recover", input=b"0000-AAAA\n", status=129)
    said = laptop.ok("key", "show", "--json").out + laptop.git("reflog", "show", BRANCH)
    others = [path for path in laptop.home.rglob("*") if path.is_file() and path not in private]
    texts = [said.encode(), *(path.read_bytes() for path in others)]
    for secret in secrets:
        assert not [text for text in texts if secret.encode() in text]


@pytest.mark.slow
def test_a_removed_machine_reads_nothing_of_what_comes_after_and_is_not_listened_to(world: World) -> None:
    laptop, _ = encrypted(world)
    desktop = joined(world, laptop)
    (session,) = laptop.sessions()
    old = world.git("rev-parse", BRANCH)
    done = laptop.ok("key", "remove", "desktop")
    assert "in epoch 2" in done.out
    assert "desktop" not in laptop.ok("key").out
    laptop.append(laptop.here(session))
    laptop.ok("push")

    refused = desktop.ccsync("pull", status=1)
    assert "this machine was not given the key of epoch 2: it was removed" in refused.err
    assert len(desktop.transcript(session)) < len(laptop.transcript(session))
    desktop.append(desktop.here(session))
    assert "it was removed" in desktop.ccsync("push", status=1).err

    # With a remote that helps it, too: its commit stands where ours stood, or on top of ours.
    tip = world.git("rev-parse", BRANCH)
    world.git("update-ref", BRANCH, old)
    stale = desktop.git("rev-parse", BRANCH)
    desktop.git("push", "-q", str(world.remote), f"{stale}:refs/heads/stale", status=None)
    assert stale != old
    world.git("update-ref", BRANCH, stale)
    assert "epoch" in laptop.ccsync("pull", status=1).err
    world.git("update-ref", BRANCH, tip)
    laptop.ok("pull")
    assert laptop.transcript(session).count(b"\n") == 13


@pytest.mark.slow
def test_a_removed_machine_can_ask_again(world: World) -> None:
    laptop, _ = encrypted(world)
    desktop = joined(world, laptop)
    laptop.ok("key", "remove", "desktop")
    desktop.ccsync("pull", status=1)
    words = fingerprint(desktop.init().out)
    laptop.ok("key", "approve", "--fingerprint", words)
    desktop.ok("pull")
    desktop.session("back")
    desktop.ok("push")
    laptop.ok("pull")
    assert len(laptop.sessions()) == 2


@pytest.mark.slow
def test_an_ssh_key_opens_the_branch_and_one_with_a_passphrase_says_so(world: World) -> None:
    laptop, _ = encrypted(world)
    kim = world.machine("kim")
    home = kim.home / ".ssh"
    home.mkdir(mode=0o700, parents=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "kim@work", "-f", home / "id_ed25519"], check=True
    )
    public = (home / "id_ed25519.pub").read_text()
    assert "private key" in laptop.ccsync("key", "add", str(home / "id_ed25519"), status=129).err
    added = laptop.ok("key", "add", *public.split())
    assert added.out.startswith("'kim@work' (")
    assert "kim@work" in laptop.ok("key").out
    laptop.ok("key", "add", "--name", "twice", str(home / "id_ed25519.pub"))
    assert "twice" not in laptop.ok("key").out

    secret = (home / "id_ed25519").read_bytes()
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-N", "secret", "-f", home / "id_ed25519"], check=True, capture_output=True
    )
    asked = kim.init()
    assert "has a passphrase" in asked.err
    (home / "id_ed25519").write_bytes(secret)
    kim.ok("pull")
    assert len(kim.sessions()) == 1


@pytest.mark.slow
def test_the_recovery_code_is_enough_for_a_machine_that_lost_everything(world: World) -> None:
    laptop, code = encrypted(world)
    (session,) = laptop.sessions()
    desktop = world.machine("desktop")
    desktop.init()
    wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
    assert "mistyped" in desktop.ccsync("key", "recover", input=wrong.encode(), status=129).err
    found = desktop.ccsync("key", "recover", input=f" {code.lower()}\n".encode(), status=0)
    assert fingerprint(found.out) == fingerprint(laptop.ok("key").out)
    desktop.ok("pull")
    assert list(desktop.sessions()) == [session]
    assert "desktop" in laptop.ok("key").out  # it is one of those who read from then on

    fresh = laptop.ok("key", "recover", "--new").out.split("write it down\n  ")[1].split("\n")[0]
    tower = world.machine("tower")
    tower.init()
    refused = tower.ccsync("key", "recover", input=code.encode(), status=1)
    assert "the recovery code does not open this branch" in refused.err
    tower.ccsync("key", "recover", input=fresh.encode(), status=0)
    tower.ok("pull")
    assert list(tower.sessions()) == [session]


@pytest.mark.slow
def test_a_lost_key_says_what_to_do(world: World) -> None:
    laptop, code = encrypted(world)
    laptop.session("more")
    for path in (laptop.home / ".local" / "state" / "git-ccsync" / "keys").iterdir():
        path.unlink()
    lost = laptop.ccsync("push", status=1)
    assert lost.err.startswith("error: the sessions of this repository are encrypted, and their key is gone")
    laptop.ccsync("key", "recover", input=code.encode(), status=0)
    laptop.ok("push")

    desktop = joined(world, laptop)  # its own key opens the branch again; without that too, it asks as a new one does
    state = desktop.home / ".local" / "state" / "git-ccsync"
    for path in (state / "keys").iterdir():
        path.unlink()
    desktop.ok("init")
    assert len(desktop.sessions()) == 2
    for path in (*(state / "keys").iterdir(), state / "identity"):
        path.unlink()
    words = fingerprint(desktop.ok("init").out)
    laptop.ok("key", "approve", "--fingerprint", words)
    desktop.ok("init")
    desktop.session("on again")
    desktop.ok("push")


@pytest.mark.slow
def test_a_branch_that_was_plain_is_encrypted_from_then_on(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(session)
    done = laptop.ok("init", "--encrypt", "--yes")
    assert "stays readable in the branch's history" in done.err
    assert "git ccsync purge" in done.err
    laptop.ok("push")
    assert not world.stored(session.id)
    desktop.append(desktop.here(session.id))
    assert "the branch is encrypted" in desktop.ccsync("push", status=1).err
    laptop.ok("key", "approve", "--fingerprint", fingerprint(desktop.init().out))
    desktop.ok("sync")
    laptop.ok("pull")
    assert len(laptop.sessions()) == len(desktop.sessions()) == 2  # both went on: one is a copy
    assert world.git("rev-list", "--count", BRANCH) != "1"

    laptop.ok("key", "rotate", "--rewrite", "--yes")
    assert world.git("rev-list", "--count", BRANCH) == "1"
    desktop.ok("pull")
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    laptop.ok("pull")
    assert len(laptop.transcript(session.id)) > 0
    assert laptop.ok("status", "--exit-code").status == 0


@pytest.mark.slow
def test_a_public_place_takes_an_encrypted_branch(world: World) -> None:
    laptop = world.machine("laptop", url=world.http().url("app.git"))
    laptop.session("fix bug")
    refused = laptop.ccsync("init", "--yes", status=1)
    assert "git ccsync init --encrypt" in refused.err
    laptop.init("--encrypt")
    laptop.ok("push")
    joined(world, laptop)


@pytest.mark.real
def test_without_the_packages_init_says_what_to_install(world: World, tmp_path: Path) -> None:
    laptop = world.machine("laptop")
    (tmp_path / "pyrage").mkdir()
    (tmp_path / "pyrage" / "__init__.py").write_text("raise ImportError\n")
    done = laptop.ccsync("init", "--yes", "--encrypt", PYTHONPATH=str(tmp_path), status=128)
    assert "encrypted branches need the Python packages 'pyrage' and 'cryptography'" in done.err
    assert "pip install 'git-ccsync[crypt]'" in done.err
    assert "sessions would go to" not in done.err
    assert world.branch() == {}
    assert not (laptop.clone / ".git" / "ccsync").exists()
    assert "branch   al (new)" in laptop.init("--encrypt").out


@pytest.mark.slow
def test_machines_that_share_a_directory_of_bundles(world: World, tmp_path: Path) -> None:
    place = tmp_path / "box"
    place.mkdir()
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session = laptop.session("fix bug")
    laptop.init("--encrypt", "--remote", f"bundles::{place}")
    laptop.ok("push")
    assert not [path for path in place.rglob("*") if path.is_file() and session.id.encode() in path.read_bytes()]
    words = fingerprint(desktop.init("--remote", f"bundles::{place}").out)
    branch = fingerprint(laptop.ok("key", "approve", "--fingerprint", words).out)
    assert branch in desktop.ok("pull").err
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == 13
    laptop.ok("key", "remove", "desktop")
    laptop.append(session)
    laptop.ok("push")
    assert "it was removed" in desktop.ok("pull").err
    assert desktop.transcript(session.id).count(b"\n") == 13


def test_on_a_plain_branch_a_machine_tells_its_own_key(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    said = laptop.ok("key").out
    assert "'git ccsync init --encrypt' encrypts them from now on" in said
    public = next(line.strip() for line in said.splitlines() if line.startswith("  age1"))
    assert keys.parse_public(public).words == fingerprint(said)
    assert laptop.ccsync("key", "remove", "x", status=1).err.startswith(
        "error: the sessions of this repository are not"
    )


@pytest.mark.slow
def test_every_push_url_gets_a_change_of_keys(world: World) -> None:
    laptop, _ = encrypted(world)
    second = world.directory / "second.git"
    world.git("clone", "-q", "--mirror", str(world.remote), str(second))
    for url in (world.remote, second):
        laptop.git("remote", "set-url", "--add", "--push", "origin", str(url))
    laptop.init()
    laptop.ok("key", "rotate")
    assert world.git("rev-parse", BRANCH) == world.git(f"--git-dir={second}", "rev-parse", BRANCH)


def commit(world: World, tip: str, changes: dict[str, bytes | None]) -> str:
    """A commit of the remote's own making on top of `tip`, unsealed: these files put (or taken away) in its tree."""
    env = world.environment | {"GIT_INDEX_FILE": str(world.directory / "evil-index")}

    def git(*words: str, data: bytes = b"") -> str:
        done = subprocess.run(["git", *words], cwd=world.remote, env=env, input=data, capture_output=True, check=True)
        return os.fsdecode(done.stdout).strip()

    git("read-tree", tip)
    for path, data in changes.items():
        oid = "0" * 40 if data is None else git("hash-object", "-w", "--stdin", data=data)
        git("update-index", "--index-info", data=f"{0 if data is None else 100644} {oid}\t{path}\n".encode())
    return git("commit-tree", git("write-tree"), "-p", tip, "-m", "ccsync: ask to be let in")


@pytest.mark.slow
def test_what_a_remote_puts_among_the_keys_is_refused(world: World) -> None:
    laptop, _ = encrypted(world)
    tip = world.git("rev-parse", BRANCH)
    evil = keys.public_of(keys.generate())
    own = next(path for path in world.branch() if len(path) > 30 and path.startswith("keys/1/"))
    forged = keys.EpochKey("ab" * 16, 2, bytes(32))
    recipient = own.rpartition("/")[2]
    words = keys.dump_request(evil, keys.encrypt(b"x", [evil.text]))
    for changes in (
        {own: keys.wrap(forged, evil.text)},  # a key in the place of another
        {own: None},
        {f"keys/2/{recipient}": b"x", "keys/2/proof": b"y"},  # an epoch of its own
        {"keys/1/inbox": evil.text.encode() + b"\n"},  # requests for itself
        {f"requests/{evil.id}": words, "format": b"git-ccsync 1\n"},  # more than a request
    ):
        world.git("update-ref", BRANCH, commit(world, tip, changes))
        refused = laptop.ccsync("pull", status=1)
        assert "is not followed" in refused.err or "was" in refused.err
        assert "nothing of it was taken" in refused.err
    # A request is taken, for anybody may ask; one that is not what it says is not shown.
    asked = commit(world, tip, {f"requests/{evil.id}": words, f"requests/{'0' * 32}": words, "requests/x": b"\0"})
    world.git("update-ref", BRANCH, asked)
    shown = laptop.ok("key").out
    assert shown.count("  (no name)") == 1
    assert evil.words in shown
    laptop.ok("key", "remove", evil.id[:8])
    assert "who asks" not in laptop.ok("key").out


@pytest.mark.slow
def test_a_branch_with_another_key_is_refused_by_a_machine_that_knows_one(world: World, tmp_path: Path) -> None:
    laptop, _ = encrypted(world)
    desktop = joined(world, laptop)
    public = keys.public_of((desktop.home / ".local/state/git-ccsync/identity").read_text().strip())
    with World(tmp_path / "elsewhere") as other:
        evil, _ = encrypted(other)
        evil.ok("key", "add", public.text)
        world.git("fetch", "-q", str(other.remote), f"+{BRANCH}:{BRANCH}")
    refused = desktop.ccsync("pull", status=1)
    assert "nothing of it was taken" in refused.err or "another key" in refused.err
    assert "key" in refused.err or "not made by anyone" in refused.err
    for line in desktop.sessions().values():
        assert (
            line
            == next(iter(laptop.sessions().values())).replace(str(laptop.clone).encode(), str(desktop.clone).encode())
            or b"fix bug" in line
        )
