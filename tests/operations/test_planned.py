"""A dry run tells what the real one would: nothing that it would do is left out, and it counts the same."""

from __future__ import annotations

import os
import re

import pytest

from tests.support.machine import Machine
from tests.support.world import World


def shape(machine: Machine, *command: str) -> list[str]:
    """What a command says of sessions and in sum; headings and commits aside, the lines of each half in any order."""
    told = machine.ok(*command).out.splitlines()
    return sorted(re.sub(" +", " ", line) for line in told if not re.match(r"Would|From|To| {3}", line))


@pytest.mark.slow
@pytest.mark.parametrize("committed", [False, True], ids=["only on disk", "committed"])
def test_a_dry_sync_tells_what_the_real_one_does(world: World, committed: bool) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    both, there, here = (
        laptop.session(title) for title in (f"look at {laptop.clone}/x.py", "grows there", "grows here")
    )
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(both, 1)
    laptop.append(there, 2)
    laptop.session("new there")
    laptop.ok("push")
    away = world.remote.with_name("away")
    os.rename(world.remote, away)
    desktop.append(both, 2)
    desktop.append(here, 3)
    assert not committed or desktop.ccsync("push").status == 128
    os.rename(away, world.remote)

    before = desktop.files(), desktop.git("rev-parse", "refs/ccsync/al")
    planned = shape(desktop, "sync", "-nv")
    assert (desktop.files(), desktop.git("rev-parse", "refs/ccsync/al")) == before
    assert any("yours goes on as" in line for line in planned)
    assert any(f"{desktop.clone}/x.py (from desktop) 8 lines" in line for line in planned)
    assert shape(desktop, "sync", "-v") == planned
    assert shape(desktop, "sync", "-n") == ["Already up to date."]
