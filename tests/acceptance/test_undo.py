"""`undo`: pull, push, sync, rm and the rest are taken back exactly, by two machines, also when they are cut short."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.strace import Point, have_strace, kill_at
from tests.support.world import World

TREE = "refs/ccsync/al^{tree}"


def disk(machine: Machine) -> dict[str, object]:
    """All that lies under the Claude directory: bytes and times of files, and the directories."""
    found = sorted(machine.claude.rglob("*"))
    return {
        str(path.relative_to(machine.claude)): (path.read_bytes(), path.stat().st_mtime_ns) if path.is_file() else None
        for path in found
    }


def refs(machine: Machine) -> str:
    return machine.git("for-each-ref", "--format=%(objectname) %(refname)", "refs/ccsync", "refs/ccsync-remotes")


def trash(machine: Machine) -> list[bytes]:
    return [path.read_bytes() for path in (machine.home / ".local/state/git-ccsync/trash").rglob("*") if path.is_file()]


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session]:
    """A laptop and a desktop with one session, with side files, in step; then the laptop goes on, and has a second one."""
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    session.subagent()
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(session)
    laptop.session("second").tool_result()
    laptop.ok("push")
    return laptop, desktop, session


def test_a_pull_is_undone_to_the_byte_and_can_be_done_again(pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, session = pair
    before = disk(desktop), refs(desktop)
    desktop.ok("pull")
    after = desktop.files()
    assert disk(desktop) != before[0]
    planned = desktop.ok("undo", "-n").out
    assert "cut back" in planned
    assert "removed" in planned
    assert desktop.files() == after
    desktop.ok("undo")
    assert (disk(desktop), refs(desktop)) == before
    desktop.ok("pull")
    assert desktop.files() == after
    assert json.loads(desktop.ok("status", "--json").out)["in_step"] is True
    assert session.id in desktop.sessions()


def test_what_was_added_since_a_pull_stays(pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, session = pair
    desktop.ok("pull")
    desktop.append(session)
    mine = desktop.transcript(session.id)
    told = desktop.ccsync("undo", status=1)
    assert "(something was written to it since)" in told.out
    assert desktop.transcript(session.id) == mine
    assert list(desktop.sessions()) == [session.id]
    desktop.ok("sync")
    assert desktop.transcript(session.id) == mine


def test_undo_goes_back_run_by_run(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    first = disk(desktop)
    desktop.ok("pull")
    second = disk(desktop)
    laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    desktop.ok("undo")
    assert disk(desktop) == second
    desktop.ok("undo")
    assert disk(desktop) == first
    desktop.ok("undo")  # the very first pull
    assert not desktop.sessions()
    done = desktop.ccsync("undo", status=1)
    assert done.err == "error: nothing to undo\n"


def test_a_push_is_taken_back_and_its_sessions_are_held_back(
    world: World, pair: tuple[Machine, Machine, Session]
) -> None:
    laptop, desktop, session = pair
    desktop.ok("pull")
    tree, tip = world.git("rev-parse", TREE), world.git("rev-parse", "refs/ccsync/al")
    new = desktop.session("mine")
    desktop.append(session)
    before = disk(desktop)
    desktop.ok("push")
    told = desktop.ok("undo").out
    assert "2 sessions are held back" in told
    assert "its history still holds it" in told
    assert disk(desktop) == before
    assert world.git("rev-parse", TREE) == tree
    assert world.git("rev-parse", "refs/ccsync/al~2") == tip  # forward, never forced
    assert desktop.git("rev-parse", "refs/ccsync/al") == world.git("rev-parse", "refs/ccsync/al")
    assert "Everything up-to-date" in desktop.ok("push").out
    assert not world.stored(new.id)
    assert desktop.ok("list").out.count("held") == 2
    told = desktop.ok("status").out
    assert "\n1 of your 3 sessions is in step (as of " in told
    assert "  2 sessions held back after an undo (" in told
    laptop.ok("pull")
    assert new.id not in laptop.sessions()

    desktop.ok("push", "--session", new.id)
    assert world.stored(new.id)
    stored = world.stored(session.id)
    desktop.append(session)
    desktop.ok("push")
    assert len(world.stored(session.id)) > len(stored)
    laptop.ok("pull")
    assert laptop.ok("list").out.count("\n") == 4


@pytest.mark.slow
def test_pushes_are_taken_back_one_after_the_other(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    trees = [world.git("rev-parse", TREE)]
    for _ in range(3):
        laptop.append(session)
        laptop.ok("push")
        trees.append(world.git("rev-parse", TREE))
    for expected in trees[2:0:-1]:
        laptop.ok("undo")
        assert world.git("rev-parse", TREE) == expected
    laptop.append(session)
    laptop.ok("push")  # new lines behind what was taken back: that goes again, with them
    laptop.ok("undo")
    assert world.git("rev-parse", TREE) == trees[1]
    laptop.ok("undo")
    assert world.git("rev-parse", TREE) == trees[0]
    assert "held" in laptop.ok("list").out
    assert "Everything up-to-date" in laptop.ok("push").out
    assert world.git("rev-parse", TREE) == trees[0]
    assert "nothing is wrong" in laptop.ok("verify").out
    laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    assert desktop.transcript(session.id).count(b"\n") == session.read().count(b"\n")


def test_a_push_that_others_went_on_from_stays(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    desktop.ok("pull")
    desktop.append(session)
    desktop.ok("push")
    laptop.ok("pull")
    laptop.session("third")
    laptop.ok("push")
    before = refs(desktop), world.git("rev-parse", TREE)
    told = desktop.ccsync("undo", status=1)
    assert "has gone on since" in told.err
    assert (disk(desktop) != {}, world.git("rev-parse", TREE)) == (True, before[1])
    assert "held" not in desktop.ok("list").out


def test_lines_that_only_the_branch_has_are_not_given_up(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, _ = pair
    desktop.ok("pull")
    new = desktop.session("mine")
    desktop.ok("push")
    desktop.path(new.id).unlink()
    told = desktop.ccsync("undo", status=1)
    assert told.err.startswith(
        f"error: undone, the lines of '{new.id[:8]}' would be neither on this branch nor on this"
    )
    assert world.stored(new.id)
    desktop.ok("restore", new.id)
    desktop.ok("undo")  # the restore
    assert new.id not in desktop.sessions()
    desktop.ccsync("undo", status=1)


def test_a_sync_is_undone_as_a_whole(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, _ = pair
    desktop.session("mine")
    before, tree, local = disk(desktop), world.git("rev-parse", TREE), desktop.git("rev-parse", "refs/ccsync/al")
    desktop.ok("sync")
    after = desktop.files()
    assert world.git("rev-parse", TREE) != tree
    desktop.ok("undo")
    assert disk(desktop) == before
    assert (world.git("rev-parse", TREE), desktop.git("rev-parse", "refs/ccsync/al")) == (tree, local)
    desktop.ok("sync")
    assert desktop.files() == after


def test_a_divergence_is_undone_and_comes_out_the_same_again(pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, session = pair
    mine = desktop.append(session)
    before = disk(desktop), refs(desktop)
    desktop.ok("pull")
    after = desktop.files()
    assert len(desktop.sessions()) == 3
    desktop.ok("undo")
    assert (disk(desktop), refs(desktop)) == before
    assert desktop.transcript(session.id).endswith(mine)
    desktop.ok("pull")
    assert desktop.files() == after


def test_an_rm_is_undone_here_and_for_the_others(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    desktop.ok("pull")
    before, tree = disk(desktop), world.git("rev-parse", TREE)
    desktop.ok("rm", session.id)
    assert disk(desktop) != before
    desktop.ok("undo")
    assert disk(desktop) == before
    assert world.git("rev-parse", TREE) == tree
    laptop.ok("pull")
    assert "removed" not in laptop.ok("list").out


@pytest.mark.slow
def test_memory_is_undone_with_the_pull_and_sent_by_nobody(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    memory = laptop.session("fix bug").path.parent / "memory"
    memory.mkdir()
    (memory / "MEMORY.md").write_bytes(b"one\ntwo\n")
    laptop.init()
    laptop.ok("push")
    desktop.init()
    desktop.ok("pull")
    before = disk(desktop), refs(desktop)
    (memory / "MEMORY.md").write_bytes(b"one\ntwo\nthree\n")
    (memory / "more.md").write_bytes(b"more\n")
    laptop.ok("push")
    desktop.ok("pull")
    after, tree = desktop.files(), world.git("rev-parse", TREE)
    desktop.ok("undo")
    assert (disk(desktop), refs(desktop)) == before
    desktop.ok("sync")
    assert (desktop.files(), world.git("rev-parse", TREE)) == (after, tree)


@pytest.mark.slow
def test_a_memory_file_that_was_taken_away_stays_away(world: World) -> None:
    """Undoing the push that took it off the branch does not bring it back here; what others wrote to it since does."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    memory = laptop.session("fix bug").path.parent / "memory"
    memory.mkdir()
    for name in ("kept", "gone", "theirs"):
        (memory / f"{name}.md").write_text(f"{name}\n")
    laptop.init()
    laptop.ok("push")
    desktop.init()
    desktop.ok("pull")
    (memory / "gone.md").unlink()
    (memory / "theirs.md").unlink()
    laptop.ok("push")
    laptop.ok("undo")
    assert sorted(path.name for path in memory.iterdir()) == ["kept.md"]
    there = next(desktop.claude.glob("projects/*/memory"))
    (there / "theirs.md").write_text("theirs\nmore\n")
    (there / "new.md").write_text("new\n")
    desktop.ok("push")
    laptop.ok("sync")
    assert sorted(path.name for path in memory.iterdir()) == ["kept.md", "new.md", "theirs.md"]
    desktop.ok("pull")
    assert sorted(path.name for path in there.iterdir()) == ["kept.md", "new.md", "theirs.md"]


def test_a_rename_and_a_restore_are_undone(pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, session = pair
    desktop.ok("pull")
    before = disk(desktop)
    desktop.ok("rename", session.id, "another")
    desktop.ok("undo")
    assert disk(desktop) == before
    desktop.path(session.id).unlink()
    gone = disk(desktop)
    desktop.ok("restore", session.id)
    desktop.ok("undo")
    assert disk(desktop) == gone
    assert any(session.id.encode() in data for data in trash(desktop))


def test_an_import_is_undone_with_all_its_sessions(pair: tuple[Machine, Machine, Session], tmp_path: Path) -> None:
    laptop, desktop, session = pair
    laptop.ok("export", session.id, "second", "-o", str(tmp_path / "both.tar"))
    before = disk(desktop)
    desktop.ok("import", str(tmp_path / "both.tar"))
    assert len(desktop.sessions()) == 2
    desktop.ok("undo")
    assert disk(desktop) == before


def test_a_live_session_is_left_alone(pair: tuple[Machine, Machine, Session]) -> None:
    _, desktop, session = pair
    desktop.ok("pull")
    whole = desktop.transcript(session.id)
    desktop.run_claude(session.id)
    told = desktop.ccsync("undo", status=1)
    assert "(a running Claude Code holds it)" in told.out
    assert desktop.transcript(session.id) == whole


@pytest.mark.slow
@pytest.mark.skipif(not have_strace(), reason="strace is not here, or may not trace")
@pytest.mark.parametrize(("call", "number"), [("linkat", 1), ("rename", 2), ("fsync", 5), ("write", 1)])
def test_an_undo_that_is_cut_short_is_finished_by_the_next(
    call: str, number: int, pair: tuple[Machine, Machine, Session]
) -> None:
    _, desktop, session = pair
    desktop.append(session)
    before = disk(desktop), refs(desktop)
    desktop.ok("pull")
    assert kill_at(desktop, ["undo"], Point(call, number, children=False)) == -9
    desktop.ok("undo")
    assert (disk(desktop), refs(desktop)) == before
