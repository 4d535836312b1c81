"""`key` at a terminal: fingerprints to compare, a question, a code that is typed unseen. Real processes on a pseudo-terminal."""

from __future__ import annotations

import re

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.world import World


def at_terminal(machine: Machine, *args: str) -> Terminal:
    everything = {**machine.env, "TERM": "xterm", "GIT_TERMINAL_PROMPT": "1"}
    return Terminal([*executable(), *args], everything, cwd=machine.clone)


@pytest.fixture
def laptop(world: World) -> Machine:
    made = world.machine("laptop")
    made.session("fix bug")
    made.init("--encrypt")
    made.ok("push")
    return made


def test_whoever_asks_is_shown_and_asked_about(world: World, laptop: Machine) -> None:
    desktop, tower = world.machine("desktop"), world.machine("tower")
    shown = {each.name: re.search(r"^  (\w+( \w+){7})$", each.init().out, re.MULTILINE) for each in (desktop, tower)}
    with at_terminal(laptop, "key", "approve") as terminal:
        choice = terminal.wait_for(r"which one\? \[1-2, Enter for none\] ")
        lines = [line for line in choice.splitlines() if "tower  " in line]
        terminal.type(f"{lines[0].split()[0]}\r")
        question = terminal.wait_for(r"are they the same\? \[y/N\] ")
        found = shown["tower"]
        assert found
        assert f"'tower' asks to be let in; the fingerprint of its key is\n  {found[1]}\n" in question
        terminal.type("\r")
        status, screen = terminal.finish()
    assert status == 1
    assert "error: nobody was let in" in screen
    with at_terminal(laptop, "key", "approve", "tower") as terminal:
        terminal.wait_for(r"are they the same\? ")
        terminal.type("y\r")
        assert terminal.finish()[0] == 0
    tower.ok("pull")
    assert "was not yet" in desktop.ccsync("pull", status=1).err


@pytest.mark.slow
def test_the_recovery_code_is_typed_unseen(world: World, laptop: Machine) -> None:
    code = laptop.ok("key", "recover", "--new").out.splitlines()[1].strip()
    desktop = world.machine("desktop")
    desktop.init()
    with at_terminal(desktop, "key", "recover") as terminal:
        terminal.wait_for("recovery code: ")
        terminal.type(f"{code}\r")
        status, screen = terminal.finish()
    assert status == 0
    assert code not in screen
    assert "this machine reads the branch from now on" in screen
    desktop.ok("pull")
    assert len(desktop.sessions()) == 1


def test_a_new_request_is_told_once(world: World, laptop: Machine) -> None:
    world.machine("desktop").init()
    said = "a machine asks to be let in to the encrypted branch; 'git ccsync key show' tells its name and fingerprint"
    assert said in laptop.ok("pull").err
    assert said not in laptop.ok("pull").err
    world.machine("tower").init()
    laptop.append(laptop.here(*laptop.sessions()))
    assert said in laptop.ok("push").err + laptop.ok("pull").err
