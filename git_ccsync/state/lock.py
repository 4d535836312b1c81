"""The lock of a repository's state directory: one of our processes at a time. Gone with its process, so never stale."""

from __future__ import annotations

import os

from git_ccsync.errors import Locked
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state import files

if TYPE_CHECKING:
    from types import TracebackType


class Lock:
    """`with Lock(path, wait=60): …` waits up to `wait` seconds, then raises Locked."""

    def __init__(self, path: str, wait: float = 60.0) -> None:
        self._path, self._wait, self._fd = path, wait, -1

    def __enter__(self) -> Lock:
        import fcntl

        files.make_parent(self._path)
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._wait_for(fcntl.LOCK_EX | fcntl.LOCK_NB)
        return self

    def _wait_for(self, how: int) -> None:
        import fcntl
        import time

        end = time.monotonic() + self._wait
        while time.monotonic() < end:
            time.sleep(0.02)
            try:
                fcntl.flock(self._fd, how)
            except BlockingIOError:
                continue
            return
        os.close(self._fd)
        raise Locked("another git-ccsync is at work in this repository", "wait for it, or look for its process")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._fd)


def attempt(path: str) -> int:
    """Take the lock at `path` if nobody has it: a descriptor to be closed when done, -1 if somebody has."""
    import fcntl

    fd = _opened(path)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return -1
    return fd


def queue(path: str, limit: float) -> int:
    """Wait for the lock at `path`, at most `limit` seconds: a descriptor to be closed when done. Locked after that."""
    import time

    end, nap = time.monotonic() + limit, 0.02
    while (fd := attempt(path)) < 0:
        if time.monotonic() > end:
            raise Locked("another git-ccsync has been at work in this repository for too long", "look for its process")
        time.sleep(nap)
        nap = min(nap * 1.5, 1.0)
    return fd


def _opened(path: str) -> int:
    files.make_parent(path)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
