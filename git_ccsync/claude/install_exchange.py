"""Replacing a file, the one write that is no append (a transcript after a divergence, memory); cleaning up after a crash.

The original never vanishes: it gets a second name first, and it ends in the trash of the caller's state.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import shown
from git_ccsync.claude.install_place import (
    NEW_FILE,
    NO_LINKS,
    Changed,
    Place,
    make_directories,
    sync_directory,
    temp_name,
    temp_prefix,
    top_up,
)
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kept(Frozen):
    """Where the replaced original lies now, and how many bytes a writer added to it while it was being replaced."""

    path: str
    grown: int


def exchange(
    path: str, chunks: Iterable[bytes], *, expected: tuple[int, int, int], tag: str, trash: str, mtime_ns: int
) -> Kept:
    """Replace the file at `path` by `chunks` and move the original into the directory `trash`.

    `expected` is (size, mtime_ns, inode) of what the caller judged. Changed, with nothing touched, if the file is
    something else by now. Bytes that a writer adds at the very moment of the replacement are in the kept original,
    behind its first expected[0] bytes: the caller captures them (`grown` > 0).
    """
    with Place(path, make=False) as place:
        original = place.open(place.name, os.O_RDONLY)
        try:
            check_stat(place.name, os.fstat(original), expected)
            temp = place.write_temp(chunks, tag=tag, mtime_ns=mtime_ns)
            aside = _swap(place, temp, original, expected, temp_name(tag, place.name))
            kept = keep(place, aside, original, trash)
            return Kept(kept, max(0, os.fstat(original).st_size - expected[0]))
        finally:
            os.close(original)


def check_stat(name: str, status: os.stat_result, expected: tuple[int, int, int]) -> None:
    """Changed unless the file is the one that was judged, (size, mtime_ns, inode)."""
    if (status.st_size, status.st_mtime_ns, status.st_ino) != expected:
        raise Changed(f"'{shown(name)}' was written to meanwhile")


def _swap(place: Place, temp: str, original: int, expected: tuple[int, int, int], aside: str) -> str:
    """Put the temporary in the original's place; the name under which the original still is here."""
    try:
        _set_aside(place, aside, original)
        check_stat(place.name, place.stat(place.name), expected)
        place.rename(temp, place.name)
    except BaseException:
        place.remove(temp)
        place.remove(aside)
        raise
    place.sync()
    return aside


def _set_aside(place: Place, aside: str, original: int) -> None:
    """A second name for the original; where the file system has no links, a copy."""
    try:
        place.link(place.name, aside)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        fd = place.open(aside, NEW_FILE)
        try:
            top_up(fd, original)
        finally:
            os.close(fd)


def keep(place: Place, aside: str, original: int, trash: str) -> str:
    """Move the original from its second name into the trash; its path there.

    If the trash cannot take it, it stays where it is, and heal() tries again.
    """
    here = os.path.join(place.directory, aside)
    try:
        make_directories(trash)
        target, fd = _new_in(trash, place.name)
    except OSError:
        return here
    try:
        if not _renamed(place, aside, original, target):
            try:
                top_up(fd, original)
                sync_directory(trash)
            except OSError:
                os.unlink(target)
                return here
            place.remove(aside)
            top_up(fd, original)  # what a writer added until the very end
    finally:
        os.close(fd)
    sync_directory(trash)
    place.sync()
    return target


def _renamed(place: Place, aside: str, original: int, target: str) -> bool:
    """Rename the original into the trash; False if it is a copy, or the trash on another file system."""
    if not os.path.samestat(place.stat(aside), os.fstat(original)):
        return False
    try:
        os.rename(aside, target, src_dir_fd=place.fd)
    except OSError:
        return False
    return True


def _new_in(trash: str, name: str) -> tuple[str, int]:
    """A new file in the trash, named after `name`; its path and descriptor."""
    number = 0
    while True:
        target = os.path.join(trash, f"{name}.{number}")
        try:
            return target, os.open(target, NEW_FILE, 0o600)
        except FileExistsError:
            number += 1


def heal(directories: Iterable[str], tag: str, trash: str = "") -> list[str]:
    """Remove what a crash of ours (with this tag) left in the directories: temporaries; finish exchanges.

    A kept original that is the transcript itself loses its second name only. One that was already replaced goes to
    `trash` ("": stays where it is); the paths of these are returned, for they may hold bytes that nobody captured.
    To be called under the machine-wide lock.
    """
    kept: list[str] = []
    prefix = temp_prefix(tag)
    for directory in directories:
        try:
            names = sorted(name for name in os.listdir(directory) if name.startswith(prefix))
        except OSError:
            continue
        for name in names:
            try:
                with Place(os.path.join(directory, name), make=False) as place:
                    kept += _heal_one(place, name, trash)
            except (OSError, BadData):
                continue
    return kept


def _heal_one(place: Place, name: str, trash: str) -> list[str]:
    if name.endswith(".tmp"):
        place.remove(name)
    if not name.endswith(".kept"):
        return []
    place.name = name.split(".", 2)[2].removesuffix(".kept")
    original = place.open(name, os.O_RDONLY)
    try:
        try:
            if os.path.samestat(place.stat(place.name), os.fstat(original)):
                place.remove(name)
                return []
        except FileNotFoundError:
            pass
        return [keep(place, name, original, trash) if trash else os.path.join(place.directory, name)]
    finally:
        os.close(original)
