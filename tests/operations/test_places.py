"""Where sessions lie: moved repositories, linked work trees, subdirectories; and a machine that lost what it kept."""

from __future__ import annotations

import os
import shutil
import tomllib
from pathlib import Path

import pytest

from git_ccsync.operations.installing.roots import Codecs
from tests.operations.stories import agree, everything, ids, in_step, portable, sync_all
from tests.support.inside import inside, standing_on
from tests.support.machine import Machine
from tests.support.session import Session, project_key


def meta(machine: Machine, session: str) -> dict[str, object]:
    path = f"sessions/{session[0]}/{session[1]}/{session}/meta"
    return tomllib.loads(machine.world.blob(machine.world.branch()[path]).decode())


def move(machine: Machine, place: str) -> None:
    """The owner moves the clone."""
    target = machine.clone.parent / place
    machine.clone.rename(target)
    machine.clone = target


# --- moved


def test_a_moved_repository_keeps_its_sessions(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.world.branch()
    move(laptop, "moved")
    inside(laptop, "sync")
    assert laptop.world.branch() == before, "nothing is new, nothing is another's"
    desktop.append(desktop.here(session.id))
    inside(desktop, "push")
    inside(laptop, "pull")
    assert ids(laptop.transcript(session.id)) == ids(desktop.transcript(session.id))
    assert laptop.path(session.id) == session.path, "one copy per id: it is updated where it lies"
    laptop.append(session)
    fresh = laptop.session("after the move")
    sync_all(laptop, desktop)
    assert desktop.sessions().keys() == {session.id, fresh.id}
    assert ids(laptop.transcript(session.id)) == ids(desktop.transcript(session.id))


def test_status_tells_how_to_go_on_after_a_move(laptop: Machine, desktop: Machine) -> None:
    in_step(laptop, desktop)
    assert "was before" not in laptop.ok("status").out
    move(laptop, "moved")
    line = (
        "  1 session from where this repository was before (claude does not list them here; git ccsync adopt tells how)"
    )
    assert line in laptop.ok("status").out.splitlines()
    assert laptop.ok("status", "--exit-code").status == 0
    laptop.session("after the move")
    inside(laptop, "sync")
    assert line in laptop.ok("status").out.splitlines()


def test_a_second_clone_is_told_where_the_sessions_lie(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    second = laptop.clone.with_name("second")
    laptop.git("clone", "-q", str(laptop.world.remote), str(second), cwd=laptop.home)
    laptop.ok("init", "--yes", cwd=second)
    told = laptop.ok("pull", cwd=second).out
    assert "1 session lies in the directory of another clone on this machine already\n" in told
    assert f"('~/.claude/projects/{session.path.parent.name}'" in told


def test_a_moved_repository_that_also_lost_its_index(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.world.branch()
    move(laptop, "moved")
    next(laptop.clone.glob(".git/ccsync/*/index")).unlink()
    inside(laptop, "sync")
    assert laptop.world.branch() == before
    assert len(laptop.sessions()) == 1
    assert laptop.path(session.id) == session.path


def test_a_session_that_moved_along_is_updated_in_its_new_place(laptop: Machine, desktop: Machine) -> None:
    """Claude Code's own /cd: the file goes to the new directory's folder, and a row says so."""
    session = in_step(laptop, desktop)
    move(laptop, "moved")
    target = session.path.parent.with_name(project_key(str(laptop.clone)))
    target.mkdir()
    session.path = session.path.rename(target / session.path.name)
    session.write(session.rows.relocated(str(laptop.clone)))
    sync_all(laptop, desktop)
    desktop.append(desktop.here(session.id))
    sync_all(desktop, laptop)
    assert laptop.path(session.id) == session.path
    assert portable(laptop, session.id)[-4:] == portable(desktop, session.id)[-4:]
    assert len(laptop.sessions()) == len(desktop.sessions()) == 1


# --- linked work trees and subdirectories


def linked(machine: Machine, name: str = "fix") -> Path:
    place = machine.clone.parent / name
    machine.git("worktree", "add", "-q", str(place), "-b", name)
    return place


def test_a_linked_work_tree_of_the_same_name(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("in a tree", cwd=linked(laptop))
    there = linked(desktop)
    sync_all(laptop, desktop)
    assert meta(laptop, session.id)["worktree"] == "fix"
    assert desktop.path(session.id).parent.name == project_key(str(there))
    assert os.fsencode(there) in desktop.transcript(session.id)
    desktop.append(desktop.here(session.id))
    sync_all(desktop, laptop)
    assert ids(laptop.transcript(session.id)) == ids(desktop.transcript(session.id))


def test_a_removed_work_tree_orphans_nothing(laptop: Machine, desktop: Machine) -> None:
    place = linked(laptop)
    session = laptop.session("in a tree", cwd=place)
    sync_all(laptop, desktop)
    laptop.git("worktree", "remove", str(place))
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 2, "both went on"
    assert set(ids(*laptop.sessions().values())) == set(ids(*desktop.sessions().values()))


def test_verbs_run_in_a_linked_work_tree(laptop: Machine, desktop: Machine) -> None:
    place = linked(laptop)
    one, two = laptop.session("main"), laptop.session("linked", cwd=place)
    laptop.ok("push", cwd=place)
    inside(desktop, "pull")
    assert desktop.sessions().keys() == {one.id, two.id}


@pytest.mark.parametrize("directory", ["web", "web/src/über 1"])
def test_a_subdirectory_stays_one(laptop: Machine, desktop: Machine, directory: str) -> None:
    (laptop.clone / directory).mkdir(parents=True)
    session = laptop.session("below", cwd=laptop.clone / directory)
    sync_all(laptop, desktop)
    assert meta(laptop, session.id)["directory"] == directory
    assert desktop.path(session.id).parent.name == project_key(str(desktop.clone / directory))
    laptop.ok("push", cwd=laptop.clone / directory)
    agree(laptop, desktop)


def test_neighbours_are_not_ours(laptop: Machine, desktop: Machine) -> None:
    """Directories whose names collide with ours, a nested repository, and a session without a message."""
    for name in (f"{laptop.clone.name}-2", "elsewhere"):
        (laptop.clone.parent / name).mkdir()
        laptop.session("other", cwd=laptop.clone.parent / name, key=project_key(str(laptop.clone)))
    nested = laptop.clone / "vendor" / "lib"
    nested.mkdir(parents=True)
    laptop.git("init", "-q", cwd=nested)
    laptop.session("nested", cwd=nested)
    laptop.session(lines=b'{"type":"summary","summary":"no message"}\n')
    sync_all(laptop, desktop)
    assert not desktop.sessions()
    assert not [path for path in laptop.world.branch() if path.startswith("sessions/")]


# --- lost


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["index", "repository state", "machine state", "both"])
@pytest.mark.parametrize("grown", [True, False])
def test_what_is_lost_costs_no_line_and_makes_no_copy(
    laptop: Machine, desktop: Machine, lost: str, grown: bool
) -> None:
    still, here, there = (laptop.session(title) for title in ("still", "grown here", "grown there"))
    for session in (still, here, there):
        session.subagent()
    sync_all(laptop, desktop, times=1)
    if grown:
        desktop.append(desktop.here(here.id))
        laptop.append(there)
        inside(laptop, "push")
    forget(desktop, lost)
    sync_all(desktop, laptop)
    assert len(laptop.sessions()) == 3
    agree(laptop, desktop)


def forget(machine: Machine, lost: str) -> None:
    """Take away what git-ccsync keeps; its owner agrees anew, as init asks again."""
    if lost == "index":
        next(machine.clone.glob(".git/ccsync/*/index")).unlink()
        return
    if lost in ("repository state", "both"):
        shutil.rmtree(machine.clone / ".git" / "ccsync")
    if lost in ("machine state", "both"):
        shutil.rmtree(machine.home / ".local" / "state" / "git-ccsync")
    machine.init()


def test_a_deleted_session_comes_back_when_that_it_was_here_is_forgotten(laptop: Machine, desktop: Machine) -> None:
    """If the state is lost, what is on disk counts."""
    session = in_step(laptop, desktop)
    desktop.path(session.id).unlink()
    inside(desktop, "sync")
    assert not desktop.sessions()
    forget(desktop, "repository state")
    inside(desktop, "pull")
    assert desktop.transcript(session.id)
    agree(laptop, desktop)


def test_one_copy_per_id(laptop: Machine, desktop: Machine) -> None:
    """The id lies in a directory of another repository: it is not put into ours as well."""
    session = laptop.session("fix bug")
    inside(laptop, "push")
    other = desktop.session(id=session.id, cwd=desktop.home / "other")
    before = everything(desktop)[0]
    result = inside(desktop, "pull")
    assert [(one.action, one.path) for one in result.installed] == [("elsewhere", str(other.path.parent))]
    assert everything(desktop)[0] == before


def test_adopting_a_handle_says_where_a_session_ran(laptop: Machine) -> None:
    """The ground of these stories: a session found on disk goes on in the directory that it ran in."""
    session = laptop.session("fix bug")
    assert Session.adopt(session.path, maker="laptop").cwd == str(laptop.clone)


def test_the_memory_of_a_session_elsewhere_than_at_the_top_is_this_machines(laptop: Machine, desktop: Machine) -> None:
    """Claude Code names the main work tree's memory in the system prompt of every session of the repository."""

    def memory(machine: Machine) -> str:
        return f"{machine.claude}/projects/{project_key(str(machine.clone))}/memory/"

    tree = laptop.home / "trees" / "fix"
    laptop.git("worktree", "add", "-q", str(tree))
    sessions = [laptop.session(cwd=place) for place in (laptop.clone, laptop.clone / "web", tree)]
    for session in sessions:
        session.write(session.rows.user(f"memory at `{memory(laptop)}`"))
    inside(laptop, "push")
    inside(desktop, "pull")
    for session in sessions:
        arrived = desktop.transcript(session.id).decode()
        assert memory(desktop) in arrived
        assert project_key(str(laptop.clone)) not in arrived


def test_the_roots_of_a_directory_are_resolved_once(laptop: Machine) -> None:
    """Thousands of sessions may lie in it, and each has a codec of its own."""
    with standing_on(laptop) as ws:
        codecs = Codecs(ws)
        tree = ws.trees[0]
        first, second = codecs.codec("1", tree, "-a"), codecs.codec("2", tree, "-a")
        assert first is not second
        assert first.__dict__["_families"] is second.__dict__["_families"]
        assert codecs.codec("1", tree, "-b").__dict__["_families"] != first.__dict__["_families"]
