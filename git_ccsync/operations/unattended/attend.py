"""The helper that stays while sessions are open: fetches, so that a prompt can tell what others did; sends what could not
be sent; notices the end of a session that nobody announced.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import home, live
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations import hooks
from git_ccsync.operations.presence import continued, opened
from git_ccsync.operations.unattended import background, deliver
from git_ccsync.state import held, lock

if TYPE_CHECKING:
    from git_ccsync.state.held import Held

#: Seconds between two fetches; and for how long after the last prompt they go on.
EVERY, HOUR = 120.0, 3600.0
#: Seconds in which a process that is gone may still have its end announced.
GRACE = 3.0
#: How often it is looked whether processes still run, where the system does not tell by itself.
_NAP = 5.0


def attend(cwd: str, state: str) -> None:
    """Stay until no session is open here. Returns at once if another process does so already."""
    turn = lock.attempt(f"{state}/auto/helper")
    if turn < 0:
        return
    try:
        while _round(cwd, state):
            pass
    finally:
        os.close(turn)
    if os.path.exists(f"{state}/auto/failed"):
        background.insist(cwd, state)


def _round(cwd: str, state: str) -> bool:
    """Do what is due, then wait for something to happen; False when no session is left."""
    alive, gone = _open(state)
    if gone:
        time.sleep(GRACE)
        alive, gone = _open(state)
        for session, one in gone.items():
            held.put(state, session, one._replace(state=held.UNFINISHED))
        if gone:
            background.flush(cwd, state)
    if not alive or not os.path.isdir(cwd):
        return False
    now = time.time()
    fetches = now - max(one.prompted for one in alive.values()) < HOUR
    if fetches and now - hooks.marked(state, "fetched") >= EVERY:
        hooks.mark(state, "fetched")
        background.guarded(state, "fetch", lambda: _fetch(cwd))
        if os.path.exists(f"{state}/auto/failed"):
            background.guarded(state, "push", lambda: background.push_in_turn(cwd, state))
    _wait([one.pid for one in alive.values()], max(1.0, EVERY - (time.time() - now)))
    return True


def _open(state: str) -> tuple[dict[str, Held], dict[str, Held]]:
    """The sessions that count as open here: those whose process runs, and those whose process is gone."""
    markers = live.live_sessions(home.claude_dir(os.environ))
    found = {name: one for name, one in held.every(state).items() if one.state == held.OPEN}
    alive = {name: one for name, one in found.items() if opened.is_alive(name, one, markers)}
    return alive, {name: one for name, one in found.items() if name not in alive}


def _fetch(cwd: str) -> None:
    ws = background.opened(cwd)
    if ws:
        deliver.fetch(ws)
        continued.keep(ws)


def _wait(pids: list[int], limit: float) -> None:
    """Wait `limit` seconds, or until one of the processes ends."""
    watched = [fd for fd in (_watched(pid) for pid in pids if pid) if fd >= 0]
    if len(watched) < len(pids):
        time.sleep(min(limit, _NAP))
    elif watched:
        import select

        select.select(watched, [], [], limit)
    for fd in watched:
        os.close(fd)


def _watched(pid: int) -> int:
    """A descriptor that becomes readable when the process ends, -1 if the system has none."""
    try:
        return os.pidfd_open(pid)
    except (OSError, AttributeError):
        return -1
