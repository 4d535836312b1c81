"""What is unfinished, seen from every machine: claims, who takes them up, what takes them off."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from git_ccsync.operations import resume
from git_ccsync.state import held
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def state(machine: Machine) -> str:
    """The repository's state of a machine."""
    (found,) = (machine.clone / ".git" / "ccsync").iterdir()
    return str(found)


def leave(machine: Machine, session: Session, how: str = held.UNFINISHED) -> None:
    """A session as hooks note it, and what that makes of the branch."""
    held.put(state(machine), session.id, held.Held(how))
    machine.ok("sync")


def tasks(machine: Machine, *args: str) -> list[dict[str, Any]]:
    return json.loads(machine.ok("tasks", "--json", *args).out)["tasks"]


def ids(machine: Machine, *args: str) -> list[str]:
    return [task["id"] for task in tasks(machine, *args)]


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """A laptop and a desktop, initialised."""
    laptop, desktop = world.initialised("laptop", "desktop")
    return laptop, desktop


def test_what_was_left_is_a_task_on_every_machine(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    laptop.session("another one")
    leave(laptop, session)
    for machine in pair:
        (task,) = tasks(machine)
        assert (task["number"], task["id"], task["state"]) == (1, session.id, "unfinished")
        assert (task["title"], task["machine"], task["git_branch"]) == ("fix the parser", "laptop", "main")
        path = "/src/main.py" if machine is laptop else str(desktop.clone) + "/src/main.py"
        assert task["prompt"].startswith("question 2: why does ")
        assert path in task["prompt"]


def test_the_remote_is_asked_and_nothing_is_merged_for_it(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    leave(laptop, laptop.session("fix the parser"))
    assert ids(desktop, "--no-fetch") == []
    before = desktop.git("for-each-ref", "refs/ccsync/")
    assert len(ids(desktop)) == 1
    assert desktop.git("for-each-ref", "refs/ccsync/") == before
    assert desktop.sessions() == {}


def test_newest_first_and_open_ones_marked(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    old, new, open_ = (laptop.session(title, age=age) for title, age in (("a", 900), ("b", 500), ("c", 700)))
    for session in (old, new):
        leave(laptop, session)
    laptop.run_claude(open_.id)
    laptop.ok("push")
    assert [(task["id"], task["state"]) for task in tasks(desktop)] == [
        (new.id, "unfinished"),
        (open_.id, "open"),
        (old.id, "unfinished"),
    ]
    assert ids(laptop) == [new.id, old.id]


@pytest.mark.slow
def test_whoever_takes_it_up_says_how_it_stands(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    desktop.append(desktop.here(session.id))
    leave(desktop, session, held.CLOSED)
    assert ids(desktop) == ids(laptop) == []
    desktop.append(desktop.here(session.id))
    leave(desktop, session)
    assert [task["machine"] for task in tasks(laptop)] == ["desktop"]


def test_bookkeeping_of_a_look_does_not_take_it_up(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    desktop.ok("push")
    assert ids(desktop) == [session.id]


@pytest.mark.slow
def test_a_task_of_another_machine_is_taken_off_for_all(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session, other = laptop.session("fix the parser"), laptop.session("stays", age=100)
    leave(laptop, other)
    leave(laptop, session)
    assert ids(desktop) == [session.id, other.id]
    done = desktop.ok("tasks", "--done", "1")
    assert done.out == f"done: {session.id[:8]}  fix the parser\n"
    third = world.machine("third")
    third.init()
    assert ids(desktop) == ids(laptop) == ids(third) == [other.id]
    # Who left it lets go of it, and then the mark is gone too.
    laptop.ok("sync")
    laptop.append(other)
    laptop.ok("push")
    desktop.ok("sync")
    desktop.session("something")
    desktop.ok("push")
    assert session.id not in said(world)
    assert ids(desktop) == ids(laptop) == ids(third) == [other.id]


def said(world: World) -> str:
    """What the branch says of its machines."""
    return "".join(world.blob(oid).decode() for path, oid in world.branch().items() if path.startswith("machines/"))


@pytest.mark.slow
def test_a_mark_holds_as_long_as_nothing_is_added(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("tasks", "--done", session.id)
    desktop.ok("handoff", "--write", session.id)
    assert ids(desktop) == []
    assert "[done]" in said(world)
    laptop.append(session)
    leave(laptop, session)
    assert ids(desktop) == ids(laptop) == [session.id]
    desktop.session("something")
    desktop.ok("sync")
    assert "[done]" not in said(world)


@pytest.mark.slow
def test_our_own_is_closed_here(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    laptop.ok("tasks", "--done", "fix the parser")
    assert ids(laptop) == ids(desktop) == []


@pytest.mark.slow
def test_several_at_once_or_none(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    sessions = [laptop.session(f"task {number}", age=number) for number in range(3)]
    for session in sessions:
        leave(laptop, session)
    assert ids(desktop) == [session.id for session in sessions]
    refused = desktop.ccsync("tasks", "--done", "1", "--done", "9")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("error: no task has the number 9\n")
    assert len(ids(desktop)) == 3
    desktop.ok("tasks", "--done", "1", "--done", "3")
    assert ids(desktop) == [sessions[1].id]


def test_a_number_means_what_it_meant_when_it_was_shown(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    first = laptop.session("first", age=500)
    leave(laptop, first)
    assert ids(desktop) == [first.id]
    second = laptop.session("second")
    leave(laptop, second)
    desktop.ok("pull")
    done = desktop.ok("tasks", "--done", "1")
    assert done.out == f"done: {first.id[:8]}  first\n"
    assert desktop.ccsync("tasks", "--done", "1").err.startswith("error: 'first' is not unfinished\n")
    assert ids(desktop) == [second.id]


def test_a_number_is_good_for_resume(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("first", age=500)
    leave(laptop, session)
    laptop.session("newer")
    laptop.ok("push")
    desktop.ok("tasks")
    desktop.ok("pull")
    with standing_on(desktop) as ws:
        assert resume.choose(ws, "1", "").id == session.id


def test_what_is_going_on_here_is_no_task(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    desktop.run_claude(session.id)
    assert ids(desktop) == []
    assert ids(laptop) == [session.id]


def test_a_machine_by_its_name(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    assert ids(desktop, "--machine", "laptop") == [session.id]
    empty = desktop.ccsync("tasks", "--machine", "desktop")
    assert (empty.status, empty.out) == (1, "")
    assert desktop.ccsync("tasks", "--machine", "nobody").status == 1


@pytest.mark.slow
def test_a_remote_that_is_away_is_told_and_what_is_known_shown(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    world.remote.rename(Path(f"{world.remote}.away"))
    found = desktop.ok("tasks", "--porcelain")
    assert found.err.startswith("warning: ")
    assert found.err.endswith("this is as of the last fetch\n")
    assert found.out.split("\t")[:4] == ["task", "1", session.id, "unfinished"]
    done = desktop.ccsync("tasks", "--done", "1")
    assert done.status == 1
    assert "'git ccsync push' sends it" in done.err
    assert ids(desktop, "--no-fetch") == []


def test_without_hooks_nothing_is_known(world: World) -> None:
    laptop = world.machine("laptop")
    assert laptop.ccsync("tasks").err.startswith("error: this repository does not carry sessions yet\n")
    laptop.session("fix the parser")
    laptop.init()
    laptop.ok("push")
    told = laptop.ok("tasks")
    assert told.out == ""
    assert told.err == (
        "nothing is unfinished, as far as is known\n"
        "hint: nothing is known of how sessions ended;\n"
        "hint: 'git ccsync auto on' on each machine changes that\n"
    )
    held.put(state(laptop), "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b", held.Held(held.CLOSED))
    assert laptop.ok("tasks").err == "nothing is unfinished, as far as is known\n"


def test_hostile_claims_are_no_tasks(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("evil \x1b[2J title\u202e")
    leave(laptop, session)
    desktop.ok("pull")
    oid = desktop.git("rev-parse", "refs/ccsync/al")
    listing = desktop.git("ls-tree", "-r", oid)
    (line,) = [line for line in listing.splitlines() if "machines/" in line and laptop_id(laptop) in line]
    text = desktop.git("cat-file", "blob", line.split()[2])
    marks = (
        f'\n[done]\n"{session.id}" = 7\n"../../x" = "{"0" * 40}"\n3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b = "{"z" * 40}"\n'
    )
    (desktop.home / "evil").write_text(text + marks)
    blob = desktop.git("hash-object", "-w", str(desktop.home / "evil"))
    index = {"GIT_INDEX_FILE": str(desktop.home / "index")}
    desktop.env.update(index)
    desktop.git("read-tree", oid)
    desktop.git("update-index", "--cacheinfo", f"100644,{blob},machines/{laptop_id(laptop)}")
    tree = desktop.git("write-tree")
    desktop.env.pop("GIT_INDEX_FILE")
    commit = desktop.git("commit-tree", "-p", oid, "-m", "evil", tree)
    desktop.git("push", "-q", str(world.remote), f"{commit}:refs/ccsync/al")
    told = desktop.ok("tasks")
    assert session.id[:8] in told.out
    assert told.out.replace("\n", "").isprintable()


def laptop_id(machine: Machine) -> str:
    return Path(state(machine)).name
