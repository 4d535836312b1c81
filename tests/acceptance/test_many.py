"""Eight machines that sync at the same moment, again and again: all end with the same sessions and every line."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine
from tests.support.world import World

pytestmark = pytest.mark.slow


def at_once(machines: list[Machine], verb: str) -> None:
    """Run a verb on all machines at the same time; every one must succeed."""
    running = [machine.start(verb) for machine in machines]
    for machine, process in zip(machines, running, strict=True):
        _out, err = process.communicate(timeout=120)
        assert process.returncode == 0, f"{machine.name}: {err.decode()}"


def test_eight_machines_at_once(world: World) -> None:
    machines = [world.machine(f"box{number}") for number in range(8)]
    written: dict[str, list[bytes]] = {}
    own: dict[Machine, str] = {}
    for machine in machines:
        machine.init()
        session = machine.session(f"by {machine.name}", lines=1)
        own[machine] = session.id
        written[session.id] = uuids(session.read())
    at_once(machines, "sync")
    for machine, mine in own.items():  # not by the name in it: what was pulled early has this machine's paths too
        written[mine] += uuids(machine.append(machine.here(mine)))
    at_once(machines, "sync")
    for machine in machines:
        machine.ok("sync")

    for machine in machines:
        found = machine.sessions()
        assert found.keys() == written.keys()
        for name, rows in written.items():
            assert uuids(found[name]) == rows
    assert {machine.git("rev-parse", "refs/ccsync/al^{tree}") for machine in machines} == {
        world.git("rev-parse", "refs/ccsync/al^{tree}")
    }


def uuids(data: bytes) -> list[bytes]:
    """The row ids in order, for rows of whatever machine."""
    return [part.split(b'"', 1)[0] for part in data.split(b'"uuid":"')[1:]]


def test_eight_machines_continue_one_session(world: World) -> None:
    machines = [world.machine(f"box{number}") for number in range(8)]
    session = machines[0].session("everyone's", lines=1)
    machines[0].init()
    machines[0].ok("push")
    for machine in machines[1:]:
        machine.init()
        machine.ok("pull")
    rows = set(uuids(session.read()))
    for machine in machines:
        rows |= set(uuids(machine.append(machine.here(session.id))))
    at_once(machines, "sync")
    for machine in machines:
        machine.ok("sync")
    for machine in machines:
        found = machine.sessions()
        assert found.keys() == machines[0].sessions().keys()
        assert len(found) == 8
        assert {row for data in found.values() for row in uuids(data)} == rows
