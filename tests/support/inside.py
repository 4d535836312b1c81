"""Verbs run inside the test's own process as one machine of a world: ten times faster than starting them, and killable.

The environment and the working directory become the machine's for the time of the call.
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from git_ccsync.operations.pull import pull
from git_ccsync.operations.push import push
from git_ccsync.operations.run.workspace import Workspace, open_workspace
from git_ccsync.operations.sync import sync

if TYPE_CHECKING:
    from git_ccsync.model import PullResult, PushResult, SyncResult
    from tests.support.machine import Machine

VERBS: dict[str, Callable[..., PushResult | PullResult | SyncResult]] = {"push": push, "pull": pull, "sync": sync}

#: What Python tells an audit hook of before it changes something that others can see.
CHANGING = frozenset(
    (
        *("open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.truncate", "os.utime", "os.chmod"),
        *("os.posix_spawn", "fcntl.flock"),
    )
)
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@contextmanager
def standing_on(machine: Machine) -> Iterator[Workspace]:
    """This process as the machine: its environment, its clone as the working directory; the workspace there."""
    before, place, mask = dict(os.environ), os.getcwd(), os.umask(0o077)
    os.environ.clear()
    os.environ.update(machine.env)
    os.chdir(machine.clone)
    try:
        yield open_workspace(str(machine.clone))
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(place)
        os.umask(mask)


def inside(machine: Machine, verb: str, **options: object) -> PushResult | PullResult | SyncResult:
    """Run a verb as the machine; its result."""
    with standing_on(machine) as ws:
        return VERBS[verb](ws, **options)


def killed_at(machine: Machine, verb: str, number: int) -> bool:
    """Run a verb in a child process that dies, by SIGKILL, before its `number`-th change; False if it got through."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking beside xdist's thread, which does no harm here
        child = os.fork()
    if not child:
        status = 1
        try:
            _die_at(number)
            inside(machine, verb)
            status = 0
        finally:
            os._exit(status)
    _, waited = os.waitpid(child, 0)
    assert os.WIFSIGNALED(waited) or os.WEXITSTATUS(waited) == 0, f"{verb} on {machine.name} ended with {waited}"
    return os.WIFSIGNALED(waited)


def _die_at(number: int) -> None:
    left = number

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event not in CHANGING:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(audit)
