"""`resume` with the real Claude Code and its hooks: a terminal dies here, the work goes on there, and back here."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.stories import Desk, assert_at_home
from tests.e2e.test_hooks import arrived, ccsync, said, switch_on, troubles
from tests.support.anthropic import Api
from tests.support.claude_typed import Typed
from tests.support.events import until
from tests.support.world import World


class Resumed(Typed):
    """`git ccsync resume` in a terminal; what is said of Claude Code is said of the one that it has started."""

    def __init__(self, desk: Desk, *args: str) -> None:
        launchers = desk.machine.home / ".local" / "bin"
        link = launchers / "claude"
        if not link.is_symlink():
            link.symlink_to(desk.claude.program)
        super().__init__(desk.claude, [str(launchers / "git-ccsync"), "resume", *args], desk.machine.clone)

    @property
    def marker(self) -> dict[str, Any]:
        """The marker of the Claude Code that runs."""
        return next((one for pid, one in self._claude.live().items() if _parent(pid) == self.pid), {})

    @property
    def session(self) -> str:
        return str(self.marker.get("sessionId", ""))

    def idle(self, since: float = 0) -> bool:
        marker = self.marker
        return marker.get("status") == "idle" and float(marker.get("statusUpdatedAt", 0)) > since * 1000


def _parent(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return int(file.read().rpartition(b")")[2].split()[1])
    except OSError:
        return 0


def kill(window: Typed) -> None:
    window.kill()


def hang_up(window: Typed) -> None:
    """The terminal's own process is gone: the kernel hangs up on whoever has it."""
    os.close(window._fd)
    window._fd = os.open(os.devnull, os.O_RDONLY)
    _, window.status = os.waitpid(window.pid, 0)


@pytest.mark.parametrize("end", [kill, hang_up])
def test_from_a_dead_terminal_there_and_back(
    world: World, desks: tuple[Desk, Desk], api: Api, end: Callable[[Typed], None]
) -> None:
    laptop, desktop = desks
    switch_on(*desks)
    with laptop.claude.typed() as window:
        window.say("the beginning")
        session = window.session
        until(lambda: arrived(world, laptop, session) and f'open = ["{session}"]' in said(world))
        end(window)
    until(lambda: f'unfinished = ["{session}"]' in said(world))
    listed = ccsync(desktop, "tasks")
    assert "the beginning" in listed
    assert "unfinished" in listed
    with Resumed(desktop, "1", "--take-over") as window:  # the dead one's lease may outlive it for a while
        window.ready()
        assert window.session == session
        assert f"leases/{session}" in world.branch()
        request = window.say("on the desktop")
        assert request.said == ["the beginning", "answer to: the beginning", "on the desktop"]
        assert_at_home(request, desktop.machine, not_at=laptop.machine)
        window.leave()
    assert "leases/" not in " ".join(world.branch())
    assert arrived(world, desktop, session)
    with Resumed(laptop, session[:8]) as window:
        window.ready()
        request = window.say("back on the laptop")
        assert request.said[-3:] == ["on the desktop", "answer to: on the desktop", "back on the laptop"]
        assert request.said[0] == "the beginning"
        assert_at_home(request, laptop.machine, not_at=desktop.machine)
        window.leave()
    until(lambda: session not in said(world))
    assert len(laptop.machine.sessions()) == len(desktop.machine.sessions()) == 1
    assert troubles(laptop) + troubles(desktop) == ""


def test_a_window_that_is_closed_under_resume(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, _ = desks
    session = laptop.claude.ask("the beginning").session
    laptop.machine.ok("push")
    with Resumed(laptop, "--latest") as window:
        window.ready()
        window.say("in the window")
        hang_up(window)
    assert os.waitstatus_to_exitcode(window.status or 0) == 128 + signal.SIGHUP
    assert b"in the window" in world.stored(session)
    assert "leases/" not in " ".join(world.branch())


def test_a_copy_has_a_title_and_the_whole_conversation(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, _ = desks
    session = laptop.claude.ask("the beginning").session
    laptop.machine.ok("push")
    with laptop.claude.typed(resume=session) as original:
        with Resumed(laptop, "--latest", "--fork") as window:
            window.ready()
            copy = window.session
            assert window.say("another way").said == ["the beginning", "answer to: the beginning", "another way"]
            window.leave()
        original.say("the first way")
        original.leave()
    assert copy != session
    assert "(fork)" in ccsync(laptop, "list")
    laptop.machine.ok("push")
    assert b"another way" in world.stored(copy)
    assert b"another way" not in world.stored(session)
    assert b"the first way" in world.stored(session)


def test_left_open_and_typed_into_again(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, desktop = desks
    session = laptop.claude.ask("the beginning").session
    laptop.machine.ok("push")
    with Resumed(laptop, "--latest") as here:
        here.ready()
        with Resumed(desktop, "--latest", "--take-over") as there:
            there.ready()
            there.say("on the desktop")
            there.leave()
        here.say("typed into again")
        here.leave()
        assert here.shows("went on elsewhere too")
    (copy,) = laptop.machine.sessions().keys() - {session}
    assert b"on the desktop" in laptop.machine.transcript(session)
    desktop.machine.ok("pull")
    desktop.claude.ask("on the copy", resume=copy)
    request = api.only("on the copy")
    assert request.said[:1] + request.said[-3:] == [
        "the beginning", "typed into again", "answer to: typed into again", "on the copy",
    ]  # fmt: skip
    assert "leases/" not in " ".join(world.branch())
