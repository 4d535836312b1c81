"""Installing one session: made here, grown, exchanged after a divergence, or left alone with the reason."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import live, reading, rows
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import BEHIND, DIVERGED, SAME, Installed, Meta
from git_ccsync.operations.exchange import gate
from git_ccsync.operations.installing import growth, hidden
from git_ccsync.operations.installing.installed import changing, in_step, note, sides, sides_pending, tag
from git_ccsync.store import branch, segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.installing.places import Where
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec
    from git_ccsync.state.index import Entry


#: Internal action: a conflict copy has no file of its own until the exchange of its original, and has to wait for that.
IN_ORIGINAL = "in-original"
NO_LINES = "its transcript has no line that can be read"


class Rules(Frozen):
    """What to install: sessions idle since before `horizon` (seconds) are not new to this machine; `force` brings even
    removed ones.
    """

    horizon: float
    days: int
    force: bool = False


def install_one(stage: Stage, where: Where, session: str, tree: str, policy: Rules) -> Installed:
    """Install one session: new, grown, exchanged, or left alone with the reason."""
    parts = branch.parts(stage, tree)
    known = where.known(session)
    if known and in_step(stage, known, session, parts):
        if session in stage.live and sides_pending(stage, where.place(session, Meta()), session, parts):
            meta = stage.meta(parts.meta)
            return Installed(session, "waiting", known, 0, meta.title, meta.machine, live.HELD)
        if not sides(stage, where.place(session, Meta()), session, parts):
            return Installed(session, "kept", known)
        meta = stage.meta(parts.meta)
        return Installed(session, "appended", known, 0, meta.title, meta.machine, "side files")
    return _One(stage, where, session, parts, policy).run()


def plan_one(stage: Stage, where: Where, session: str, tree: str, policy: Rules) -> Installed:
    """What `install_one` would do; nothing is written."""
    return _One(stage, where, session, branch.parts(stage, tree), policy).plan()


class _One:
    """One session being installed."""

    def __init__(self, stage: Stage, where: Where, session: str, parts: branch.Parts, policy: Rules) -> None:
        self.stage, self.where, self.session, self.parts, self.policy = stage, where, session, parts, policy
        self.meta = stage.meta(parts.meta)
        self.place = where.place(session, self.meta)
        self.told = Installed(session, "kept", self.place.path, 0, self.meta.title, self.meta.machine)
        self.idle = rows.seconds(self.meta.updated)
        self.mtime = writing.mtime_for(self.idle, policy.days, time.time())

    @property
    def codec(self) -> Codec:
        return self.stage.codec(self.session, self.place.worktree, self.place.key)

    def run(self) -> Installed:
        return self._update() if self.where.lies(self.session, self.place) else self._fresh()

    def plan(self) -> Installed:
        """What `run` would do; contents are compared where the index does not tell."""
        if not self.where.lies(self.session, self.place):
            return self._not_wanted() or self._planned_fresh()
        entry = self.stage.index.get(self.place.path)
        if not entry or in_step(self.stage, self.place.path, self.session, self.parts):
            return self.told
        busy = self._busy(entry)
        if busy:
            return self.told._replace(action="waiting", reason=busy)
        lines = self._lines(entry) if entry.session == self.session and entry.ordered else 0
        return self.told._replace(action="appended", lines=lines) if lines else self._planned(entry)

    def _planned_fresh(self) -> Installed:
        self._segments()
        return self.told._replace(action="created", lines=self.meta.lines)

    def _planned(self, entry: Entry) -> Installed:
        fd = claude_files.open_regular(self.place.path)
        try:
            return self._compare(entry, segments.listing(self.stage, self.parts.transcript), fd)
        finally:
            os.close(fd)

    def _lines(self, entry: Entry) -> int:
        """How many lines would be added, 0 if only a look at both could tell."""
        stored = segments.listing(self.stage, self.parts.transcript)
        then = segments.listing(self.stage, entry.tree) if entry.tree else ()
        if not then or stored[: len(then)] != then:
            return 0
        return sum(block.count(b"\n") for block in segments.blocks(self.stage, stored[len(then) :]))

    def _fresh(self) -> Installed:
        """A session that is not on this disk."""
        refusal = self._not_wanted()
        if refusal:
            return refusal
        oids = self._segments()
        gate.measure(self.stage, oids)
        codec = self.codec
        local = self.stage.within(codec.local(block) for block in segments.blocks(self.stage, oids))
        held = [next(local, b"")]
        if not held[0]:
            raise BadData(NO_LINES)
        changing(self.stage, self.place.path, self.session)
        writing.create(self.place.path, _then(held, local), tag=tag(self.stage), mtime_ns=self.mtime)
        self.stage.undo.after(self.place.path)
        note(self.stage, self.place, self.session, self.parts)
        return self.told._replace(action="created", lines=self.meta.lines)

    def _segments(self) -> tuple[str, ...]:
        """The segments of the transcript. BadData if there is none: what is no blob is passed over, and so all may be."""
        oids = segments.listing(self.stage, self.parts.transcript)
        if not oids:
            raise BadData(NO_LINES)
        return oids

    def _not_wanted(self) -> Installed | None:
        absent = self.told._replace(path="")
        if not self.parts.transcript:
            return absent._replace(action="skipped")
        if hidden.is_hidden(self.stage, self.session, self.meta.lines):
            return absent._replace(action="removed", reason="taken off by 'git ccsync rm'")
        journaled = self.stage.journal.known.get(self.session)
        if journaled and journaled[1] == self.parts.transcript and not self.policy.force:
            return absent._replace(action="removed")
        if not self.policy.force and self._in_original():
            return absent._replace(action=IN_ORIGINAL)
        if self.idle is not None and self.idle < self.policy.horizon and not self.policy.force:
            return absent._replace(action="idle")
        other = self.where.elsewhere(self.session, self.place)
        if other:
            return absent._replace(action="elsewhere", path=other, reason=f"already in '{other}'")
        return None

    def _in_original(self) -> bool:
        """Whether this is a conflict copy whose own lines, or the first of them, lie in the original's file: the exchange of
        that makes the copy's.
        """
        original = self.where.known(self.meta.parent) if self.meta.suffix else ""
        if not original or in_step(self.stage, original, self.meta.parent, self.stage.parts(self.meta.parent)):
            return False
        from git_ccsync.operations.installing import change

        place = self.where.place(self.meta.parent, Meta())
        codec = self.stage.codec(self.meta.parent, place.worktree, place.key)
        return change.holds(self.stage, codec, original, self.meta, self.parts)

    def _update(self) -> Installed:
        """A session that lies here: append what is new, or exchange it where its rows stand otherwise."""
        entry = self.stage.index.get(self.place.path)
        if not entry or not self.parts.transcript:
            return self.told._replace(action="skipped", reason="could not be read")
        if self.stage.ws.is_home and not entry.worktree:
            return self.told._replace(action="skipped", reason="its directory lies in a repository now")
        busy = self._busy(entry)
        if busy:
            return self.told._replace(action="waiting", reason=busy)
        fd = claude_files.open_regular(self.place.path)
        try:
            stored = segments.listing(self.stage, self.parts.transcript)
            gate.measure(self.stage, stored[segments.count(self.stage, entry.tree) :])
            grown = growth.blocks(self.stage, entry, self.session, stored, fd)
            if grown is None:
                told = self._compare(entry, stored, fd)
                if told.action == "waiting":  # the next capture is to look, though the file does not change
                    self.stage.index.put(self.place.path, entry._replace(mtime_ns=0))
                return told
            return self._append(fd, entry, grown)
        finally:
            os.close(fd)

    def _busy(self, entry: Entry) -> str:
        """Why the file is left alone for now: a process holds it, or somebody wrote it just now; "" if nothing says so."""
        ours = entry.mtime_ns if entry.tree else 0
        return live.busy(self.place.path, held=self.session in self.stage.live, ours_mtime_ns=ours)

    def _compare(self, entry: Entry, stored: tuple[str, ...], fd: int) -> Installed:
        """The index does not know how the file relates to the branch: read both."""
        from git_ccsync.operations.exchange.follow import Stored, follow_disk
        from git_ccsync.operations.installing import change

        end = reading.last_newline(fd, entry.size)
        found = follow_disk(self.stage, self.codec, Stored(stored), fd, end)
        verdict = found.verdict
        if verdict.scenario == DIVERGED or not verdict.ordered:
            job = change.Exchange(self.stage, self.place, self.session, self.parts, self.codec, found, fd, self.mtime)
            return change.exchange(job, self.told)
        if self.stage.dry_run and verdict.scenario in (SAME, BEHIND):
            lines = sum(1 for _ in found.theirs_rest())
            return self.told._replace(action="appended", lines=lines) if lines else self.told
        if verdict.scenario == SAME:
            note(self.stage, self.place, self.session, self.parts)
            return self.told
        if verdict.scenario == BEHIND:
            return self._append(fd, entry, segments.pack_lines(found.theirs_rest(), reading.BLOCK))
        return self.told._replace(action="waiting", reason="it has lines that are not captured yet")

    def _append(self, fd: int, entry: Entry, blocks: Iterator[bytes]) -> Installed:
        end = reading.last_newline(fd, entry.size, entry.synced)
        tail = os.pread(fd, entry.size - end, end)
        codec, count = self.codec, 0

        def local() -> Iterator[bytes]:
            nonlocal count
            for block in blocks:
                count += block.count(b"\n")
                yield from self.stage.within((codec.local(block),))

        changing(self.stage, self.place.path, self.session)
        writing.append(self.place.path, at=entry.size, tail=tail, chunks=local(), mtime_ns=self.mtime)
        self.stage.undo.after(self.place.path)
        note(self.stage, self.place, self.session, self.parts)
        return self.told._replace(action="appended", lines=count)


def _then(held: list[bytes], blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The one block in `held`, which is held no longer then, and the others."""
    yield held.pop()
    yield from blocks
