"""Conflict copies: always the same one, whatever is cut short; they grow, diverge and resume like any session."""

from __future__ import annotations

import pytest

from git_ccsync.model import AHEAD, DIVERGED
from git_ccsync.operations.sessions import sessions
from tests.operations.stories import agree, belongs, copy_of, ids, in_step, portable, rewrite, sync_all, titles
from tests.support.inside import inside, killed_at, standing_on
from tests.support.machine import Machine


def part(laptop: Machine, desktop: Machine, id: str = "") -> tuple[str, bytes, bytes]:
    """Both go on with one session, and the laptop pushes first: the session, the laptop's lines, the desktop's."""
    session = in_step(laptop, desktop, id=id)
    ours, theirs = laptop.append(session, 3), desktop.append(desktop.here(session.id), 3)
    inside(laptop, "push")
    return session.id, ours, theirs


@pytest.mark.slow
@pytest.mark.parametrize("verb", ["push", "pull"])
def test_a_killed_run_makes_the_same_copy_when_it_is_tried_again(
    laptop: Machine, desktop: Machine, verb: str, pytestconfig: pytest.Config
) -> None:
    session, _, theirs = part(laptop, desktop)
    laptop.world.keep()
    sync_all(desktop, laptop)
    copy = copy_of(laptop, session)
    expected = laptop.world.stored(copy)
    for number in range(0, 60, 1 if pytestconfig.getoption("--full-sweep") else 11):
        laptop.world.restore()
        killed_at(desktop, verb, number)
        desktop_rows = {row for data in desktop.sessions().values() for row in ids(data)}
        assert set(ids(theirs)) <= desktop_rows, number
        sync_all(desktop, laptop)
        assert copy_of(laptop, session) == copy, number
        assert laptop.world.stored(copy) == expected, number


@pytest.mark.slow
@pytest.mark.parametrize("first", ["laptop", "desktop"])
def test_titles_from_prompts_hold_no_path_of_a_machine(laptop: Machine, desktop: Machine, first: str) -> None:
    """On the branch they have placeholders, also that of a copy, made in a capture or in a replay; each machine reads
    its own paths.
    """
    titled = {one: f"mend {one.clone}/x.py and {one.home}/y, say {{{{REPO}}}}" for one in (laptop, desktop)}
    session = laptop.session(lines=1)
    session.write(session.rows.bookkeeping(prompt=titled[laptop]))
    sync_all(laptop, desktop)
    for machine, title in titled.items():
        here = machine.here(session.id)
        here.write(here.rows.exchange() + here.rows.bookkeeping(prompt=title))
    inside(laptop, "push")
    if first == "desktop":
        inside(desktop, "push")
    sync_all(desktop, laptop)
    copy = copy_of(laptop, session.id)
    for machine, title in titled.items():
        assert shown(machine) == {session.id: title, copy: title + " (from desktop)"}
        assert title.encode() + b" (from desktop)" in machine.transcript(copy)
    for path, oid in laptop.world.branch().items():
        if path.startswith("sessions/"):
            text = laptop.world.blob(oid)
            assert not any(str(machine.home).encode() in text for machine in titled)


def shown(machine: Machine) -> dict[str, str]:
    """The titles that `list` shows."""
    with standing_on(machine) as ws:
        return {one.id: one.title for one in sessions(ws)}


@pytest.mark.slow
def test_a_copy_goes_on_growing_while_the_original_is_live(laptop: Machine, desktop: Machine) -> None:
    session, ours, theirs = part(laptop, desktop)
    claude = desktop.run_claude(session)
    before = desktop.transcript(session)
    result = inside(desktop, "sync")
    assert [(one.session, one.action) for one in result.pull.installed if one.action == "waiting"] == [
        (session, "waiting")
    ]
    assert desktop.transcript(session) == before, "a live session is never written"
    inside(laptop, "pull")
    copy = copy_of(laptop, session)

    more = claude.append()
    grown = inside(desktop, "push")
    assert [(one.session, one.scenario) for one in grown.outcomes] == [(copy, AHEAD)]
    laptop.append(laptop.here(session))
    inside(laptop, "sync")
    assert ids(laptop.transcript(copy))[-8:] == ids(theirs, more)
    assert titles(laptop.transcript(copy))[-1] == b"fix bug (from desktop)"
    assert inside(desktop, "sync").pull.installed[0].action == "waiting"
    assert set(desktop.sessions()) == {session}

    claude.stop()
    actions = {one.session: one.action for one in inside(desktop, "pull").installed}
    assert actions[session] == "exchanged"
    assert copy_of(desktop, session) == copy
    assert set(ids(ours)) <= set(ids(desktop.transcript(session)))
    assert not set(ids(theirs, more)) & set(ids(desktop.transcript(session)))
    sync_all(desktop, laptop)
    agree(laptop, desktop)


@pytest.mark.slow
def test_titles_given_later_carry_the_suffix(laptop: Machine, desktop: Machine) -> None:
    session, _, _ = part(laptop, desktop)
    claude = desktop.run_claude(session)
    inside(desktop, "sync")
    there = desktop.here(session)
    there.write(there.rows.title("renamed") + there.rows.exchange())
    inside(desktop, "push")
    claude.stop()
    sync_all(desktop, laptop)
    copy = copy_of(laptop, session)
    assert titles(laptop.transcript(copy))[-1] == b"renamed (from desktop)"
    path = f"sessions/{copy[0]}/{copy[1]}/{copy}/meta"
    assert b'title = "renamed (from desktop)"' in laptop.world.blob(laptop.world.branch()[path])
    agree(laptop, desktop)


@pytest.mark.slow
def test_a_copy_diverges_itself(laptop: Machine, desktop: Machine) -> None:
    session, _, _ = part(laptop, desktop)
    sync_all(desktop, laptop)
    copy = copy_of(laptop, session)
    rows = [machine.append(machine.here(copy)) for machine in (laptop, desktop)]
    inside(desktop, "push")
    outcomes = [one for one in inside(laptop, "sync").pull.outcomes if one.scenario == DIVERGED]
    assert [one.session for one in outcomes] == [copy]
    sync_all(laptop, desktop)
    (second,) = laptop.sessions().keys() - {session, copy}
    assert set(ids(rows[1])) <= set(ids(laptop.transcript(copy)))
    assert set(ids(rows[0])) <= set(ids(laptop.transcript(second)))
    assert titles(laptop.transcript(second))[-1] == b"fix bug (from desktop) (from laptop)"
    assert belongs(desktop.transcript(second), second)
    agree(laptop, desktop)


@pytest.mark.slow
def test_three_divergences_of_one_session_are_three_copies(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop).id
    rows = []
    for _ in range(3):
        rows += [laptop.append(laptop.here(session)), desktop.append(desktop.here(session))]
        sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 4
    assert set(ids(*rows)) <= set(ids(*laptop.sessions().values()))
    agree(laptop, desktop)


@pytest.mark.slow
def test_nothing_in_common(laptop: Machine, desktop: Machine) -> None:
    """The whole file was replaced by another conversation: the copy begins with its title row."""
    session = in_step(laptop, desktop, lines=3)
    there = desktop.here(session.id)
    rewrite(there, b"".join(there.rows.exchange() for _ in range(3)) + there.rows.title("another"))
    sync_all(desktop, laptop)
    copy = copy_of(laptop, session.id)
    assert titles(portable(desktop, copy)[0]) == [b"another (from desktop)"]
    agree(laptop, desktop)
    desktop.append(desktop.here(copy))
    sync_all(desktop, laptop)
    assert len(laptop.sessions()) == 2
    agree(laptop, desktop)


@pytest.mark.slow
@pytest.mark.parametrize("rest", ["prefix", "same", "longer"])
def test_a_copy_that_is_there_is_found_again(laptop: Machine, desktop: Machine, rest: str) -> None:
    """An old state of the diverged file comes back from a backup: it is the copy, not another one."""
    session, _, _ = part(laptop, desktop)
    old = desktop.transcript(session)
    sync_all(desktop, laptop)
    copy = copy_of(desktop, session)
    there = desktop.here(session)
    if rest == "prefix":
        old = b"".join(old.splitlines(keepends=True)[:-2])
    rewrite(there, old)
    if rest == "longer":
        more = desktop.append(there)
    sync_all(desktop, laptop)
    assert copy_of(desktop, session) == copy
    if rest == "longer":
        assert set(ids(more)) <= set(ids(laptop.transcript(copy)))
    assert portable(desktop, session) == portable(laptop, session)
    agree(laptop, desktop)


def test_the_replaced_original_is_kept(laptop: Machine, desktop: Machine) -> None:
    session, _, _ = part(laptop, desktop)
    before = desktop.transcript(session)
    sync_all(desktop, laptop)
    trash = list((desktop.home / ".local/state/git-ccsync/trash").iterdir())
    assert [path.read_bytes() for path in trash] == [before]


def test_a_copy_made_while_it_is_captured_counts_with_its_own_bytes(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.append(session, 3)
    inside(laptop, "push")
    desktop.git(
        "fetch", "-q", "origin", "+refs/ccsync/al:refs/ccsync/al", "+refs/ccsync/al:refs/ccsync-remotes/origin/al"
    )
    desktop.append(desktop.here(session.id), 3)
    sent = inside(desktop, "push")
    (copy,) = sent.outcomes
    with standing_on(desktop) as ws:
        sizes = {one.id: one.bytes for one in sessions(ws)}
    assert (copy.scenario, sent.lines) == (DIVERGED, copy.lines)
    assert 0 < sent.bytes < sizes[copy.copy]
    assert sent.bytes == sum(len(row) + 1 for row in desktop.world.stored(copy.copy).split(b"\n")[-copy.lines - 1 : -1])


def test_common_segments_are_shared(laptop: Machine, desktop: Machine) -> None:
    _session, _, _ = part(laptop, desktop)
    sync_all(desktop, laptop)
    place = dict.fromkeys(laptop.sessions(), "/transcript/0000/00")
    found = {oid for path, oid in laptop.world.branch().items() if path.endswith(tuple(place.values()))}
    assert len(found) == 1


@pytest.mark.slow
@pytest.mark.parametrize("first", ["0", "f"])
def test_a_copy_that_went_on_elsewhere_while_the_original_was_live(
    laptop: Machine, desktop: Machine, first: str
) -> None:
    """Whichever of the two is installed first: without an index that goes by their ids."""
    session, _, theirs = part(laptop, desktop, f"{first * 8}-0000-4000-8000-000000000001")
    claude = desktop.run_claude(session)
    inside(desktop, "sync")
    inside(laptop, "pull")
    copy = copy_of(laptop, session)
    more = laptop.append(laptop.here(copy))
    inside(laptop, "push")
    next(desktop.clone.glob(".git/ccsync/*/index")).unlink()
    claude.stop()
    sync_all(desktop, laptop)
    assert ids(desktop.transcript(copy))[-8:] == ids(theirs, more)
    agree(laptop, desktop)


def test_a_message_taken_out_while_the_copy_waits_for_its_file(laptop: Machine, desktop: Machine) -> None:
    session, _, _ = part(laptop, desktop)
    claude = desktop.run_claude(session)
    inside(desktop, "sync")
    there = desktop.here(session)
    rows = there.read().splitlines(keepends=True)
    rewrite(there, b"".join(rows[:-4] + rows[-3:]))
    next(desktop.clone.glob(".git/ccsync/*/index")).unlink()
    claude.stop()
    sync_all(desktop, laptop)
    copy = copy_of(desktop, session)
    assert set(ids(*rows)) <= set(ids(desktop.transcript(copy)))
    agree(laptop, desktop)


def test_bookkeeping_that_is_missing_before_the_fork(laptop: Machine, desktop: Machine) -> None:
    """Cut short within the block at the end, then gone on: one copy, and the original comes."""
    session = in_step(laptop, desktop)
    laptop.append(session, 3)
    inside(laptop, "push")
    there = desktop.here(session.id)
    rewrite(there, b"".join(there.read().splitlines(keepends=True)[:-3]))
    desktop.append(there, 3)
    next(desktop.clone.glob(".git/ccsync/*/index")).unlink()
    sync_all(desktop, laptop)
    assert len(laptop.sessions()) == 2
    agree(laptop, desktop)
