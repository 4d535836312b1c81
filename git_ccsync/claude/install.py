"""Writing under the Claude directory: with the other install_*.py the only code that does.

Every write can be cut short at any system call and done again: a new file appears whole or not at all, an append
leaves whole lines or a torn one that is a prefix of what comes next.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude.files import CHUNK, shown
from git_ccsync.claude.install_exchange import Kept, exchange, heal
from git_ccsync.claude.install_place import (
    NEW_FILE,
    NO_LINKS,
    Changed,
    Place,
    check_name,
    finish,
    top_up,
    write_all,
)
from git_ccsync.errors import Locked
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Self

__all__ = ("Changed", "Kept", "append", "check_name", "create", "exchange", "heal", "lock", "mtime_for", "put_side")

_DAY = 86400.0


class lock:  # noqa: N801 - used as a function
    """Hold the machine-wide lock file at `path` (made, with its directory, if missing); Locked after `wait` seconds."""

    def __init__(self, path: str, wait: float = 2.0) -> None:
        self._path, self._wait, self._fd = path, wait, -1

    def __enter__(self) -> Self:
        import fcntl

        os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + self._wait
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    os.close(fd)
                    raise Locked("another git-ccsync is writing Claude Code's sessions") from None
                time.sleep(0.02)
        self._fd = fd
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)


def create(path: str, chunks: Iterable[bytes], *, tag: str, mtime_ns: int) -> None:
    """A new file (0600) with these bytes, durable when this returns; FileExistsError if there is one already.

    Where the file system has no hard links the content is copied into a file made with O_EXCL: a crash then leaves a
    prefix, which counts as behind and is completed by the next append.
    """
    with Place(path) as place:
        temp = place.write_temp(_batches(chunks), tag=tag, mtime_ns=mtime_ns)
        try:
            try:
                place.link(temp, place.name)
            except OSError as error:
                if error.errno not in NO_LINKS:
                    raise
                _copy_exclusively(place, temp, mtime_ns)
        finally:
            place.remove(temp)
        place.sync()


def _copy_exclusively(place: Place, temp: str, mtime_ns: int) -> None:
    source = place.open(temp, os.O_RDONLY)
    try:
        target = place.open(place.name, NEW_FILE)
        try:
            top_up(target, source)
            finish(target, mtime_ns)
        finally:
            os.close(target)
    finally:
        os.close(source)


def append(path: str, *, at: int, tail: bytes, chunks: Iterable[bytes], mtime_ns: int) -> int:
    """Append `chunks` (whole lines) to the file of exactly `at` bytes that ends in `tail`; its new size.

    `tail` is the torn last line, without newline (b"": none). If it is a prefix of what comes, an append of ours was
    cut short: it is completed. Any other stays, ended by a newline. Changed if the file is not as told; what somebody
    else wrote stays, and of ours what was written before that was seen. `mtime_ns` 0 leaves the mtime to the system.
    """
    with Place(path, make=False) as place:
        fd = place.open(place.name, os.O_RDWR | os.O_APPEND)
        try:
            _check_tail(fd, place.name, at, tail)
            size = at
            for batch in _batches(_after_tail(tail, iter(chunks))):
                write_all(fd, batch)
                size += len(batch)
                # Judged again before the next batch: ours never lands behind the lines of a writer who came between.
                _check_size(fd, place.name, size)
            finish(fd, mtime_ns)
            _check_size(fd, place.name, size)
            return size
        finally:
            os.close(fd)


def _check_size(fd: int, name: str, size: int) -> None:
    if os.fstat(fd).st_size != size:
        raise Changed(f"'{shown(name)}' was written to meanwhile")


def _check_tail(fd: int, name: str, at: int, tail: bytes) -> None:
    edge = at - len(tail)
    if edge < 0 or os.pread(fd, len(tail) + 1, edge) != tail or (edge and os.pread(fd, 1, edge - 1) != b"\n"):
        raise Changed(f"'{shown(name)}' was written to meanwhile")
    _check_size(fd, name, at)


def _after_tail(tail: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes to write behind `tail`: what completes it, or a newline and everything."""
    head = b""
    while len(head) < len(tail):
        more = next(chunks, b"")
        if not more:
            break
        head += more
    if head.startswith(tail):
        yield head[len(tail) :]
    elif head:
        yield b"\n" + head
    yield from chunks


def _batches(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in batches of whole lines near CHUNK bytes; larger only where one line is.

    A line is written by one call, so that a writer who comes between cannot be glued to half of it.
    """
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(chunk)
        size += len(chunk)
        if size < CHUNK or b"\n" not in chunk:
            continue
        data = b"".join(held)
        start = 0
        while len(data) - start >= CHUNK:
            cut = data.rfind(b"\n", start, start + CHUNK) + 1 or data.find(b"\n", start) + 1
            if not cut:
                break
            yield data[start:cut]
            start = cut
        held = [data[start:]]
        size = len(data) - start
    if rest := b"".join(held):
        yield rest


def put_side(path: str, data: bytes, *, tag: str, mode: int = 0o600, mtime_ns: int = 0) -> None:
    """Make the whole file at `path` hold `data`, durable, replacing the regular file that was there."""
    with Place(path) as place:
        try:
            os.close(place.open(place.name, os.O_RDONLY))
        except FileNotFoundError:
            pass
        temp = place.write_temp([data], tag=tag, mtime_ns=mtime_ns, mode=mode)
        try:
            place.rename(temp, place.name)
        except BaseException:
            place.remove(temp)
            raise
        place.sync()


def mtime_for(last_timestamp: float | None, days: int, now: float) -> int:
    """The mtime in ns for a file whose last row is that old (seconds since 1970; None: it does not say).

    Never in the future, and never within a day of the age at which Claude Code deletes it (`days`).
    """
    floor = now - max(days - 1, 0) * _DAY
    then = now if last_timestamp is None else last_timestamp
    return int(min(max(then, floor), now) * 1e9)
