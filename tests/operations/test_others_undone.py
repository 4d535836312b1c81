"""What was taken over from another person's branch, once it is undone, held, sent again and taken over again: no line is lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.support.machine import Machine
    from tests.support.session import Session
    from tests.support.world import World


def take(al: Machine, session: Session) -> tuple[str, str]:
    """Take bob's session over: what was done, and the id of the copy."""
    told = json.loads(al.ok("pull", "--branch", "bob", "--session", session.id, "--json").out)
    (one,) = told["taken"]
    return one["action"], one["session"]


def undone(al: Machine, bob: Machine) -> tuple[Session, str]:
    """A session of bob's that al took over, went on with and pushed, and whose push is undone: it, and the copy."""
    session = bob.session("fix bug")
    bob.ok("push")
    al.ok("list", "--branch", "bob")
    _, copy = take(al, session)
    al.append(al.here(copy), 1)
    al.ok("push")
    al.ok("undo")
    return session, copy


@pytest.mark.parametrize(("kept", "known"), [(True, True), (True, False), (False, False)])
def test_no_line_of_what_was_sent_again_is_replaced(
    world: World, al: Machine, bob: Machine, *, kept: bool, known: bool
) -> None:
    session, copy = undone(al, bob)
    if not known:  # as it was sent by a version that did not remember where it came from
        (marks,) = al.clone.glob(".git/ccsync/*/marks")
        marks.write_bytes(b"".join(row for row in marks.read_bytes().splitlines(True) if row[:5] != b"from "))
    al.ok("push", "--session", copy)
    assert ("from bob/desktop" in al.ok("list").out) == known
    before = world.stored(copy)
    assert before.count(b"\n") == al.transcript(copy).count(b"\n")
    bob.append(session, 1)
    bob.ok("push")
    if not kept:
        al.path(copy).unlink()
    action, other = take(al, session)
    assert (action, other == copy) == ("further", False)
    assert take(al, session) == ("kept", other)
    al.ok("push")
    assert world.stored(copy) == before
    assert len(world.stored(other)) > 0
    assert al.transcript(other).count(b"\n") == bob.transcript(session.id).count(b"\n")
    assert kept == (copy in al.sessions())


def test_where_it_came_from_is_known_while_it_is_held_and_after(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    al.ok("list", "--branch", "bob")
    _, copy = take(al, session)
    al.ok("push")
    al.ok("undo")
    (row,) = al.ok("list").out.splitlines()[1:]
    assert "held, from bob/desktop" in row
    log = al.ok("log").out
    assert "purged" not in log
    assert "taken back" in log
    al.ok("push", "--session", copy)
    (row,) = al.ok("list").out.splitlines()[1:]
    assert "from bob/desktop" in row
    assert "taken over from bob/desktop" in al.ok("show", copy).out
    assert al.ok("log").out.partition("\n\n")[0].endswith("from bob/desktop")
    assert "taken" in al.ok("list", "--branch", "bob").out


def test_what_is_held_is_taken_over_where_it_lies(al: Machine, bob: Machine) -> None:
    session, copy = undone(al, bob)
    mine = al.transcript(copy)
    assert take(al, session) == ("kept", copy)
    assert al.transcript(copy) == mine
    assert list(al.sessions()) == [copy]
    assert "held" not in al.ok("list").out
    bob.append(session, 1)
    bob.ok("push")
    assert take(al, session)[0] == "further"


def test_a_file_that_cannot_be_read_is_said_to_be_here(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    al.ok("list", "--branch", "bob")
    _, copy = take(al, session)
    path = al.path(copy)
    path.rename(al.home / "kept")
    path.symlink_to(al.home / "kept")
    bob.append(session, 1)
    bob.ok("push")
    refused = al.ccsync("pull", "--branch", "bob", "--session", session.id, status=1).err
    said = (
        f"it is on your branch now, as '{copy[:8]}', but its file here is as it was: '{copy}.jsonl' is a symbolic link"
    )
    assert said in refused


def test_no_line_of_a_subagent_is_replaced(al: Machine, bob: Machine) -> None:
    session, name = bob.session("fix bug"), "subagents/agent-1.jsonl"
    row = b'{"type":"user","message":{"role":"user","content":"%s"}}\n'
    session.side(name, row % b"both")
    bob.ok("push")
    al.ok("list", "--branch", "bob")
    _, copy = take(al, session)
    (al.here(copy).directory / name).write_bytes(row % b"both" + row % b"mine")
    al.ok("push")
    bob.append(session, 1)
    session.side(name, row % b"both" + row % b"theirs")
    bob.ok("push")
    action, other = take(al, session)
    assert action == "further"
    al.ok("push")
    stored = b"".join(al.world.blobs(list(al.world.branch().values())))
    assert b'"mine"' in stored
    assert b'"theirs"' in (al.here(other).directory / name).read_bytes()
    assert b'"mine"' in (al.here(copy).directory / name).read_bytes()
