"""What goes through the pipes of one child: input in, output out, lines of progress, limits on silence and time."""

from __future__ import annotations

import os
import time

from git_ccsync.errors import GitFailed, Stalled
from git_ccsync.frozen import Frozen
from git_ccsync.git.process import Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from git_ccsync.git.process import Child

CHUNK = 1 << 16
#: What a command may say on stdout before it counts as hostile; nothing of ours comes near.
STDOUT_CAP = 256 << 20
#: The same for a command that talks to another machine: that one can say what it likes.
TALK_CAP = 16 << 20
#: Of stderr only the end is kept: git's own verdict stands last.
STDERR_CAP = 256 << 10
#: A remote that only chatters is never silent: progress of days is less.
CHATTER_CAP = 64 << 20
#: Seconds after which we wake so late only because we were stopped ourselves: that is not the other side's silence.
LATE = 2.0
#: Seconds that a person may take over a passphrase before the first byte comes.
PROMPT_TIME = 180.0


class Limits(Frozen):
    """How long a child may be silent (`stall`) and take in all (`total`), in seconds, 0 for no limit.

    `patient` is true where a person may be typing a passphrase: then the silence before the first byte may be long.
    `said` is how many bytes it may say on stdout, and `url` whom it talks to, "" for nobody. A child that was told not to
    say how far it is shows that it lives in the directory `grows`, where the pack that it receives does.
    """

    stall: float = 0
    total: float = 0
    patient: bool = False
    said: int = STDOUT_CAP
    url: str = ""
    grows: str = ""


def _seconds(number: float) -> str:
    return f"{number:g} second{'' if number == 1 else 's'}"


class Drain:
    """Feeds a child its input and takes in all it says, with one poll(2) for the three pipes."""

    def __init__(
        self, child: Child, source: bytes, limits: Limits, on_line: Callable[[bytes], None] | None = None
    ) -> None:
        import select

        self.child = child
        self.input = memoryview(source)
        self.out: list[bytes] = []
        self.size = self.chatter = 0
        self.err = b""
        self.line = b""
        self.on_line = on_line
        self.limits = limits
        self.began = self.heard = time.monotonic()
        self.silent = True
        self.grown = 0
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
                if self.size > self.limits.said:
                    raise GitFailed("git said more than can be true")
                self.out.append(chunk)
            return Output(self.child.wait(), b"".join(self.out), self.err)
        finally:
            self.child.close()

    def chunks(self) -> Iterator[bytes]:
        """What comes on stdout, as it comes."""
        nap = 0.002
        while self.open:
            # What git started may outlive it and hold its pipes for ever (an ssh ControlMaster, a credential
            # daemon): the end of git itself counts. It is looked for when nothing comes, soon if stdout is closed.
            if self.child.stdout in self.open:
                ready = self._wait(0.25)
            else:
                ready = self._wait(nap)
                nap = min(nap * 2, 0.1)
            if not ready and self.child.poll() and not self.poll.poll(0):
                break
            for end, _ in ready:
                if end == self.child.stdin:
                    self._feed()
                elif end == self.child.stderr:
                    self._hear()
                else:
                    yield from self._take()
        if self.line and self.on_line:
            self.on_line(self.line)

    def _wait(self, longest: float) -> list[tuple[int, int]]:
        """The pipes that are ready, after at most `longest` seconds; Stalled if a limit has passed."""
        now = time.monotonic()
        stall, total = self.limits.stall, self.limits.total
        if self.limits.patient and self.silent:
            stall = stall and max(stall, PROMPT_TIME)
        if stall and now - self.heard >= stall and not self._has_grown():
            raise self._stalled(f"nothing heard for {_seconds(stall)}", "from")
        if total and now - self.began >= total:
            raise self._stalled(f"not done after {_seconds(total)}", "by")
        if stall:
            longest = min(longest, self.heard + stall - now)
        if total:
            longest = min(longest, self.began + total - now)
        ready = self.poll.poll(longest * 1000 + 1)
        late = time.monotonic() - now - longest
        if late > LATE:
            self.heard, self.began = self.heard + late, self.began + late
        return ready

    def _has_grown(self) -> bool:
        """Whether more has been received since the last look, which then counts as heard."""
        if not self.limits.grows:
            return False
        try:
            with os.scandir(self.limits.grows) as entries:
                size = sum(entry.stat().st_size for entry in entries if entry.name.startswith("tmp_pack_"))
        except OSError:  # one was whole, and got its own name
            size = -1
        if size == self.grown:
            return False
        self.grown = size
        self._heard()
        return True

    def _stalled(self, reason: str, word: str) -> Stalled:
        if not self.limits.url:
            return Stalled(reason, stderr=self.err)
        from git_ccsync.git import answers

        return answers.stalled(f"{reason} {word}", self.limits.url, self.err)

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
        self.chatter += len(data)
        if self.chatter > CHATTER_CAP:
            raise GitFailed("the remote chatters without an end")
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
