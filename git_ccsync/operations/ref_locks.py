"""Lock files that git leaves beside our refs if it is killed: what they are, and whether they may be taken away.

Git holds such a file for the moment in which it moves the ref; while it is there nobody moves it. Only those of our own
refs are looked at.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.workspace import HEADS, LOCAL, TRACKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.errors import GitFailed
    from git_ccsync.operations.workspace import Workspace

#: Seconds after which no git that lives holds one.
OLD = 600
_BEFORE, _BEHIND = b"Unable to create '", b".lock': File exists"


def left(ws: Workspace) -> tuple[str, ...]:
    """Paths of the lock files of our refs that were left behind: old, and open in no process that can be seen."""
    old = [path for path in _every(ws) if age(path) > OLD]
    held = _open_files() if old else frozenset()
    return tuple(path for path in old if path not in held)


def remove(ws: Workspace) -> None:
    """Take those away. Ours is the lock of the repository meanwhile, so none of them is ours."""
    for path in left(ws):
        try:
            os.unlink(path)
        except OSError:
            continue


def age(path: str) -> float:
    """Seconds since the file was made, 0 if it is gone."""
    try:
        return max(0.0, time.time() - os.lstat(path).st_mtime)
    except OSError:
        return 0.0


def freed(ws: Workspace, error: GitFailed) -> bool:
    """Whether a lock file that was in git's way had been left behind, and is gone now: what failed may be done again."""
    if _named(error) not in left(ws):
        return False
    remove(ws)
    return True


def explained(error: GitFailed) -> CcsyncError:
    """The error itself, or, where a lock file was in git's way, one that names it and says when it may go."""
    path = _named(error)
    if not path:
        return error
    message = f"'{path}' is in the way: git has locked the ref, or was killed while it had"
    if age(path) > OLD:
        return CcsyncError(message, "it was left behind: 'git ccsync doctor --fix' removes it")
    return CcsyncError(
        message, "try again in a moment; if no git is at work here, the file may be removed", "git ccsync doctor"
    )


def _named(error: GitFailed) -> str:
    """The path of the lock file that was in git's way, "" if it was something else."""
    if _BEHIND not in error.stderr or _BEFORE not in error.stderr:
        return ""
    return os.fsdecode(error.stderr.partition(_BEFORE)[2].partition(_BEHIND)[0]) + ".lock"


def _every(ws: Workspace) -> Iterator[str]:
    for prefix in (LOCAL, TRACKING, HEADS):
        for folder, _, names in os.walk(os.path.join(ws.repo.common_dir, prefix)):
            yield from (os.path.join(folder, name) for name in names if name.endswith(".lock"))


def _open_files() -> frozenset[str]:
    """What the processes that can be looked into (Linux: /proc) have open; nothing elsewhere."""
    found = set()
    for process in _names("/proc"):
        if process.isdecimal():
            for number in _names(f"/proc/{process}/fd"):
                try:
                    found.add(os.readlink(f"/proc/{process}/fd/{number}"))
                except OSError:
                    continue
    return frozenset(found)


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
