"""Several files in one: just as much of tar(5) as that takes, written and read header by header. Pure; opens nothing.

A name in an archive is only ever shown. What is no plain file (a link, a device, a directory, a sparse file, a header of
headers) is told of and passed over, and no size that an archive claims is ever allocated.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import Frozen

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

BLOCK = 512
#: More members than this are no archive of sessions.
MOST = 100_000
_KINDS = {
    b"1": "a link", b"2": "a symbolic link", b"3": "a device", b"4": "a device", b"5": "a directory", b"6": "a FIFO",
    b"S": "a sparse file",
}  # fmt: skip
#: Headers about the next header: long names and the like, of no interest here.
_ABOUT = (b"L", b"K", b"x", b"g", b"X", b"V")
_LARGEST = 1 << 62


class Member(Frozen):
    """One entry: its `name`, which must not be used as a path; where its content stands; what it is, "" for a file."""

    name: str
    start: int
    size: int
    odd: str = ""


def is_tar(head: bytes) -> bool:
    """Whether a file that begins so is an archive."""
    return len(head) >= BLOCK and head[257:262] == b"ustar" and _sum(head[:BLOCK]) == _number(head[148:156])


def header(name: str, size: int, *, mtime: int = 0) -> bytes:
    """The header of a plain file; its content follows, then `padding(size)`."""
    length = b"%011o\0" % size if size < 8 << 30 else b"\x80" + size.to_bytes(11, "big")
    block = name.encode()[:100].ljust(100, b"\0") + b"0000600\0" + 2 * b"0000000\0" + length + b"%011o\0" % mtime
    block += b" " * 8 + b"0" + bytes(100) + b"ustar\0" + b"00" + bytes(64) + 2 * b"0000000\0" + bytes(167)
    return block[:148] + b"%06o\0 " % _sum(block) + block[156:]


def padding(size: int) -> bytes:
    """What fills the last block of a content."""
    return bytes(-size % BLOCK)


#: What ends an archive.
END = bytes(2 * BLOCK)


def members(file: BinaryIO, end: int) -> Iterator[Member]:
    """The entries of the archive in the seekable `file` of `end` bytes. BadData where it is damaged or cut short, after
    what stands before that.
    """
    at = 0
    for _ in range(MOST):
        file.seek(at)
        block = file.read(BLOCK)
        if not block.strip(b"\0"):
            return
        if len(block) < BLOCK or _sum(block) != _number(block[148:156]):
            raise BadData("the archive is damaged, or was cut short")
        size, kind, start = _number(block[124:136]), block[156:157], at + BLOCK
        if start + size > end:
            raise BadData("the archive was cut short, or claims more than it holds")
        name = block[:100].partition(b"\0")[0].decode("utf-8", "replace")
        if kind not in _ABOUT:
            yield Member(name, start, size, "" if kind in (b"0", b"\0", b"7") else _KINDS.get(kind, "of no known kind"))
        at = start + size + len(padding(size))
    raise BadData(f"the archive has more than {MOST} members")


def _sum(block: bytes) -> int:
    """The checksum of a header, in which its own field counts as spaces."""
    return sum(block[:148]) + sum(block[156:]) + 8 * 32


def _number(field: bytes) -> int:
    """A number in octal, or in base 256; too large a one where it is neither."""
    if field[:1] == b"\x80":
        return min(int.from_bytes(field[1:], "big"), _LARGEST)
    text = field.partition(b"\0")[0].strip()
    return int(text or b"0", 8) if not text.strip(b"01234567") else _LARGEST


class Window:
    """A part of an open file as a file of its own, to be read."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def seek(self, at: int, whence: int = 0) -> int:
        """As a file's, from the start alone."""
        self._at = min(at, self._size) if not whence else self._size
        return self._at

    def tell(self) -> int:
        """As a file's."""
        return self._at

    def read(self, size: int = -1) -> bytes:
        """As a file's."""
        left = self._size - self._at
        self._file.seek(self._start + self._at)
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data
