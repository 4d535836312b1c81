"""What `auto` says, as its user reads it in a terminal of 80 columns."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

from git_ccsync.state import log
from tests.cli.terminal import Terminal
from tests.support.events import Events, launcher
from tests.support.machine import Machine
from tests.support.world import World

LONG = "cannot push to 'https://example.com/acme/app.git': unable to access it: Could not resolve host: example.com"


def shown(machine: Machine, *args: str) -> list[str]:
    """The lines of `auto ARGS` in a terminal."""
    with Terminal([str(launcher(machine)), "auto", *args], machine.env, cwd=machine.clone) as terminal:
        status, screen = terminal.finish()
    assert status == 0, screen
    return re.sub(r"\b\d seconds?", "0 seconds", screen).rstrip("\n").split("\n")


def test_from_off_to_on(world: World) -> None:
    machine = world.machine("laptop")
    assert shown(machine) == [
        "user settings     off  ~/.claude/settings.json",
        "project settings  off  ~/work/app/.claude/settings.local.json",
        "",
        "no repository that was set up is here; in others the hooks do nothing",
        "hint: 'git ccsync auto on' switches them on",
    ]
    assert shown(machine, "on") == [
        "hooks are on in '~/.claude/settings.json'",
        "Claude Code takes them up at once; older versions, at their next start",
        "hint: they do nothing here yet: 'git ccsync init' sets this repository up",
    ]
    machine.init()
    assert shown(machine, "on") == ["hooks are on already in '~/.claude/settings.json'"]
    assert shown(machine)[2:] == ["", "last event  none yet", "last push   none yet", "last fetch  none yet"]
    assert shown(machine, "off") == ["hooks are off in '~/.claude/settings.json'"]
    assert shown(machine, "off") == ["hooks are not on in '~/.claude/settings.json'"]


def test_trouble_is_wrapped_and_is_over_once_a_push_arrives(world: World) -> None:
    machine = world.machine("laptop")
    machine.init()
    state = Events(machine).state
    log.trouble(str(state), "push", LONG)
    (state / "auto" / "failed").touch()
    lines = shown(machine)
    assert lines[4:6] == ["last push   none yet; a try 0 seconds ago failed", "last fetch  none yet"]
    assert lines[6:9] == [
        "trouble     push 0 seconds ago: cannot push to",
        "            'https://example.com/acme/app.git': unable to access it: Could not",
        "            resolve host: example.com",
    ]
    piped = machine.ok("auto").out.split("\n")
    assert any(line.startswith("trouble     push ") and line.endswith(LONG) for line in piped)
    (state / "auto" / "failed").unlink()
    pretend(state, "arrived", time.time() + 20)
    assert not any("trouble" in line for line in shown(machine))
    assert [one["text"] for one in json.loads(machine.ok("auto", "--json").out)["troubles"]] == [LONG]
    log.trouble(str(state), "pull", LONG)
    assert sum("trouble" in line for line in shown(machine)) == 1


def pretend(state: Path, name: str, when: float) -> None:
    (state / "auto" / name).touch()
    os.utime(state / "auto" / name, (when, when))


def test_settings_that_keep_hooks_from_running_are_named(world: World) -> None:
    machine = world.machine("laptop")
    settings = machine.claude / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_bytes(b'\xef\xbb\xbf{"disableAllHooks": true}\n')
    warning = "warning: no hooks run: '~/.claude/settings.json' has \"disableAllHooks\""
    assert warning in machine.ok("auto", "on", "--no-command").err
    assert warning in machine.ok("auto").err
    settings.write_bytes(settings.read_bytes().replace(b"true", b"false"))
    assert warning not in machine.ok("auto", "on").err + machine.ok("auto").err


def test_settings_that_are_a_directory_are_named(world: World) -> None:
    machine = world.machine("laptop")
    (machine.claude / "settings.json").mkdir(parents=True)
    for action in ("on", "off", "status"):
        done = machine.ccsync("auto", action, status=128)
        assert done.err.startswith(f"fatal: '{machine.claude}/settings.json' is not a regular file\n")
