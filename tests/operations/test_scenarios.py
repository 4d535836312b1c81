"""The five scenarios of merging, by their numbers, with real git between two machines; and what is no divergence."""

from __future__ import annotations

import itertools

import pytest

from git_ccsync.model import AHEAD, BEHIND, DIVERGED, NEW
from tests.operations.stories import (
    agree,
    belongs,
    copy_of,
    everything,
    ids,
    in_step,
    portable,
    rewrite,
    sync_all,
    titles,
)  # fmt: skip
from tests.support.inside import inside
from tests.support.machine import Machine


def told(outcomes: object) -> list[tuple[str, int]]:
    return [(one.session, one.scenario) for one in outcomes]


def done(installed: object) -> list[tuple[str, str]]:
    return [(one.session, one.action) for one in installed]


def test_scenario_1_new(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    pushed = inside(laptop, "push")
    assert told(pushed.outcomes) == [(session.id, NEW)]
    assert (pushed.sessions, pushed.lines) == (1, len(session.read().splitlines()))
    pulled = inside(desktop, "pull")
    assert (told(pulled.outcomes), done(pulled.installed)) == ([], [(session.id, "created")])
    agree(laptop, desktop)


def test_scenario_1_new_on_both_sides_at_once(laptop: Machine, desktop: Machine) -> None:
    ours, theirs = laptop.session("here"), desktop.session("there")
    inside(laptop, "push")
    assert told(inside(desktop, "push").outcomes) == [(theirs.id, NEW)]
    sync_all(laptop, desktop)
    assert laptop.sessions().keys() == {ours.id, theirs.id}
    agree(laptop, desktop)


def test_scenario_2_same(laptop: Machine, desktop: Machine) -> None:
    in_step(laptop, desktop)
    for path in desktop.clone.glob(".git/ccsync/*/index"):
        path.unlink()
    before = everything(desktop)
    pulled = inside(desktop, "pull")
    assert (pulled.outcomes, pulled.installed, pulled.up_to_date) == ((), (), True)
    assert everything(desktop) == before


def test_scenario_3_ahead(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.world.branch()
    desktop.append(desktop.here(session.id))
    assert told(inside(desktop, "push").outcomes) == [(session.id, AHEAD)]
    assert done(inside(laptop, "pull").installed) == [(session.id, "appended")]
    agree(laptop, desktop)
    segments = {path: oid for path, oid in before.items() if "/transcript/" in path}
    assert segments.items() <= laptop.world.branch().items(), "a stored byte is never rewritten"


def test_scenario_3_ahead_of_another_commit(laptop: Machine, desktop: Machine) -> None:
    """Each has gone on with another session: the second push replays its own onto the first."""
    one, two = in_step(laptop, desktop), in_step(laptop, desktop, "other")
    laptop.append(one)
    desktop.append(desktop.here(two.id))
    inside(laptop, "push")
    pushed = inside(desktop, "push")
    assert pushed.retries == 1
    sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 2
    agree(laptop, desktop)
    parents = laptop.world.git("log", "--format=%p", "refs/ccsync/al").splitlines()
    assert all(len(line.split()) <= 1 for line in parents), "history is one line"


@pytest.mark.parametrize("index", ["kept", "lost"])
@pytest.mark.parametrize("share", [0, 17, 700, -1])
def test_scenario_4_behind_a_cut_file_gets_its_lines_back(
    laptop: Machine, desktop: Machine, share: int, index: str
) -> None:
    session = in_step(laptop, desktop)
    whole, before = desktop.transcript(session.id), laptop.world.branch()
    rewrite(desktop.here(session.id), whole[:share])
    if index == "lost":
        next(desktop.clone.glob(".git/ccsync/*/index")).unlink()
    inside(desktop, "push")
    assert laptop.world.branch() == before
    assert done(inside(desktop, "pull").installed) == [(session.id, "appended")]
    assert desktop.transcript(session.id) == whole
    agree(laptop, desktop)


def test_scenario_4_behind_both(laptop: Machine, desktop: Machine) -> None:
    """Cut here and grown there."""
    session = in_step(laptop, desktop)
    laptop.append(session)
    inside(laptop, "push")
    there = desktop.here(session.id)
    rewrite(there, b"".join(there.read().splitlines(keepends=True)[:3]))
    pulled = inside(desktop, "pull")
    assert (session.id, BEHIND) in told(pulled.captured)
    assert done(pulled.installed) == [(session.id, "appended")]
    agree(laptop, desktop)


def test_scenario_5_diverged(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    common = session.read()
    ours, theirs = laptop.append(session, 2), desktop.append(desktop.here(session.id), 3)
    inside(laptop, "push")
    (outcome,) = [one for one in inside(desktop, "push").outcomes if one.scenario == DIVERGED]
    sync_all(laptop, desktop)
    copy = copy_of(laptop, session.id)
    assert (outcome.session, outcome.copy) == (session.id, copy)
    assert outcome.lines == len(theirs.splitlines()) + 1
    assert laptop.transcript(session.id) == common + ours
    assert ids(laptop.transcript(copy)) == ids(common, theirs)
    assert titles(laptop.transcript(copy))[-1] == b"fix bug (from desktop)"
    assert belongs(laptop.transcript(copy), copy)
    agree(laptop, desktop)


# --- bookkeeping


@pytest.mark.slow
@pytest.mark.parametrize("order", list(itertools.permutations(("laptop", "desktop"))))
@pytest.mark.parametrize("tail", ["block", "title"])
def test_bookkeeping_only_makes_no_copy_in_either_order(
    laptop: Machine, desktop: Machine, order: tuple[str, str], tail: str
) -> None:
    """One side has gone on talking, the other has only opened and left the session."""
    session = in_step(laptop, desktop)
    talk = laptop.append(session)
    there = desktop.here(session.id)
    there.write(there.rows.bookkeeping("renamed" if tail == "title" else ""))
    machines = [laptop if name == "laptop" else desktop for name in order]
    sync_all(*machines)
    for machine in machines:
        (data,) = machine.sessions().values()
        assert set(ids(talk)) <= set(ids(data)), f"{machine.name} lacks messages"
        assert (b"renamed" in data) == (tail == "title")
    agree(laptop, desktop)


def test_bookkeeping_on_both_sides(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    for machine in (laptop, desktop):
        there = machine.here(session.id)
        there.write(there.rows.bookkeeping(f"named on {machine.name}"))
    sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 1
    assert set(titles(laptop.transcript(session.id))) == {b"fix bug", b"named on laptop", b"named on desktop"}
    agree(laptop, desktop)


# --- rows that are missing here


@pytest.mark.parametrize("removed", [1, 4])
@pytest.mark.parametrize("index", ["kept", "lost"])
def test_removed_rows_are_in_step(laptop: Machine, desktop: Machine, removed: int, index: str) -> None:
    session = in_step(laptop, desktop, lines=4)
    before = laptop.world.branch()
    rewrite(session, b"".join(session.read().splitlines(keepends=True)[removed:]))
    if index == "lost":
        next(laptop.clone.glob(".git/ccsync/*/index")).unlink()
    inside(laptop, "sync")
    assert laptop.world.branch() == before
    laptop.append(session)
    sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 1
    assert len(portable(desktop, session.id)) == len(portable(laptop, session.id)) + removed
    assert b"".join(portable(desktop, session.id)) == laptop.world.stored(session.id)


def test_the_last_message_removed_and_gone_on_from_there(laptop: Machine, desktop: Machine) -> None:
    """An answer that broke off is taken out, bookkeeping follows, then both machines go on: the copy's title stands
    where the common lines end."""
    session = in_step(laptop, desktop)
    there = desktop.here(session.id)
    rows = there.read().splitlines(keepends=True)
    rewrite(there, b"".join(rows[:3] + rows[4:]))
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    sync_all(laptop, desktop)
    copy = copy_of(desktop, session.id)
    assert portable(desktop, copy) == [row for row in portable(laptop, copy) if ids(row) != ids(rows[3])]


def test_five_removed_rows_become_a_copy_and_nothing_is_lost(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop, lines=4)
    whole = session.read()
    rewrite(session, b"".join(whole.splitlines(keepends=True)[5:]))
    sync_all(laptop, desktop)
    assert desktop.transcript(session.id).count(b"\n") == whole.count(b"\n")
    assert len(laptop.sessions()) == 2
    agree(laptop, desktop)


def test_a_deleted_file_stays_away_until_it_grows(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.world.branch()
    desktop.path(session.id).unlink()
    for _ in range(2):
        inside(desktop, "sync")
        assert not desktop.sessions()
    assert laptop.world.branch() == before
    laptop.append(session)
    inside(laptop, "push")
    assert done(inside(desktop, "pull").installed) == [(session.id, "created")]
    agree(laptop, desktop)
