"""Worlds whose machines are initialised already: `init` has run once a process, and what it left is written anew for each
test, below the paths of its own world. Knows a world's directory only as bytes; runs nothing itself.

What holds the world's directory, holds it as plain text (config, consent, marks, logs): test_support.py sees to it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Kept(NamedTuple):
    """A directory's content: relative paths with modes and, of files, bytes; those in `named` hold the directory's path."""

    origin: bytes
    directories: list[tuple[bytes, int]]
    files: list[tuple[bytes, int, bytes]]
    named: frozenset[bytes]


def keep(directory: Path) -> Kept:
    """What lies in a directory, which holds nothing but directories and regular files."""
    top = os.fsencode(directory)
    directories, files = [], []
    for place, _, names in os.walk(top):
        here = os.path.relpath(place, top)
        directories.append((here, os.lstat(place).st_mode & 0o7777))
        for name in names:
            path = os.path.join(place, name)
            assert not os.path.islink(path), path
            with open(path, "rb") as file:
                files.append((os.path.join(here, name), os.lstat(path).st_mode & 0o7777, file.read()))
    return Kept(top, directories, files, frozenset(path for path, _, data in files if top in data))


def put(kept: Kept, directory: Path) -> None:
    """Write what was kept into another directory; what lies there already is replaced, or stays beside it."""
    top = os.fsencode(directory)
    before = os.umask(0)
    try:
        for path, mode in kept.directories:
            place = os.path.join(top, path)
            if not os.path.isdir(place):
                os.mkdir(place, mode)
        for path, mode, data in kept.files:
            text = data.replace(kept.origin, top) if path in kept.named else data
            place = os.path.join(top, path)
            # Objects are read-only, and there already if the world's remote has them.
            if mode & 0o200 or not os.path.exists(place):
                _write(place, mode, text)
    finally:
        os.umask(before)


def _write(path: bytes, mode: int, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        os.write(file, data)
    finally:
        os.close(file)
