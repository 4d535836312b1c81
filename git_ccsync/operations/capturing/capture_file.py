"""One transcript being captured: what of it is on the branch already, and drafting the rest. Never writes a transcript."""

from __future__ import annotations

import os

from git_ccsync.claude import reading, transcript
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, NEW, SAME, Facts, Meta, Outcome
from git_ccsync.operations.capturing import came_from, describe, find, holding
from git_ccsync.operations.installing import hidden
from git_ccsync.state import index as indexing
from git_ccsync.state.index import UNKNOWN, WINDOW, Entry
from git_ccsync.store import branch, segments, titles
from git_ccsync.store import format as layout
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from git_ccsync.claude.scan import Found
    from git_ccsync.operations.exchange.copies import Copy
    from git_ccsync.operations.exchange.follow import Followed
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec


class Added(Frozen):
    """Lines put behind a file on the branch: its new tree, what they say, and their size as stored."""

    tree: str
    facts: Facts
    size: int


class File:
    """One transcript being captured: what of it is on the branch, and drafting the rest. `told` is called with the bytes
    of it that have been read, as they are.
    """

    def __init__(
        self, stage: Stage, item: Found, fd: int, entry: Entry | None, worktree: str, *, told: Callable[[int], None]
    ) -> None:
        self.stage, self.item, self.fd, self.worktree, self.told = stage, item, fd, worktree, told
        status = os.fstat(fd)
        self.stat = status.st_size, status.st_mtime_ns, status.st_ino
        self.entry = entry if entry and entry.synced and self._holds(entry) else None
        self.end = reading.last_newline(fd, self.stat[0], self.entry.synced if self.entry else 0)
        self.session = self.entry.session if self.entry else item.id
        self.parts = stage.parts(self.session)
        self.meta = stage.meta(self.parts.meta) if self.parts.meta else Meta()
        self.rank = entry.rank if entry else UNKNOWN if self.meta.title else 0
        self.was, self.passed = entry, 0

    def _holds(self, entry: Entry) -> bool:
        """Whether the bytes before the synced length are, as far as a window tells, those that were synced."""
        if self.stat[0] < entry.synced or self.stat[2] != entry.inode:
            return False
        start = max(0, entry.synced - WINDOW)
        return indexing.digest(os.pread(self.fd, entry.synced - start, start)) == entry.digest

    @property
    def codec(self) -> Codec:
        """The codec of the session's lines where they lie."""
        return self.stage.codec(self.item.id, self.worktree, self.item.key)

    def run(self) -> tuple[Outcome | None, int]:
        """Draft what is new of the file; what became of it, and the bytes that were drafted."""
        entry = self.entry
        if not self.end:
            return self._keep("", 0, SAME)
        if not self.parts.transcript:
            return self._new() if find.wanted(self.stage, self.item) and not self._is_bound() else self._leave_out()
        if entry and entry.tree == self.parts.transcript:
            if self.end == entry.synced:
                return self._keep(entry.tree, entry.synced, SAME, ordered=entry.ordered)
            return self._append(reading.blocks(self.fd, entry.synced, self.end), entry.ordered)
        return self._compare()

    def _is_bound(self) -> bool:
        """Whether it is a copy of a session that was purged: then it is bound by that, too, unless it is known otherwise."""
        if not self.stage.base or not branch.folder(self.stage, self.stage.base, "purged"):
            return False
        from git_ccsync.operations.purging import purged

        return purged.bind_file(self.stage, self.item.id, self.fd, self.end)

    def _leave_out(self) -> tuple[Outcome | None, int]:
        """Not to be sent: passed over until it or the configuration changes. It stays on the lists, as what it is."""
        self.stage.index.put(self.item.path, Entry(*self.stat, session=holding.HELD))
        return None, 0

    def _new(self) -> tuple[Outcome | None, int]:
        head = next(reading.blocks(self.fd, 0, self.end), b"")
        directory, name = describe.place(self.stage.ws, transcript.facts(head).cwd, self.worktree)
        self.codec.checked_name(f"{directory}\n{name}", "the name of its directory")
        self.meta = came_from.known(self.stage.marks, self.item.id)._replace(directory=directory, worktree=name)
        return self._grow(reading.blocks(self.fd, 0, self.end), NEW, "", True)

    def _append(self, blocks: Iterable[bytes], ordered: bool) -> tuple[Outcome | None, int]:
        suffix = self.meta.suffix if self.session != self.item.id else ""
        return self._grow(blocks, AHEAD, suffix, ordered)

    def _grow(self, blocks: Iterable[bytes], scenario: int, suffix: str, ordered: bool) -> tuple[Outcome | None, int]:
        """Draft blocks behind the file. A session larger than a slice is committed in slices, each a whole prefix."""
        if self.worktree in self.stage.ws.trees and not self.stage.ws.is_home:
            self.stage.code.ask(self.worktree)  # git answers while we translate
        lines = size = 0
        outcome: Outcome | None = None
        for part in _sliced(self._telling(blocks), self.stage.slice):
            added = self._add(self.parts.transcript, part, suffix)
            outcome, _ = self._put(added, scenario, ordered)
            lines, size = lines + added.facts.lines, size + added.size
            if self.stage.checkpoint(1, lines):
                self.parts = self.stage.parts(self.session)
            else:
                self.parts = self.parts._replace(transcript=added.tree)
        return (outcome._replace(lines=lines) if outcome else None), size

    def _telling(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The blocks; each is told of when the next one is asked for."""
        size = 0
        for block in blocks:
            size += len(block)
            yield block
            block = b""  # noqa: PLW2901 -- not to be held while the next one is read
            self.told(size)

    def _add(self, tree: str, blocks: Iterable[bytes], suffix: str) -> Added:
        """Draft local blocks behind the file `tree`. What is told of them is told of what is stored: no path of this
        machine, and nothing that is left out, gets into meta.
        """
        facts, oids, size = Facts(), [], 0
        codec = self.codec
        for block in blocks:
            text = titles.suffixed_text(codec.portable(block), suffix)
            facts = transcript.merge_facts(facts, transcript.facts(text))
            for piece in segments.cut(text):
                oids.append(self.stage.sink.add("blob", piece))
                size += len(piece)
        return Added(self.stage.draft.append(tree, oids), facts, size)

    def _put(self, added: Added, scenario: int, ordered: bool) -> tuple[Outcome | None, int]:
        before = self.meta
        ws, given = self.stage.ws, ""
        if self.session == self.item.id:
            given = self._given_title()
        stored = lambda: describe.stored_text(self.stage, self.parts.transcript)  # noqa: E731 -- needed now and then
        self.meta, self.rank = describe.grown(
            ws, before, self.rank, added.facts, added.size, given=given, stored=stored
        )
        commit, dirty = self.stage.code.said(self.worktree)
        self.meta = self.meta._replace(git_commit=commit or before.git_commit, dirty=dirty)
        self._draft(self.session, added.tree, self.meta)
        self._keep(added.tree, self.end, scenario, ordered=ordered)
        return Outcome(self.session, scenario, added.facts.lines, "", self.meta.title), added.size

    def _draft(self, session: str, tree: str, meta: Meta) -> None:
        old = self.stage.draft.session(session)
        parts = branch.parts(self.stage, old)
        before = self.stage.blob(parts.meta, layout.SMALL_CAP) if parts.meta else b""
        blob = self.stage.sink.add("blob", layout.dump_meta(meta, before))
        made = self.stage.draft.session_with(old, branch.Parts(blob, tree, parts.files))
        self.stage.draft.put_session(session, made)
        hidden.lift(self.stage, session, meta.lines)
        if session == self.item.id:  # a copy whose lines lie here has no file of its own yet
            self.stage.journal_later(session, self.item.key, tree)

    def _keep(self, tree: str, synced: int, scenario: int, *, ordered: bool = True) -> tuple[Outcome | None, int]:
        """Remember in the index how far the file is on the branch."""
        start = max(0, synced - WINDOW)
        digest = indexing.digest(os.pread(self.fd, synced - start, start)) if synced else b""
        entry = Entry(
            *self.stat, synced, digest, self.session, tree, ordered, self.worktree, self.rank, self.stat[0] - self.end
        )
        self.stage.index.put(self.item.path, entry)
        return Outcome(self.session, scenario, 0, "", self.meta.title), 0

    def _compare(self) -> tuple[Outcome | None, int]:
        """The branch holds something else than the index says (or there is no index): read both."""
        from git_ccsync.operations.exchange.follow import Stored, follow_disk

        stored = segments.listing(self.stage, self.parts.transcript)
        at, known = self._start(stored)
        aside = self.session != self.item.id
        view = Stored(stored, self.meta.fork, self.meta.suffix) if aside else Stored(stored)
        found = follow_disk(self.stage, self.codec, view, self.fd, self.end, at=at, known=known)
        return self._settle(found, stored)

    def _start(self, stored: tuple[str, ...]) -> tuple[tuple[int, int, int], bool]:
        """From where versions may differ: behind what the index knows, if the branch still begins with it. And whether
        all of the branch's lines were here once.
        """
        entry, was = self.entry, self.was
        known = was is not None and (was.session, was.tree) == (self.session, self.parts.transcript)
        if not entry or not entry.tree or not entry.ordered or entry.session != self.item.id:
            return (0, 0, 0), known
        try:
            then = segments.listing(self.stage, entry.tree)
        except BadData:  # it is gone, as after a purge
            return (0, 0, 0), known
        if stored[: len(then)] != then:
            return (0, 0, 0), known
        self.passed = len(then)
        return (len(then), 0, entry.synced), known

    def _settle(self, found: Followed, stored: tuple[str, ...]) -> tuple[Outcome | None, int]:
        verdict = found.verdict
        if verdict.scenario == DIVERGED:
            return self._diverged(found, stored)
        if verdict.scenario == SAME:
            return self._keep(self.parts.transcript, self.end, SAME)
        if verdict.scenario == BEHIND:
            return self._keep("", self.end, BEHIND, ordered=verdict.ordered)
        rows = found.rest() if verdict.ordered else found.lacking()
        return self._append(segments.pack_lines(rows, reading.BLOCK), verdict.ordered)

    def _diverged(self, found: Followed, stored: tuple[str, ...]) -> tuple[Outcome | None, int]:
        """The local lines go on as a conflict copy: one that is there already, or a new one."""
        from git_ccsync.operations.exchange import copies
        from git_ccsync.operations.exchange.follow import follow_disk

        codec = self.codec
        copy = copies.existing(
            self.stage, self.item.id, lambda view: follow_disk(self.stage, codec, view, self.fd, self.end)
        )
        if copy and copy.followed:
            self.session, self.meta, self.parts = copy.id, copy.meta, self.stage.parts(copy.id)
            self.rank = describe.CUSTOM
            return self._settle(copy.followed, ())
        skipped = sum(self.stage.blob(oid, SEGMENT_CAP).count(b"\n") for oid in stored[: self.passed])
        fork = skipped + found.common
        meta = self.meta._replace(title=self._own_title())
        rest = (codec.portable(block) for block in segments.pack_lines(found.rest(), reading.BLOCK))
        copy = copies.make(
            self.stage, self.item.id, meta, stored, fork=fork, row=codec.portable(found.verdict.first), rest=rest
        )
        return self._copied(copy)

    def _own_title(self) -> str:
        facts, codec = Facts(), self.codec
        for block in reading.blocks(self.fd, 0, self.end):
            facts = transcript.merge_facts(facts, transcript.facts(codec.portable(block)))
        return transcript.title(facts, self._given_title())

    def _given_title(self) -> str:
        """The title that stands in a file beside the transcript, as stored, "" if there is none. A title is cut short: what
        is not to be sent is taken out while it can be told.
        """
        if not self.item.side:
            return ""
        codec = self.codec
        return describe.given_title(self.item.path, lambda data: codec.portable(data, whole=True))

    def _copied(self, copy: Copy) -> tuple[Outcome | None, int]:
        from git_ccsync.operations.exchange import copies

        reason = copies.REPLACED if self.meta.machine == self.stage.ws.here.id else copies.BOTH
        original, self.session, self.meta, self.rank = self.item.id, copy.id, copy.meta, describe.CUSTOM
        self._draft(copy.id, copy.transcript, copy.meta)
        self._keep(copy.transcript, self.end, DIVERGED)
        lines = copy.meta.lines - copy.meta.fork
        return Outcome(original, DIVERGED, lines, reason, copy.meta.title, copy.id), copy.bytes


def _sliced(blocks: Iterator[bytes], limit: int) -> Iterator[Iterator[bytes]]:
    """The blocks in runs of about `limit` bytes; each run is to be used up before the next."""
    held = next(blocks, None)

    def part() -> Iterator[bytes]:
        nonlocal held
        size = 0
        while held is not None and size < limit:
            size += len(held)
            yield held
            held = next(blocks, None)

    while held is not None:
        yield part()
