"""What a pull says of the remote: the tips that the remote had and has, not those of the branch here."""

from __future__ import annotations

from tests.operations.stories import in_step
from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.world import World

BRANCH = "refs/ccsync/al"


def test_sync_names_what_the_remote_had_and_has(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    old = world.git("rev-parse", "--short=7", BRANCH)
    laptop.append(session)
    inside(laptop, "push")
    new = world.git("rev-parse", "--short=7", BRANCH)
    desktop.session("its own")
    told = desktop.ok("sync").out.splitlines()
    assert told[:2] == [f"From {world.remote}", f"   {old}..{new}  {BRANCH} -> origin/al"]
    assert f"   {new}..{world.git('rev-parse', '--short=7', BRANCH)}  al -> {BRANCH}" in told


def test_a_pull_that_only_captures_has_nothing_from_there(laptop: Machine) -> None:
    laptop.session("fix bug")
    inside(laptop, "push")
    laptop.session("another")
    assert laptop.ok("pull").out == "Already up to date.\n"
