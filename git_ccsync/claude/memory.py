"""The memory files of a project, which Claude Code keeps in `projects/<key>/memory/`: found by name and stat, and read.

Never follows a link; nothing here writes.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import open_regular
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The directory's name, and bounds of what is looked at below it.
NAME, DEPTH, MAX_ENTRIES = "memory", 3, 5000
_FILE, _DIRECTORY = 0o100000, 0o040000


class File(Frozen):
    """One file; `name` is relative to the directory, with "/"."""

    name: str
    size: int
    mtime_ns: int
    inode: int


class Listing(Frozen):
    """What lies there, sorted by name. `inode` is the directory's own, 0 if there is none; `odd` are links and the like,
    which are left alone.
    """

    inode: int = 0
    files: tuple[File, ...] = ()
    odd: tuple[str, ...] = ()


def directory(claude: str, key: str) -> str:
    """Where the project with that key has its memory."""
    return f"{claude}/projects/{key}/{NAME}"


def listing(path: str) -> Listing:
    """What lies in the memory directory `path`; hidden names are nobody's memory. An absent directory is an empty one."""
    files: list[File] = []
    odd: list[str] = []
    try:
        found = os.lstat(path)
        if found.st_mode & 0o170000 != _DIRECTORY:
            return Listing(odd=(NAME,))
        for name, status in _entries(path, "", DEPTH):
            if status.st_mode & 0o170000 == _FILE:
                files.append(File(name, status.st_size, status.st_mtime_ns, status.st_ino))
            else:
                odd.append(name)
    except FileNotFoundError:
        return Listing()
    return Listing(found.st_ino, tuple(sorted(files)), tuple(sorted(odd)))


def _entries(path: str, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    left = MAX_ENTRIES
    with os.scandir(path) as entries:
        for entry in entries:
            left -= 1
            if entry.name[0] == "." or left < 0:
                continue
            status = entry.stat(follow_symlinks=False)
            if status.st_mode & 0o170000 == _DIRECTORY and depth > 1:
                yield from _entries(entry.path, f"{prefix}{entry.name}/", depth - 1)
            else:
                yield prefix + entry.name, status


def read(path: str, cap: int) -> bytes:
    """The content of a memory file; BadData if it is no regular file, or larger than `cap` bytes. OSError as open()."""
    fd = open_regular(path)
    try:
        data = os.read(fd, cap + 1)
        while len(data) <= cap and (more := os.read(fd, cap + 1 - len(data))):
            data += more
    finally:
        os.close(fd)
    if len(data) > cap:
        raise BadData(f"is larger than {cap >> 10} KiB")
    return data
