"""Sessions that are open on another machine: tasks by their lease alone, and open nowhere once they are taken off."""

from __future__ import annotations

from git_ccsync.operations import resume
from tests.operations.test_tasks import ids, leave, pair, tasks
from tests.support.inside import standing_on
from tests.support.machine import Machine

__all__ = ["pair"]


def test_what_resume_holds_without_hooks_is_open(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    laptop.ok("push")
    with standing_on(laptop) as ws:
        resume.hold(ws, session.id, over=False)
    assert [(task["id"], task["state"], task["machine"]) for task in tasks(desktop)] == [(session.id, "open", "laptop")]
    assert tasks(laptop) == []
    with standing_on(laptop) as ws:
        resume.finish(ws, session.id)
    assert tasks(desktop) == []


def test_what_is_done_is_open_nowhere(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("pull")
    assert ids(desktop) == [session.id]
    assert desktop.ok("list", "--open").out
    desktop.ok("tasks", "--done", "1")
    assert desktop.ccsync("list", "--open").out == ""


def test_a_new_name_makes_no_task_of_what_is_done(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix the parser")
    leave(laptop, session)
    desktop.ok("tasks", "--done", session.id)
    desktop.ok("push")
    laptop.ok("rename", session.id, "another name")
    laptop.ok("push")
    assert ids(laptop) == ids(desktop) == []
    assert desktop.ccsync("list", "--open").out == ""
    laptop.append(session)
    laptop.ok("push")
    assert ids(desktop) == [session.id]
