"""Finds the real Claude Code and gives it a Messages API; where there is none, every test here is skipped."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.stories import Desk
from tests.support.anthropic import Api
from tests.support.claude_code import ClaudeCode, find_claude
from tests.support.machine import Machine
from tests.support.world import World

HERE = Path(__file__).parent

#: Looked for while the environment is still the caller's.
CLAUDE = find_claude(dict(os.environ))

MISSING = (
    "no Claude Code: npm install --prefix .cache/claude @anthropic-ai/claude-code@latest, or set GIT_CCSYNC_CLAUDE"
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this directory, and skip it without Claude Code."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.slow)
            if CLAUDE is None:
                item.add_marker(pytest.mark.skip(reason=MISSING))


@pytest.fixture(scope="session")
def server() -> Iterator[Api]:
    """One API for all tests of this process."""
    made = Api()
    yield made
    made.stop()


@pytest.fixture
def api(server: Api) -> Iterator[Api]:
    """The API without anything of the test before; nobody may have tried to reach another host through it."""
    server.reset()
    yield server
    server.resume.set()
    assert server.elsewhere == []


@pytest.fixture
def claude(api: Api) -> Callable[[Machine], ClaudeCode]:
    """The real Claude Code of a machine, on request."""

    def of(machine: Machine) -> ClaudeCode:
        assert CLAUDE is not None
        return ClaudeCode(machine, CLAUDE, api)

    return of


@pytest.fixture
def desks(world: World, claude: Callable[[Machine], ClaudeCode]) -> tuple[Desk, Desk]:
    """A laptop and a desktop, initialised, each with its Claude Code; the desktop's has a directory of its own."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop", claude="Users/alan/claude config")
    for machine in (laptop, desktop):
        machine.init()
    return Desk(laptop, claude(laptop)), Desk(desktop, claude(desktop))
