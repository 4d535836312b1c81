"""Two machines that are set up, for stories in which verbs run inside the test's process."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def laptop(world: World, request: pytest.FixtureRequest) -> Machine:
    return world.initialised("laptop", *(["desktop"] if "desktop" in request.fixturenames else []))[0]


@pytest.fixture
def desktop(laptop: Machine) -> Machine:
    return laptop.world.machines["desktop"]


def set_up(world: World, name: str) -> Machine:
    made = world.machine(name)
    made.init()
    return made


@pytest.fixture
def al(world: World) -> Machine:
    machine = world.machine("laptop")
    machine.init()
    return machine


@pytest.fixture
def bob(world: World, al: Machine) -> Machine:
    machine = world.machine("desktop", email="bob@example.com")
    machine.init("--branch", "bob")
    return machine
