"""`status` and `list`: what they say of machines that have done nothing but `init`, and of lines that are committed here."""

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


def test_what_was_committed_before_a_push_was_refused_is_no_divergence(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    (state,) = (laptop.clone / ".git/ccsync").iterdir()
    (state / "consent").unlink()
    laptop.append(session)
    assert "nobody agreed" in laptop.ccsync("push", status=1).err
    (here,) = json.loads(laptop.ok("list", "--json").out)["sessions"]
    assert here["state"] == "ahead"
    assert here["lines"] == laptop.transcript(session.id).count(b"\n")
    laptop.append(session)
    (here,) = json.loads(laptop.ok("list", "--json").out)["sessions"]
    assert here["state"] == "ahead"


def test_a_remote_that_is_gone_from_the_configuration(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.git("remote", "remove", "origin")
    said = laptop.ccsync("status", status=1)
    assert said.out.splitlines()[0] == "On branch al"
    assert "there is no remote named 'origin'" in said.err
