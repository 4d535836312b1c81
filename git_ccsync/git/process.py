"""One child process: how it is spawned, ended and reaped. What goes through its pipes is the business of `drain`.

`subprocess` is not used: its import costs more than a whole read-only git command (tests/bench). Flags and the
environment of git live in `command`.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import GitFailed, Unsupported
from git_ccsync.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Mapping, Sequence
else:
    import _signal  # the numbers alone; `signal` dresses them as enums, and importing enum costs 5 ms

#: Seconds between a request to end and the kill: git removes its lock files in between.
GRACE = 2.0

#: Where a child lives (see `Child`).
SAME, TERMINAL, GROUP, SESSION = range(4)


class Output(Frozen):
    """What a finished command said; `status` is negative for a signal, as in `os.waitstatus_to_exitcode`."""

    status: int
    stdout: bytes
    stderr: bytes


def _pipe() -> tuple[int, int]:
    """A pipe whose ends never are 0, 1 or 2, which the caller may have closed.

    Whether a descriptor that is duplicated onto itself survives the exec depends on the libc.
    """
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    import fcntl

    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Child:
    """A spawned process with pipes on stdin (if asked for), stdout and stderr.

    `place` says whose process group it is in: the SAME as ours; the same too, at a TERMINAL where it and its helpers
    may prompt; a GROUP of its own; or a SESSION of its own, which has no terminal, so that neither ssh nor git can
    prompt. `most`: bytes that a file written by it, or by what it starts, may have; 0 for any number. Always `close()`
    it: that reaps, and kills what still runs.
    """

    __slots__ = ("pid", "place", "status", "stderr", "stdin", "stdout")

    def __init__(
        self, argv: list[str], env: Mapping[str, str], *, stdin: bool = False, place: int = SAME, most: int = 0
    ) -> None:
        self.pid = 0
        self.status: int | None = None
        self.stdin = self.stdout = self.stderr = -1
        self.place = place
        if not hasattr(os, "posix_spawnp"):
            raise Unsupported("git ccsync does not run on native Windows yet; use it inside WSL")
        ours: list[int] = []
        theirs: list[int] = []
        actions: list[tuple[object, ...]] = []
        try:
            for number in (0, 1, 2):
                if number == 0 and not stdin:
                    actions.append((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0))
                    continue
                read, write = _pipe()
                ours.append(read if number else write)
                theirs.append(write if number else read)
                actions.append((os.POSIX_SPAWN_DUP2, theirs[-1], number))
            self.pid = _within(most, lambda: _spawn(argv, env, actions, place))
        except BaseException:
            for end in ours:
                os.close(end)
            raise
        finally:
            for end in theirs:
                os.close(end)
        if stdin:
            self.stdin = ours.pop(0)
            os.set_blocking(self.stdin, False)
        self.stdout, self.stderr = ours

    def poll(self) -> bool:
        """True once the process has ended (and is reaped)."""
        if self.status is None:
            self._wait(os.WNOHANG)
        return self.status is not None

    def wait(self) -> int:
        """Wait for the end; the exit status."""
        while self.status is None:
            self._wait(0)
        return self.status

    def _wait(self, flags: int) -> None:
        try:
            pid, raw = os.waitpid(self.pid, flags)
        except ChildProcessError:  # reaped by somebody else (SIGCHLD ignored): its status is lost
            self.status = 255
            return
        if pid:
            self.status = os.waitstatus_to_exitcode(raw)

    def close_stdin(self) -> None:
        """Tell the child that nothing more comes."""
        if self.stdin >= 0:
            os.close(self.stdin)
            self.stdin = -1

    def close(self) -> None:
        """Close the pipes; end the process if it still runs, and reap it. Safe to call twice."""
        self.close_stdin()
        for name in ("stdout", "stderr"):
            end = getattr(self, name)
            if end >= 0:
                setattr(self, name, -1)
                os.close(end)
        if self.pid and not self.poll():
            self._end()

    def _end(self) -> None:
        helpers = descendants(self.pid) if self.place == TERMINAL else []
        self._signal(_signal.SIGTERM)
        for helper in helpers:  # ssh does not end with git where the network is dead
            _send(os.kill, helper, _signal.SIGTERM)
        self._signal(_signal.SIGCONT)  # one stopped by the terminal would not hear the first
        limit = time.monotonic() + GRACE
        nap = 0.0001  # most end at once, and somebody waits for us
        try:
            while not self.poll() and time.monotonic() < limit:
                time.sleep(nap)
                nap = min(nap * 2, 0.05)
        finally:
            if self.place >= GROUP or self.status is None:
                self._signal(_signal.SIGKILL)
            self.wait()

    def _signal(self, number: int) -> None:
        if self.place >= GROUP:
            _send(os.killpg, self.pid, number)
        elif self.status is None:
            _send(os.kill, self.pid, number)


def _send(kill: Callable[[int, int], None], pid: int, number: int) -> None:
    try:
        kill(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
        pass


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they started, as ps(1) tells; none if it is not there."""
    try:
        listing = Child(["ps", "-A", "-o", "pid=,ppid="], os.environ)
    except GitFailed:
        return []
    text = b""
    try:
        while data := os.read(listing.stdout, 1 << 16):
            text += data
    finally:
        listing.close()
    parents = {int(words[0]): int(words[1]) for words in map(bytes.split, text.splitlines()) if len(words) == 2}
    found = [pid]
    for one in found:  # grows as we go
        found += (child for child, parent in parents.items() if parent == one)
    return found[1:]


#: Bytes of memory that a process with a limit on its files may take, and a multiple of what git needs for ours.
MEMORY = 4 << 30


def _within(most: int, spawn: Callable[[], int]) -> int:
    """Spawn under the limits that go with a hostile partner, which a child has from its parent."""
    if not most:
        return spawn()
    import resource

    wanted = ((resource.RLIMIT_FSIZE, most), (resource.RLIMIT_DATA, MEMORY))
    before = [(kind, *resource.getrlimit(kind)) for kind, _ in wanted]
    try:
        for (kind, limit), (_, soft, hard) in zip(wanted, before, strict=True):
            if soft == resource.RLIM_INFINITY or soft > limit:
                resource.setrlimit(kind, (limit, hard))
        return spawn()
    finally:
        for kind, soft, hard in before:
            resource.setrlimit(kind, (soft, hard))


def _spawn(argv: list[str], env: Mapping[str, str], actions: Sequence[tuple[object, ...]], place: int) -> int:
    """Spawn. Python ignores SIGPIPE, and children inherit that; git takes it back for itself and its own."""
    try:
        if place == SESSION:
            try:
                return os.posix_spawnp(argv[0], argv, env, file_actions=actions, setsid=True)
            except NotImplementedError:  # an old libc: ssh then is stopped at its prompt, and the stall limit holds
                place = GROUP
        if place == GROUP:
            return os.posix_spawnp(argv[0], argv, env, file_actions=actions, setpgroup=0)
        return os.posix_spawnp(argv[0], argv, env, file_actions=actions)
    except OSError as error:
        raise GitFailed(f"cannot run '{argv[0]}': {error.strerror}") from error
    except ValueError as error:  # a NUL in an argument: some name that cannot be a name
        raise GitFailed(f"cannot run '{argv[0]}': {error}") from error
