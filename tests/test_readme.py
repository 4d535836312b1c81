"""The README's transcript, played again: every command in it must print what it says there."""

from __future__ import annotations

from tests.support.readme import Play, transcript, words
from tests.support.world import World


def test_the_transcript_is_what_happens(world: World) -> None:
    play = Play(world)
    steps = transcript()
    assert len(steps) >= 10
    for name, command, printed in steps:
        assert words(play.run(name, command)) == words(printed), (
            f"{name}$ {command}\nif this is meant, run: python -m tests.support.readme"
        )
