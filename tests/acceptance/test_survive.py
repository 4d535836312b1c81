"""What runs behind hooks is killed, put to sleep, or meets others of its kind: nothing is lost, and nothing stays."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.acceptance.test_backlog import arrived, backlog, set_up
from tests.support.events import Events, processes, until
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

MB = 1 << 20

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="what is left running is read from /proc"),
]


def ready(world: World) -> Machine:
    machine = world.machine("laptop")
    machine.init()
    machine.git("config", "ccsync.pushInterval", "0")
    return machine


def begin(machine: Machine, title: str) -> tuple[Session, Events]:
    session = machine.session(title)
    events = Events(machine, session)
    events.fire("SessionStart", source="startup")
    return session, events


def turn(session: Session, events: Events) -> None:
    events.fire("UserPromptSubmit", prompt="go on")
    events.machine.append(session)
    events.fire("Stop")


def send(machine: Machine, number: signal.Signals, word: str = "") -> list[int]:
    """Send a signal to everything of ours that runs there, and has a word in its command line."""
    found = [pid for pid, words in processes(machine).items() if word in words]
    for pid in found:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue
    return found


def tasks(machine: Machine) -> list[str]:
    """The sessions that nobody closed, as the machine tells them."""
    rows = json.loads(machine.ok("tasks", "--json").out)["tasks"]
    return [row["id"] for row in rows if row["state"] == "unfinished"]


def in_step(machine: Machine) -> bool:
    return bool(json.loads(machine.ok("status", "--json").out)["in_step"])


class Held:
    """A lock of ours in the hands of one who does nothing."""

    def __init__(self, events: Events, name: str) -> None:
        path = events.state / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._fd, fcntl.LOCK_EX)

    def stop(self) -> None:
        os.close(self._fd)


def test_everything_is_killed_at_once(world: World) -> None:
    machine = ready(world)
    session, events = begin(machine, "today")
    turn(session, events)
    until(lambda: arrived(world, session))
    machine.append(session)
    events.stop()
    assert send(machine, signal.SIGKILL)
    until(lambda: not processes(machine))
    # Nobody was left to say it; whoever asks here is told the truth, and the next start tells the others.
    assert tasks(machine) == [session.id]
    assert not in_step(machine)
    other, events = begin(machine, "tomorrow")
    until(lambda: arrived(world, session, other))
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    assert tasks(desktop) == [session.id]
    events.fire("SessionEnd", reason="prompt_input_exit")
    events.stop()
    until(lambda: not processes(machine))
    assert in_step(machine)


def test_the_helper_is_killed_in_the_middle_of_a_push(world: World) -> None:
    machine, server = set_up(world)
    old = backlog(machine, 3 * MB)
    server.rate, before = MB, server.taken
    session, events = begin(machine, "today")
    until(lambda: server.taken - before > MB)
    assert send(machine, signal.SIGKILL, " hook ")  # its git may go on
    turn(session, events)
    until(lambda: arrived(world, session, *old))
    events.fire("SessionEnd", reason="clear")
    events.stop()
    until(lambda: not processes(machine))
    assert tasks(machine) == []
    assert in_step(machine)


def test_the_remote_is_away_when_claude_is_killed(world: World) -> None:
    machine = ready(world)
    session, events = begin(machine, "today")
    until(lambda: arrived(world, session))
    away = Path(f"{world.remote}.away")
    world.remote.rename(away)
    turn(session, events)
    until(events.trouble)
    machine.append(session)
    events.stop()
    time.sleep(6)  # the helper has noticed, and failed
    away.rename(world.remote)
    until(lambda: arrived(world, session))
    until(lambda: not processes(machine))
    assert tasks(machine) == [session.id]


def test_two_in_one_repository(world: World) -> None:
    machine = ready(world)
    first, one = begin(machine, "first")
    second, two = begin(machine, "second")
    for _ in range(4):
        turn(first, one)
        turn(second, two)
    until(lambda: arrived(world, first, second))
    one.fire("SessionEnd", reason="prompt_input_exit")
    one.stop()
    until(lambda: len(processes(machine)) == 1)  # the helper, for the other
    turn(second, two)
    until(lambda: arrived(world, first, second))
    two.stop()
    until(lambda: not processes(machine))
    assert tasks(machine) == [second.id]
    assert two.trouble() + one.trouble() == ""


def test_a_sleep_in_the_middle_of_a_push_is_no_silence(world: World) -> None:
    machine, server = set_up(world)
    machine.git("config", "ccsync.stallLimit", "6")
    old = backlog(machine, 4 * MB)
    server.rate, before = MB, server.taken
    session, events = begin(machine, "today")
    until(lambda: server.taken - before > MB)
    assert send(machine, signal.SIGSTOP)
    time.sleep(8)
    send(machine, signal.SIGCONT, " hook ")  # these wake first, and hear nothing yet
    time.sleep(0.5)
    send(machine, signal.SIGCONT)
    until(lambda: arrived(world, session, *old))
    assert events.trouble() == ""
    assert server.taken - before < 5 * MB


def test_ends_behind_a_push_that_hangs_do_not_pile_up(world: World) -> None:
    machine = ready(world)
    session, events = begin(machine, "today")
    until(lambda: arrived(world, session))
    hung = Held(events, "auto/running")
    for _ in range(4):
        turn(session, events)
        events.fire("SessionEnd", reason="other")
    time.sleep(3)
    waiting = [words for words in processes(machine).values() if "hook SessionEnd" in words]
    assert len(waiting) == 2, waiting  # one waits for its turn, one for a later try
    hung.stop()
    until(lambda: arrived(world, session))
    events.stop()
    until(lambda: not processes(machine))


def test_somebody_hangs_on_the_lock(world: World, request: pytest.FixtureRequest) -> None:
    machine = ready(world)
    session, events = begin(machine, "today")
    until(lambda: arrived(world, session))
    hung = Held(events, "lock")
    turn(session, events)
    machine.append(session)
    events.fire("SessionEnd", reason="prompt_input_exit")
    events.stop()
    time.sleep(140 if request.config.getoption("--full-sweep") else 3)  # all waits of a minute are over
    assert not arrived(world, session)
    hung.stop()
    until(lambda: arrived(world, session), patience=70)
    until(lambda: not processes(machine), patience=70)
    assert tasks(machine) == []
    assert in_step(machine)


def test_the_clone_is_removed_under_the_helper(world: World) -> None:
    machine = ready(world)
    session, events = begin(machine, "today")
    turn(session, events)
    until(lambda: arrived(world, session))
    machine.clone.rename(Path(f"{machine.clone}.away"))
    events.stop()
    until(lambda: not processes(machine))
