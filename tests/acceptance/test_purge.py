"""`purge`: gone from the branch's history, here and there, and no machine ever brings it back."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

BRANCH = "refs/ccsync/al"
SECRET = "the plan for the moon base"


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


def paths(world: World) -> str:
    return "\n".join(world.branch())


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
    desktop.ok("purge", "--follow", "--yes")
    assert not holds(desktop, SECRET)
    desktop.append(other)
    desktop.ok("sync")
    laptop.ok("sync")
    assert laptop.transcript(other.id).count(b"\n") == desktop.transcript(other.id).count(b"\n")
    assert not remote_holds(world, SECRET)
    assert desktop.path(session.id).exists()
