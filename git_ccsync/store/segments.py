"""Files as lists of immutable segments: cutting new text into them, reading them back as whole lines. Pure but for
the object reader that it is given.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store.format import GROUP, MAX_SEGMENT, MAX_SEGMENTS, SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol

    from git_ccsync.git.objects import TreeEntry

    class Trees(Protocol):
        """What can read trees: a Reader, or a Draft with trees that are not on disk yet."""

        def tree(self, oid: str) -> tuple[TreeEntry, ...]:
            """Entries of a tree."""

    class Blobs(Protocol):
        """What can read blobs, refusing those larger than `cap` bytes."""

        def blob(self, oid: str, cap: int) -> bytes:
            """Content of a blob."""


TREE, BLOB = 0o40000, 0o100644
#: Bytes of one line. It is held whole, more than once.
LINE_CAP = 128 << 20


def cut(text: bytes) -> Iterator[bytes]:
    """Segments of new portable text. Callers hand over about 1 MiB of whole lines; only a line over 16 MiB is cut."""
    if len(text) <= MAX_SEGMENT:
        yield text
        return
    for start in range(0, len(text), MAX_SEGMENT):
        yield text[start : start + MAX_SEGMENT]


def listing(trees: Trees, file_tree: str) -> tuple[str, ...]:
    """Object ids of a file's segments in order; () for "". BadData if a number is missing, or if they are too many."""
    if not file_tree:
        return ()
    groups = sorted(_numbered(trees, file_tree, TREE))
    if len(groups) > MAX_SEGMENTS // GROUP:
        raise BadData(f"a file has more than {MAX_SEGMENTS} segments")
    found: list[str] = []
    known: dict[str, tuple[str, ...]] = {}
    for group, oid in groups:
        blobs = known[oid] if oid in known else known.setdefault(oid, _group(trees, oid))
        if blobs and len(found) != group * GROUP:
            raise BadData("segments are missing")
        found += blobs
    return tuple(found)


def _group(trees: Trees, oid: str) -> tuple[str, ...]:
    """The segments of one group."""
    found = {place: blob for place, blob in _numbered(trees, oid, BLOB) if place < GROUP}
    if found and len(found) != max(found) + 1:
        raise BadData("segments are missing")
    return tuple(found[place] for place in range(len(found)))


def _numbered(trees: Trees, oid: str, mode: int) -> Iterator[tuple[int, str]]:
    """Numbers in the one form that each has: four digits or more for a group, two for a segment."""
    form = b"%04d" if mode == TREE else b"%02d"
    for entry in trees.tree(oid):
        if entry.mode == mode and entry.name.isdigit() and len(entry.name) < 9:
            number = int(entry.name)
            if entry.name == form % number:
                yield number, entry.oid


def count(trees: Trees, file_tree: str) -> int:
    """How many segments a file has, reading only its last group."""
    if not file_tree:
        return 0
    groups = sorted(_numbered(trees, file_tree, TREE))
    if not groups:
        return 0
    last, oid = groups[-1]
    return last * GROUP + sum(1 for place, _ in _numbered(trees, oid, BLOB) if place < GROUP)


def is_whole(blobs: Blobs, oids: tuple[str, ...]) -> bool:
    """Whether a file ends with a whole line, so that another can follow: an append file does, of others there is no telling."""
    return not oids or blobs.blob(oids[-1], SEGMENT_CAP).endswith(b"\n")


def blocks(blobs: Blobs, oids: Iterable[str]) -> Iterator[bytes]:
    """The text of segments as blocks of whole lines; what follows the last newline of all is left out."""
    held: list[bytes] = []
    size = 0
    for oid in oids:
        text = blobs.blob(oid, SEGMENT_CAP)
        end = text.rfind(b"\n") + 1
        if end:
            yield b"".join([*held, text[:end]])
            held, size = [], 0
        if end < len(text):
            held.append(text[end:])
            size += len(text) - end
            if size > LINE_CAP:
                raise BadData(f"a line is longer than {LINE_CAP >> 20} MiB")


def lines(text: Iterable[bytes]) -> Iterator[bytes]:
    """Single lines, each with its newline, of blocks of whole lines."""
    for block in text:
        start = 0
        while (end := block.find(b"\n", start) + 1) > 0:
            yield block[start:end]
            start = end


def pack_lines(rows: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Blocks of about `size` bytes made of single lines."""
    held: list[bytes] = []
    total = 0
    for row in rows:
        held.append(row)
        total += len(row)
        if total >= size:
            yield b"".join(held)
            held, total = [], 0
    if held:
        yield b"".join(held)


if TYPE_CHECKING:
    Source = Callable[[], Iterator[bytes]]
