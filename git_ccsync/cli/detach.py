"""Going on without those who wait: a copy of this process in a session of its own, with nothing of theirs in its hands."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from git_ccsync.operations.run.workspace import Workspace


def tend(ws: Workspace) -> None:
    """After a push: pack what has gathered, if it is worth it, behind the user's back and in nobody's way."""
    from git_ccsync.operations.run import upkeep

    if upkeep.due(ws.state):
        detach(lambda: upkeep.behind(ws))


def detach(work: Callable[[], None]) -> None:
    """Do `work` in a process that outlives us and whoever started us; returns at once, the other process never.

    Claude Code ends what its hooks leave in their process group, and waits for whoever holds their pipes.
    """
    if not hasattr(os, "fork"):
        return
    gone, leaving = os.pipe()
    if os.fork():
        # Not before it has left our process group: what ends that at our own end would end it too.
        os.close(leaving)
        os.read(gone, 1)
        os.close(gone)
        return
    try:
        os.setsid()
        os.close(leaving)
        os.close(gone)
        void = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(void, number)
        _let_go()
        work()
    finally:
        os._exit(0)


def _let_go() -> None:
    """Neither the caller's open files nor the terminal's end nor its priority is ours."""
    for name in os.listdir("/dev/fd") if os.path.isdir("/dev/fd") else ():
        try:
            if int(name) > 2 and os.get_inheritable(int(name)):  # files that we opened ourselves are not
                os.close(int(name))
        except OSError:  # the listing's own
            pass
    import signal

    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        os.nice(10)
    except OSError:
        pass
