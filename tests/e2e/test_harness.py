"""What these stories stand on: Claude Code hears hooks, takes prompts in a stream and at a terminal, stays in its seal."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.anthropic import Api, Tool
from tests.support.claude_code import ClaudeCode
from tests.support.machine import Machine
from tests.support.world import World

EVENTS = ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd")


def test_hooks_are_heard(world: World, claude: Callable[[Machine], ClaudeCode], api: Api) -> None:
    real = claude(world.machine("laptop"))
    real.eavesdrop(*EVENTS)
    with real.stream() as stream:
        assert stream.say("one") > 0
        stream.say("two")
        told = [event["hook_event_name"] for event in real.heard()]
        assert told == ["SessionStart", "UserPromptSubmit", "Stop", "UserPromptSubmit", "Stop"]
        assert {event["session_id"] for event in real.heard()} == {stream.session}
    assert (real.heard()[-1]["hook_event_name"], real.heard()[-1]["reason"]) == ("SessionEnd", "other")
    with real.typed(resume=stream.session) as window:
        assert window.say("three").said == ["one", "answer to: one", "two", "answer to: two", "three"]
        window.leave()
    assert real.heard()[-1]["reason"] == "prompt_input_exit"


def test_it_sees_nothing_of_the_caller(world: World, claude: Callable[[Machine], ClaudeCode], api: Api) -> None:
    laptop = world.machine("laptop")
    real = claude(laptop)
    api.on("who", [Tool("Bash", command="echo $HOME; command -v git-ccsync; git ccsync --version; env | grep -c SSH_")])
    real.ask("who are you")
    (result,) = [text for speaker, text in api.only("who").turns if speaker == "result"]
    home, program, version, count = result.splitlines()[:4]
    assert home == str(laptop.home)
    assert program.startswith(home)
    assert version.startswith("git-ccsync ")
    assert count == "0"
