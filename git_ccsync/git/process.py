"""One child process: how it is spawned, fed, drained, limited in time, ended and reaped. Knows no git words.

`subprocess` is not used: its import costs more than a whole read-only git command (tests/bench). Flags and the
environment of git live in `command`.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import GitFailed, Stalled, Unsupported
from git_ccsync.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable, Iterator, Mapping, Sequence
else:
    import _signal  # the numbers alone; `signal` dresses them as enums, and importing enum costs 5 ms

CHUNK = 1 << 16
#: What a command may say on stdout before it counts as hostile; nothing of ours comes near.
STDOUT_CAP = 256 << 20
#: Of stderr only the end is kept: git's own verdict stands last.
STDERR_CAP = 256 << 10
#: Seconds between a request to end and the kill: git removes its lock files in between.
GRACE = 2.0
#: Seconds that a person may take over a passphrase before the first byte comes.
PROMPT_TIME = 300.0

SAME, GROUP, SESSION = range(3)


class Output(Frozen):
    """What a finished command said; `status` is negative for a signal, as in `os.waitstatus_to_exitcode`."""

    status: int
    stdout: bytes
    stderr: bytes


def _pipe() -> tuple[int, int]:
    """A pipe whose ends never are 0, 1 or 2 (which the caller may have closed): dup2 onto itself loses the fd."""
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

    `place` says whose process group it is in: SAME as ours, a GROUP of its own, or a SESSION of its own, which has
    no terminal, so that neither ssh nor git can prompt. Always `close()` it: that reaps, and kills what still runs.
    """

    __slots__ = ("pid", "place", "status", "stderr", "stdin", "stdout")

    def __init__(self, argv: list[str], env: Mapping[str, str], *, stdin: bool = False, place: int = SAME) -> None:
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
            self.pid = _spawn(argv, env, actions, place)
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
        self._signal(_signal.SIGTERM)
        self._signal(_signal.SIGCONT)  # one stopped by the terminal would not hear the first
        limit = time.monotonic() + GRACE
        nap = 0.001
        try:
            while not self.poll() and time.monotonic() < limit:
                time.sleep(nap)
                nap = min(nap * 2, 0.05)
        finally:
            if self.place != SAME or self.status is None:
                self._signal(_signal.SIGKILL)
            self.wait()

    def _signal(self, number: int) -> None:
        try:
            if self.place != SAME:
                os.killpg(self.pid, number)
            elif self.status is None:
                os.kill(self.pid, number)
        except (ProcessLookupError, PermissionError):  # macOS: EPERM for a group of zombies
            pass


def _spawn(argv: list[str], env: Mapping[str, str], actions: Sequence[tuple[object, ...]], place: int) -> int:
    """Spawn; python ignores SIGPIPE, and children must not inherit that."""
    defaults = (_signal.SIGPIPE, _signal.SIGXFSZ)
    try:
        if place == SESSION:
            try:
                return os.posix_spawnp(argv[0], argv, env, file_actions=actions, setsigdef=defaults, setsid=True)
            except NotImplementedError:
                place = GROUP
        if place == GROUP:
            return os.posix_spawnp(argv[0], argv, env, file_actions=actions, setsigdef=defaults, setpgroup=0)
        return os.posix_spawnp(argv[0], argv, env, file_actions=actions, setsigdef=defaults)
    except OSError as error:
        raise GitFailed(f"cannot run '{argv[0]}': {error.strerror}") from error


class Limits(Frozen):
    """How long a child may be silent (`stall`) and take in all (`total`), in seconds, 0 for no limit.

    `patient` is true where a person may be typing a passphrase: then the silence before the first byte may be long.
    """

    stall: float = 0
    total: float = 0
    patient: bool = False


class Drain:
    """Feeds a child its input and takes in all it says, with one poll(2) for the three pipes."""

    def __init__(
        self, child: Child, source: bytes, limits: Limits, on_line: Callable[[bytes], None] | None = None
    ) -> None:
        import select

        self.child = child
        self.input = memoryview(source)
        self.out: list[bytes] = []
        self.size = 0
        self.err = b""
        self.line = b""
        self.on_line = on_line
        self.limits = limits
        self.began = self.heard = time.monotonic()
        self.silent = True
        self.poll = select.poll()
        self.open = {child.stdout, child.stderr}
        for end in self.open:
            self.poll.register(end, select.POLLIN)
        if child.stdin >= 0:
            self.poll.register(child.stdin, select.POLLOUT)
            self.open.add(child.stdin)

    def run(self) -> Output:
        """Everything up to the end of the process. Stalled if a limit was passed (the child is killed)."""
        try:
            for chunk in self.chunks():
                self.size += len(chunk)
                if self.size > STDOUT_CAP:
                    raise GitFailed("git said more than can be true")
                self.out.append(chunk)
            return Output(self.child.wait(), b"".join(self.out), self.err)
        finally:
            self.child.close()

    def chunks(self) -> Iterator[bytes]:
        """What comes on stdout, as it comes."""
        nap = 0.002
        while self.open:
            # Once stdout is closed only stderr can be open still, and a process that outlives git (an ssh
            # ControlMaster, a credential daemon) may hold that for ever: then the end of git itself counts.
            lingering = self.child.stdout not in self.open
            ready = self.poll.poll(1000 * self._patience(nap if lingering else 0))
            for end, _ in ready:
                if end == self.child.stdin:
                    self._feed()
                elif end == self.child.stderr:
                    self._hear()
                else:
                    yield from self._take()
            if not ready and lingering:
                if self.child.poll():
                    break
                nap = min(nap * 2, 0.1)
        if self.line and self.on_line:
            self.on_line(self.line)

    def _patience(self, nap: float) -> float:
        """Seconds to wait in the next poll, -1/1000 for ever; raises Stalled if a limit has passed."""
        limits = self.limits
        ends = []
        now = time.monotonic()
        if limits.stall:
            allowed = max(limits.stall, PROMPT_TIME) if limits.patient and self.silent else limits.stall
            ends.append((self.heard + allowed - now, f"nothing heard for {allowed:g} seconds"))
        if limits.total:
            ends.append((self.began + limits.total - now, f"not done after {limits.total:g} seconds"))
        for left, reason in ends:
            if left <= 0:
                raise Stalled(reason, stderr=self.err)
        left = min((left for left, _ in ends), default=-0.001)
        return left if not nap else min(nap, left) if left > 0 else nap

    def _done(self, end: int) -> None:
        self.poll.unregister(end)
        self.open.discard(end)

    def _feed(self) -> None:
        try:
            sent = os.write(self.child.stdin, self.input[: CHUNK * 4]) if self.input else 0
        except BlockingIOError:
            return
        except BrokenPipeError:  # it does not want the rest; its status says whether that is an error
            sent = len(self.input)
        self.input = self.input[sent:]
        if not self.input:
            self._done(self.child.stdin)
            self.child.close_stdin()

    def _take(self) -> Iterator[bytes]:
        data = os.read(self.child.stdout, CHUNK)
        if data:
            self._heard()
            yield data
        else:
            self._done(self.child.stdout)

    def _hear(self) -> None:
        data = os.read(self.child.stderr, CHUNK)
        if not data:
            self._done(self.child.stderr)
            return
        self._heard()
        self.err = (self.err + data)[-STDERR_CAP:]
        if self.on_line:
            *lines, rest = (self.line + data).replace(b"\r", b"\n").split(b"\n")
            self.line = rest[-STDERR_CAP:]
            for line in lines:
                if line:
                    self.on_line(line)

    def _heard(self) -> None:
        self.heard = time.monotonic()
        self.silent = False
