"""Writing under the Claude directory: with exchange.py and place.py the only code that does.

Every write can be cut short at any system call and done again: a new file appears whole or not at all, an append
leaves whole lines or a torn one that is a prefix of what comes next.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude.exchange import Kept, exchange, heal
from git_ccsync.claude.files import CHUNK, shown
from git_ccsync.claude.place import NEW_FILE, NO_LINKS, Changed, Place, check_name, write_all
from git_ccsync.errors import BadData, Locked
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ("Changed", "Kept", "append", "check_name", "create", "exchange", "heal", "lock", "mtime_for", "put_side")

_DAY = 86400.0


class lock:  # noqa: N801 - used as a function
    """Hold the machine-wide lock file at `path` (made, with its directory, if missing); Locked after `wait` seconds."""

    def __init__(self, path: str, wait: float = 2.0) -> None:
        self._path, self._wait, self._fd = path, wait, -1

    def __enter__(self) -> lock:
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
        temp = place.write_temp(chunks, tag=tag, mtime_ns=mtime_ns)
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
    fd = place.open(place.name, os.O_WRONLY | NEW_FILE)
    try:
        place.copy(temp, fd)
        os.utime(fd, ns=(mtime_ns, mtime_ns))
        os.fsync(fd)
    finally:
        os.close(fd)


def append(path: str, *, at: int, tail: bytes, chunks: Iterable[bytes], mtime_ns: int) -> int:
    """Append `chunks` (whole lines) to the file of exactly `at` bytes that ends in `tail`; its new size.

    `tail` is the torn last line, without newline (b"": none). If it is a prefix of what comes, an append of ours was
    cut short: it is completed. Any other stays, ended by a newline. Changed if the file is not as told; what somebody
    else wrote stays, and of ours what was written before that was seen.
    """
    with Place(path, make=False) as place:
        fd = place.open(place.name, os.O_RDWR | os.O_APPEND)
        try:
            _check_tail(fd, place.name, at, tail)
            size = at
            for batch in _batches(_after_tail(tail, iter(chunks))):
                if os.fstat(fd).st_size != size:
                    raise Changed(f"'{shown(place.name)}' was written to meanwhile")
                write_all(fd, batch)
                size += len(batch)
            os.utime(fd, ns=(mtime_ns, mtime_ns))
            os.fsync(fd)
            if os.fstat(fd).st_size != size:
                raise Changed(f"'{shown(place.name)}' was written to meanwhile")
            return size
        finally:
            os.close(fd)


def _check_tail(fd: int, name: str, at: int, tail: bytes) -> None:
    import stat

    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        raise BadData(f"'{shown(name)}' is not a regular file")
    edge = at - len(tail)
    if status.st_size != at or edge < 0 or os.pread(fd, len(tail), edge) != tail:
        raise Changed(f"'{shown(name)}' was written to meanwhile")
    if edge and os.pread(fd, 1, edge - 1) != b"\n":
        raise Changed(f"'{shown(name)}' does not end where it was read to")


def _after_tail(tail: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes to write behind `tail`: what completes it, or a newline and everything."""
    head = b""
    while tail and len(head) < len(tail):
        more = next(chunks, None)
        if more is None:
            break
        head += more
    if head.startswith(tail):
        yield head[len(tail) :]
    elif head:
        yield b"\n" + head
    yield from chunks


def _batches(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in batches that end at line ends and are about a chunk long, longer lines in pieces."""
    held = b""
    for chunk in chunks:
        held += chunk
        while len(held) >= CHUNK:
            cut = held.rfind(b"\n", 0, CHUNK) + 1 or CHUNK
            yield held[:cut]
            held = held[cut:]
    if held:
        yield held


def put_side(path: str, data: bytes, *, tag: str, mode: int = 0o600) -> None:
    """Make the whole file at `path` (below a session's directory) hold `data`, durable, replacing what was there."""
    with Place(path) as place:
        temp = place.write_temp([data], tag=tag, mode=mode)
        try:
            place.rename(temp, place.name)
        except BaseException:
            place.remove(temp)
            raise
        place.sync()


def mtime_for(last_timestamp: float | None, days: int, now: float) -> int:
    """The mtime in ns for a file whose last row is that old: never in the future, and a day short of the age at which
    Claude Code deletes it (`days`)."""
    floor = now - max(days - 1, 0) * _DAY
    then = now if last_timestamp is None or last_timestamp != last_timestamp else last_timestamp
    return int(min(max(then, floor), now) * 1e9)
