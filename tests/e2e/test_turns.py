"""What hooks cost a turn of the real Claude Code while the remote takes connections and never says a word. -s shows it."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack

from tests.acceptance.test_hooks import Silent
from tests.e2e.stories import Desk
from tests.e2e.test_hooks import arrived, ccsync, troubles
from tests.support.anthropic import Api
from tests.support.events import until
from tests.support.world import World

#: Turns of each kind. What is promised is 60 ms; on a busy computer only a gross miss is a failure.
TURNS = 20
GROSS = 0.150
#: Seconds between two turns: what Claude Code does after an answer would slow the other one's next turn.
PAUSE = 0.2


def to_nowhere(desk: Desk, world: World) -> Silent:
    """The remote of the machine is one that never answers; its user agreed to it."""
    silent = Silent()
    world.stops(silent)
    (state,) = (desk.machine.clone / ".git" / "ccsync").iterdir()
    agreed = state / "consent"
    fields = agreed.read_text().rstrip("\n").split("\t")
    agreed.write_text(agreed.read_text() + "\t".join([silent.url.removesuffix(".git"), *fields[1:]]) + "\n")
    desk.machine.git("remote", "set-url", "origin", silent.url)
    return silent


def alternating(stack: ExitStack, desks: tuple[Desk, Desk]) -> tuple[list[str], list[list[float]]]:
    """The sessions, and the seconds of their turns. They take turns, so what slows the computer down slows both; and the
    order changes, for what one leaves behind must not always hit the same one."""
    streams = [stack.enter_context(desk.claude.stream()) for desk in desks]
    found: list[list[float]] = [[], []]
    for stream in streams:
        stream.say("the first one")
    for number in range(TURNS):
        for kind in (0, 1) if number % 2 else (1, 0):
            time.sleep(PAUSE)
            found[kind].append(streams[kind].say(f"turn {number}"))
    return [stream.session for stream in streams], found


def test_a_turn_waits_for_nothing_and_all_of_it_arrives(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, desktop = desks
    ccsync(laptop, "auto", "on", "--no-command")
    silent = to_nowhere(laptop, world)
    with ExitStack() as stack:
        (session, _), (ours, usual) = alternating(stack, (laptop, desktop))
        more = statistics.median(ours) - statistics.median(usual)
        print(f"\na turn takes {statistics.median(usual) * 1e3:.0f} ms, with hooks {more * 1e3:.0f} ms more")
        assert more < GROSS, (ours, usual)
        assert world.branch()
        assert not world.stored(session)
        laptop.machine.git("remote", "set-url", "origin", str(world.remote))
        silent.stop()  # what hangs there is cut off, as by a network that comes back
        until(lambda: f"turn {TURNS - 1}".encode() in world.stored(session))
    until(lambda: arrived(world, laptop, session))
    assert "push" in troubles(laptop)
