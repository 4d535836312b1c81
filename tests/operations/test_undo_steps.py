"""Undo of pushes that failed, and of those that only delivered or sent nothing: each step changes something, and says so."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

TREE = "refs/ccsync/al^{tree}"
TIP = "refs/ccsync/al"


@contextmanager
def away(place: Path) -> Iterator[None]:
    """The repository at `place` cannot be reached meanwhile."""
    place.rename(place.with_name("away"))
    try:
        yield
    finally:
        place.with_name("away").rename(place)


def begun(world: World) -> tuple[Machine, Session]:
    machine = world.initialised("laptop")[0]
    session = machine.session("fix bug")
    machine.ok("push")
    return machine, session


def two_urls(world: World) -> tuple[Machine, Session, Path]:
    """A machine in step with two push URLs."""
    machine, session = begun(world)
    other = machine.push_to_both()
    return machine, session, other


def commits(world: World) -> int:
    return int(world.git("rev-list", "--count", TIP))


def test_a_push_that_only_reaches_a_further_url_is_no_step(world: World) -> None:
    machine, session, other = two_urls(world)
    first, count = world.git("rev-parse", TREE), commits(world)
    machine.append(session)
    with away(other):
        machine.ccsync("push", status=1)
        machine.ccsync("push", status=1)
    machine.ok("push")
    for told in (machine.ok("undo", "-n").out, machine.ok("undo").out):
        assert f"{world.remote}, {other}" in told
        assert "1 session" in told
    assert world.git("rev-parse", TREE) == machine.git("rev-parse", TREE, cwd=other) == first
    assert commits(world) == count + 2
    machine.ok("undo")  # the push before
    assert world.git("ls-tree", "-r", TIP).count("sessions/") == 0
    assert commits(world) == count + 3
    for words in (["undo", "-n"], ["undo"]):
        assert machine.ccsync(*words, status=1).err == "error: nothing to undo\n"
    assert commits(world) == count + 3


def test_a_url_that_undo_does_not_reach_is_named_and_gets_it_later(world: World) -> None:
    machine, session, other = two_urls(world)
    first = world.git("rev-parse", TREE)
    machine.append(session)
    machine.ok("push")
    with away(other):
        told = machine.ccsync("undo", status=1).out
    assert f"what was pushed is off {world.remote}; its history" in told
    assert f"what was pushed is not taken off {other} (" in told
    machine.ok("push")
    assert world.git("rev-parse", TREE) == machine.git("rev-parse", TREE, cwd=other) == first
    assert machine.ccsync("undo", "--json").status == 0


def test_an_undo_that_was_cut_short_at_its_end_is_finished_without_another_commit(world: World) -> None:
    machine, session, other = two_urls(world)
    machine.append(session)
    machine.ok("push")
    machine.ok("undo")
    (records,) = machine.clone.glob(".git/ccsync/**/undo")
    lines = records.read_text().splitlines(keepends=True)
    records.write_text("".join(line for line in lines if "\tundone\t" not in line))
    count = commits(world)
    told = machine.ok("undo").out
    assert f"what was pushed is off {world.remote}, {other}; " in told
    assert " -> " not in told
    assert commits(world) == count


def test_what_failed_before_comes_off_with_the_push_that_delivered_it(world: World) -> None:
    """Offered twice, then with more lines: that is all one push, and the next undo is for the one before."""
    machine, session = begun(world)
    first = world.git("rev-parse", TREE)
    for _ in range(2):
        machine.append(session)
        with away(world.remote):
            machine.ccsync("push", status=128)
            machine.ccsync("push", status=128)
    machine.ok("push")
    count = commits(world)
    machine.ok("undo")
    assert (world.git("rev-parse", TREE), commits(world)) == (first, count + 1)
    machine.ok("undo")
    assert world.git("ls-tree", "-r", TIP).count("sessions/") == 0
    assert machine.ccsync("undo", status=1).err == "error: nothing to undo\n"
    assert commits(world) == count + 2


def test_an_rm_is_undone_together_with_the_push_that_delivered_it(world: World) -> None:
    machine, session = begun(world)
    first = world.git("rev-parse", TREE)
    with away(world.remote):
        machine.ccsync("rm", session.id)
    machine.ok("push")
    told = machine.ok("undo").out
    assert "undone: rm" in told
    assert "put back" in told
    assert world.git("rev-parse", TREE) == first
    assert session.id in machine.sessions()


def test_a_push_that_committed_nothing_and_failed_is_no_step(world: World) -> None:
    machine, session = begun(world)
    machine.append(session)
    with away(world.remote):
        machine.ccsync("push", status=128)
        tip = machine.git("rev-parse", TIP)
        assert machine.ok("undo").out.count(f"{TIP}: {tip[:7]} -> ") == 1
        machine.git("update-ref", TIP, tip)  # as another run would have committed it
        machine.ccsync("push", status=128)
    assert f"would be taken off {world.remote}" in machine.ok("undo", "-n").out
    count = commits(world)
    machine.ok("undo")
    assert world.git("ls-tree", "-r", TIP).count("sessions/") == 0
    assert commits(world) == count + 1
    assert machine.ccsync("undo", status=1).err == "error: nothing to undo\n"


def test_an_rm_that_a_later_push_took_along_is_undone_here(world: World) -> None:
    machine, session = begun(world)
    more, first = machine.session("more"), world.git("rev-parse", TREE)
    with away(world.remote):
        machine.ccsync("rm", session.id)
    machine.append(more)
    machine.ok("push")
    count = commits(world)
    machine.ok("undo")
    assert (world.git("rev-parse", TREE), commits(world)) == (first, count + 1)
    told = machine.ok("undo").out
    assert "put back" in told
    assert "what was pushed" not in told
    assert session.id in machine.sessions()
    assert commits(world) == count + 1


def test_a_push_of_what_the_remote_had_already_takes_nothing_off(world: World) -> None:
    """The tracking ref was lost: it looks as if all was sent."""
    machine, session = begun(world)
    machine.append(session)
    machine.ok("push")
    before = world.git("rev-parse", TIP + "~1")
    machine.git("update-ref", "-d", "refs/ccsync-remotes/origin/al")
    machine.ok("push")
    machine.ok("undo")
    assert world.git("rev-parse", TREE) == world.git("rev-parse", before + "^{tree}")
    assert json.loads(machine.ok("undo", "-n", "--json").out)["remotes"] == [str(world.remote)]
