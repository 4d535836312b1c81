"""Finding a repository's directory by looking at files alone: for hooks, which may cost no process where nothing is to be
done. Knows less than git (`repository.discover`): what is found here must be found again there before it is worked in.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Directories looked at upwards, and the longest of git's small files.
_DEPTH = 64
_CAP = 4096


def common_dir(start: str) -> str:
    """The directory that all work trees of the repository around `start` share, "" if there is none."""
    path = start
    for _ in range(_DEPTH):
        git = f"{path}/.git"
        if os.path.isdir(git):
            return git
        named = _first_line(git)
        if named.startswith("gitdir: "):
            own = os.path.join(path, named[8:])
            shared = _first_line(f"{own}/commondir")
            return os.path.normpath(os.path.join(own, shared)) if shared else own
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    return ""


def home_repository(environ: Mapping[str, str]) -> str:
    """Where the repository for sessions outside any repository lies, whether it exists or not (XDG base directories)."""
    base = environ.get("XDG_DATA_HOME", "")
    if not os.path.isabs(base):
        base = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".local/share")
    return os.path.join(base, "git-ccsync", "home.git")


def stamp(common: str, names: tuple[str, ...]) -> tuple[tuple[int, int, int], ...]:
    """What changes whenever one of the refs `names` does: (size, mtime_ns, inode) of the files that may hold them."""
    found = []
    for name in (*names, "packed-refs", "reftable/tables.list"):
        try:
            status = os.stat(f"{common}/{name}")
            found.append((status.st_size, status.st_mtime_ns, status.st_ino))
        except OSError:
            found.append((0, 0, 0))
    return tuple(found)


def _first_line(path: str) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return ""
    try:
        return os.fsdecode(os.read(fd, _CAP).partition(b"\n")[0]).rstrip("\r")
    except OSError:
        return ""
    finally:
        os.close(fd)
