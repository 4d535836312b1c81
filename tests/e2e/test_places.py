"""Sessions of a subdirectory and of a linked worktree: Claude Code finds each where it would look for its own."""

from __future__ import annotations

import pytest

from tests.e2e.stories import Desk, assert_at_home
from tests.support.anthropic import Api, Text, Tool


def test_a_session_of_a_subdirectory(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    for machine in (laptop, desktop):
        (machine.clone / "web" / "src").mkdir(parents=True)
    api.on("where", [Tool("Bash", command=f"ls {laptop.clone}/web/src")], [Text(f"in {laptop.clone}/web/src")])
    session = ours.ask("where are we", cwd=laptop.clone / "web" / "src").session
    laptop.ok("push")
    desktop.ok("pull")

    assert theirs.ask("go on", last=True, cwd=desktop.clone / "web" / "src").session == session
    request = api.only("go on")
    assert request.said == ["where are we", f"in {desktop.clone}/web/src", "go on"]
    assert_at_home(request, desktop, not_at=laptop)


@pytest.mark.parametrize("there", [True, False], ids=["worktree-there", "worktree-not-there"])
def test_a_session_of_a_linked_worktree(there: bool, desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    tree = laptop.home / "trees" / "fix"
    laptop.git("worktree", "add", "-q", str(tree))
    place = desktop.clone
    if there:
        place = desktop.home / "other trees" / "fix"
        desktop.git("worktree", "add", "-q", str(place))
    api.on("where", [Tool("Bash", command=f"ls {tree} {laptop.clone}")], [Text(f"in {tree} of {laptop.clone}")])
    session = ours.ask("where are we", cwd=tree).session
    laptop.ok("push", cwd=tree)
    desktop.ok("pull")

    assert theirs.ask("go on", last=True, cwd=place).session == session
    request = api.only("go on")
    assert request.said == ["where are we", f"in {place} of {desktop.clone}", "go on"]
    assert_at_home(request, desktop, not_at=laptop)
    desktop.ok("push")
    laptop.ok("pull")
    ours.ask("and back", resume=session, cwd=tree)
    assert api.only("and back").said == [
        "where are we", f"in {tree} of {laptop.clone}", "go on", "answer to: go on", "and back",
    ]  # fmt: skip
