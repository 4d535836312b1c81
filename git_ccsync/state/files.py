"""Small files of our own, outside the repository's objects and outside Claude's directory: read, replace, append.

Nothing here is ever shared with another machine. Everything is made with mode 0600, directories with 0700.
"""

from __future__ import annotations

import marshal
import os
from _imp import source_hash  # as of compiled modules: what guards a cache costs nothing to import (zlib 0.3 ms)

CAP = 256 << 20
#: Bytes before a cache file's value that tell whether it is whole.
CHECK = 8


def read(path: str, cap: int = CAP) -> bytes:
    """Content of a file, b"" if there is none (or it is larger than `cap` bytes)."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    except (FileNotFoundError, NotADirectoryError):
        return b""
    with open(fd, "rb", buffering=0) as file:
        size = os.fstat(fd).st_size
        return file.read(size + 1) if size <= cap else b""


def replace(path: str, data: bytes, *, durable: bool = False) -> None:
    """Put `data` at `path`, at once and whole; `durable` also waits for the disk."""
    temporary = f"{path}.{os.getpid()}.tmp"
    make_parent(path)
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(fd, "wb", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) or 0 :]
            if durable:
                os.fsync(fd)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def append(path: str, data: bytes) -> None:
    """Add `data` in one write behind what `path` holds."""
    make_parent(path)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, data)
    finally:
        os.close(fd)


def make_parent(path: str) -> None:
    """Make the directory that `path` lies in, 0700."""
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        _make_shared(parent)
        os.makedirs(parent, mode=0o700, exist_ok=True)


def _make_shared(path: str) -> None:
    """Where others may write to the repository that PATH lies in, make the directory in which each machine and user has one of
    their own, as open as that.
    """
    above, name, _ = path.rpartition("/ccsync/")
    try:
        mode = os.stat(above).st_mode & 0o7777 if name and not os.path.exists(above + "/ccsync") else 0
        if mode & 0o022:
            os.mkdir(above + "/ccsync", 0o700)
            os.chmod(above + "/ccsync", mode)
    except OSError:  # no repository, somebody else was faster, or the file system knows no modes
        pass


def stamp(path: str) -> tuple[int, int, int]:
    """(size, mtime_ns, inode) of a file, zeros if there is none: equal stamps mean equal content for our caches."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0, 0
    return found.st_size, found.st_mtime_ns, found.st_ino


def load_cache(path: str) -> object:
    """The value of a cache file, None if it is absent, damaged or of another Python's making."""
    data = read(path)
    value = memoryview(data)[CHECK:]
    if len(data) < CHECK or source_hash(CHECK, value) != data[:CHECK]:
        return None
    try:
        return marshal.loads(value)  # noqa: S302 - our own file, checked above against damage
    except (EOFError, ValueError, TypeError):
        return None


def save_cache(path: str, value: object) -> None:
    """Write a cache file of plain values (dict, list, tuple, str, bytes, int, None)."""
    data = marshal.dumps(value)  # type: ignore[arg-type]
    replace(path, source_hash(CHECK, data) + data)
