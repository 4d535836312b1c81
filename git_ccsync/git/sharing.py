"""The modes that new files and directories in the object store get: git's own, with core.sharedRepository."""

from __future__ import annotations

import os
import stat
import sys

from git_ccsync.git import config

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    if stat.S_ISDIR(mode):
        result |= (result & 0o444) >> 2
        if result & 0o060 and sys.platform == "linux":
            result |= stat.S_ISGID
    return result


def adjust(path: str, tweak: int) -> None:
    """Give a new file or directory its shared permissions."""
    if tweak:
        mode = os.stat(path).st_mode
        if wanted(mode, tweak) != mode:
            os.chmod(path, stat.S_IMODE(wanted(mode, tweak)))


def make_directory(path: str, tweak: int) -> bool:
    """Make a directory of the object store; False if it was there."""
    try:
        os.mkdir(path)
    except FileExistsError:
        return False
    adjust(path, tweak)
    return True


def sync_directory(path: str) -> None:
    """Put the names in a directory on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
