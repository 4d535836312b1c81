"""`rm`: off everybody's lists and into the trash; no line is lost, and whoever goes on with a session brings it back."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session]:
    """A laptop and a desktop with one session, with side files, in step."""
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    session.subagent()
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop, session


def trash(machine: Machine) -> dict[str, bytes]:
    top = machine.home / ".local/state/git-ccsync/trash"
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def states(machine: Machine, *args: str) -> dict[str, str]:
    found = json.loads(machine.ccsync("list", "--json", *args).out)["sessions"]
    return {one["id"]: one["state"] for one in found}


@pytest.mark.slow
def test_it_goes_from_every_list_and_into_the_trash(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    before = desktop.files()
    told = laptop.ok("rm", "-n", session.id[:8]).out
    assert told.startswith(f"would remove {session.id[:8]}  fix bug  (8 lines)\n  ~/")
    assert len(laptop.files()) == 3
    stored = world.stored(session.id)
    laptop.ok("rm", session.id[:8])
    assert not laptop.files()
    assert set(trash(laptop)) == {
        f"{session.id}.jsonl.0",
        f"{session.id}.0/subagents/agent-a1b2c3d.jsonl",
        f"{session.id}.0/subagents/agent-a1b2c3d.meta.json",
    }
    assert world.stored(session.id) == stored
    assert world.git("show", f"refs/ccsync/al:deleted/{session.id}").endswith("lines = 8")
    assert states(laptop) == {}
    assert states(laptop, "--removed") == {session.id: "removed"}
    assert "removed" in desktop.ok("pull", "-n").out
    pulled = desktop.ok("pull").out.splitlines()
    assert f"  removed  {session.id[:8]}  fix bug  on laptop; 'git ccsync restore' brings it back" in pulled
    assert "removed" not in desktop.ok("pull").out + desktop.ok("sync").out  # told once
    assert (desktop.files(), states(desktop)) == (before, {session.id: "removed"})
    third = world.machine("third")
    third.init()
    third.ok("pull")
    assert not third.files()
    assert states(third) == {}
    assert json.loads(third.ok("status", "--json").out)["in_step"] is True


def test_a_machine_that_goes_on_brings_it_back_in_the_same_commit(
    world: World, pair: tuple[Machine, Machine, Session]
) -> None:
    laptop, desktop, session = pair
    laptop.ok("rm", session.id)
    desktop.ok("pull")
    desktop.append(session)
    desktop.ok("push")
    assert not [path for path in world.branch() if path.startswith("deleted/")]
    assert len(world.git("log", "--format=%h", "refs/ccsync/al", "--", "deleted").split()) == 2
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")


@pytest.mark.slow
@pytest.mark.parametrize("first", ["rm", "push"])
def test_lines_written_at_the_same_time_win(world: World, pair: tuple[Machine, Machine, Session], first: str) -> None:
    laptop, desktop, session = pair
    desktop.append(session)
    if first == "push":
        desktop.ok("push")
    laptop.ok("rm", session.id)
    desktop.ok("sync")
    assert not [path for path in world.branch() if path.startswith("deleted/")]
    laptop.ok("sync")
    assert states(laptop) == states(desktop) == {session.id: "here"}


def test_offline_it_is_sent_by_the_next_push(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, session = pair
    away = world.remote.with_suffix(".away")
    world.remote.rename(away)
    told = laptop.ok("rm", session.id)
    assert "warning: the other machines cannot know yet: " in told.err
    assert not laptop.sessions()
    laptop.ok("undo")
    assert set(laptop.sessions()) == {session.id}
    laptop.ok("rm", session.id)
    away.rename(world.remote)
    laptop.ok("push")
    assert f"deleted/{session.id}" in world.branch()


def test_restore_takes_the_tombstone_away(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    before = laptop.transcript(session.id)
    laptop.ok("rm", "fix bug")
    told = laptop.ok("restore", "fix bug").out
    assert told.endswith(f"next: 'git ccsync push' tells your other machines\nclaude --resume {session.id}\n")
    assert laptop.transcript(session.id) == before
    laptop.ok("push")
    assert not [path for path in world.branch() if path.startswith("deleted/")]
    desktop.ok("pull")
    assert states(desktop) == {session.id: "here"}


def test_restore_names_what_lies_here_still(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    laptop.ok("rm", session.id)
    desktop.ok("pull")
    told = desktop.ok("restore", session.id).out
    assert told.startswith(f"{session.id[:8]}  fix bug is on the branch's lists again\n")


def test_its_last_lines_are_kept_and_what_was_never_sent_stays_unsent(
    world: World, pair: tuple[Machine, Machine, Session]
) -> None:
    laptop, _, session = pair
    laptop.append(session)
    lines = laptop.transcript(session.id).count(b"\n")
    secret = laptop.session("secret")
    laptop.ok("rm", session.id, secret.id)
    assert world.stored(session.id).count(b"\n") == lines
    assert not world.stored(secret.id)
    assert f"deleted/{secret.id}" not in world.branch()
    assert not laptop.sessions()
    laptop.ok("undo")
    assert set(laptop.sessions()) == {session.id, secret.id}


def test_all_or_none(world: World, pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, session = pair
    other = laptop.session("other")
    laptop.run_claude(other.id)
    before, tip = laptop.files(), world.git("rev-parse", "refs/ccsync/al")
    told = laptop.ccsync("rm", session.id, other.id, status=1)
    assert told.err == f"error: a running Claude Code holds '{other.id[:8]}'\nhint: end it first\n"
    laptop.ccsync("rm", session.id, "nothing", status=1)
    assert (laptop.files(), world.git("rev-parse", "refs/ccsync/al")) == (before, tip)


def test_a_session_of_a_linked_worktree_goes_too(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, _ = pair
    laptop.git("worktree", "add", "-q", str(laptop.home / "wt"))
    session = laptop.session("aside", cwd=laptop.home / "wt")
    session.tool_result()
    laptop.ok("push")
    before = laptop.files()
    laptop.ok("rm", session.id)
    assert not [name for name in laptop.files() if session.id in name]
    laptop.ok("undo")
    assert laptop.files() == before


def test_an_import_brings_it_back_on_the_lists(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    laptop.ok("export", session.id, "-o", str(laptop.home / "one.ccsync"))
    laptop.ok("rm", session.id)
    desktop.ok("pull")
    before = laptop.git("rev-parse", "refs/ccsync/al")
    assert "it is on the lists again" in laptop.ok("import", str(laptop.home / "one.ccsync")).out
    laptop.ok("undo")
    assert (laptop.git("rev-parse", "refs/ccsync/al"), session.path.exists()) == (before, False)
    laptop.ok("import", str(laptop.home / "one.ccsync"))
    laptop.ok("sync")
    assert "removed" not in states(laptop)[session.id]
    desktop.ok("pull")
    assert "removed" not in states(desktop)[session.id]


def test_a_session_of_a_subdirectory_goes_too(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, _ = pair
    (laptop.clone / "deep" / "down").mkdir(parents=True)
    session = laptop.session("in a subdirectory", cwd=laptop.clone / "deep" / "down")
    session.tool_result()
    session.subagent()
    laptop.ok("push")
    laptop.ok("rm", session.id)
    assert not session.path.exists()
    assert session.id[:8] not in laptop.ok("list").out
    laptop.ok("undo")
    assert session.path.exists()
    assert states(laptop)[session.id] == "here"  # nothing to send: what came back is on the branch as it is


def test_what_was_written_just_now_is_said_to_be_held_only_where_a_process_is_known(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    old = session.read().replace(b'"version":"2.1.330"', b'"version":"2.0.76"')  # it writes no markers
    session.path.write_bytes(old)
    laptop.ok("push")
    session.path.write_bytes(b"".join(old.splitlines(True)[:4]))
    moment = "was written (just now|[1-9] seconds? ago)"
    for verb, more in (("rm", ()), ("rename", ("another",))):
        told = laptop.ccsync(verb, session.id, *more, status=1).err
        assert re.fullmatch(f"error: '{session.id[:8]}' {moment}\nhint: try again in a moment\n", told)
    assert re.search(f"waiting .* it {moment}$", laptop.ok("pull").out, re.MULTILINE)
