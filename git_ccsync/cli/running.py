"""Claude Code as a child at this terminal: found, run, waited for; and what follows its end, however it ended.

Signals that are meant for it reach it, and we survive them, so that its session still goes to the remote. Knows no
verb: `resume` and `new` both run Claude Code through this.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from git_ccsync.cli import inherited, render
from git_ccsync.errors import CcsyncError, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from git_ccsync.model import OnProgress, PushResult
    from git_ccsync.operations.run.workspace import Workspace

#: Signals that end a program; the first two may come from a terminal, which sends them to Claude Code as well.
_ENDING = ("SIGINT", "SIGHUP", "SIGTERM")


class Ended(Frozen):
    """How Claude Code ended: `status` as a shell tells it, 128 + n for a signal. `hung_up`: the terminal went away."""

    status: int
    hung_up: bool = False


def executable(environ: Mapping[str, str] = os.environ) -> str:
    """The path of `claude`. NotFound if it is not on PATH."""
    import shutil

    found = shutil.which("claude", path=environ.get("PATH"))
    if not found:
        raise NotFound("'claude' is not on PATH", "see https://code.claude.com for how to install Claude Code")
    return found


def knows(claude: str, option: str, state: str) -> bool:
    """Whether this Claude Code's own help lists `option`, such as "-n, --name". Asked once for each version that is
    installed; the answer is kept in the directory `state`.
    """
    from git_ccsync.state import files

    stamp = f"{os.path.realpath(claude)} {files.stamp(os.path.realpath(claude))} {option}"
    path = os.path.join(state, "claude-options")
    held = files.load_cache(path)
    known: dict[str, bool] = held if isinstance(held, dict) else {}
    if stamp not in known:
        known = {**dict(list(known.items())[-20:]), stamp: _listed(claude, option)}
        files.save_cache(path, known)
    return known[stamp]


def _listed(claude: str, option: str) -> bool:
    try:
        done = subprocess.run(
            [claude, "--help"], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return any(line.strip().startswith(option.encode()) for line in done.stdout.splitlines())


def run(words: Sequence[str], *, cwd: str, started: Callable[[int], None] | None = None) -> Ended:
    """Run Claude Code (`words` begin with its path) in `cwd` with this terminal; `started` is told its process id.

    Returns when it has ended. CcsyncError if it cannot be started. SIGTERM, SIGHUP and an interrupt that did not come
    from the terminal are passed on to it, and do not end us.
    """
    sys.stdout.flush()
    relay, settings = _Relay(), _terminal()
    try:
        try:
            child = subprocess.Popen(words, cwd=cwd, umask=inherited.get("umask", -1))
        except OSError as error:
            raise CcsyncError(f"cannot run '{words[0]}' in '{cwd}': {error.strerror}") from None
        relay.reach(child.pid)
        if started:
            started(child.pid)
        child.returncode = _wait(child.pid)
    finally:
        relay.close()
    if relay.hung_up:
        _nowhere()
    elif child.returncode:  # a killed one leaves the terminal as it had made it for itself
        _restore(settings)
    return Ended(child.returncode if child.returncode >= 0 else 128 - child.returncode, relay.hung_up)


class _Relay:
    """Takes the ending signals from the start of the child to its end, and passes on those that it did not get."""

    def __init__(self) -> None:
        self._pid = 0
        self._early: list[int] = []
        self.hung_up = False
        numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
        # Handlers, not SIG_IGN: that would be inherited. What our caller ignores (nohup) stays ignored.
        self._before = {
            number: signal.signal(number, self._came)
            for number in numbers
            if signal.getsignal(number) is not signal.SIG_IGN
        }

    def _came(self, number: int, frame: FrameType | None) -> None:
        hang_up = number == getattr(signal, "SIGHUP", None)
        self.hung_up = self.hung_up or hang_up
        if not self._pid:
            self._early.append(number)
        elif not (number == signal.SIGINT and _in_foreground()):
            _kill(self._pid, number)

    def reach(self, pid: int) -> None:
        """The child is there: it gets what came before."""
        self._pid = pid
        for number in self._early:
            _kill(pid, number)

    def close(self) -> None:
        """As before; but after a hang-up further ones, which shells and terminals send, end nothing."""
        for number, handler in self._before.items():
            keep = self.hung_up and number == getattr(signal, "SIGHUP", None)
            signal.signal(number, signal.SIG_IGN if keep else handler)


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def _in_foreground() -> bool:
    """Whether an interrupt came, in all likelihood, from the terminal: then Claude Code has had it too."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except (OSError, AttributeError):
        return False


def _wait(pid: int) -> int:
    """Wait for the end; negative for a signal. Where it is stopped (^Z) we stop too, or the shell would never know."""
    while True:
        _, raw = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(raw):
            return os.waitstatus_to_exitcode(raw)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(pid, signal.SIGCONT)  # the shell's `fg` tells the whole group; `kill -CONT` only us


def _terminal() -> list[object]:
    """The settings of the terminal on stdin, [] if it is none."""
    try:
        import termios

        return termios.tcgetattr(0)
    except Exception:  # noqa: BLE001 -- no termios (Windows), or termios.error: no terminal
        return []


def _restore(settings: list[object]) -> None:
    if not settings or not _in_foreground():  # in the background it would stop us
        return
    import termios

    try:
        termios.tcsetattr(0, termios.TCSADRAIN, settings)  # type: ignore[arg-type]
    except termios.error:
        pass


def _nowhere() -> None:
    """Nobody reads or types any more: a write to a terminal that is gone would fail."""
    void = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(void, number)
    os.close(void)


def send(cwd: str, work: Callable[[Workspace, OnProgress], PushResult] | None = None) -> bool:
    """Capture and push what the repository around `cwd` has new, in a line or two; False if it is not on the remote.

    `work` does that in the place of `push`. Whatever goes wrong is a warning: Claude Code has ended well or ill already,
    and the lines are safe on this disk.
    """
    from git_ccsync.operations.push import push
    from git_ccsync.operations.run.workspace import open_workspace

    try:
        return _push(open_workspace(cwd), work or (lambda ws, on_progress: push(ws, on_progress=on_progress)))
    except (CcsyncError, OSError) as error:
        _warn(error)
        return False


def _push(ws: Workspace, work: Callable[[Workspace, OnProgress], PushResult]) -> bool:
    from git_ccsync.cli import progress, push

    with progress.meter() as meter:
        result = work(ws, meter)
    for text in result.warnings:
        render.warning(text)
    for problem in result.problems:
        render.warning(f"'{problem.subject}': {problem.reason}")
    if not result.up_to_date:
        render.note(f"{push.brief(result)}, to '{render.safe(result.remote or result.url)}'")
        from git_ccsync.cli import detach

        detach.tend(ws)
    return not push.failed(result) and all(one.stray for one in result.problems)


def _warn(error: Exception) -> None:
    from git_ccsync.cli import failure

    known = error if isinstance(error, CcsyncError) else failure.as_expected(error)
    render.warning(failure.hide_passwords(known.message))
    failure.hints(known)
    render.warning(render.commands("the session is on this disk; 'git ccsync push' sends it"))
