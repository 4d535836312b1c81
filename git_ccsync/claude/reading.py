"""Reading ranges of an open transcript as whole lines. Reads only what it is asked for, and never past `end`."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = 1 << 20


def last_newline(fd: int, size: int, floor: int = 0) -> int:
    """Offset behind the last newline before `size`, at least `floor` (where a line is known to begin)."""
    end = size
    while end > floor:
        start = max(floor, end - (64 << 10))
        cut = os.pread(fd, end - start, start).rfind(b"\n") + 1
        if cut:
            return start + cut
        end = start
    return floor


def blocks(fd: int, start: int, end: int) -> Iterator[bytes]:
    """The bytes from `start` to `end` (both at line ends) as blocks of whole lines near 1 MiB.

    A block is larger only where one line is. Ends early if the file has shrunk meanwhile.
    """
    while start < end:
        stop = start + BLOCK
        # To look for the line end first costs less than to copy what was read, all but the piece behind it.
        stop = end if stop >= end else last_newline(fd, stop, start)
        data = os.pread(fd, stop - start, start) if stop > start else _long_line(fd, start, end)
        if not data.endswith(b"\n"):  # it has shrunk
            data = data[: data.rfind(b"\n") + 1]
        if not data:
            return
        start += len(data)
        yield data
        del data  # before the next one is read


def _long_line(fd: int, start: int, end: int) -> bytes:
    """The bytes from `start` to the next line end, which is more than a block away; b"" if the file has shrunk."""
    pieces: list[bytes] = []
    while start < end:
        data = os.pread(fd, min(BLOCK, end - start), start)
        if not data:
            return b""
        start += len(data)
        cut = data.find(b"\n") + 1
        pieces.append(data[:cut] if cut else data)
        if cut:
            return b"".join(pieces)
    return b""
