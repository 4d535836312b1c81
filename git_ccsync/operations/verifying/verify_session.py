"""One session, looked at from end to end: its segments, its counts, its rows, and the file here against all of them.

A segment is read once and is let go before the next: what is compared is the bytes that it expands to with those on the
disk. Only where these differ are both read line by line.
"""

from __future__ import annotations

import os
from itertools import islice

from git_ccsync.claude import chain, reading
from git_ccsync.claude import files as claude_files
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, SAME
from git_ccsync.operations.exchange import copies, gate
from git_ccsync.operations.exchange.follow import Followed, Stored, follow_disk
from git_ccsync.operations.verifying.faults import Fault
from git_ccsync.operations.verifying.verify_tree import Node, read
from git_ccsync.store import format as layout
from git_ccsync.store import segments
from git_ccsync.store.segments import BLOB

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.claude.chain import Flaw
    from git_ccsync.claude.scan import Found
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec
    from git_ccsync.state.index import Entry

#: So many faults of one kind of row are told of one session.
MOST = 5
_NAMES = {
    chain.TORN: "torn-row", chain.LINK: "broken-chain", chain.DOUBLE: "double-row", chain.UNSIGNED: "broken-signature",
    chain.FORGED: "broken-signature",
}  # fmt: skip


class Broken(Exception):
    """A segment cannot be read; what is wrong was told."""


class Local(Frozen):
    """A transcript on this disk: where, in which work tree, what the index knows of it, what was here of it once (the tree
    of a transcript, "" if that is not known), whether a running Claude Code has it.
    """

    item: Found
    worktree: str
    entry: Entry | None
    was: str = ""
    live: bool = False


class Check:
    """The check of one session. `faults` and `ahead` (lines here that the branch has not) are complete after `run`."""

    def __init__(self, stage: Stage, session: str, codec: Codec, local: Local | None = None) -> None:
        self.stage, self.session, self.codec, self.local = stage, session, codec, local
        self.faults: list[Fault] = []
        self.lines = self.bytes = self.ahead = self.behind = 0
        self._tail = b"\n"

    def fault(self, name: str, subject: str, found: str, row: str = "") -> None:
        """Note one."""
        self.faults.append(Fault(name, subject, found, self.session, row=row))

    def run(self, tree: str) -> None:
        """Look at the transcript `tree` ("" for none) and at the file here."""
        fd = self._open()
        try:
            stored = self._listing("transcript", tree)
            if stored is not None:
                self._both(stored, fd)
            elif fd is not None:
                self._rows_here(fd)
        finally:
            if fd is not None:
                os.close(fd)

    def _open(self) -> int | None:
        if not self.local:
            return None
        try:
            return claude_files.open_regular(self.local.item.path)
        except FileNotFoundError:
            return None
        except (BadData, OSError) as error:
            self.fault("unreadable", "transcript", getattr(error, "message", "") or str(error))
            return None

    def _listing(self, name: str, tree: str) -> tuple[str, ...] | None:
        """The segments of a file; None if there is no telling, and what is wrong was told."""
        try:
            found = segments.listing(self.stage, tree)
            gate.measure(self.stage, found)
        except BadData as error:
            if error.message == "segments are missing":
                self.fault("segment-gap", name, "segments are missing between others")
            elif not error.message.startswith("object "):
                self.fault("unreadable", name, error.message)
            return None
        return found

    def feed(self, name: str, oids: tuple[str, ...]) -> Iterator[bytes]:
        """The content of the segments of a file, checked. Raises Broken at one that cannot be read."""
        places = ("/".join(layout.segment_path(number)) for number in range(len(oids)))
        path = (b"sessions", b"", b"", self.session.encode())
        nodes = [Node((*path, name.encode(), at.encode()), BLOB, oid) for at, oid in zip(places, oids, strict=True)]
        for _, data in read(self.stage.reader, nodes, "blob", layout.SEGMENT_CAP):
            if isinstance(data, Fault):
                self.faults.append(data)
                raise Broken
            self.bytes += len(data)
            self.lines += data.count(b"\n")
            self._tail = data[-1:]
            yield data

    def _both(self, stored: tuple[str, ...], fd: int | None) -> None:
        """The stored transcript, with the file here beside it as long as they are the same."""
        rows = chain.Chain()
        offset, size = 0, os.fstat(fd).st_size if fd is not None else 0
        end = reading.last_newline(fd, size) if fd is not None else 0
        same = fd is not None
        try:
            for block in segments.blocks(_Fed(self.feed("transcript", stored)), stored):
                text = self.codec.local(block)
                rows.feed(text)
                same = same and fd is not None and os.pread(fd, len(text), offset) == text
                offset += len(text) if same else 0
        except Broken:
            return
        if stored and not self._tail.endswith(b"\n"):
            self.fault("cut-segment", "transcript", "the last segment does not end with a line end")
        if fd is None:
            self._flaws(rows.flaws())
        elif same:
            self._go_on(fd, rows, offset, end)
        else:
            self._rows_here(fd, rows.thoughts)
            self._compare(fd, end, stored)
        if size > end and self.local and not self.local.live:
            self.fault("torn-end", "transcript", f"{size - end} bytes behind the last line end")

    def _go_on(self, fd: int, rows: chain.Chain, offset: int, end: int) -> None:
        """What the file has behind the stored lines."""
        before = rows.lines
        for block in reading.blocks(fd, offset, end):
            rows.feed(block)
        self.ahead = rows.lines - before
        self._flaws(rows.flaws())

    def _rows_here(self, fd: int, thoughts: dict[int, int] | None = None) -> None:
        rows = chain.Chain(thoughts)
        for block in reading.blocks(fd, 0, reading.last_newline(fd, os.fstat(fd).st_size)):
            rows.feed(block)
        self._flaws(rows.flaws())

    def _flaws(self, flaws: list[Flaw]) -> None:
        told = dict.fromkeys(_NAMES, 0)
        for flaw in flaws:
            told[flaw.kind] += 1
            if told[flaw.kind] <= MOST or flaw.kind == chain.FORGED:  # of these a repair must know each
                self.fault(_NAMES[flaw.kind], f"line {flaw.line}", _found(flaw), flaw.uuid)
        for kind, number in told.items():
            if number > MOST and kind != chain.FORGED:
                self.fault(_NAMES[kind], "transcript", f"{number - MOST} more")

    def _compare(self, fd: int, end: int, stored: tuple[str, ...]) -> None:
        """The file is not, byte for byte, what the branch has: line by line, then."""
        assert self.local
        found = self._follow(fd, end, stored)
        verdict = found.verdict
        if verdict.scenario == BEHIND and self._is_whole(fd, end):
            self.behind = max(0, self.lines - self._known())
            return
        if verdict.scenario == DIVERGED:
            self._differs(found, fd)
        elif verdict.scenario == BEHIND:
            self._short(found)
        elif verdict.scenario == AHEAD and verdict.ordered:
            self.ahead = sum(1 for _ in found.rest())
        if verdict.scenario not in (SAME, AHEAD) and self._claims_step():
            self.fault("stale-index", "transcript", "the index has it for in step: a push would not see what is new")

    def _is_whole(self, fd: int, end: int) -> bool:
        """Whether the file still has all that was here once, but for rows that were taken out of it in place: that is no
        more of a fault than it is news for a push, which reads it by the same rule.
        """
        if not self.local or not self.local.was or (self.local.entry and self.local.entry.session != self.session):
            return False
        try:
            was = Stored(segments.listing(self.stage, self.local.was))
            scenario = follow_disk(self.stage, self.codec, was, fd, end, known=True).verdict.scenario
        except BadData:
            return False
        return scenario in (SAME, AHEAD)

    def _follow(self, fd: int, end: int, stored: tuple[str, ...]) -> Followed:
        entry, kept = self.local.entry if self.local else None, self.session
        if entry and entry.session not in ("", self.session) and self.stage.draft.session(entry.session):
            kept = entry.session  # it holds a conflict copy's lines, until a pull gives each a file of its own
            parts = self.stage.parts(kept)
            meta = self.stage.meta(parts.meta)
            view = Stored(segments.listing(self.stage, parts.transcript), meta.fork, meta.suffix)
            return follow_disk(self.stage, self.codec, view, fd, end)
        return follow_disk(self.stage, self.codec, Stored(stored), fd, end)

    def _claims_step(self) -> bool:
        entry, item = (self.local.entry, self.local.item) if self.local else (None, None)
        if not entry or not item or entry[:3] != (item.size, item.mtime_ns, item.inode):
            return False
        return (
            entry.session == self.session and entry.ordered and entry.tree == self.stage.parts(self.session).transcript
        )

    def _known(self) -> int:
        """How many lines of the branch were here once, as far as is known."""
        if not self.local or not self.local.was:
            return 0
        try:
            oids = segments.listing(self.stage, self.local.was)
            return sum(self.stage.blob(oid, layout.SEGMENT_CAP).count(b"\n") for oid in oids)
        except BadData:
            return 0

    def _differs(self, found: Followed, fd: int) -> None:
        """The two have different lines: an ordinary divergence that is not merged yet, unless the line was here once."""
        if found.common >= self._known():
            self.ahead = sum(1 for _ in found.rest())
            return
        end = reading.last_newline(fd, os.fstat(fd).st_size)
        if copies.existing(self.stage, self.session, lambda view: follow_disk(self.stage, self.codec, view, fd, end)):
            return  # the branch has all of it as a conflict copy; the index that knew was lost
        line = sum(block.count(b"\n") for block in reading.blocks(fd, 0, found.offset)) + 1
        if not any(one.subject == f"line {line}" and one.name == "broken-signature" for one in self.faults):
            self.fault(
                "changed-line", f"line {line}", "is another one than on the branch", _uuid(next(found.rest(), b""))
            )

    def _short(self, found: Followed) -> None:
        known = self._known()
        lacking = sum(1 for _ in islice(found.theirs_rest(), 1_000_000))
        if found.common < known and self.local and not self.local.live:
            self.fault(
                "cut-short", "transcript", f"{min(lacking, known - found.common):,} lines are missing at its end"
            )
        else:
            self.behind = lacking


class _Fed:
    """Segments that come in their order, as segments.blocks asks for them."""

    def __init__(self, texts: Iterator[bytes]) -> None:
        self._texts = texts

    def blob(self, oid: str, cap: int) -> bytes:  # noqa: ARG002 -- they are asked for in order
        """The next one."""
        return next(self._texts)


def _found(flaw: Flaw) -> str:
    if flaw.kind == chain.TORN:
        return "is no JSON"
    if flaw.kind == chain.LINK:
        return f"its parent '{flaw.uuid}' is not there"
    if flaw.kind == chain.DOUBLE:
        return f"'{flaw.uuid}' was there before"
    return "a thought has no signature" if flaw.kind == chain.UNSIGNED else "a thought is not as it was signed"


def _uuid(row: bytes) -> str:
    from git_ccsync.claude.transcript import row_uuid

    return row_uuid(row)
