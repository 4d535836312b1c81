"""What lies there before hooks are switched on arrives by them alone, over a link that is slow, whoever dies meanwhile."""

from __future__ import annotations

import base64
import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.support.events import Events, processes, until
from tests.support.machine import Machine
from tests.support.server import Server
from tests.support.session import Session
from tests.support.world import World

MB = 1 << 20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="what is left running is read from /proc"),
]


def backlog(machine: Machine, size: int, sessions: int = 8) -> list[Session]:
    """Sessions that need `size` bytes on the wire: nothing of them can be compressed."""
    draw = random.Random(size)
    made = [machine.session(f"old {number}") for number in range(sessions)]
    for session in made:
        while session.path.stat().st_size < size // sessions * 4 // 3:
            text = base64.b64encode(draw.randbytes(12_000)).decode()
            session.write(session.rows.assistant({"type": "text", "text": text}))
    return made


def set_up(world: World) -> tuple[Machine, Server]:
    """A machine that was set up with a remote at the other end of a link; nothing was sent yet."""
    server = world.http()
    server.anonymous, server.password = False, "secret"
    machine = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    machine.init()
    machine.git("config", "ccsync.pushInterval", "0")
    return machine, server


def arrived(world: World, *sessions: Session) -> bool:
    return all(world.stored(session.id).count(b"\n") == session.read().count(b"\n") for session in sessions)


def begin(machine: Machine) -> tuple[Session, Events]:
    """Claude Code starts, is asked something, and answers."""
    session = machine.session("today")
    events = Events(machine, session)
    events.fire("SessionStart", source="startup")
    events.fire("UserPromptSubmit", prompt="go on")
    machine.append(session)
    events.fire("Stop")
    return session, events


def end(events: Events) -> None:
    """Claude Code is left as its user leaves it."""
    events.fire("SessionEnd", reason="prompt_input_exit")
    events.stop()


def die(events: Events) -> None:
    events.stop()


@pytest.mark.parametrize("leave", [end, die])
def test_over_a_slow_link_though_claude_is_gone_halfway(
    world: World, request: pytest.FixtureRequest, leave: Callable[[Events], None]
) -> None:
    full = request.config.getoption("--full-sweep")
    size, rate, stall = (40 * MB, MB, 10) if full else (3 * MB, MB, 6)
    machine, server = set_up(world)
    machine.git("config", "ccsync.sliceSize", str(size // 2))
    machine.git("config", "ccsync.stallLimit", str(stall))
    old = backlog(machine, size)
    server.rate, before = rate, server.taken
    started = time.monotonic()
    session, events = begin(machine)
    until(lambda: server.taken - before > size // 2, patience=60)
    assert not arrived(world, session, *old)
    leave(events)
    until(lambda: arrived(world, session, *old), patience=120)
    print(f"\n{(server.taken - before) / MB:.1f} MB in {time.monotonic() - started:.1f} s")
    assert server.taken - before < 1.2 * size
    assert events.trouble() == ""
    until(lambda: not processes(machine))
    print(f"nothing runs after {time.monotonic() - started:.1f} s")
    assert "up-to-date" in machine.ok("push").out


def test_a_cut_costs_one_slice(world: World) -> None:
    machine, server = set_up(world)
    machine.git("config", "ccsync.sliceSize", "1m")
    size = 4 * MB
    old = backlog(machine, size)
    server.rate, before = MB, server.taken
    session, events = begin(machine)
    until(lambda: server.taken - before > 2.5 * MB)
    dying = processes(machine)
    for how in (signal.SIGSTOP, signal.SIGKILL):  # all at once: who sees git die would write that down
        for pid in dying:
            os.kill(pid, how)
    assert 0 < sum(arrived(world, one) for one in old) < len(old)
    until(lambda: not processes(machine))
    server.rate = None
    machine.append(session)
    events.fire("Stop")
    until(lambda: arrived(world, session, *old))
    assert server.taken - before < size + 2 * MB
    assert events.trouble() == ""
    end(events)
    until(lambda: not processes(machine))
