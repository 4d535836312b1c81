"""`resume` from the user's side: work here, go on there, and back; whatever dies on the way, the lines are on the remote."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import wrapped
from tests.support.events import until
from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World

#: A Claude Code that says a word, then waits for its end.
STAY = "talk('working')\nprint('up', flush=True)\nfor line in sys.stdin: talk(line.strip())\n"


@pytest.fixture
def laptop(world: World) -> Machine:
    for machine in world.initialised("laptop", "desktop"):
        wrapped.install(machine, world.directory / f"{machine.name}-bin")
    return world.machines["laptop"]


@pytest.fixture
def desktop(laptop: Machine) -> Machine:
    return laptop.world.machines["desktop"]


@pytest.fixture
def session(laptop: Machine, desktop: Machine) -> Session:
    """A session of the laptop, which the desktop has not seen yet."""
    made = laptop.session("fix bug")
    laptop.ok("push")
    return made


def starts(machine: Machine) -> list[dict[str, object]]:
    """How Claude Code was started, each time."""
    path = Path(machine.env["CLAUDE_LOG"])
    return [line for line in map(json.loads, path.read_text().splitlines()) if "args" in line] if path.exists() else []


def leases(world: World) -> list[str]:
    return [path for path in world.branch() if path.startswith("leases/")]


def running(machine: Machine, *args: str, does: str = STAY) -> subprocess.Popen[bytes]:
    """`resume` with a Claude Code that is up and waits on stdin; in a process group of its own."""
    process = subprocess.Popen(
        [*executable(), "resume", *args], env=machine.env | {"CLAUDE_DOES": does}, cwd=machine.clone,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    line = process.stdout.readline()
    assert line == b"up\n", (line, process.communicate())
    return process


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Let Claude Code end; status and stderr of `resume`."""
    _, err = process.communicate(timeout=60)
    return process.returncode, err.decode()


def test_there_and_back(laptop: Machine, desktop: Machine, session: Session, world: World) -> None:
    told = desktop.ok("resume", "--latest", CLAUDE_DOES="talk('on the desktop')")
    assert starts(desktop) == [
        starts(desktop)[0] | {"args": ["--resume", session.id], "cwd": str(desktop.clone)},
    ]
    assert told.out == ""
    assert told.err.splitlines()[0] == "pulled: 1 new; 8 lines"
    assert told.err.splitlines()[-1].startswith("pushed 1 session, 5 lines, ")
    assert leases(world) == []
    laptop.ok("resume", "fix bug", CLAUDE_DOES="talk('back on the laptop')")
    text = laptop.transcript(session.id)
    assert text.index(b"on the desktop") < text.index(b"back on the laptop")
    assert b"back on the laptop" in world.stored(session.id)
    assert str(desktop.clone).encode() not in text
    assert len(laptop.sessions()) == 1


def test_while_it_runs_it_is_held_and_others_are_told(
    laptop: Machine, desktop: Machine, session: Session, world: World
) -> None:
    process = running(laptop, "--latest")
    assert leases(world) == [f"leases/{session.id}"]
    told = desktop.ccsync("resume", "--latest", status=1)
    assert told.err.splitlines()[-2:] == [
        told.err.splitlines()[-2],
        "hint: end it there first, or take it over with --take-over",
    ]
    assert told.err.splitlines()[-2].startswith("error: 'fix bug' is in use on laptop, taken ")
    assert starts(desktop) == []
    assert "in force" in desktop.ok("lease").out
    again = laptop.ccsync("resume", "--latest", status=1)
    assert "is running on this machine already (process " in again.err
    assert "resume --fork" in again.err
    status, err = ended(process)
    assert status == 0, err
    assert leases(world) == []
    desktop.ok("resume", "--latest")


@pytest.mark.slow
def test_taken_over_both_go_on_and_nothing_is_lost(
    laptop: Machine, desktop: Machine, session: Session, world: World
) -> None:
    process = running(laptop, "--latest")
    desktop.ok("resume", "--latest", "--take-over", CLAUDE_DOES="talk('on the desktop')")
    assert process.stdin
    process.stdin.write(b"typed into again\n")
    status, err = ended(process)
    assert status == 0, err
    assert "'fix bug' went on elsewhere too; what was said here goes on as " in err
    (copy,) = laptop.sessions().keys() - {session.id}
    assert b"typed into again" in laptop.transcript(copy), "the files have changed places already"
    assert b"on the desktop" in laptop.transcript(session.id)
    desktop.ok("pull")
    assert desktop.sessions().keys() == laptop.sessions().keys()
    for machine, name in ((laptop, copy), (desktop, copy), (laptop, session.id)):
        machine.ok("resume", name, CLAUDE_DOES=f"talk('and on, {name[:4]}')")
    assert len(laptop.sessions()) == 2
    assert leases(world) == []


@pytest.mark.slow
@pytest.mark.parametrize("how", ["claude", "resume", "both"])
def test_killed(laptop: Machine, desktop: Machine, session: Session, world: World, how: str) -> None:
    process = running(laptop, "--latest")
    pid = starts(laptop)[0]["pid"]
    assert isinstance(pid, int)
    if how == "both":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        os.kill(pid if how == "claude" else process.pid, signal.SIGKILL)
    if how == "resume":
        process.wait()
        os.kill(pid, signal.SIGKILL)
    status, _ = ended(process)
    assert status == (137 if how == "claude" else -9)
    if how == "claude":
        assert leases(world) == []
        assert b"working" in world.stored(session.id)
        return
    assert leases(world) == [f"leases/{session.id}"]
    assert "in use on laptop" in desktop.ccsync("resume", "--latest", status=1).err
    desktop.git("config", "ccsync.leaseTtl", "1")
    time.sleep(1.1)
    desktop.ok("resume", "--latest", CLAUDE_DOES="talk('on the desktop')")
    assert leases(world) == []
    laptop.ok("resume", session.id, CLAUDE_DOES="talk('back again')")
    stored = world.stored(session.id)
    every = b"".join(laptop.sessions().values())
    assert all(word in every for word in (b"working", b"on the desktop", b"back again"))
    assert b"back again" in stored


def test_its_own_dead_lease_keeps_nobody_from_going_on(laptop: Machine, session: Session, world: World) -> None:
    process = running(laptop, "--latest")
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    laptop.ok("resume", "--latest")
    assert leases(world) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_session_is_closed_from_outside(laptop: Machine, session: Session, world: World, number: int) -> None:
    process = running(laptop, "--latest")
    os.kill(process.pid, number)
    until(lambda: process.poll() is not None)
    status, _ = ended(process)
    assert status == 128 + number
    assert b"a last word" in world.stored(session.id)
    assert leases(world) == []


@pytest.mark.parametrize(("does", "status"), [("sys.exit(0)", 0), ("talk('x'); sys.exit(7)", 7)])
def test_claudes_status_is_ours(laptop: Machine, session: Session, does: str, status: int) -> None:
    assert laptop.ccsync("resume", "--latest", CLAUDE_DOES=does).status == status


def test_what_is_meant_for_claude(laptop: Machine, session: Session) -> None:
    laptop.ok("resume", "--latest", "--", "--model", "opus", "go on")
    laptop.ok("resume", "fix bug", "--", "--latest")
    laptop.ok("resume", "fix bug", "go on", "--no-push")
    args = [start["args"] for start in starts(laptop)]
    first = ["--resume", session.id]
    assert args == [[*first, "--model", "opus", "go on"], [*first, "--latest"], [*first, "go on"]]


def test_no_push(laptop: Machine, desktop: Machine, session: Session, world: World) -> None:
    before = world.git("rev-parse", "refs/ccsync/al")
    told = desktop.ok("resume", "--latest", "--no-push")
    assert told.err == "pulled: 1 new; 8 lines\n"
    assert world.git("rev-parse", "refs/ccsync/al") == before


def test_offline(laptop: Machine, session: Session, world: World) -> None:
    away = world.remote.with_suffix(".away")
    world.remote.rename(away)
    told = laptop.ccsync("resume", "--latest", CLAUDE_DOES="talk('on the train'); sys.exit(3)")
    assert told.status == 3
    assert "warning: going on with what is on this disk\n" in told.err
    assert told.err.endswith("warning: the session is on this disk; 'git ccsync push' sends it\n")
    away.rename(world.remote)
    laptop.ok("push")
    assert b"on the train" in world.stored(session.id)
    assert leases(world) == []


def test_one_that_is_not_on_this_disk_is_brought_back(laptop: Machine, desktop: Machine, session: Session) -> None:
    old = laptop.session("long ago", age=90 * 86400)
    laptop.ok("push")
    desktop.ok("pull")
    assert old.id not in desktop.sessions()
    desktop.ok("resume", "long ago")
    assert b"hello" in desktop.transcript(old.id)
    desktop.path(session.id).unlink()
    desktop.ok("resume", "fix bug")
    assert b"hello" in desktop.transcript(session.id)


def test_left_open_is_told_also_without_a_lease(laptop: Machine, desktop: Machine, session: Session) -> None:
    claude = laptop.run_claude(session.id)
    claude.append()
    laptop.ok("push")
    told = desktop.ccsync("resume", "--latest", status=1)
    assert "error: 'fix bug' was left open on laptop, last used " in told.err
    desktop.ok("resume", "--latest", "--take-over", CLAUDE_DOES="talk('on the desktop')")
    desktop.ok("resume", "--latest")  # it is ours now, and was asked about once
    told = laptop.ccsync("resume", "--latest", status=1)
    assert f"is running on this machine already (process {claude.pid})" in told.err


def test_a_copy_of_a_running_one(laptop: Machine, session: Session, world: World) -> None:
    claude = laptop.run_claude(session.id)
    before = laptop.transcript(session.id)
    told = laptop.ok("resume", "--latest", "--fork", CLAUDE_DOES="talk('in the copy')")
    (fork,) = laptop.sessions().keys() - {session.id}
    assert told.err.startswith(f"forked {session.id[:8]} as {fork[:8]}  fix bug (fork)\n")
    assert starts(laptop)[0]["args"] == ["--resume", fork]
    assert laptop.transcript(session.id) == before
    assert b"in the copy" in world.stored(fork)
    claude.stop()


@pytest.mark.slow
def test_directories_and_worktrees(laptop: Machine, desktop: Machine) -> None:
    below = laptop.clone / "sub" / "dir"
    below.mkdir(parents=True)
    laptop.session("below", cwd=below)
    laptop.git("worktree", "add", "-q", str(laptop.home / "feature"))
    laptop.session("aside", cwd=laptop.home / "feature")
    laptop.ok("push")
    told = desktop.ok("resume", "below")
    assert starts(desktop)[-1]["cwd"] == str(desktop.clone)
    assert "sub/dir is not here; starting in " in told.err
    (desktop.clone / "sub" / "dir").mkdir(parents=True)
    assert "is not here" not in desktop.ok("resume", "below").err
    assert starts(desktop)[-1]["cwd"] == str(desktop.clone / "sub" / "dir")
    told = desktop.ok("resume", "aside")
    assert starts(desktop)[-1]["cwd"] == str(desktop.clone)
    assert "worktree 'feature' is not here; starting in " in told.err
    desktop.git("worktree", "add", "-q", str(desktop.home / "feature"))
    desktop.ok("resume", "aside")
    assert starts(desktop)[-1]["cwd"] == str(desktop.home / "feature")
    shutil.rmtree(laptop.home / "feature")
    laptop.ok("resume", "aside")
    assert starts(laptop)[-1]["cwd"] == str(laptop.clone)


def test_one_line_about_the_code(laptop: Machine, desktop: Machine) -> None:
    (laptop.clone / "x").write_text("1")
    laptop.git("add", "x")
    laptop.git("commit", "-q", "-m", "not pushed")
    laptop.git("checkout", "-q", "-b", "feature")
    (laptop.clone / "x").write_text("2")
    session = laptop.session("fix bug")
    session.rows.branch = "feature"
    session.talk(1)
    laptop.ok("push")
    told = desktop.ok("resume", "--latest")
    commit = laptop.git("rev-parse", "--short=7", "HEAD")
    assert (
        f"note: commit {commit}, which the session speaks of, is not in this repository; it was held on git branch "
        "'feature', 'main' is checked out here; files were uncommitted on laptop\n"
    ) in told.err
    assert desktop.git("status", "--porcelain") == ""
    assert desktop.git("branch", "--show-current") == "main"


def test_only_those_of_a_machine(laptop: Machine, desktop: Machine, session: Session) -> None:
    desktop.session("newer")
    desktop.append(desktop.here(next(iter(desktop.sessions()))))
    desktop.ok("push")
    desktop.ok("resume", "--latest", "--machine", "laptop")
    assert starts(desktop)[-1]["args"] == ["--resume", session.id]
    assert desktop.ccsync("resume", "newer", "--machine", "laptop", status=1).err.startswith(
        "error: no session 'newer'"
    )


@pytest.mark.slow
def test_in_every_repository(laptop: Machine, desktop: Machine, session: Session, world: World) -> None:
    other = desktop.clone.parent / "other"
    desktop.git("clone", "-q", str(world.remote), str(other))
    desktop.git("config", "user.email", "bo@example.com", cwd=other)
    desktop.ok("init", "--yes", "--branch", "other", cwd=other)
    mine = desktop.session("over there", cwd=other)
    desktop.ok("push", cwd=other)
    assert session.id not in desktop.sessions()
    desktop.ok("resume", "--all", "fix bug", cwd=desktop.home)
    assert starts(desktop)[-1] == starts(desktop)[-1] | {"args": ["--resume", session.id], "cwd": str(desktop.clone)}
    desktop.ok("resume", "--all", "over there", cwd=desktop.home)
    assert starts(desktop)[-1] == starts(desktop)[-1] | {"args": ["--resume", mine.id], "cwd": str(other)}
    desktop.ok("resume", "--all", "--latest", cwd=desktop.home)
    assert starts(desktop)[-1]["args"] == ["--resume", mine.id]


def test_nothing_to_choose_by(laptop: Machine, session: Session) -> None:
    assert laptop.ccsync("resume", status=1).err == (
        "error: which session?\nhint: name one ('git ccsync list' shows them), or use --latest\n"
    )
    outside = laptop.ccsync("resume", status=128, cwd=laptop.home).err  # there neither would help
    assert outside.startswith("fatal: not a git repository")
    assert outside.endswith("hint: for sessions outside any repository: git ccsync --home init\n")
    assert laptop.ccsync("resume", "--latest", "fix bug", status=129).err.startswith("error: --latest is a session")
    assert laptop.ccsync("resume", "nothing like it", status=1).err.startswith("error: no session 'nothing like it'")
    assert starts(laptop) == []


def test_before_init_and_without_claude(world: World) -> None:
    laptop = world.machine("laptop")
    assert "'claude' is not on PATH" in laptop.ccsync("resume", "--latest", status=1).err
    wrapped.install(laptop, world.directory / "bin")
    assert "does not carry sessions yet" in laptop.ccsync("resume", "--latest", status=1).err
    laptop.init()
    assert laptop.ccsync("resume", "--latest", status=1).err == "error: there are no sessions yet\n"


def test_one_that_lies_in_another_project(laptop: Machine, desktop: Machine, session: Session) -> None:
    aside = desktop.home / "elsewhere"
    aside.mkdir()
    desktop.session("fix bug", id=session.id, cwd=aside)
    told = desktop.ccsync("resume", "--latest", status=1)
    assert "error: 'fix bug' lies in another project's directory: '" in told.err
    assert starts(desktop) == []
