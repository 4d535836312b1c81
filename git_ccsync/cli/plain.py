"""Where not all is UTF-8: names of files as Claude Code and git write them all the same, and what stands for characters
that the output's encoding lacks. Imported only there; writes nothing.
"""

from __future__ import annotations

import codecs
import os
import sys

#: The name of the error handler.
NAME = "git-ccsync"
#: Our own marks, for people; whatever came from elsewhere is escaped, so that nothing of it is lost.
MARKS = {"✓": "+", "✗": "x", "…": "...", "●": "*", "✻": "*", "—": "-"}


def start_again() -> None:
    """Become this program in Python's UTF-8 mode, under a locale of another encoding: paths in transcripts and trees are
    UTF-8, and none of this disk's would be equal to them. What is written keeps the locale's encoding.
    """
    if sys.flags.utf8_mode or not sys.executable or not sys.stdout:
        return
    os.environ["GIT_CCSYNC_ENCODING"] = sys.stdout.encoding
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def register() -> str:
    """Make the handler known; its name, for the `errors` of a stream."""
    codecs.register_error(NAME, spell)
    return NAME


def spell(error: UnicodeError) -> tuple[str, int]:
    """The handler, as codecs.register_error has it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(MARKS.get(char) or char.encode("ascii", "backslashreplace").decode() for char in lacking), error.end
