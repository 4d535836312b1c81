"""Sessions outside any repository: kept in a repository of our own, carried between homes that lie elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.machine import Machine, Result
from tests.support.session import Session
from tests.support.world import World

REF = "refs/ccsync/git-ccsync%2Fhome/al"


def notes(machine: Machine, folder: str = "notes", *, lines: int = 2, branch: str = "") -> Session:
    """A session in a directory under the home that is in no repository."""
    place = machine.home / folder
    place.mkdir(parents=True, exist_ok=True)
    made = machine.session("", cwd=place, lines=b"")
    made.rows.branch = branch
    made.talk(lines, title=f"in {folder}")
    return made


def home(machine: Machine, verb: str, *words: str, status: int = 0) -> Result:
    """A verb with --home, from the home directory."""
    return machine.ccsync(verb, "--home", *words, cwd=machine.home, status=status)


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines that keep such sessions in one private place."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    place = world.directory / "private"
    for machine in (laptop, desktop):
        home(machine, "init", "--yes", "--machine", machine.name, "--remote", str(place))
    return laptop, desktop


def test_a_session_from_notes_goes_there_and_back(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = notes(laptop)
    home(laptop, "push")
    home(desktop, "pull")
    there = desktop.path(session.id)
    assert there.parent.name == Session(Path("/"), "x", str(desktop.home / "notes"), start=0).path.parent.name
    assert str(desktop.home / "notes").encode() in there.read_bytes()
    assert str(laptop.home).encode() not in there.read_bytes()
    more = desktop.append(session)
    home(desktop, "push")
    home(laptop, "pull")
    assert laptop.transcript(session.id).count(b"\n") == there.read_bytes().count(b"\n")
    assert more.count(b"\n") > 0
