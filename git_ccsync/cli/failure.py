"""Every exception as words on stderr and an exit status: the one switch. Imported only when something went wrong.

No transcript text, no traceback and no password of a URL is shown; tracebacks go to the log, or where
GIT_TRACE_CCSYNC says.
"""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import Terminated, render
from git_ccsync.errors import CcsyncError, GitFailed
from git_ccsync.git import url

BROKEN_PIPE = 141
INTERRUPTED = 130
FATAL = 128
#: git's last word on a remote that it could not read; our own message says why.
SUMMED_UP = "fatal: Could not read from remote repository."

#: Lines of git and the remote that are shown, the last ones, and characters of each.
MOST, LONGEST = 40, 500

hide_passwords = url.hide_passwords


def report(error: BaseException) -> int:
    """Say what went wrong; the exit status (git-ccsync(1), EXIT STATUS)."""
    try:
        if _drop_stdout(error):
            return _report(error)
        render.fatal(f"write failure on standard output: {_what(error)}")
        trace(error)
        return FATAL
    except (OSError, ValueError):  # stderr went away too, or is closed
        return BROKEN_PIPE if isinstance(error, BrokenPipeError) else FATAL


def _report(error: BaseException) -> int:
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(bool(error.code))
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        sys.stderr.write("\n" if os.isatty(2) else "")
        return INTERRUPTED
    if isinstance(error, Terminated):
        return _let_through(error.number)
    if isinstance(error, CcsyncError):
        explain(error)
        trace(error)
        return error.status
    return _unexpected(error)


def explain(error: CcsyncError) -> None:
    """The message of an expected error with what git said and its hints, on stderr."""
    if isinstance(error, GitFailed):
        _quote_git(error)
    if error.status == FATAL:
        render.fatal(hide_passwords(error.message))
    else:
        render.error(hide_passwords(error.message))
    hints(error)


def hints(error: CcsyncError) -> None:
    """The hints of an error, unless advice.ccsync, advice.ccsync<Class> or GIT_ADVICE turns them off."""
    if error.hints and hints_wanted(type(error).__name__):
        for text in error.hints:
            render.hint(hide_passwords(text))


def hints_wanted(name: str) -> bool:
    """Whether hints of this name are wanted: `advice.ccsync` speaks for all, `advice.ccsync<name>` for these."""
    if os.environ.get("GIT_ADVICE", "").lower() in ("0", "false", "no", "off"):
        return False
    from git_ccsync.git import config

    try:
        asked = config.read(os.getcwd())
        return asked.get_bool("advice.ccsync", True) and asked.get_bool(f"advice.ccsync{name}", True)
    except (CcsyncError, OSError, MemoryError):
        return True


def _quote_git(error: GitFailed) -> None:
    """What git and the remote said, as they said it, but for the line that the message already is."""
    lines = error.stderr.decode("utf-8", "replace").splitlines()
    for line in lines[-MOST:]:
        said = line.rpartition("\r")[2].strip()[:LONGEST]
        if said and said != SUMMED_UP and said.removeprefix("fatal: ").removeprefix("error: ") not in error.message:
            render.note(render.safe(hide_passwords(said)))


def _unexpected(error: BaseException) -> int:
    """One line that names the kind of the error; the rest is for the log."""
    explain(as_expected(error))
    return FATAL


def as_expected(error: BaseException) -> CcsyncError:
    """An unexpected error as one with a message: it is written to the log, and traced, on the way."""
    from git_ccsync.state import log

    path = log.record(error)
    trace(error)
    return CcsyncError(_what(error), *([f"what happened is in '{render.home(path)}'"] if path else []))


def _what(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        name = f" '{os.fsdecode(error.filename)}'" if isinstance(error.filename, (str, bytes)) else ""
        return f"{error.strerror[:1].lower()}{error.strerror[1:]}{name}"
    if isinstance(error, MemoryError):
        return "out of memory"
    return f"unexpected error ({type(error).__name__})"


def trace(error: BaseException) -> None:
    """The traceback, if GIT_TRACE_CCSYNC asks for it: 1, 2 or true for stderr, or the absolute path of a file."""
    wish = os.environ.get("GIT_TRACE_CCSYNC", "")
    if wish.lower() in ("", "0", "false"):
        return
    import traceback

    lines = traceback.format_exception(error)
    text = "".join(render.safe(hide_passwords(line)) + "\n" for line in "".join(lines).splitlines())
    if not os.path.isabs(wish):
        sys.stderr.write(text)
        return
    try:
        with open(wish, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as problem:
        render.warning(f"could not open '{wish}' for tracing: {problem.strerror}")


def _let_through(number: int) -> int:
    """Die by the signal that ended us, as a caller expects of a well-behaved program."""
    if sys.platform == "win32":
        return FATAL
    import signal

    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    return FATAL


def _drop_stdout(error: BaseException) -> bool:
    """Write what is still buffered for stdout, or give it up where nobody can read it: it must not fail once more. False
    if the error is that it cannot be written, as just now again.
    """
    same = False
    try:
        if not isinstance(error, BrokenPipeError):
            sys.stdout.flush()
            return True
    except (OSError, ValueError) as again:
        same = isinstance(error, OSError) and isinstance(again, OSError) and again.errno == error.errno
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, 1)
    os.close(void)
    return not same
