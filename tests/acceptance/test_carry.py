"""Four kinds of sessions go from one machine to another whose home, clone path and name for everything differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.session import Session, project_key
from tests.support.world import World

THOUGHT = "the user keeps it under {home}/work/app, so {home}/work/app/src it is"


class Fleet:
    """Machine `a` with four sessions pushed, machine `b` with them pulled."""

    def __init__(self, world: World) -> None:
        self.a = world.machine("a", home="home/a", clone="home/a/work/app")
        self.b = world.machine("b", home="home/b", clone="srv/b/src/the app", claude="home/b/claude config")
        self.tree = self.a.clone / ".claude" / "worktrees" / "fix"
        self.sub, self.linked = self._subdirectory(), self._worktree()
        self.sides, self.signed = self._with_side_files(), self._with_signed_thinking()
        self.a.init()
        self.a.ok("push")
        self.b.init()
        self.b.ok("pull")

    def _subdirectory(self) -> Session:
        (self.a.clone / "web" / "src").mkdir(parents=True)
        return self.a.session("from a subdirectory", cwd=self.a.clone / "web" / "src", lines=3)

    def _worktree(self) -> Session:
        self.a.git("worktree", "add", "-q", str(self.tree))
        session = self.a.session("from a worktree", cwd=self.tree)
        session.write(session.rows.worktree(str(self.a.clone), str(self.tree)))
        return session

    def _with_side_files(self) -> Session:
        session = self.a.session("with helpers")
        session.subagent()
        session.tool_result("b1", f"{self.a.clone}/README\n".encode() * 2000)
        session.tool_result("image", b"\x89PNG\0" + str(self.a.clone).encode())
        return session

    def _with_signed_thinking(self) -> Session:
        session = self.a.session("signed")
        session.write(session.rows.signed(THOUGHT.format(home=self.a.home)) + session.rows.exchange())
        return session

    def expected(self, session: Session, data: bytes) -> bytes:
        """What a's bytes of a session must look like on b."""
        there = self.key_there(session)
        pairs = [(str(session.path.parent), str(self.b.claude / "projects" / there)), (self.a.claude, self.b.claude)]
        pairs += [(self.tree, self.b.clone), (self.a.clone, self.b.clone), (self.a.home, self.b.home)]
        for ours, theirs in pairs:
            data = data.replace(str(ours).encode(), str(theirs).encode())
        return data

    def key_there(self, session: Session) -> str:
        """The project directory on b: the subdirectory stays one, the worktree that b does not have is its clone."""
        return project_key(f"{self.b.clone}/web/src" if session is self.sub else str(self.b.clone))


@pytest.fixture
def fleet(world: World) -> Fleet:
    return Fleet(world)


@pytest.mark.real
def test_every_file_arrives_in_its_place_with_paths_of_that_machine(fleet: Fleet) -> None:
    for session in (fleet.sub, fleet.linked, fleet.sides):
        arrived = fleet.b.path(session.id)
        assert arrived.parent.name == fleet.key_there(session)
        assert arrived.read_bytes() == fleet.expected(session, session.read())
        assert str(fleet.a.home).encode() not in arrived.read_bytes()
    assert fleet.b.sessions().keys() == fleet.a.sessions().keys()


def test_side_files_arrive(fleet: Fleet) -> None:
    ours, theirs = fleet.sides.directory, fleet.b.path(fleet.sides.id).with_suffix("")
    names = files(ours)
    assert files(theirs) == names
    assert len(names) == 4
    for name in names:
        data = (ours / name).read_bytes()
        # A file with a NUL byte is no text: it travels as it is.
        assert (theirs / name).read_bytes() == (data if b"\0" in data else fleet.expected(fleet.sides, data))


def files(directory: Path) -> list[str]:
    """Relative paths of the files under a directory."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def test_signed_text_is_untouched(fleet: Fleet) -> None:
    def blocks(machine: Machine) -> list[dict[str, str]]:
        rows = [json.loads(row) for row in machine.transcript(fleet.signed.id).splitlines()]
        contents = [row["message"]["content"] for row in rows if row["type"] == "assistant"]
        return [block for content in contents for block in content if block["type"] == "thinking"]

    assert blocks(fleet.b) == blocks(fleet.a)
    assert THOUGHT.format(home=fleet.a.home) == blocks(fleet.b)[0]["thinking"]
    cwds = {json.loads(row).get("cwd", "") for row in fleet.b.transcript(fleet.signed.id).splitlines()}
    assert cwds == {"", str(fleet.b.clone)}


def test_pushing_at_once_from_there_does_nothing(fleet: Fleet, world: World) -> None:
    before = fleet.b.git("for-each-ref")
    hidden = world.remote.with_name("gone.git")
    world.remote.rename(hidden)
    fleet.b.ok("push")
    hidden.rename(world.remote)
    assert fleet.b.git("for-each-ref") == before


def test_files_are_private_and_no_newer_than_their_last_line(fleet: Fleet) -> None:
    for session in (fleet.sub, fleet.linked, fleet.sides, fleet.signed):
        arrived = fleet.b.path(session.id)
        assert arrived.stat().st_mode & 0o777 == 0o600
        assert arrived.parent.stat().st_mode & 0o777 == 0o700
        assert abs(arrived.stat().st_mtime - session.rows.clock) < 2


@pytest.mark.real
def test_what_was_continued_there_comes_back(fleet: Fleet) -> None:
    before = fleet.sub.read()
    added = fleet.b.append(fleet.b.here(fleet.sub.id))
    fleet.b.ok("push")
    fleet.a.ok("pull")
    back = added.replace(str(fleet.b.clone).encode(), str(fleet.a.clone).encode())
    assert fleet.a.transcript(fleet.sub.id) == before + back
