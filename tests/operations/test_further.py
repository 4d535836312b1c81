"""Several push URLs: each gets the branch, and one that could not be reached gets it with the next push."""

from __future__ import annotations

import os
from pathlib import Path

from git_ccsync.operations.unattended import deliver
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.world import World


def tip(machine: Machine, place: Path) -> str:
    return machine.git("ls-remote", str(place), "refs/ccsync/al").partition("\t")[0]


def mirrored(world: World) -> tuple[Machine, Path]:
    """A machine whose origin has a second push URL, which has been pushed to once."""
    mirror = world.remote.with_name("mirror.git")
    world.git("init", "-q", "--bare", str(mirror))
    laptop = world.machine("laptop")
    for place in (world.remote, mirror):
        laptop.git("remote", "set-url", "--add", "--push", "origin", str(place))
    laptop.init()
    laptop.session("fix bug")
    laptop.ok("push")
    return laptop, mirror


def test_a_push_url_that_failed_is_tried_again_by_every_push(world: World) -> None:
    laptop, mirror = mirrored(world)
    assert laptop.ok("push").out == "Everything up-to-date\n"
    assert laptop.ok("status", "--exit-code").status == 0
    away = mirror.rename(mirror.with_name("away"))
    laptop.session("more")
    for _ in range(2):
        failed = laptop.ccsync("push", status=1)
        assert "[failed]" in failed.out
    assert f"'{mirror}' has not all of it yet (git ccsync push)" in laptop.ccsync("status", "--exit-code", status=1).out
    os.rename(away, mirror)
    came = laptop.ok("push").out
    assert f"To {mirror}" in came
    assert "Everything" not in came
    assert tip(laptop, mirror) == tip(laptop, world.remote)
    assert laptop.ok("push").out == "Everything up-to-date\n"
    assert laptop.ok("status", "--exit-code").status == 0


def test_a_push_behind_a_hook_knows_which_url_it_missed(world: World) -> None:
    laptop, mirror = mirrored(world)
    away = mirror.rename(mirror.with_name("away"))
    laptop.session("more")
    with standing_on(laptop) as ws:
        assert str(mirror) in "".join(deliver.push_new(ws).remarks)
    laptop.ccsync("push", status=1)
    os.rename(away, mirror)
    laptop.session("still more")
    with standing_on(laptop) as ws:
        assert not deliver.push_new(ws).remarks
    assert laptop.ok("push").out == "Everything up-to-date\n"
    assert tip(laptop, mirror) == tip(laptop, world.remote)


def test_a_push_behind_a_hook_sends_what_a_url_lacks_though_nothing_is_new(world: World) -> None:
    laptop, mirror = mirrored(world)
    away = mirror.rename(mirror.with_name("away"))
    laptop.session("more")
    laptop.ccsync("push", status=1)
    with standing_on(laptop) as ws:
        assert str(mirror) in "".join(deliver.push_new(ws).remarks)
    os.rename(away, mirror)
    with standing_on(laptop) as ws:
        assert deliver.push_new(ws) == deliver.Sent(True)
    assert tip(laptop, mirror) == tip(laptop, world.remote)
    with standing_on(laptop) as ws:
        assert deliver.push_new(ws) == deliver.Sent(False)
