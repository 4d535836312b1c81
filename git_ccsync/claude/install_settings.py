"""Writing small files that people and Claude Code also write: settings and slash commands. Whole or not at all, where a link
leads, with the mode that the file had; never over what somebody else wrote meanwhile.
"""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import Frozen

CAP = 8 << 20


class File(Frozen):
    """A file as it was read: `text` is None if there was none; `path` is where links lead; `stat` tells it from a newer
    one.
    """

    path: str
    text: bytes | None
    mode: int = 0o600
    stat: tuple[int, int, int] = (0, 0, 0)


def read(path: str) -> File:
    """The file at `path`. CcsyncError if it is no regular file, too large, or cannot be read."""
    real = os.path.realpath(path)
    try:
        fd = os.open(real, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return File(real, None)
    except OSError as error:
        raise CcsyncError(f"cannot read '{path}': {error.strerror}") from None
    status = os.fstat(fd)
    if status.st_mode & 0o170000 != 0o100000:  # a directory is none that `open` takes, either
        os.close(fd)
        raise CcsyncError(f"'{path}' is not a regular file")
    with open(fd, "rb", buffering=0) as file:
        if status.st_size > CAP:
            raise CcsyncError(f"'{path}' is larger than {CAP >> 20} MiB")
        text = b"".join(iter(lambda: file.read(1 << 20), b""))
    return File(real, text, status.st_mode & 0o7777, _stamp(status))


def write(before: File, text: bytes | None) -> bool:
    """Put `text` in the place of what was read (None: remove it). False if somebody changed it since: read it again.

    CcsyncError if it cannot be written.
    """
    try:
        if text is None:
            return _unchanged(before) and _remove(before.path)
        os.makedirs(os.path.dirname(before.path), mode=0o700, exist_ok=True)
        return _replace(before, text)
    except OSError as error:
        raise CcsyncError(f"cannot write '{before.path}': {error.strerror}") from None


def _replace(before: File, text: bytes) -> bool:
    temporary = f"{before.path}.ccsync-{os.getpid()}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        with open(fd, "wb", buffering=0) as file:
            rest = memoryview(text)
            while rest:
                rest = rest[file.write(rest) or 0 :]
            if before.text is not None:
                os.chmod(temporary, before.mode)
            os.fsync(fd)
        if not _unchanged(before):
            os.unlink(temporary)
            return False
        os.replace(temporary, before.path)
    except BaseException:
        try:
            os.unlink(temporary)
        except FileNotFoundError:
            pass
        raise
    return True


def _remove(path: str) -> bool:
    os.unlink(path)
    return True


def _unchanged(before: File) -> bool:
    try:
        return _stamp(os.stat(before.path)) == before.stat
    except FileNotFoundError:
        return before.text is None


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino
