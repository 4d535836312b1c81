"""Replacing a transcript after a divergence, the one write that is no append; and cleaning up after a crash.

The original never vanishes: a link to it is made first, and it ends in the trash of the caller's state.
"""

from __future__ import annotations

import errno
import os

from git_ccsync.claude.files import shown
from git_ccsync.claude.place import NEW_FILE, NO_LINKS, Changed, Place, check_tag, sync_directory, temp_name
from git_ccsync.claude.scan import TEMP_PREFIX
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kept(Frozen):
    """Where the replaced original lies now, and how many bytes a writer added to it while it was being replaced."""

    path: str
    grown: int


def exchange(
    path: str,
    chunks: Iterable[bytes],
    *,
    expected: tuple[int, int, int],
    tag: str,
    trash: str,
    mtime_ns: int,
) -> Kept:
    """Replace the file at `path` by `chunks` and move the original into the directory `trash`.

    `expected` is (size, mtime_ns, inode) of what the caller judged. Changed, with nothing touched, if the file is
    something else by now. Bytes that a writer adds at the very moment of the replacement are in the kept original,
    behind its first expected[0] bytes: the caller captures them (`grown` > 0).
    """
    with Place(path, make=False) as place:
        temp = place.write_temp(chunks, tag=tag, mtime_ns=mtime_ns)
        aside = temp_name(tag, place.name)
        original = -1
        try:
            original = place.open(place.name, os.O_RDONLY)
            _link_aside(place, aside, original)
            if _judged(place.stat(place.name)) != expected or _judged(os.fstat(original)) != expected:
                raise Changed(f"'{shown(place.name)}' was written to meanwhile")
            place.rename(temp, place.name)
        except BaseException:
            place.remove(temp)
            place.remove(aside)
            if original >= 0:
                os.close(original)
            raise
        try:
            place.sync()
            _complete(place, aside, original)
            kept = _to_trash(place, aside, place.name, trash)
            return Kept(kept, max(0, os.fstat(original).st_size - expected[0]))
        finally:
            os.close(original)


def _judged(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _link_aside(place: Place, aside: str, original: int) -> None:
    """A second name for the original; where the file system has no links, a copy."""
    try:
        place.link(place.name, aside)
        if not os.path.samestat(place.stat(aside), os.fstat(original)):
            raise Changed(f"'{shown(place.name)}' was replaced meanwhile")
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        fd = place.open(aside, os.O_WRONLY | NEW_FILE)
        try:
            place.copy(place.name, fd)
        finally:
            os.close(fd)


def _complete(place: Place, aside: str, original: int) -> None:
    """If `aside` is a copy, add what was written to the original since it was made."""
    if os.path.samestat(place.stat(aside), os.fstat(original)):
        return
    fd = place.open(aside, os.O_WRONLY | os.O_APPEND)
    try:
        os.lseek(original, os.fstat(fd).st_size, os.SEEK_SET)
        while data := os.read(original, 1 << 20):
            os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def _to_trash(place: Place, aside: str, name: str, trash: str) -> str:
    """Move the kept original into `trash` under a name of its own; its path there."""
    os.makedirs(trash, 0o700, exist_ok=True)
    number = 0
    while True:
        target = os.path.join(trash, f"{name}.{number}")
        try:
            fd = os.open(target, os.O_WRONLY | NEW_FILE, 0o600)
            break
        except FileExistsError:
            number += 1
    try:
        try:
            os.rename(aside, target, src_dir_fd=place.fd)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            place.copy(aside, fd)
            sync_directory(trash)
            place.remove(aside)
    finally:
        os.close(fd)
    sync_directory(trash)
    place.sync()
    return target


def heal(directories: Iterable[str], tag: str, trash: str = "") -> list[str]:
    """Remove what a crash of ours (with this tag) left in the directories: temporaries; finish exchanges.

    A kept original that is the transcript itself loses its second name only. One that was already replaced goes to
    `trash` ("": stays where it is); the paths of these are returned. To be called under the machine-wide lock.
    """
    kept: list[str] = []
    for directory in directories:
        try:
            names = [name for name in os.listdir(directory) if name.startswith(f"{TEMP_PREFIX}{check_tag(tag)}-")]
        except OSError:
            continue
        for name in names:
            with Place(os.path.join(directory, name), make=False) as place:
                kept += _heal_one(place, directory, trash)
    return kept


def _heal_one(place: Place, directory: str, trash: str) -> list[str]:
    name = place.name
    if name.endswith(".tmp"):
        place.remove(name)
    if not name.endswith(".kept"):
        return []
    original = name.split(".", 2)[2].removesuffix(".kept")
    try:
        if os.path.samestat(place.stat(original), place.stat(name)):
            place.remove(name)
            return []
    except FileNotFoundError:
        pass
    return [_to_trash(place, name, original, trash) if trash else os.path.join(directory, name)]
