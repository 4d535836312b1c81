"""Two machines continue one session without knowing of each other: two sessions come of it, and no line is lost."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

TITLE = re.compile(rb'"customTitle":"([^"]*)"')
UUID = re.compile(rb'"uuid":"([^"]*)"')


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session]:
    """A laptop and a desktop in step over one session of more than one segment."""
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop, session


def uuids(*parts: bytes) -> set[bytes]:
    """The ids of all rows."""
    return set(UUID.findall(b"".join(parts)))


def everything(*machines: Machine) -> list[object]:
    """All that a sync could change: files and their times, refs, the remote."""
    seen: list[object] = [machines[0].world.git("for-each-ref")]
    for machine in machines:
        times = {str(path): path.stat().st_mtime_ns for path in machine.claude.rglob("*.jsonl")}
        seen += [machine.files(), times, machine.git("for-each-ref")]
    return seen


def sync_twice(*machines: Machine) -> None:
    """Each machine in turn, twice."""
    for machine in machines * 2:
        machine.ok("sync")


@pytest.mark.real
def test_both_sides_go_on_and_nothing_is_lost(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, desktop, session = pair
    common = session.read()
    ours, theirs = laptop.append(session, 2), desktop.append(session, 3)
    sync_twice(laptop, desktop)

    assert laptop.sessions().keys() == desktop.sessions().keys()
    (copy,) = laptop.sessions().keys() - {session.id}
    assert laptop.transcript(session.id) == common + ours
    assert uuids(desktop.transcript(copy)) >= uuids(common, theirs)
    assert uuids(laptop.transcript(copy)) >= uuids(common, theirs)
    assert not uuids(laptop.transcript(copy)) & uuids(ours)
    assert TITLE.findall(laptop.transcript(copy))[-1] == b"fix bug (from desktop)"
    assert all(json.loads(row).get("sessionId", copy) == copy for row in laptop.transcript(copy).splitlines())

    shared = {name.rsplit("/transcript/")[1]: oid for name, oid in segments(world, session.id).items()}
    forked = {name.rsplit("/transcript/")[1]: oid for name, oid in segments(world, copy).items()}
    assert list(shared.items())[:2] == list(forked.items())[:2]

    before = everything(laptop, desktop)
    laptop.ok("sync")
    desktop.ok("sync")
    assert everything(laptop, desktop) == before


def segments(world: World, session: str) -> dict[str, str]:
    """A session's transcript segments on the remote: path to object id, in order."""
    place = f"/{session}/transcript/"
    return {path: oid for path, oid in sorted(world.branch().items()) if place in path}


@pytest.mark.parametrize("damage", ["deleted", "truncated", "deleted after the push"])
def test_what_was_captured_stays_when_the_disk_forgets(pair: tuple[Machine, Machine, Session], damage: str) -> None:
    laptop, desktop, session = pair
    ours, theirs = laptop.append(session, 2), desktop.append(session, 3)
    hidden = laptop.world.remote.with_name("gone.git")
    laptop.world.remote.rename(hidden)
    assert desktop.ccsync("push").status != 0
    hidden.rename(laptop.world.remote)
    laptop.ok("push")
    path = desktop.path(session.id)
    if damage == "truncated":
        path.write_bytes(path.read_bytes()[:700])
    if damage == "deleted":
        path.unlink()
    desktop.ok("push")
    if damage == "deleted after the push":
        path.unlink()
    sync_twice(laptop, desktop)

    assert laptop.sessions().keys() == desktop.sessions().keys()
    (copy,) = laptop.sessions().keys() - {session.id}
    for machine in (laptop, desktop):  # what one machine had captured lies in no other file on its disk
        assert uuids(machine.transcript(session.id)) == uuids(session.read(), ours)
        assert uuids(machine.transcript(copy)) >= uuids(session.read(), theirs) - uuids(ours)
        assert TITLE.findall(machine.transcript(copy))[-1] == b"fix bug (from desktop)"
    before = everything(laptop, desktop)
    laptop.ok("sync")
    desktop.ok("sync")
    assert everything(laptop, desktop) == before

    desktop.path(copy).unlink()
    desktop.ok("sync")
    assert list(desktop.sessions()) == [session.id]


def test_a_shorter_file_takes_nothing_from_the_branch(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, desktop, session = pair
    before = world.stored(session.id)
    path = desktop.path(session.id)
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:2]))
    desktop.ok("push")
    assert world.stored(session.id) == before
    desktop.ok("pull")
    assert path.read_bytes() == whole
    assert len(laptop.sessions()) == len(desktop.sessions()) == 1


def test_only_bookkeeping_behind_is_no_conflict(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    laptop.append(session)
    there = desktop.here(session.id)
    there.write(there.rows.bookkeeping("renamed there"))
    sync_twice(laptop, desktop)
    assert len(laptop.sessions()) == len(desktop.sessions()) == 1
    assert b"renamed there" in laptop.transcript(session.id)
