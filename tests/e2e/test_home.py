"""Sessions outside any repository with the real Claude Code: begun in ~/notes here, gone on with in ~/notes there."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.anthropic import Api, Text
from tests.support.claude_code import ClaudeCode
from tests.support.machine import Machine
from tests.support.world import World


def test_a_conversation_in_notes_goes_on_in_the_other_notes(
    world: World, api: Api, claude: Callable[[Machine], ClaudeCode]
) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        machine.ok("init", "--home", "--yes", "--machine", machine.name, "--remote", str(world.directory / "private"))
        (machine.home / "notes").mkdir()
    api.on("first thought", [Text("noted")])
    api.on("second thought", [Text("noted, too")])
    here = claude(laptop).ask("first thought", cwd=laptop.home / "notes")
    laptop.ok("push", "--home")
    desktop.ok("pull", "--home")
    claude(desktop).ask("second thought", cwd=desktop.home / "notes", resume=here.session)
    assert "first thought" in str(api.only("second thought"))
    assert desktop.path(here.session).parent.name.endswith("-notes")
    desktop.ok("push", "--home")
    laptop.ok("pull", "--home")
    assert b"noted, too" in laptop.transcript(here.session)
