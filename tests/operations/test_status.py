"""`status`: what it says of machines that have done nothing but `init`."""

from __future__ import annotations

import json

from tests.support.machine import Machine
from tests.support.world import World


def pushed(machine: Machine) -> dict[str, bool]:
    found = json.loads(machine.ok("machine", "list", "--json").out)["machines"]
    return {one["name"]: bool(one["pushed"]) for one in found}


def test_to_set_up_is_no_push(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.session("fix bug")
    for machine in (laptop, desktop):
        machine.init()
    assert pushed(desktop) == {"desktop": False, "laptop": False}
    assert "* laptop  never pushed  " in laptop.ok("status").out
    laptop.ok("push")
    desktop.ok("pull")
    assert pushed(desktop) == pushed(laptop) == {"desktop": False, "laptop": True}
