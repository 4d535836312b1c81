"""The transcripts of this repository on this disk, against the index and the branch: grown, new, cut short, in step.

Reads what is not on the branch yet, and remembers what it read in a cache of its own; changes nothing else.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading, scan, transcript
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, Facts, Problem
from git_ccsync.operations.capturing import agents, describe, find, holding, idle, odd
from git_ccsync.operations.exchange.follow import Stored, follow_disk
from git_ccsync.operations.overview import catalogue
from git_ccsync.state import files
from git_ccsync.state import index as indexing
from git_ccsync.state.index import RACY_NS, UNKNOWN, WINDOW, Entry
from git_ccsync.store import format as layout
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.operations.overview.catalogue import Catalogue
    from git_ccsync.operations.run.stage import Stage

#: From this many files that have to be read on, the branch is read through libgit2.
MANY = 300
WORDS = {AHEAD: "ahead", BEHIND: "behind", DIVERGED: "diverged"}


class Local(Frozen):
    """One transcript on this disk.

    `kept` is the session that its lines are kept under, `tree` the transcript on the branch that it is in step with,
    as far as the index tells. `word` is new, ahead, behind, diverged, or "" where it has nothing of its own; `facts`
    and `bytes` are of what is not on the branch, `beside` counts the bytes of side files that are not; `given` is the title in a file beside it, where
    there are `facts`. `held` is true for what is never to be sent.
    """

    id: str
    path: str
    kept: str
    tree: str
    word: str = ""
    torn: bool = False
    facts: Facts = Facts()
    bytes: int = 0
    beside: int = 0
    rank: int = 0
    held: bool = False
    given: str = ""


#: Another set of fields makes another cache.
VERSION = " ".join(Local._fields + Facts._fields)


def look(stage: Stage, known: Catalogue) -> tuple[dict[str, Local], list[Problem]]:
    """Every transcript of this repository by session id, and what could not be read."""
    legacy: list[SideFile] = []
    found, problems = find.sessions(stage, (), legacy)
    looking = _Looking(stage, known, agents.by_transcript(stage.index, legacy))
    if len(found) - len(stage.index.raw()) > MANY:
        stage.reader.bulk()
    locals_: dict[str, Local] = {}
    for item in found:
        try:
            local = looking.at(item)
        except FileNotFoundError:
            continue
        except (BadData, OSError) as error:
            problems.append(odd.problem(stage, item, error))
            continue
        if local:
            locals_[item.id] = local
    looking.save()
    return locals_, problems


class _Looking:
    """One look at all files. What was read of those that the index cannot tell of is kept in a cache of our own."""

    def __init__(self, stage: Stage, known: Catalogue, agents: Mapping[str, Sequence[SideFile]]) -> None:
        self.stage, self.known, self.agents = stage, known, agents
        self._path = os.path.join(stage.ws.memory, "local")
        self._key = (VERSION, idle.stamp(stage.ws), tuple(sorted(known.purged)))
        held = files.load_cache(self._path)
        fits = isinstance(held, tuple) and len(held) == 2 and held[0] == self._key
        self._before: dict[str, tuple[object, ...]] = held[1] if fits else {}  # type: ignore[index]
        self._now: dict[str, tuple[object, ...]] = {}
        self._started, self._back = time.time_ns(), holding.load(stage.ws)

    def save(self) -> None:
        if self._now != self._before and self.stage.ws.initialised:
            catalogue.save(self._path, (self._key, self._now))

    def at(self, item: Found) -> Local | None:
        """What one file is; None if it is not of this repository."""
        if self._back and holding.is_held(self.stage, self._back, item.id, item.size):
            worktree, read = self._read_once(item, None)
            return read._replace(held=True) if worktree and read else None
        # Of what was purged nothing but the file itself tells anything any more.
        entry = None if item.id in self.known.purged else self.stage.index.get(item.path)
        if entry and entry.worktree and entry[:3] == (item.size, item.mtime_ns, item.inode):
            local = Local(
                item.id, item.path, entry.session or item.id, entry.tree, torn=entry.torn > 0, rank=entry.rank
            )
            return self._with_sides(item, entry.worktree, local if entry.ordered else local._replace(word="behind"))
        worktree, read = self._read_once(item, entry)
        return self._with_sides(item, worktree, read) if read else None

    def _read_once(self, item: Found, entry: Entry | None) -> tuple[str, Local | None]:
        """(work tree, Local) of a file that has to be read, from the cache if nothing about it is new."""
        card = self.known.cards.get(item.id)
        stat = (item.size, item.mtime_ns, item.inode, card.transcript if card else "", tuple(entry or ()))
        held = self._before.get(item.path)
        if held and held[0] == stat:
            worktree, values = str(held[1]), held[2]
        else:
            worktree, values = self._read(item, entry)
        if item.mtime_ns < self._started - RACY_NS:
            self._now[item.path] = stat, worktree, values
        return worktree, _thawed(values) if worktree else None

    def _read(self, item: Found, entry: Entry | None) -> tuple[str, tuple[object, ...]]:
        """(work tree, Local as plain values) of a file; "" and () if it belongs to none of this repository's."""
        fd = claude_files.open_regular(item.path)
        try:
            worktree = (entry.worktree if entry else "") or find.owner(self.stage, item, fd) or ""
            if not worktree:
                return "", ()
            local = self._judge(item, fd, entry, worktree)
            return worktree, (*local[:6], tuple(local.facts), *local[7:])
        finally:
            os.close(fd)

    def _judge(self, item: Found, fd: int, entry: Entry | None, worktree: str) -> Local:
        size = os.fstat(fd).st_size
        card = self.known.cards.get(item.id)
        # A run that ended between its commit and the index knows less than the branch; so does one that others went on.
        stale = card and entry and entry.session == item.id and entry.tree != card.transcript
        if entry and entry.synced and not stale and _holds(fd, entry):
            end = reading.last_newline(fd, size, entry.synced)
            facts = _facts(reading.blocks(fd, entry.synced, end))
            return Local(
                item.id, item.path, entry.session, entry.tree, "ahead" if facts.lines else "", size > end, facts,
                end - entry.synced, rank=entry.rank,
            )  # fmt: skip
        end = reading.last_newline(fd, size)
        if card and card.transcript:
            known = entry is not None and (entry.session, entry.tree) == (item.id, card.transcript)
            return self._compare(item, fd, end, worktree, known=known)._replace(torn=size > end)
        held = not find.wanted(self.stage, item)
        facts = _facts(reading.blocks(fd, 0, end))
        return Local(item.id, item.path, item.id, "", "new", size > end, facts, end, held=held)

    def _compare(self, item: Found, fd: int, end: int, worktree: str, *, known: bool) -> Local:
        """A file that the index does not know, or that was rewritten: both versions are read. `known`: all of the branch's
        lines were here once.
        """
        tree = self.known.cards[item.id].transcript
        codec = self.stage.codec(item.id, worktree, item.key)
        found = follow_disk(self.stage, codec, Stored(segments.listing(self.stage, tree)), fd, end, known=known)
        word = WORDS.get(found.verdict.scenario, "")
        own = found.rest() if found.verdict.ordered else found.lacking()
        facts = _facts(segments.pack_lines(own, reading.BLOCK)) if word in ("ahead", "diverged") else Facts()
        return Local(
            item.id,
            item.path,
            item.id,
            tree,
            word,
            facts=facts,
            bytes=max(0, end - found.offset),
            rank=UNKNOWN,
        )

    def _with_sides(self, item: Found, worktree: str, local: Local) -> Local:
        """The same with what is new in its side files; a session that was never captured sends them all."""
        beside = self.agents.get(item.path, ())
        if not item.side and not beside:
            return local
        if local.facts.lines and item.side:
            local = local._replace(given=describe.given_title(item.path))
        size = 0
        listed = scan.side_files(item.path.removesuffix(".jsonl"))[0] if item.side else ()
        for file in (*listed, *beside):
            if self.stage.index.unchanged(file.path, file.size, file.mtime_ns, file.inode):
                continue
            entry = self.stage.index.get(file.path)
            if not entry and self._is_stored(item, local.kept, worktree, file):
                continue
            if not find.matches(self.stage.ws, worktree, file.name):
                size += max(1, file.size - (entry.synced if entry else 0))
        return local._replace(beside=size, word=local.word or "ahead") if size else local

    def _is_stored(self, item: Found, session: str, worktree: str, file: SideFile) -> bool:
        """Whether a side file that the index does not know, as after `adopt` or `undo`, is as it is on the branch."""
        tree = dict(self.stage.parts(session).files).get(layout.escape_name(file.name).encode())
        if not tree or file.size > layout.MAX_SEGMENT:
            return False
        text = b"".join(segments.blocks(self.stage, segments.listing(self.stage, tree)))
        local = text if b"\0" in text else self.stage.codec(item.id, worktree, item.key).local(text)
        if len(local) != file.size:
            return False
        try:
            fd = claude_files.open_regular(file.path)
        except (OSError, BadData):
            return False
        try:
            return os.pread(fd, file.size + 1, 0) == local
        finally:
            os.close(fd)


def _thawed(values: object) -> Local:
    assert isinstance(values, tuple)
    return Local(*values)._replace(facts=Facts(*values[6]))


def _holds(fd: int, entry: Entry) -> bool:
    """Whether the bytes before the synced length are, as far as a window tells, those that were synced (a file that is
    shorter now has fewer).
    """
    start = max(0, entry.synced - WINDOW)
    return indexing.digest(os.pread(fd, entry.synced - start, start)) == entry.digest


def _facts(blocks: Iterable[bytes]) -> Facts:
    facts = Facts()
    for block in blocks:
        facts = transcript.merge_facts(facts, transcript.facts(block))
    return facts
