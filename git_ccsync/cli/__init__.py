"""Words in, words out, exit status. This file decides where a command line goes before anything is imported for it.

The timed verbs with plain arguments go straight to their presenter; the rest goes through click. Every exception ends
in `failure`, so nothing here or below prints one.
"""

from __future__ import annotations

import os
import sys
from gc import set_threshold  # once the verb is loaded, `gc` is a module of this package

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.options_timed import Carry, StatusOptions


#: What this process was started with and does not keep: programs that are started for the user get it back.
inherited: dict[str, int] = {}


class Terminated(BaseException):
    """SIGTERM or SIGHUP came: everything open is closed on the way up, then the signal is let through."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line (`sys.argv` by default, without the program's name). Never raises; the exit status.

    0 done, 1 refused or not all done, 128 fatal, 129 usage, 130 interrupted, 141 broken pipe; never 2.
    """
    try:
        if argv is None and sys.getfilesystemencoding() != "utf-8":
            from git_ccsync.cli import plain

            plain.start_again()
        _prepare()
        # Not list(): once the verb of that name is loaded, `list` is a module of this package.
        status = _dispatch([*(sys.argv[1:] if argv is None else argv)])
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException as error:  # noqa: BLE001 -- the one switch: whatever it is becomes words and a status
        if isinstance(error, MemoryError):
            _let_go(error)
        from git_ccsync.cli import failure

        status = failure.report(error)
    return status


def _let_go(error: MemoryError) -> None:
    """Give up what the functions that were under way hold: without it there is no memory to say so."""
    trace = error.__traceback__
    while trace:
        try:
            trace.tb_frame.clear()
        except RuntimeError:  # it is still under way: ours
            pass
        trace = trace.tb_next


def _prepare() -> None:
    """Make the process fit for work: private files, three descriptors, unprintable text escaped, signals heard."""
    inherited["umask"] = os.umask(0o077)
    # Thousands of small tuples are no garbage: looking for cycles among them would cost a third of `status`.
    set_threshold(100_000)
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:  # closed by the caller: a file of ours must never take its number
            os.open(os.devnull, os.O_RDWR)
    encoding = os.environ.pop("GIT_CCSYNC_ENCODING", None)
    sys.stdout = _stream(sys.stdout, 1, encoding)
    sys.stderr = _stream(sys.stderr, 2, encoding)
    if TYPE_CHECKING:
        import signal as _signal
    else:
        import _signal  # `signal` dresses the numbers as enums: 5 ms

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(_signal, name, 0)
        # Ignored by our caller (nohup) stays ignored.
        if number and _signal.getsignal(number) == _signal.SIG_DFL:
            _signal.signal(number, _terminate)


def _stream(stream: object, number: int, encoding: str | None) -> object:
    """A text stream that writes anything: Python has none where a descriptor was closed. `encoding`: see `plain`."""
    if stream is None:
        stream = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 -- lives as long as the process
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure:
        encoding = encoding or str(getattr(stream, "encoding", ""))
        reconfigure(encoding=encoding, errors=_errors(encoding))
    return stream


def _errors(encoding: str) -> str:
    """What becomes of a character that the encoding lacks (in UTF-8: of a lone surrogate)."""
    if encoding.lower() in ("utf-8", "utf8"):
        return "backslashreplace"
    from git_ccsync.cli import plain

    return plain.register()


def _terminate(number: int, frame: object) -> None:
    raise Terminated(number)


def _dispatch(args: list[str]) -> int:
    verb, rest = (args[0], args[1:]) if args else ("", [])
    if verb in ("push", "pull", "sync"):
        from git_ccsync.cli import quick

        carry = quick.carry(rest)
        if carry is not None:
            return _carry(verb, carry)
    elif verb == "status":
        from git_ccsync.cli import quick

        options = quick.status(rest)
        if options is not None:
            return _status(options)
    elif verb == "hook" and rest[:1] not in (["-h"], ["--help"]):  # whatever its words: a status may block Claude Code
        from git_ccsync.cli import hook

        return hook.run(rest[0] if rest else "")
    elif verb == "complete":
        from git_ccsync.cli import complete

        return complete.run(rest)
    elif not rest and verb in ("", "-h", "--version"):
        return _first_contact(verb)
    from git_ccsync.cli import commands

    return commands.run(args)


def _carry(verb: str, options: Carry) -> int:
    # Spelt out rather than looked up by name: type checkers and readers can follow it.
    if verb == "push":
        from git_ccsync.cli import still

        done, ws = still.push(options)
        if done:
            return 0
        from git_ccsync.cli import push

        return push.run(options, ws)
    from git_ccsync.operations.run.workspace import Opening

    opening = None if options.all else Opening(".", fetch=options.remote, watched=options.watched)
    if verb == "pull":  # while git answers
        from git_ccsync.cli import pull

        return pull.run(options, opening)
    from git_ccsync.cli import sync

    return sync.run(options, opening)


def _status(options: StatusOptions) -> int:
    from git_ccsync.operations.run.workspace import Opening

    opening = None if options.all else Opening(".")
    from git_ccsync.cli import status  # while git answers

    return status.run(options, opening)


def _first_contact(word: str) -> int:
    """`git ccsync`, `-h`, `--version`. Without a command the status is 1, as git's own."""
    from git_ccsync.cli import render

    if word == "--version":
        from git_ccsync import __version__

        render.out(f"git-ccsync version {__version__}")
        return 0
    from git_ccsync.cli import usage

    render.out(usage.overview())
    return 0 if word else 1
