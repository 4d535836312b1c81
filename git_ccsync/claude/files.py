"""Opening foreign files for reading: regular files only, never through a link, never blocking, never without a cap."""

from __future__ import annotations

import os
import stat

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20
#: Flags that Windows lacks count as nothing there.
SAFE = 0
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    SAFE |= getattr(os, _flag, 0)


def shown(name: str) -> str:
    """`name` fit to stand in a message: control bytes and undecodable bytes escaped."""
    if name.isprintable():
        return name
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)


def open_regular(path: str, flags: int = os.O_RDONLY) -> int:
    """A descriptor of the regular file at `path`; BadData if it is anything else (a link, a FIFO), OSError as open()."""
    try:
        fd = os.open(path, flags | SAFE)
    except OSError as error:
        if os.path.islink(path):
            raise BadData(f"'{shown(os.path.basename(path))}' is a symbolic link") from None
        raise error from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise BadData(f"'{shown(os.path.basename(path))}' is not a regular file")
    return fd


def read_small(path: str, cap: int) -> bytes | None:
    """The content of a regular file of at most `cap` bytes; None if it is absent, larger, odd or unreadable."""
    try:
        fd = open_regular(path)
    except (OSError, BadData, ValueError):
        return None
    try:
        data = os.read(fd, cap + 1)
        while len(data) <= cap and (more := os.read(fd, cap + 1 - len(data))):
            data += more
    except OSError:
        return None
    finally:
        os.close(fd)
    return data if len(data) <= cap else None


def is_torn(path: str) -> bool:
    """Whether the regular file at `path` ends in the middle of a line; not of one that is empty, absent or unreadable."""
    try:
        fd = open_regular(path)
    except (OSError, BadData, ValueError):
        return False
    try:
        size = os.fstat(fd).st_size
        return size > 0 and os.lseek(fd, size - 1, os.SEEK_SET) >= 0 and os.read(fd, 1) != b"\n"
    except OSError:
        return False
    finally:
        os.close(fd)


def line_batches(fd: int, chunk: int = CHUNK, cap: int = 4 << 20) -> Iterator[bytes]:
    """Whole lines of an open file in batches of about `chunk` bytes; the last batch may lack its newline.

    Of a line longer than `cap` only the first `cap` bytes come (memory stays bounded), and a newline.
    """
    held: list[bytes] = []
    room = cap
    while data := os.read(fd, chunk):
        cut = data.rfind(b"\n") + 1
        if cut and room:
            held.append(data[:cut])
            yield b"".join(held)
        elif cut:
            first = data.find(b"\n")
            held.append(data[first:cut])
            yield b"".join(held)
        if cut:
            held, room = [], cap
        held.append(data[cut : cut + room])
        room -= len(held[-1])
    if rest := b"".join(held):
        yield rest
