"""What the stories of this directory share: steps of two machines, and ways to look at what came of them."""

from __future__ import annotations

import json
import os
import re

from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.session import Session

UUID = re.compile(rb'"uuid":"([^"]*)"')
TITLE = re.compile(rb'"customTitle":"([^"]*)"')


def in_step(laptop: Machine, desktop: Machine, title: str = "fix bug", lines: int = 2, id: str = "") -> Session:
    """A session that both have; the handle is the laptop's."""
    session = laptop.session(title, lines=lines, id=id)
    inside(laptop, "push")
    inside(desktop, "pull")
    return session


def sync_all(*machines: Machine, times: int = 2) -> None:
    """Each machine in turn, as often as it takes until all must agree."""
    for machine in machines * times:
        result = inside(machine, "sync")
        assert not result.pull.problems + result.push.problems


def ids(*parts: bytes) -> list[bytes]:
    """The ids of all rows, in order."""
    return UUID.findall(b"".join(parts))


def portable(machine: Machine, session: str) -> list[bytes]:
    """A session's lines on a machine, with names in place of what differs between machines."""
    data = machine.transcript(session)
    for path, name in ((machine.clone, b"{{REPO}}"), (machine.home, b"{{HOME}}"), (session, b"{{SESSION}}")):
        data = data.replace(os.fsencode(path), name)
    return data.splitlines(keepends=True)


def agree(*machines: Machine) -> None:
    """All machines have the same sessions with the same lines, as the branch has them; one more sync changes nothing."""
    first = machines[0]
    for machine in machines:
        assert machine.sessions().keys() == first.sessions().keys()
        for session in machine.sessions():
            assert b"".join(portable(machine, session)) == first.world.stored(session), f"{session} on {machine.name}"
    before = [everything(machine) for machine in machines]
    sync_all(*machines, times=1)
    assert [everything(machine) for machine in machines] == before


def everything(machine: Machine) -> object:
    """What a sync could change: files, their times, refs here and there."""
    times = {str(path): path.stat().st_mtime_ns for path in machine.claude.rglob("*") if path.is_file()}
    return machine.files(), times, machine.git("for-each-ref"), machine.world.git("for-each-ref")


def copy_of(machine: Machine, session: str) -> str:
    """The one other session on this machine."""
    (copy,) = machine.sessions().keys() - {session}
    return copy


def titles(data: bytes) -> list[bytes]:
    """The custom titles, in order."""
    return TITLE.findall(data)


def belongs(data: bytes, session: str) -> bool:
    """Whether every row names this session as its own."""
    return all(json.loads(row).get("sessionId", session) == session for row in data.splitlines())


def rewrite(session: Session, data: bytes) -> None:
    """Put other bytes into a transcript, as Claude Code's own rewriting does: same file, other content."""
    with session.path.open("r+b") as file:
        file.write(data)
        file.truncate()
    os.utime(session.path, (session.rows.clock + 1, session.rows.clock + 1))
