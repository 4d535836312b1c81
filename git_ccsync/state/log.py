"""The log of unexpected errors: tracebacks and versions, never transcript text; and what went wrong behind hooks. Kept small."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LOG = 1 << 20
MAX_TROUBLE = 32 << 10


def record(error: BaseException, environ: Mapping[str, str] | None = None) -> str:
    """Write down an unexpected error; the path of the log, or "" if it could not be written.

    Only where it happened is kept, and the message's class: messages may quote a transcript or a URL's password.
    """
    import time
    import traceback

    from git_ccsync import __version__

    path = os.path.join(machine.state_home(os.environ if environ is None else environ), "log")
    frames = "".join(traceback.format_tb(error.__traceback__))
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = f"{when} git-ccsync {__version__} {type(error).__name__}\n{frames}\n"
    try:
        if files.stamp(path)[0] > MAX_LOG:
            os.replace(path, path + ".1")
        files.append(path, text.encode("utf-8", "replace"))
    except OSError:
        return ""
    return path


def trouble(state: str, what: str, text: str) -> None:
    """Add a line to `auto/trouble` in a repository's state: what went wrong where nobody looked on. `text` must be fit to
    be read by others: no transcript, no password. The same trouble again only renews the time of its line.
    """
    import time

    path = os.path.join(state, "auto/trouble")
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = f"{what}\t{' '.join(text.split())}".encode("utf-8", "backslashreplace")
    try:
        held = files.read(path, MAX_TROUBLE * 2).split(b"\n")[:-1]
        if held and held[-1].partition(b"\t")[2] == line:
            held.pop()
        held.append(when.encode() + b"\t" + line)
        while sum(map(len, held)) > MAX_TROUBLE:
            held.pop(0)
        files.replace(path, b"\n".join(held) + b"\n")
    except OSError:
        pass


def troubles(state: str) -> tuple[tuple[str, str, str], ...]:
    """The lines of `trouble`, oldest first: when (ISO 8601), what, text."""
    text = files.read(os.path.join(state, "auto/trouble"), MAX_TROUBLE * 2).decode("utf-8", "replace")
    fields = (line.split("\t", 2) for line in text.split("\n")[:-1])
    return tuple((each[0], each[1], each[2]) for each in fields if len(each) == 3)
