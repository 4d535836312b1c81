"""What goes on behind hooks, in processes that nobody waits for: which of them works when, and what becomes of trouble.

At most one of them pushes and one waits its turn (`auto/running`, `auto/waiting` in the repository's state); one helper
stays while sessions are open (`auto/helper`). All of these are locks, gone with their process.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import CcsyncError, Locked, NotFound, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import command, url
from git_ccsync.operations import hooks
from git_ccsync.operations.presence import continued, leases
from git_ccsync.operations.run.workspace import Workspace, open_workspace, refreshed
from git_ccsync.operations.unattended import deliver
from git_ccsync.state import held, lock, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from git_ccsync.operations.hooks import Call

#: Pauses (seconds) before the last push of a session is tried again while the remote cannot be reached.
RETRIES = (15, 60, 180, 600)
#: What passes by itself: worth another try.
PASSING = (RemoteFailed, Locked)
#: Seconds that a push waits for the one that is under way; one that hangs for longer has been stopped.
LONGEST = 3600.0
#: Seconds that a session's process may take to end after it said that it would.
FAREWELL = 15.0


def run(call: Call, turn: int = -1) -> None:
    """All that the event asks for beyond what `hooks.note` did; `turn` is what `hooks.claim` gave. Trouble is logged."""
    command.forget_caller()
    os.chdir("/")  # the helper may stay for days: it must keep no directory in use
    guarded(call.state, call.event, lambda: _work(call, turn))
    guarded(call.state, "gc", lambda: _tend(call.cwd, call.state))
    if call.event != hooks.END:
        from git_ccsync.operations.unattended import attend

        guarded(call.state, "helper", lambda: attend.attend(call.cwd, call.state))


def _tend(cwd: str, state: str) -> None:
    from git_ccsync.operations.run import upkeep

    ws = opened(cwd) if upkeep.due(state) else None
    if ws:
        upkeep.tend(ws)


def _work(call: Call, turn: int) -> None:
    if call.event == hooks.START:
        _start(call)
    elif call.event == hooks.STOP:
        push_in_turn(call.cwd, call.state, turn)
        guarded(call.state, "handoff", lambda: _hand_over(call))
    elif call.event == hooks.END:
        _end(call)


def _hand_over(call: Call) -> None:
    """Now and then a handoff of the session, behind its lines. One is made at a time: a summarizer may think for minutes."""
    from git_ccsync.operations import handoff

    turn = lock.attempt(f"{call.state}/auto/handoff")
    if turn < 0:
        return
    try:
        ws = opened(call.cwd)
        session = handoff.stored_as(ws, call.session) if ws else ""
        if not ws or not session or not handoff.due(ws, session):
            return
        done = handoff.make(ws, session, ask=not call.by_itself)
    except NotFound:  # left out by the user's own rules
        return
    finally:
        os.close(turn)
    if done.trouble:
        log.trouble(call.state, "handoff", done.trouble)
    if done.state == handoff.MADE:
        push_in_turn(call.cwd, call.state)


def guarded(state: str, what: str, work: Callable[[], object]) -> BaseException | None:
    """Do `work`; what went wrong goes into the log, and is returned."""
    try:
        work()
    except CcsyncError as error:
        log.trouble(state, what, url.hide_passwords(error.message))
        return error
    except OSError as error:
        log.trouble(state, what, f"{error.strerror}: {type(error).__name__}")
        return error
    return None


def opened(cwd: str) -> Workspace | None:
    """The workspace, None if it is not set up after all."""
    ws = open_workspace(cwd)
    return ws if ws.initialised else None


def _start(call: Call) -> None:
    """What others did comes here for the next picker; then what could not be sent before goes there."""
    if call.word == "compact":
        return
    turn = lock.attempt(f"{call.state}/auto/pulling")
    if turn < 0:
        return
    try:
        failed = guarded(call.state, "pull", lambda: _pull(call.cwd, call.state, call.session, call.pid))
    finally:
        os.close(turn)
    if not isinstance(failed, RemoteFailed):
        push_in_turn(call.cwd, call.state)


def _pull(cwd: str, state: str, session: str, pid: int) -> None:
    ws = opened(cwd)
    if not ws:
        return
    result = deliver.pull_new(ws, session, pid)
    hooks.mark(state, "fetched")
    for text in result.warnings:
        log.trouble(state, "pull", text)
    continued.keep(ws)


def push_in_turn(cwd: str, state: str, turn: int = -1) -> None:
    """Push what is new, `ccsync.pushInterval` after the last time. Not if somebody waits for that already: whoever waits
    has not looked yet, and will take these lines along. `turn` is the right to wait, if it was taken before.
    """
    turn = turn if turn >= 0 else lock.attempt(f"{state}/auto/waiting")
    if turn < 0:
        return
    running = -1
    try:
        ws = opened(cwd)
        if not ws:
            return
        _keep_apart(hooks.marked(state, "pushed"), ws.config.get_int("ccsync.pushInterval", 60))
        running = lock.queue(f"{state}/auto/running", LONGEST)
    finally:
        os.close(turn)
    try:
        guarded(state, "push", lambda: _push(cwd, state))
    finally:
        os.close(running)


def _keep_apart(last: float, interval: float) -> None:
    """Wait until it is `interval` seconds since `last`; a clock that was put back makes nobody wait for longer."""
    left = last + interval - time.time()
    if 0 < left <= interval:
        time.sleep(left)


def _push(cwd: str, state: str, *, hushed: bool = True) -> None:
    ws = opened(cwd)
    if not ws:
        return
    try:
        done = deliver.push_new(ws, hushed=hushed)
        for text in done.remarks:
            log.trouble(state, "push", text)
        if done.sent:
            hooks.mark(state, "pushed")
            hooks.mark(state, "arrived")
            _forget_failure(state)
    except PASSING:
        hooks.mark(state, "pushed")  # an attempt counts, too
        hooks.mark(state, "failed")
        raise
    continued.keep(refreshed(ws))


def _forget_failure(state: str) -> None:
    try:
        os.unlink(f"{state}/auto/failed")
    except FileNotFoundError:
        pass


def flush(cwd: str, state: str) -> BaseException | None:
    """Push at once, also what is only about which sessions are open; behind a push that is under way. What kept it from
    that, None for nothing: Locked if somebody else waits to do the same, who will take this along.
    """
    turn = lock.attempt(f"{state}/auto/flushing")
    if turn < 0:
        return Locked("another push waits for its turn")
    running = -1
    try:
        running = lock.queue(f"{state}/auto/running", LONGEST)
    except Locked as error:
        log.trouble(state, "push", error.message)
        return error
    finally:
        os.close(turn)
    try:
        return guarded(state, "push", lambda: _push(cwd, state, hushed=False))
    finally:
        os.close(running)


def _end(call: Call) -> None:
    """The end of a session: its last lines are committed here first, then sent; then what waited for it is installed."""
    guarded(call.state, "commit", lambda: _commit(call))
    failed = flush(call.cwd, call.state)
    _install_after(call)
    if isinstance(failed, PASSING):
        insist(call.cwd, call.state)


def _commit(call: Call) -> None:
    ws = opened(call.cwd)
    if ws:
        deliver.capture(ws, leases.END, call.session)


def insist(cwd: str, state: str) -> None:
    """Try again for a quarter of an hour: with the last session, all who could do it later are gone."""
    turn = lock.attempt(f"{state}/auto/insisting")
    if turn < 0:
        return
    try:
        for pause in RETRIES:
            time.sleep(pause)
            if not isinstance(flush(cwd, state), PASSING):
                return
    finally:
        os.close(turn)


def _install_after(call: Call) -> None:
    """Lines of other machines that a running session held up can be written once its process is gone."""
    if not _waits(call):
        return
    one = held.get(call.state, call.session)
    end = time.monotonic() + FAREWELL
    from git_ccsync.claude import live

    while one and live.running(one.pid, one.start) and time.monotonic() < end:
        time.sleep(0.1)
    guarded(call.state, "pull", lambda: _pull(call.cwd, call.state, "", 0))


def _waits(call: Call) -> bool:
    """Whether the branch holds lines for this session, or for any that was held up before, that are not on this disk."""
    from git_ccsync.state.index import Index

    ws = opened(call.cwd) if call.session else None
    if not ws:
        return False
    return bool(Index(ws.memory).value("waiting")) or continued.keep(ws, call.session).get(call.session) is not None
