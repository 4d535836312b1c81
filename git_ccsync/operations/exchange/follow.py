"""Following one append file: how far two versions are in step, by reading both. Decides nothing, writes nothing."""

from __future__ import annotations

import os
from itertools import islice

from git_ccsync.claude import reading, transcript
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.portable import match
from git_ccsync.store import merge, segments, titles
from git_ccsync.store.format import SEGMENT_CAP
from git_ccsync.store.merge import Rules, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec
    from git_ccsync.store.merge import Source


class Stored(Frozen):
    """A file on the branch: its segments, and, for a conflict copy seen as what it was made from, the row at which its
    title stands and the suffix of its titles ("": no copy).
    """

    segments: tuple[str, ...]
    fork: int = 0
    suffix: str = ""


class Followed(Frozen):
    """How a version of ours relates to a stored file. Its counts run from the start of both files.

    `theirs` and `ours` begin at `start_line` of theirs and `start_offset` of ours.
    """

    verdict: Verdict
    start_line: int
    start_offset: int
    theirs: Source
    ours: Source
    rules: Rules

    @property
    def common(self) -> int:
        """Lines of theirs in step."""
        return self.start_line + self.verdict.common

    @property
    def offset(self) -> int:
        """Bytes of ours in step."""
        return self.start_offset + self.verdict.offset

    def rest(self) -> Iterator[bytes]:
        """Our lines after the last one in step."""
        return islice(self.ours(), self.verdict.ours, None)

    def lacking(self) -> Iterator[bytes]:
        """Our lines that theirs lacks, where only the order differs."""
        return merge.lacking(self.theirs, self.ours, self.rules, self.verdict.common, self.verdict.ours)

    def theirs_rest(self) -> Iterator[bytes]:
        """Their lines after the last one in step."""
        return islice(self.theirs(), self.verdict.common, None)


def follow_disk(
    stage: Stage,
    codec: Codec,
    stored: Stored,
    fd: int,
    end: int,
    *,
    at: tuple[int, int, int] = (0, 0, 0),
    known: bool = False,
) -> Followed:
    """A local file (`fd` up to `end`) against a stored one, from `at` = (segment, line, offset) known to agree.

    `known`: all of the stored lines were here once (see merge.judge).
    """
    segment, line, offset = _equal_blocks(stage, codec, stored, fd, end, at=at)
    rest = stored.segments[segment:]

    def theirs() -> Iterator[bytes]:
        rows = segments.lines(segments.blocks(stage, rest))
        return titles.without_fork(rows, stored.fork - line) if stored.suffix else rows

    def ours() -> Iterator[bytes]:
        return segments.lines(reading.blocks(fd, offset, end))

    def equal(their: bytes, our: bytes) -> bool:
        return match.in_step(codec, titles.plain(their, stored.suffix), our)

    rules = Rules(equal, transcript.bookkeeping, transcript.row_uuid, torn, codec.unredacted)
    return Followed(merge.judge(theirs, ours, rules, all_known=known), line, offset, theirs, ours, rules)


def _equal_blocks(
    stage: Stage, codec: Codec, stored: Stored, fd: int, end: int, *, at: tuple[int, int, int]
) -> tuple[int, int, int]:
    """Pass over whole segments that expand to just what lies on disk: C speed, one segment in memory."""
    segment, line, offset = at
    for oid in stored.segments[segment:]:
        text = stage.blob(oid, SEGMENT_CAP)
        rows = text.count(b"\n")
        if not text.endswith(b"\n") or (stored.suffix and line + rows > stored.fork):
            break
        local = codec.local(text)
        if offset + len(local) > end or os.pread(fd, len(local), offset) != local:
            break
        segment, line, offset = segment + 1, line + rows, offset + len(local)
    return segment, line, offset


def follow_stored(stage: Stage, codec: Codec, theirs: Stored, ours: Stored) -> Followed:
    """Our stored version of a file against theirs (`theirs` may be a copy seen as what it was made from)."""
    shared = 0
    while shared < min(len(theirs.segments), len(ours.segments)) and theirs.segments[shared] == ours.segments[shared]:
        shared += 1
    while shared and theirs.suffix and _count(stage, theirs.segments[:shared])[0] > theirs.fork:
        shared -= 1
    line, offset = _count(stage, theirs.segments[:shared]) if shared else (0, 0)
    shared, line, offset = _whole_lines(stage, theirs.segments, shared, line, offset)

    def their_rows() -> Iterator[bytes]:
        rows = segments.lines(segments.blocks(stage, theirs.segments[shared:]))
        return titles.without_fork(rows, theirs.fork - line) if theirs.suffix else rows

    def our_rows() -> Iterator[bytes]:
        return segments.lines(segments.blocks(stage, ours.segments[shared:]))

    def equal(their: bytes, our: bytes) -> bool:
        return match.same(codec, titles.plain(their, theirs.suffix), our)

    rules = Rules(equal, transcript.bookkeeping, transcript.row_uuid, torn, bytes)
    return Followed(merge.judge(their_rows, our_rows, rules), line, offset, their_rows, our_rows, rules)


def _count(stage: Stage, oids: tuple[str, ...]) -> tuple[int, int]:
    """Lines and bytes in some segments."""
    line = offset = 0
    for oid in oids:
        text = stage.blob(oid, SEGMENT_CAP)
        line, offset = line + text.count(b"\n"), offset + len(text)
    return line, offset


def _whole_lines(stage: Stage, oids: tuple[str, ...], shared: int, line: int, offset: int) -> tuple[int, int, int]:
    """Step back to a segment that ends at a line end."""
    while shared and not (text := stage.blob(oids[shared - 1], SEGMENT_CAP)).endswith(b"\n"):
        shared, line, offset = shared - 1, line - text.count(b"\n"), offset - len(text)
    return shared, line, offset


def torn(row: bytes) -> bool:
    """Whether a line is no JSON object, so that no machine but this one can have it."""
    import json

    try:
        return not isinstance(json.loads(row), dict)
    except (ValueError, RecursionError):
        return True
