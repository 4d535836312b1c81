"""The paths in a title that a push or pull tells are those of the work tree that the session belongs to, as in `list`."""

from __future__ import annotations

import json

from tests.operations.test_titles import naming, typed, written
from tests.support.machine import Machine


def listed(machine: Machine) -> set[str]:
    return {one["title"] for one in json.loads(machine.ok("list", "--json").out)["sessions"]}


def test_of_a_linked_work_tree(laptop: Machine, desktop: Machine) -> None:
    trees = [machine.clone.with_name("aside") for machine in (laptop, desktop)]
    for machine, tree in zip((laptop, desktop), trees, strict=True):
        machine.git("worktree", "add", "-q", "-b", "aside", str(tree))
    title = f"look at {trees[0]}/x.py"
    laptop.session(title, cwd=trees[0])
    assert listed(laptop) == {title}
    for command in (("push", "-n"), ("push", "--porcelain")):
        assert title in laptop.ok(*command).out
    assert f"look at {trees[1]}/x.py" in desktop.ok("pull", "-v").out


def test_of_a_session_whose_title_was_taken_back(laptop: Machine, desktop: Machine) -> None:
    """On both machines, which go on both: what was said first is its title again, as this machine's paths have it."""
    clear = naming("custom-title", "")
    session = written(laptop, typed(laptop, f"look at {laptop.clone}/x.py") + naming("custom-title", "given"))
    laptop.ok("push")
    desktop.ok("pull")
    desktop.here(session.id).write(typed(desktop, "more") + clear)
    assert listed(desktop) == {f"look at {desktop.clone}/x.py"}
    desktop.ok("push")
    session.write(typed(laptop, "other") + clear)
    for _ in range(2):
        assert listed(laptop) == {f"look at {laptop.clone}/x.py"}
        assert f"look at {laptop.clone}/x.py" in laptop.ok("show", session.id).out
        laptop.ok("status", "--fetch")
    laptop.ok("sync")
    assert listed(laptop) == {f"look at {laptop.clone}/x.py", f"look at {laptop.clone}/x.py (from laptop)"}
