"""The README's transcript, played again: every command in it must print what it says there."""

from __future__ import annotations

import re

from tests.support.readme import Play, transcript
from tests.support.world import World


def words(text: str) -> list[str]:
    """What is compared of an output: not what differs from run to run, nor how lines are wrapped."""
    text = re.sub(r"\b[0-9a-f]{7}\.\.[0-9a-f]{7}\b", "<commits>", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d\b", "<date>", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "<id>", text)
    text = re.sub(r"\b[\d.]+ (kB|bytes)", "<size>", text)
    return re.sub(r"\b\d+ \w+ ago\b", "<age>", text).split()


def test_the_transcript_is_what_happens(world: World) -> None:
    play = Play(world)
    steps = transcript()
    assert len(steps) >= 10
    for name, command, printed in steps:
        assert words(play.run(name, command)) == words(printed), (
            f"{name}$ {command}\nif this is meant, run: python -m tests.support.readme"
        )
