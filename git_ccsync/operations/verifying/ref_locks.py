"""Lock files that git leaves beside our refs if it is killed: what they are, and whether they may be taken away.

Git holds such a file for the moment in which it moves the ref; while it is there nobody moves it. Only those of our own
refs are looked at.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.run.workspace import HEADS, LOCAL, TRACKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.errors import GitFailed
    from git_ccsync.operations.run.workspace import Workspace

#: Seconds after which no git that lives holds one, and after which none does that cannot be seen: git holds it for some
#: thousandths, and waits for it for two seconds (`core.filesRefLockTimeout`, git.command).
OLD, BRIEF = 600, 3
_BEFORE, _BEHIND = b"Unable to create '", b".lock': File exists"


def left(ws: Workspace) -> tuple[str, ...]:
    """Paths of the lock files of our refs that were left behind: open in no process that can be seen, and old, or no git
    is at work here.
    """
    found = [path for path in _every(ws) if age(path) > BRIEF]
    if not found:
        return ()
    held, alone = _open_files(), _alone(ws)
    return tuple(path for path in found if path not in held and (alone or age(path) > OLD))


def standing(ws: Workspace) -> tuple[str, ...]:
    """Those that are there for longer than a git needs."""
    return tuple(path for path in _every(ws) if age(path) > BRIEF)


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
    """Whether a lock file that was in git's way is gone now, since it had been left behind: what failed may be done again."""
    path = _named(error)
    while path and 0 < age(path) <= BRIEF:
        time.sleep(0.1)
    if path in left(ws):
        remove(ws)
    return bool(path) and not os.path.lexists(path)


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
    """The path of the lock file that was in git's way here, "" if it was something else: what a remote says is no word of
    this machine's git.
    """
    for line in error.stderr.split(b"\n"):
        if _BEHIND in line and _BEFORE in line and not line.startswith(b"remote:"):
            return os.fsdecode(line.partition(_BEFORE)[2].partition(_BEHIND)[0]) + ".lock"
    return ""


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


def _alone(ws: Workspace) -> bool:
    """Whether no git is at work on this repository, as far as processes can be looked into (Linux: /proc); false where
    they cannot.
    """
    places = [os.path.realpath(place) for place in (ws.repo.common_dir, *ws.trees)]
    return os.path.isdir("/proc/self") and not any(
        _is_at_work(f"/proc/{process}", places) for process in _names("/proc") if process.isdecimal()
    )


def _is_at_work(process: str, places: list[str]) -> bool:
    """Whether this process is a git that may be at work in one of the places; what cannot be looked into may be."""
    try:
        name, words = _read(f"{process}/comm"), _read(f"{process}/cmdline").split(b"\0")
        if not name.startswith(b"git") or name.startswith(b"git-ccsync") or b"ccsync" in words:
            return False  # what starts us waits for us, and holds nothing
        where = os.readlink(f"{process}/cwd")
        told = _read(f"{process}/environ") + b"\0".join(words)
    except (FileNotFoundError, ProcessLookupError):  # it is over
        return False
    except OSError:
        return True
    return any(f"{where}/".startswith(f"{place}/") or os.fsencode(place) in told for place in places)


def _read(path: str) -> bytes:
    """The beginning of a file that tells no size."""
    with open(path, "rb", buffering=0) as file:
        return file.read(1 << 16) or b""


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
