"""At a terminal: colour, width, the pager, the offer to run init. Real processes on a pseudo-terminal."""

from __future__ import annotations

import os

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.world import World

LONG = "Refactor the login flow because it has grown far beyond what anyone can hold in mind"


def at_terminal(machine: Machine, *args: str, columns: int = 80, **env: str) -> Terminal:
    everything = {**machine.env, "TERM": "xterm", "GIT_TERMINAL_PROMPT": "1", **env}
    return Terminal([*executable(), *args], everything, cwd=machine.clone, columns=columns)


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session(LONG)
    laptop.ok("push")
    return laptop, desktop


@pytest.mark.parametrize("columns", [80, 200])
def test_lines_fit_and_are_coloured(pair: tuple[Machine, Machine], columns: int) -> None:
    with at_terminal(pair[1], "pull", columns=columns) as terminal:
        status, screen = terminal.finish()
    line = next(line for line in screen.splitlines() if line.startswith("  new "))
    assert status == 0
    assert len(line) <= columns
    assert line.endswith("from laptop")
    assert (LONG in line) == (columns == 200)
    assert "\x1b[32m" in terminal.raw


def test_no_color_and_pipes_have_no_colour(pair: tuple[Machine, Machine]) -> None:
    with at_terminal(pair[1], "pull", "-v", NO_COLOR="1") as terminal:
        terminal.finish()
    assert "\x1b" not in terminal.raw
    assert "\x1b" not in pair[0].ok("status").out


def test_gits_own_settings_decide(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    desktop.git("config", "color.ui", "always")
    assert "\x1b[32m" in desktop.ok("pull").out
    laptop.git("config", "color.ccsync", "never")
    laptop.session("another")
    with at_terminal(laptop, "push", "-v") as terminal:
        terminal.finish()
    assert "\x1b" not in terminal.raw


def test_a_list_goes_through_gits_pager(pair: tuple[Machine, Machine]) -> None:
    with at_terminal(pair[0], "list", GIT_PAGER="sed s/^/paged:/") as terminal:
        status, screen = terminal.finish()
    assert status == 0
    assert all(line.startswith("paged:") for line in screen.splitlines())
    with at_terminal(pair[0], "list", GIT_PAGER="true") as terminal:
        assert terminal.finish() == (0, "")
    with at_terminal(pair[0], "list", PAGER="sed s/^/paged:/") as terminal:
        assert terminal.finish()[1].startswith("paged:")
    pair[0].git("config", "core.pager", "sed s/^/set:/")
    with at_terminal(pair[0], "list", PAGER="sed s/^/paged:/") as terminal:
        assert terminal.finish()[1].startswith("set:")


def test_a_pager_that_is_not_there_costs_no_line(pair: tuple[Machine, Machine]) -> None:
    with at_terminal(pair[0], "list", GIT_PAGER="no-such-pager") as terminal:
        status, screen = terminal.finish()
    assert status == 0
    assert "warning: cannot run the pager 'no-such-pager': No such file or directory" in screen
    assert "ago" in screen


@pytest.mark.parametrize(("answer", "asked_next"), [("n\n", False), ("\n", False), ("y\n", True)])
def test_push_before_init_offers_it(world: World, answer: str, asked_next: bool) -> None:
    laptop = world.machine("laptop")
    with at_terminal(laptop, "push") as terminal:
        terminal.wait_for(r"run 'git ccsync init' now\? \[y/N\] $")
        terminal.type(answer)
        if not asked_next:
            status, screen = terminal.finish()
            assert status == 1
            assert "error: this repository does not carry sessions yet" in screen
        else:
            terminal.wait_for("would go to")


def test_push_before_init_is_one_line_and_a_hint_elsewhere(world: World) -> None:
    done = world.machine("laptop").ccsync("push")
    assert done.status == 1
    assert done.out == ""
    assert [line.split(":")[0] for line in done.err.splitlines()] == ["error", "hint"]


def test_all_is_one_table_and_one_failure_stops_no_other(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("here")
    other = world.directory / "laptop" / "other"
    laptop.git("clone", "-q", str(world.remote), str(other))
    laptop.session("there", cwd=other)
    laptop.ok("init", "--yes", cwd=other)
    laptop.git("config", "ccsync.stallLimit", "nonsense", cwd=other)
    laptop.git("remote", "set-url", "origin", "/nowhere", cwd=other)
    done = laptop.ccsync("push", "--all")
    assert done.status == 1
    assert [os.path.basename(line.split("  ")[0]) for line in done.out.splitlines()] == ["app", "other"]
    assert "pushed 1 session" in done.out
