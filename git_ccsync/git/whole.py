"""A file that appears whole or not at all, however long it is: written beside its place, synced, renamed."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

#: What temporaries begin with; nothing that begins so is ever read.
PREFIX = ".git-ccsync-"


class Whole:
    """A context manager: the open file inside; at its end the file is at `path`, unless there was an error."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._temp = os.path.join(os.path.dirname(path), f"{PREFIX}{os.getpid()}-{os.path.basename(path)[:100]}.tmp")

    def __enter__(self) -> BinaryIO:
        try:
            os.unlink(self._temp)  # left by a process of this number that was killed
        except FileNotFoundError:
            pass
        self._file = open(os.open(self._temp, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")
        return self._file

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file:
            if kind is None:
                self._file.flush()
                os.fsync(self._file.fileno())
        if kind is not None:
            os.unlink(self._temp)
            return
        os.replace(self._temp, self._path)
        sync_directory(os.path.dirname(self._path) or ".")


def sync_directory(path: str) -> None:
    """Make the names in a directory durable, where the system knows how."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    except OSError:  # some network file systems cannot
        pass
    finally:
        os.close(fd)
