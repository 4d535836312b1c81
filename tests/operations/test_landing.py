"""What does not get to the disk: no ref names it, the reason is told as it is, and the next run makes it anew."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

from tests.support.events import until
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def block(objects: Path) -> list[Path]:
    """Let no new directory come to be among the loose objects."""
    blocked = [objects / f"{number:02x}" for number in range(256)]
    blocked = [path for path in blocked if not path.exists()]
    for path in blocked:
        path.touch()
    return blocked


def test_a_push_that_cannot_write_tells_why_and_moves_nothing(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    notes = session.path.parent / "memory" / "MEMORY.md"
    notes.parent.mkdir()
    notes.write_text("- likes tea\n")
    refs = laptop.git("for-each-ref")
    blocked = block(laptop.clone / ".git" / "objects")
    refused = laptop.ccsync("push")
    assert refused.status == 128
    assert refused.err.startswith("fatal: cannot write objects to "), refused
    assert laptop.git("for-each-ref") == refs
    assert laptop.ok("undo", "-n").out.startswith("would undo: push ")
    for path in blocked:
        path.unlink()
    laptop.ok("push")
    desktop.ok("pull")
    assert len(desktop.transcript(session.id).splitlines()) == len(session.read().splitlines())
    (arrived,) = desktop.claude.glob("projects/*/memory/MEMORY.md")
    assert arrived.read_text() == "- likes tea\n"


def test_a_pull_that_could_not_install_does_not_say_that_there_was_nothing(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(session)
    laptop.ok("push")
    path = desktop.path(session.id)
    path.unlink()
    path.mkdir()
    failed = desktop.ccsync("pull")
    assert (failed.status, "nothing to install" in failed.out) == (1, False), failed


def moved(machine: Machine, session: Session, trace: Path) -> list[str]:
    """What was said to the processes that moved refs in a push of one more row: the texts for the reflog."""
    trace.unlink(missing_ok=True)
    machine.append(session)
    machine.ok("push", GIT_TRACE2_EVENT=str(trace))
    started = [json.loads(line) for line in trace.read_text().splitlines()]
    words = [one["argv"] for one in started if one["event"] == "start" and "update-ref" in one["argv"]]
    return [argv[argv.index("-m") + 1] for argv in words]


def test_one_git_moves_both_refs_where_the_branch_has_a_reflog(world: World, tmp_path: Path) -> None:
    machine = world.initialised("laptop")[0]
    session = machine.session("fix bug")
    machine.ok("push")
    text = moved(machine, session, tmp_path / "trace")
    assert text == [machine.git("log", "-1", "--format=%s", "refs/ccsync/al")]
    tips = machine.git("for-each-ref", "--format=%(objectname)", "refs/ccsync/al", "refs/ccsync-remotes/").split()
    assert len(tips) == 2
    assert len(set(tips)) == 1
    logs = machine.clone / ".git" / "logs" / "refs"
    assert (logs / "ccsync/al").read_text().splitlines()[-1].endswith("\t" + text[0])
    assert not (logs / "ccsync-remotes").exists()
    (logs / "ccsync/al").unlink()
    text = moved(machine, session, tmp_path / "trace")
    assert sorted(text) == [machine.git("log", "-1", "--format=%s", "refs/ccsync/al"), "ccsync: push"]
    assert (logs / "ccsync/al").exists()
    assert not (logs / "ccsync-remotes").exists()


def test_an_interrupt_stays_one_while_refs_wait_for_the_remote(world: World, tmp_path: Path) -> None:
    machine = world.initialised("laptop")[0]
    session = machine.session("fix bug")
    machine.ok("push")
    machine.append(session)
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/reached'\nsleep 5\n")
    hook.chmod(0o755)
    pushing = machine.start("push", prefix=["setsid"])
    until((tmp_path / "reached").exists)
    os.killpg(pushing.pid, signal.SIGINT)
    assert (pushing.wait(), *pushing.communicate()) == (130, b"", b"")
    hook.unlink()
    machine.ok("push")
    assert machine.git("rev-parse", "refs/ccsync/al") == machine.git("rev-parse", "refs/ccsync/al", cwd=world.remote)


def test_a_further_url_gets_what_the_first_one_has(world: World) -> None:
    machine = world.initialised("laptop")[0]
    session = machine.session("fix bug")
    other = machine.push_to_both()
    before = machine.git("rev-parse", "refs/ccsync/al")
    machine.append(session)
    other.rename(other.with_name("away"))
    machine.ccsync("push")
    machine.git("update-ref", "refs/ccsync/al", before)  # as a power cut would have it
    machine.git("update-ref", "refs/ccsync-remotes/origin/al", before)
    other.with_name("away").rename(other)
    time.sleep(1.1)  # the commit that is made again has another second
    machine.ok("push")
    assert (
        len({machine.git("rev-parse", "refs/ccsync/al", cwd=place) for place in (machine.clone, world.remote, other)})
        == 1
    )
    machine.append(session)
    machine.ok("push")
