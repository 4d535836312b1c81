"""How files and directories get into the object store: their modes (core.sharedRepository), whole, and durable."""

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.git.repository import Repository

_WORDS = {"umask": 0, "false": 0, "no": 0, "off": 0, "0": 0, "": 0}
_GROUP = ("group", "true", "yes", "on", "1")
_ALL = ("all", "world", "everybody", "2")


def sharing(repo: Repository) -> int:
    """The permissions that git adds (positive), or sets exactly (negative), 0 for none (git's path.c).

    Asks git only where the object directory shows signs of sharing, which git leaves when it makes a shared one.
    """
    mode = os.stat(repo.object_dir).st_mode
    if not mode & (stat.S_ISGID if sys.platform == "linux" else stat.S_IWGRP):
        return 0
    from git_ccsync.git import config

    return parse(config.read(git_dir=repo.git_dir).get("core.sharedRepository"))


def parse(value: str) -> int:
    """The value of core.sharedRepository as a number (see `sharing`); 0 for nonsense, which git itself refuses."""
    word = value.lower()
    if word in _WORDS:
        return 0
    if word in _GROUP:
        return 0o660
    if word in _ALL:
        return 0o664
    try:
        number = int(word, 8)
    except ValueError:
        return 0
    return -(number & 0o666) if number & 0o600 == 0o600 else 0


def wanted(mode: int, tweak: int) -> int:
    """The mode that a file or directory with `mode` is to have (calc_shared_perm and adjust_shared_perm of git)."""
    added = abs(tweak)
    if not mode & stat.S_IWUSR:
        added &= ~0o222
    if mode & stat.S_IXUSR:
        added |= (added & 0o444) >> 2
    result = (mode & ~0o777) | added if tweak < 0 else mode | added
    if stat.S_ISDIR(mode) and result & 0o060 and sys.platform == "linux":
        result |= stat.S_ISGID
    return result


def adjust(path: str, tweak: int) -> None:
    """Give a new file or directory its shared permissions."""
    if tweak:
        mode = os.stat(path).st_mode
        if wanted(mode, tweak) != mode:
            os.chmod(path, stat.S_IMODE(wanted(mode, tweak)))


def make_directory(path: str, tweak: int) -> bool:
    """Make a directory of the object store, as open as the store itself: git will put objects of its own there, and
    whoever could read those before must be able to. False if it was there.
    """
    try:
        os.mkdir(path)
    except FileExistsError:
        return False
    os.chmod(path, stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode))
    adjust(path, tweak)
    return True


def open_up(store: str) -> None:
    """Make the directories of an object store as open as it is itself: git made some under our umask."""
    mode = stat.S_IMODE(os.stat(store).st_mode)
    if not mode & 0o077:
        return
    for name in os.listdir(store):
        path = f"{store}/{name}"
        if len(name) == 2 and stat.S_IMODE(os.stat(path).st_mode) == 0o700:
            os.chmod(path, mode)


class kept:  # noqa: N801 -- used like a function
    """`with kept(path): …` lets a file that git writes anew meanwhile keep its permissions."""

    def __init__(self, path: str) -> None:
        self._path, self._mode = path, _mode(path)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_error: object) -> None:
        if self._mode >= 0 and _mode(self._path) not in (-1, self._mode):
            os.chmod(self._path, self._mode)


def _mode(path: str) -> int:
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return -1


def umask_of(repository: str) -> int:
    """The umask that others' files in the repository at a path were made with, as its object store shows; 0o077 if that
    cannot be told.
    """
    for store in (f"{repository}/objects", f"{repository}/.git/objects", f"{repository}.git/objects"):
        try:
            return ~os.stat(store).st_mode & 0o777
        except OSError:
            continue
    return 0o077


def settle(folders: Iterable[str]) -> None:
    """Put the names in some directories on disk.

    On macOS fsync(2) leaves things in the drive's own memory: there the last call empties that too, once for all.
    """
    last = -1
    for folder in folders:
        if last >= 0:
            os.close(last)
        last = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        os.fsync(last)
    if last < 0:
        return
    try:
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(last, fcntl.F_FULLFSYNC)
    except OSError:  # a file system without it
        pass
    finally:
        os.close(last)


def write_all(handle: int, data: bytes) -> None:
    """write(2) until all is written."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
