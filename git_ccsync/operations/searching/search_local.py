"""Lines of sessions that lie on this disk and not on the branch yet: which files, from where on. Reads, never writes."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading, scan
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.searching.search_stored import is_rows, is_text
from git_ccsync.state import index as indexing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.model import Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.index import Entry


class Tail(Frozen):
    """What one file has more than the branch: its name beside the transcript (b"" for that itself), its path, and how
    many of its bytes are on the branch already; -1 where nobody knows, so that all of it may be there too.
    """

    name: bytes
    path: str
    start: int


def tails(stage: Stage, session: Session, *, texts: bool = True) -> Iterator[Tail]:
    """The files of a session that have something new, or may have; of side files only `texts`, or all. Problems are left
    to those who read them.
    """
    path = session.path
    if not path or "elsewhere" in session.state.split(" "):
        return
    tail = _tail(stage, b"", path)
    if tail:
        yield tail
    for side in scan.side_files(path.removesuffix(".jsonl"))[0]:
        name = os.fsencode(side.name)
        if (not texts or is_text(name)) and (tail := _tail(stage, name, side.path)):
            yield tail


def _tail(stage: Stage, name: bytes, path: str) -> Tail | None:
    entry = stage.index.get(path)
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return None
    if entry and entry[:3] == (found.st_size, found.st_mtime_ns, found.st_ino):
        return None  # on the branch, or not this repository's
    grown = entry and entry.synced and is_rows(name) and _holds(path, entry)
    return Tail(name, path, entry.synced if entry and grown else -1)


def _holds(path: str, entry: Entry) -> bool:
    """Whether the bytes before the synced length are those that were synced, as far as a window tells."""
    try:
        fd = claude_files.open_regular(path)
    except Exception:  # noqa: BLE001 -- who reads it will say so
        return False
    try:
        start = max(0, entry.synced - indexing.WINDOW)
        return indexing.digest(os.pread(fd, entry.synced - start, start)) == entry.digest
    finally:
        os.close(fd)


def blocks(tail: Tail) -> Iterator[bytes]:
    """Its new text as blocks of whole lines; a file without rows is taken whole. BadData and OSError as open_regular."""
    fd = claude_files.open_regular(tail.path)
    try:
        size, start = os.fstat(fd).st_size, max(0, tail.start)
        if is_rows(tail.name):
            yield from reading.blocks(fd, start, reading.last_newline(fd, size, start))
            return
        end = reading.last_newline(fd, size)
        yield from reading.blocks(fd, 0, end)
        yield os.pread(fd, size - end, end)
    finally:
        os.close(fd)
