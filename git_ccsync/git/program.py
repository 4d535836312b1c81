"""Another program than git, run to its end within limits: words in, bytes out. Knows nothing of what it does.

It is here because this room alone starts processes. It has no terminal, a process group that ends with it, and a
directory that is not ours.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import CcsyncError, Stalled
from git_ccsync.git import process
from git_ccsync.git.drain import Drain, Limits
from git_ccsync.git.process import Child, Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: A shell goes there first: what spawns processes cannot.
_THERE = ("sh", "-c", 'cd -- "$1" && shift && exec "$@"', "sh")


def find(name: str, path: str) -> str:
    """The executable that `name` means in the search path `path`, "" for none."""
    for directory in path.split(os.pathsep) if os.sep not in name else [""]:
        found = os.path.join(directory, name)
        if os.path.isabs(found) and os.path.isfile(found) and os.access(found, os.X_OK):
            return found
    return ""


def run(
    words: Sequence[str],
    *,
    cwd: str,
    env: Mapping[str, str],
    seconds: float,
    cap: int,
    input: bytes = b"",  # noqa: A002 - subprocess's name for it
) -> Output:
    """Run `words` in `cwd`; what it said, of which at most `cap` bytes are taken in.

    CcsyncError if it cannot be started, is not done after `seconds`, or says more: then it is ended, with all it started.
    """
    child = Child([*_THERE, cwd, *words], env, stdin=bool(input), place=process.SESSION)
    drain = Drain(child, input, Limits(total=seconds))
    out, size = [], 0
    end = time.monotonic() + seconds
    try:
        for chunk in drain.chunks():
            size += len(chunk)
            if size > cap:
                raise CcsyncError(f"'{words[0]}' says more than {cap} bytes")
            out.append(chunk)
        _await(child, end)
        return Output(child.wait(), b"".join(out), drain.err)
    except Stalled as error:
        raise CcsyncError(f"'{words[0]}': {error.message}") from None
    finally:
        child.close()


def _await(child: Child, end: float) -> None:
    """Wait for a process that has closed its pipes, and no longer."""
    nap = 0.002
    while not child.poll():
        if time.monotonic() > end:
            raise Stalled("not done in time")
        time.sleep(nap)
        nap = min(2 * nap, 0.1)
