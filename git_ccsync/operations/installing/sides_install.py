"""Installing side files: made where missing, appended to or replaced only where this machine has nothing of its own."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import reading
from git_ccsync.claude.scan import MAX_FILES
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import BEHIND, DIVERGED, Problem
from git_ccsync.operations.capturing import agents
from git_ccsync.operations.exchange.follow import Stored, follow_disk
from git_ccsync.operations.installing.sides_exchange import Job, exchange, joined, moment
from git_ccsync.portable import match
from git_ccsync.state import files as own_files
from git_ccsync.state import index as indexing
from git_ccsync.state.index import WINDOW, Entry
from git_ccsync.store import segments
from git_ccsync.store.format import unescape_name

if TYPE_CHECKING:
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.store.branch import Parts

#: Never taken from a branch, whatever it holds: caches and secrets of the machine that wrote them.
FORBIDDEN = ("resume-head.jsonl",)
#: So many are named of one session, and so much of a name.
MOST, LONGEST = 5, 300


def install(stage: Stage, session: str, place: Place, parts: Parts, tag: str) -> int:
    """Bring the side files of one installed session onto this disk; how many were written. What is wrong with one leaves
    that one out, and is said in `stage.sides_left`. BadData if there are too many.
    """
    if len(parts.files) > MAX_FILES:
        raise BadData(f"has more than {MAX_FILES:,} side files")
    return Sides(stage, session, place, parts, tag).run() if parts.files else 0


def pending(stage: Stage, session: str, place: Place, parts: Parts) -> bool:
    """Whether `install` would have to look at a file."""
    sides = Sides(stage, session, place, parts, "")
    for name, tree in parts.files:
        try:
            if _is_taken(name) and not sides.in_step(sides.path(name), tree):
                return True
        except BadData:
            continue
    return False


def _is_taken(name: bytes) -> bool:
    """Whether a file of this escaped name is installed. BadData for one that no machine of ours can have sent."""
    relative = unescape_name(name)
    return not (relative in FORBIDDEN or relative.endswith(".key") or "/." in f"/{relative}")


class Sides:
    """The side files of one session that lies here. `waits`: one of them is to be looked at again, though nothing changes on
    the branch. `later` are those that are not to be made yet: what they hold lies in the one that waits.
    """

    def __init__(self, stage: Stage, session: str, place: Place, parts: Parts, tag: str) -> None:
        self.stage, self.session, self.place, self.parts, self.tag = stage, session, place, parts, tag
        self.trash = os.path.join(stage.ws.here.state, "trash")
        self.codec = stage.codec(session, place.worktree, place.key)
        self.waits, self.later = False, set[bytes]()
        self._healed: set[str] = set()
        self._written = 0
        self._odd: list[Problem] = []

    def run(self) -> int:
        """Install all that is out of step; how many were written."""
        for name, tree in sorted(self.parts.files):  # a tree has what is kept beside a file before it
            try:
                if name not in self.later and _is_taken(name):
                    self.bring(name, tree)
            except BadData as error:
                shown = name[:LONGEST].decode("ascii", "replace")
                self._odd.append(Problem(self.session, f"side file '{shown}' is left out: {error.message}"))
        if len(self._odd) > MOST:
            more = Problem(self.session, f"{len(self._odd) - MOST:,} more side files are left out")
            self._odd[MOST:] = [more]
        if self._odd or self.waits:
            self.stage.sides_left[self.session] = tuple(self._odd)
        return self._written

    def path(self, name: bytes) -> str:
        """Where the file of this escaped name lies here, or would."""
        relative = unescape_name(name)
        path = os.path.join(self.place.path.removesuffix(".jsonl"), relative)
        if self.stage.index.get(path) is None:
            return agents.beside(self.place, self.session, relative) or path
        return path

    def in_step(self, path: str, tree: str) -> bool:
        """Whether the file is, by its stat, the one that was in step with `tree`."""
        entry = self.stage.index.get(path)
        return bool(entry and entry.tree == tree and own_files.stamp(path) == (entry.size, entry.mtime_ns, entry.inode))

    def bring(self, name: bytes, tree: str) -> None:
        """Install one file, unless it is in step."""
        path = self.path(name)
        if self.in_step(path, tree):
            return
        folder = os.path.dirname(path)
        if folder not in self._healed:  # a run that was cut short may have left its temporaries here
            writing.heal([folder], self.tag, self.trash)
            self._healed.add(folder)
        if os.path.lexists(path) and path.endswith(".jsonl"):
            self._written += self._grow(path, name, tree)
            return
        made = self._whole(path, tree) if os.path.lexists(path) else self._create(path, tree)
        if made:
            self.stage.undo.after(path, made if isinstance(made, str) else "")
        if made is not None:
            self.note(path, name, tree)
            self._written += bool(made)

    def _whole(self, path: str, tree: str) -> bool | str | None:
        """Put another version in the place of a file that is as it was captured; one in step keeps what is its own. Where
        that one lies now, False if it stays, None for one that is left to the next capture.
        """
        entry, stat = self.stage.index.get(path), own_files.stamp(path)
        if not entry or stat[0::2] != (entry.size, entry.inode):
            return None
        stored = joined(self.stage, segments.listing(self.stage, tree))
        ours = own_files.read(path)
        if stored == ours if b"\0" in stored else match.in_step(self.codec, stored, ours):
            return False
        self.stage.undo.before(path)
        text = [self._local(stored)]
        return writing.exchange(path, text, expected=stat, tag=self.tag, trash=self.trash, mtime_ns=moment()).path

    def _create(self, path: str, tree: str) -> bool:
        oids = segments.listing(self.stage, tree)
        if path.endswith(".jsonl"):
            blocks = self.stage.within(self.codec.local(block) for block in segments.blocks(self.stage, oids))
            self.stage.undo.before(path)
            writing.create(path, blocks, tag=self.tag, mtime_ns=moment())
        else:
            text = self._local(joined(self.stage, oids))
            self.stage.undo.before(path)
            writing.put_side(path, text, tag=self.tag, mtime_ns=moment())
        return True

    def _local(self, stored: bytes) -> bytes:
        return next(self.stage.within((stored if b"\0" in stored else self.codec.local(stored),)))

    def _grow(self, path: str, name: bytes, tree: str) -> bool:
        """Give a subagent's transcript what the branch has more, or otherwise; False if there is nothing, or not yet."""
        fd = claude_files.open_regular(path)
        try:
            size = os.fstat(fd).st_size
            end = reading.last_newline(fd, size)
            found = follow_disk(self.stage, self.codec, Stored(segments.listing(self.stage, tree)), fd, end)
            if found.verdict.scenario == DIVERGED or not found.verdict.ordered:
                done = exchange(Job(self, name, tree, path, fd, end, found))
                self.waits = self.waits or not done
                return done
            if found.verdict.scenario != BEHIND:
                return False
            tail = os.pread(fd, size - end, end)
            rest = segments.pack_lines(found.theirs_rest(), reading.BLOCK)
            blocks = self.stage.within(self.codec.local(block) for block in rest)
            self.stage.undo.before(path)
            writing.append(path, at=size, tail=tail, chunks=blocks, mtime_ns=os.fstat(fd).st_mtime_ns)
        finally:
            os.close(fd)
        self.stage.undo.after(path)
        self.note(path, name, tree)
        return True

    def note(self, path: str, name: bytes, tree: str) -> None:
        """Remember that the file at `path` is in step with `tree`."""
        fd = claude_files.open_regular(path)
        try:
            stat = os.fstat(fd)
            start = max(0, stat.st_size - WINDOW)
            digest = indexing.digest(os.pread(fd, stat.st_size - start, start))
        finally:
            os.close(fd)
        entry = Entry(
            stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_size, digest, name.decode(), tree, True, "side"
        )
        self.stage.index.put(path, entry)
