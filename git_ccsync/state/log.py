"""The log of unexpected errors: tracebacks and versions, never transcript text. Kept small."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LOG = 1 << 20


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
