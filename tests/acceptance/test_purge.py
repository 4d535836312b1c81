"""`purge`: gone from the branch's history, here and there, and no machine ever brings it back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from git_ccsync.operations.unattended import deliver
from tests.cli.terminal import Terminal
from tests.support.inside import standing_on
from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World

BRANCH = "refs/ccsync/al"
SECRET = "the plan for the moon base"
#: A person is there to answer.
ASK = {"GIT_TERMINAL_PROMPT": "1"}


def told(session: Session, text: str) -> None:
    """Let the session's user say something that is to be found again."""
    row = json.loads(session.rows.exchange().split(b"\n")[0])
    row["message"]["content"] = text
    session.write(json.dumps(row).encode() + b"\n")


def holds(machine: Machine, text: str) -> list[str]:
    """Objects in the machine's repository with this text in them, reachable or not."""
    return _holds(str(machine.clone), machine.env, text)


def _holds(directory: str, env: dict[str, str], text: str) -> list[str]:
    asked = ["git", "cat-file", "--batch-all-objects", "--batch"]
    data = subprocess.run(asked, cwd=directory, env=env, capture_output=True, check=True).stdout
    return [text] if text.encode() in data else []


def remote_holds(world: World, text: str) -> list[str]:
    """As `holds`, in the remote, once its own gc has run."""
    world.git("gc", "-q", "--prune=now")
    return _holds(str(world.remote), world.environment, text)


def states(machine: Machine) -> dict[str, str]:
    found = json.loads(machine.ok("list", "--json").out)["sessions"]
    return {one["id"]: one["state"] for one in found}


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session, Session]:
    """A laptop and a desktop in step, with a session that is to go and another."""
    laptop, desktop = world.initialised("laptop", "desktop")
    session, other = laptop.session("fix bug"), laptop.session("write docs")
    told(session, SECRET)
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop, session, other


def test_nothing_of_it_is_left_here_or_there(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    laptop, _, session, other = pair
    stored = world.stored(other.id)
    local = laptop.transcript(session.id)
    assert holds(laptop, SECRET)
    done = laptop.ok("purge", "--yes", session.id[:8])
    assert "purged 1 session" in done.out
    assert not holds(laptop, SECRET)
    assert not remote_holds(world, SECRET)
    assert world.stored(other.id) == stored
    assert laptop.transcript(session.id) == local
    assert [one for one in world.branch() if session.id in one] == [f"purged/{session.id}"]
    for verb in ("restore", "fork"):
        assert laptop.ccsync(verb, session.id, status=1).err.startswith(f"error: '{session.id[:8]}' was purged\n")
    assert world.git("rev-list", "--count", BRANCH) == "1"
    laptop.append(session)
    laptop.append(other)
    laptop.ok("sync")
    assert not world.stored(session.id)
    assert len(world.stored(other.id)) > len(stored)
    assert laptop.git("fsck", "--no-dangling") == ""


def test_another_machine_follows(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    laptop, desktop, session, other = pair
    told(desktop.here(session.id), f"{SECRET} goes on")
    mine = desktop.session("my own")
    laptop.ok("purge", "--yes", session.id)
    pushed = desktop.ok("push")
    assert "1 session was purged by 'laptop'" in pushed.err
    assert world.stored(mine.id)
    assert not remote_holds(world, SECRET)
    assert holds(desktop, SECRET)
    assert "1 session purged from the branch (git ccsync purge --follow" in desktop.ok("status").out
    assert states(desktop) == {mine.id: "here", other.id: "here", session.id: "purged"}
    assert "(no title)" not in desktop.ok("list").out
    desktop.ok("purge", "--follow", "--yes")
    assert not holds(desktop, SECRET)
    assert "purged" not in desktop.ok("status").out
    desktop.append(other)
    desktop.ok("sync")
    laptop.ok("sync")
    assert laptop.transcript(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
    assert not remote_holds(world, SECRET)
    assert desktop.path(session.id).exists()


def forked(session: Session) -> Session:
    """What `claude --resume ID --fork-session` leaves: the same rows under another id."""
    made = "9" * 8 + session.id[8:]
    path = session.path.with_name(f"{made}.jsonl")
    path.write_bytes(session.path.read_bytes().replace(session.id.encode(), made.encode()))
    return Session.adopt(path, maker="fork")


def test_copies_and_forks_go_too(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    laptop, desktop, session, other = pair
    laptop.append(session)
    laptop.ok("push")
    desktop.append(desktop.here(session.id))
    desktop.ok("sync")  # both went on: a conflict copy
    fork = forked(laptop.here(session.id))
    told(fork, "only in the fork")
    laptop.ok("sync")
    shown = json.loads(laptop.ok("purge", "-n", "--json", session.id).out)
    ids = {one["session"] for one in shown["purged"]}
    assert len(ids) == 3
    assert {session.id, fork.id} < ids
    assert other.id not in ids
    laptop.ok("purge", "--yes", session.id)
    assert not holds(laptop, SECRET)
    assert not holds(laptop, "only in the fork")
    assert not remote_holds(world, SECRET)


def test_a_fork_made_after_the_purge_is_bound_too(
    world: World, pair: tuple[Machine, Machine, Session, Session]
) -> None:
    laptop, desktop, session, _ = pair
    laptop.ok("purge", "--yes", session.id)
    fork = forked(session)
    laptop.ok("push")
    assert f"purged/{fork.id}" in world.branch()
    assert not remote_holds(world, SECRET)
    desktop.ok("pull")
    forked(desktop.here(session.id))
    desktop.ok("push")
    assert not remote_holds(world, SECRET)


def test_the_offline_machine_brings_nothing_back(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    """It has lines of the session that it committed and could not send, and a fork that nobody else knows."""
    laptop, desktop, session, other = pair
    away = world.remote.with_name("away")
    world.remote.rename(away)
    told(desktop.here(session.id), "unsent lines")
    fork = forked(desktop.here(session.id))
    told(fork, "unsent fork")
    mine = desktop.session("my own")
    assert desktop.ccsync("push").status == 128
    away.rename(world.remote)
    laptop.ok("purge", "--yes", session.id)
    desktop.ok("sync")
    for text in (SECRET, "unsent lines", "unsent fork"):
        assert not remote_holds(world, text)
    assert world.stored(mine.id)
    assert world.stored(other.id)
    assert f"purged/{fork.id}" in world.branch()
    desktop.ccsync("undo")
    desktop.init()
    assert not remote_holds(world, SECRET)
    desktop.ok("purge", "--follow", "--yes")
    for text in (SECRET, "unsent lines", "unsent fork"):
        assert not holds(desktop, text)
    assert desktop.path(fork.id).exists()


@pytest.mark.slow
def test_a_remote_or_a_peer_with_the_old_history(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    laptop, desktop, session, other = pair
    old = world.git("rev-parse", BRANCH)
    laptop.git("remote", "add", "desktop", str(desktop.clone))
    laptop.ok("pull", "desktop")
    laptop.ok("purge", "--yes", session.id)
    late = desktop.append(desktop.here(other.id))
    desktop.ok("push", "--dry-run")
    pulled = laptop.ok("pull", "desktop")
    assert "what was purged is still there" in pulled.err
    assert session.id not in laptop.git("ls-tree", "-r", "--name-only", BRANCH).replace(f"purged/{session.id}", "")
    world.git("update-ref", BRANCH, old)  # restored from a backup
    laptop.append(other)
    refused = laptop.ccsync("push")
    assert refused.status == 1
    assert "purge --follow" in refused.err
    followed = laptop.ok("purge", "--follow", "--yes").err
    assert followed == "warning: 'origin' had what was purged again; it is off there now\n"
    assert not remote_holds(world, SECRET)
    assert not holds(laptop, SECRET)
    desktop.ok("sync")
    laptop.ok("sync")
    laptop.ok("pull", "desktop")
    assert late.strip()
    assert world.stored(other.id).count(b"\n") == laptop.transcript(other.id).count(b"\n")
    assert not remote_holds(world, SECRET)


@pytest.mark.slow
def test_bundles_each_machine_writes_its_own_anew(world: World) -> None:
    shelf = world.directory / "shelf"
    shelf.mkdir()
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session, other = laptop.session("fix bug"), laptop.session("write docs")
    told(session, SECRET)
    for one in (laptop, desktop):
        one.init("--remote", f"bundles::{shelf}")
        one.ok("sync")
    laptop.ok("pull")
    laptop.ok("purge", "--yes", session.id)
    assert not holds(laptop, SECRET)
    desktop.append(desktop.here(other.id))
    desktop.ok("sync")
    desktop.ok("purge", "--follow", "--yes")
    laptop.ok("sync")
    assert laptop.transcript(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
    assert (holds(laptop, SECRET), holds(desktop, SECRET)) == ([], [])
    third = world.machine("third")
    third.init("--remote", f"bundles::{shelf}")
    third.ok("pull")
    assert not holds(third, SECRET)
    assert third.path(other.id).exists()
    assert set(third.sessions()) == {other.id}


def test_whoever_is_faster_is_merged_first(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    """The lease: between what purge has seen and what it pushes, another machine pushes."""
    laptop, desktop, session, other = pair
    late = desktop.append(desktop.here(other.id))
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    desktop.ok("push", "--dry-run")
    tip = world.git("rev-parse", BRANCH)
    desktop.ok("push")
    ahead = world.git("rev-parse", BRANCH)
    world.git("update-ref", BRANCH, tip)
    hook.write_text(f"#!/bin/sh\nrm {hook}\nunset GIT_QUARANTINE_PATH\ngit update-ref {BRANCH} {ahead} {tip}\n")
    hook.chmod(0o755)
    laptop.ok("purge", "--yes", session.id)
    assert not hook.exists()
    assert late.count(b"\n")
    assert world.stored(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
    assert not remote_holds(world, SECRET)


#: Runs the rest of its words under a process id that stands in a file.
PID = ("sh", "-c", 'echo $$ >"$HOME/pid"; exec "$@"', "sh")


@pytest.mark.slow
@pytest.mark.parametrize("hook", ["pre-receive", "post-receive"])
def test_a_kill_before_and_after_the_remote_has_it(
    world: World, pair: tuple[Machine, Machine, Session, Session], hook: str
) -> None:
    laptop, _, session, other = pair
    stored, path = world.branch(), world.remote / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nrm {path}\nkill -9 $(cat {laptop.home}/pid)\nsleep 0.2\n")
    path.chmod(0o755)
    killed = laptop.start("purge", "--yes", session.id, prefix=PID)
    killed.communicate()
    assert not path.exists()
    if hook == "pre-receive":
        assert killed.returncode == -9
        deadline = time.monotonic() + 5
        while world.branch() == stored and time.monotonic() < deadline:  # git may go on without us
            time.sleep(0.05)
    laptop.append(other)
    laptop.ok("push")
    assert laptop.ok("purge", "--yes", session.id)
    assert not remote_holds(world, SECRET)
    assert not holds(laptop, SECRET)
    assert world.stored(other.id).count(b"\n") == laptop.transcript(other.id).count(b"\n")


def test_what_could_not_be_dropped_is_dropped_later(
    world: World, pair: tuple[Machine, Machine, Session, Session]
) -> None:
    laptop, _, session, other = pair
    busy = laptop.clone / ".git" / "gc.pid"
    busy.write_text("1 host\n")
    done = laptop.ccsync("purge", "--yes", session.id, status=1)
    assert "nothing was dropped here yet: git's own gc is at work" in done.err
    assert holds(laptop, SECRET)
    busy.unlink()
    laptop.append(other)
    laptop.ok("push")
    laptop.ok("purge", "--follow", "--yes")
    assert not holds(laptop, SECRET)
    assert not remote_holds(world, SECRET)


def test_objects_of_the_user_stay(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    """All in one pack of git's own, which has commits, stashes and blobs of the user's, one of them equal to a segment."""
    laptop, _, session, _ = pair
    (laptop.clone / "mine").write_text("a work in progress\n")
    laptop.git("add", "mine")
    laptop.git("stash")
    told(session, "more")
    laptop.ok("push")
    segment = world.branch()[f"sessions/{session.id[0]}/{session.id[1]}/{session.id}/transcript/0000/01"]
    (laptop.clone / "same").write_bytes(world.blob(segment))
    laptop.git("add", "same")
    laptop.git("gc", "-q")
    laptop.ok("gc")
    before = laptop.git("rev-list", "--objects", "--all", "--exclude=refs/ccsync*").split("\n")
    assert laptop.ccsync("purge", "--yes", session.id).status == 0
    assert not holds(laptop, SECRET)
    assert laptop.git("cat-file", "-t", segment) == "blob"
    assert laptop.git("stash", "show", "-p").endswith("+a work in progress")
    assert laptop.git("fsck") == ""
    assert before


def test_behind_a_hook_it_is_followed_and_nothing_is_dropped(
    world: World, pair: tuple[Machine, Machine, Session, Session]
) -> None:
    laptop, desktop, session, other = pair
    laptop.ok("purge", "--yes", session.id)
    told(desktop.here(session.id), SECRET)
    desktop.append(desktop.here(other.id))
    with standing_on(desktop) as ws:
        sent = deliver.push_new(ws)
    assert any("purge --follow" in text for text in sent.remarks)
    assert world.stored(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
    assert not remote_holds(world, SECRET)
    assert holds(desktop, SECRET)


def test_the_word_has_to_be_typed(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    laptop, desktop, session, _ = pair
    for word, status in (("yes", 1), ("purge", 0)):
        with Terminal([*executable(), "purge", session.id[:8]], laptop.env | ASK, cwd=laptop.clone) as terminal:
            terminal.wait_for("type 'purge' to go on")
            terminal.type(f"{word}\r")
            assert terminal.finish()[0] == status
    assert not world.stored(session.id)
    with Terminal([*executable(), "pull"], desktop.env | ASK, cwd=desktop.clone) as terminal:
        terminal.wait_for("[y/N]")
        terminal.type("y\r")
        assert terminal.finish()[0] == 0
    assert not holds(desktop, SECRET)


@pytest.mark.slow
def test_a_conflict_copy_alone(world: World, pair: tuple[Machine, Machine, Session, Session]) -> None:
    """Its lines lie in the original's file on the machine that made it, where they are left."""
    laptop, desktop, session, _ = pair
    laptop.append(session)
    laptop.ok("push")
    theirs = desktop.here(session.id)
    told(theirs, "only in the copy")
    claude = desktop.run_claude(session.id)
    desktop.ok("sync")
    stored = world.stored(session.id)
    laptop.ok("pull")
    (copy,) = [one for one in states(laptop) if states(laptop)[one].endswith("copy")]
    laptop.ok("purge", "--yes", "--only", copy)
    told(theirs, "more of the copy")
    desktop.ok("push")
    claude.kill()
    desktop.ok("sync")
    told(desktop.here(session.id), "and more")
    desktop.ok("sync")
    assert not remote_holds(world, "the copy")
    assert world.stored(session.id).startswith(stored)
    assert f"purged/{session.id}" not in world.branch()


@pytest.mark.slow
def test_an_encrypted_branch(tmp_path: Path) -> None:
    with World(tmp_path, encrypted=True) as world:
        laptop, desktop = world.machine("laptop"), world.machine("desktop")
        session, other = laptop.session("fix bug"), laptop.session("write docs")
        laptop.init()
        laptop.ok("push")
        desktop.init()
        desktop.ok("sync")
        before = set(world.git("rev-list", "--objects", "--no-object-names", BRANCH).split())
        laptop.ok("purge", "--yes", session.id)
        desktop.append(desktop.here(other.id))
        desktop.ok("sync")
        desktop.ok("purge", "--follow", "--yes")
        laptop.ok("sync")
        gone = before - set(world.git("rev-list", "--objects", "--no-object-names", BRANCH).split())
        world.git("gc", "-q", "--prune=now")
        text = "".join(f"{oid}\n" for oid in gone)
        for place in (world.remote, laptop.clone, desktop.clone):
            asked = ["git", "cat-file", "--batch-check"]
            done = subprocess.run(
                asked, cwd=place, env=laptop.env, input=text.encode(), capture_output=True, check=True
            )
            assert done.stdout.count(b" missing\n") == len(gone) > 10
        assert laptop.transcript(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
        assert states(desktop)[session.id] == "purged"


@pytest.mark.slow
def test_two_purges_at_the_same_time(world: World) -> None:
    """In a directory of bundles nobody is first: neither machine knows of what the other takes away."""
    shelf, aside = world.directory / "shelf", world.directory / "aside"
    shelf.mkdir()
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    one, two, other = (laptop.session(name) for name in ("one", "two", "other"))
    told(one, f"{SECRET} 1")
    told(two, f"{SECRET} 2")
    for machine in (laptop, desktop, laptop, desktop):
        if not machine.git("config", "ccsync.branch", status=None):
            machine.init("--remote", f"bundles::{shelf}")
        machine.ok("sync")
    shutil.copytree(shelf, aside)
    laptop.ok("purge", "--yes", one.id)
    (ours,) = (path for path in shelf.rglob("*.bundle") if path.name.startswith(identity(laptop)))
    data = ours.read_bytes()
    shutil.rmtree(shelf)
    shutil.move(aside, shelf)
    desktop.ok("purge", "--yes", two.id)
    ours.write_bytes(data)
    for _ in range(3):
        for machine in (laptop, desktop):
            machine.ok("sync")
            machine.ok("purge", "--follow", "--yes")
    laptop.append(other)
    laptop.ok("sync")
    desktop.ok("sync")
    assert (holds(laptop, SECRET), holds(desktop, SECRET)) == ([], [])
    assert laptop.git("rev-parse", BRANCH) == desktop.git("rev-parse", BRANCH)
    assert states(laptop) == {one.id: "purged", two.id: "purged", other.id: "here"} == states(desktop)
    third = world.machine("third")
    third.init("--remote", f"bundles::{shelf}")
    third.ok("pull")
    assert not holds(third, SECRET)


def identity(machine: Machine) -> str:
    """The id of a machine."""
    return os.listdir(machine.clone / ".git" / "ccsync")[0]
