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
    size = BLOCK
    while start < end:
        data = os.pread(fd, min(size, end - start), start)
        cut = data.rfind(b"\n") + 1
        if cut:
            yield data[:cut]
            start, size = start + cut, BLOCK
        elif len(data) < min(size, end - start):
            return
        else:
            size *= 2
