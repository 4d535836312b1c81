"""Capturing side files: subagents' transcripts (appended to) and everything else (replaced as a whole)."""

from __future__ import annotations

import os
from itertools import chain

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading, scan
from git_ccsync.errors import BadData, SecretFound
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, SAME, Outcome, Problem
from git_ccsync.operations.capturing import find, odd, redacted
from git_ccsync.operations.exchange import versions
from git_ccsync.operations.exchange.follow import Stored, follow_disk
from git_ccsync.portable import match
from git_ccsync.state import index as indexing
from git_ccsync.state.index import WINDOW, Entry
from git_ccsync.store import branch, segments
from git_ccsync.store.format import MAX_SEGMENT, SEGMENT_CAP, escape_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec


def capture(
    stage: Stage, found: Sequence[Found], agents: Mapping[str, Sequence[SideFile]]
) -> tuple[list[Outcome], list[Problem]]:
    """Draft what is new in the side files of sessions that are on the branch. `agents`, by transcript, are those that
    do not lie where the others do.
    """
    outcomes: list[Outcome] = []
    problems: list[Problem] = []
    for item in found:
        beside = agents.get(item.path, ())
        if not item.side and not beside:
            continue
        entry = stage.index.get(item.path)
        if not entry or not entry.worktree or not entry.synced:
            continue
        listed, odd = scan.side_files(item.path.removesuffix(".jsonl")) if item.side else ([], [])
        problems += odd
        try:
            if _capture_session(stage, item, entry, (*listed, *beside), problems):
                title = stage.meta(stage.parts(entry.session).meta).title
                outcomes.append(Outcome(entry.session, AHEAD, 0, "side files", title))
                stage.checkpoint(len(outcomes), 0)
        except BadData as error:
            problems.append(Problem(item.path, error.message))
    return outcomes, problems


def _capture_session(
    stage: Stage, item: Found, entry: Entry, listed: Iterable[SideFile], problems: list[Problem]
) -> bool:
    fresh = [f for f in listed if not stage.index.unchanged(f.path, f.size, f.mtime_ns, f.inode)]
    fresh = [f for f in fresh if not find.matches(stage.ws, entry.worktree, f.name)]
    if not fresh:
        return False
    held, grown = dict(stage.parts(entry.session).files), False
    codec = stage.codec(item.id, entry.worktree, item.key)
    for file in fresh:
        try:
            name, made = _capture_file(stage, codec, file, held)
        except FileNotFoundError:
            continue
        except (BadData, OSError) as error:
            reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
            problems.append(Problem(file.path, reason, hints=odd.hints(error)))
            redacted.note(stage, item.id, sent=False)
            continue
        redacted.note(stage, item.id)
        if made:
            held[name] = made
        if stage.sink.added >= stage.slice:
            grown = _draft(stage, entry.session, held) or grown
            stage.checkpoint(1, 0)
    return _draft(stage, entry.session, held) or grown


def _draft(stage: Stage, session: str, held: dict[bytes, str]) -> bool:
    """Draft the session with these side files; False if they are those that it has."""
    tree = stage.draft.session(session)
    parts = branch.parts(stage, tree)
    files = tuple(sorted(held.items()))
    if files == tuple(sorted(parts.files)):
        return False
    stage.draft.put_session(session, stage.draft.session_with(tree, parts._replace(files=files)))
    return True


def _capture_file(stage: Stage, codec: Codec, file: SideFile, held: dict[bytes, str]) -> tuple[bytes, str]:
    fd = claude_files.open_regular(file.path)
    try:
        return _Side(stage, codec, file, held, fd).run()
    finally:
        os.close(fd)


class _Side:
    """One side file being captured; `held` are the file trees of its session by escaped name."""

    def __init__(self, stage: Stage, codec: Codec, file: SideFile, held: dict[bytes, str], fd: int) -> None:
        self.stage, self.codec, self.file, self.held, self.fd = stage, codec, file, held, fd
        self.size = os.fstat(fd).st_size
        self.entry = stage.index.get(file.path)
        self.name = escape_name(file.name).encode()

    def run(self) -> tuple[bytes, str]:
        """(escaped name, new file tree); the tree is "" if the file is behind what the branch has. Raises SecretFound."""
        if self.name not in self.held:
            self.codec.checked_name(self.file.name, "its name")
        if self.file.name.endswith(".jsonl"):
            tree, synced, ordered = self._append_file()
        else:
            tree, synced, ordered = self._whole_file(), self.size, True
        start = max(0, synced - WINDOW)
        digest = indexing.digest(os.pread(self.fd, synced - start, start))
        stat = self.file.size, self.file.mtime_ns, self.file.inode
        self.stage.index.put(self.file.path, Entry(*stat, synced, digest, self.name.decode(), tree, ordered, "side"))
        return self.name, tree

    def _append_file(self) -> tuple[str, int, bool]:
        entry, end = self.entry, reading.last_newline(self.fd, self.size)
        known = entry.session.encode() if entry and entry.session else self.name
        tree = self.held.get(known, "")
        if entry and tree and entry.tree == tree and entry.synced <= end and self._holds(entry):
            self.name = known
            return self._added(tree, reading.blocks(self.fd, entry.synced, end)), end, entry.ordered
        first = (known, self.name) if tree else (self.name,)
        for name in chain(first, versions.names(self.stage, self.file.name)):
            self.name, tree = name, self.held.get(name, "")
            if not tree:
                return self._added("", reading.blocks(self.fd, 0, end)), end, True
            if found := self._followed(tree, end):
                return found
        raise AssertionError("names end")

    def _followed(self, tree: str, end: int) -> tuple[str, int, bool] | None:
        """As `run`, with the rows added to `tree` that it lacks; None if they have diverged."""
        stored = segments.listing(self.stage, tree)
        found = follow_disk(self.stage, self.codec, Stored(stored), self.fd, end)
        verdict = found.verdict
        if verdict.scenario in (SAME, BEHIND):
            return tree if verdict.scenario == SAME else "", end, verdict.ordered
        if verdict.scenario == DIVERGED or not segments.is_whole(self.stage, stored):
            return None
        rows = found.rest() if verdict.ordered else found.lacking()
        return self._added(tree, segments.pack_lines(rows, reading.BLOCK)), end, verdict.ordered

    def _holds(self, entry: Entry) -> bool:
        start = max(0, entry.synced - WINDOW)
        same = indexing.digest(os.pread(self.fd, entry.synced - start, start)) == entry.digest
        return same and entry.inode == self.file.inode

    def _added(self, tree: str, blocks: Iterable[bytes]) -> str:
        add = self.stage.sink.add
        oids = [add("blob", piece) for block in blocks for piece in segments.cut(self.codec.portable(block))]
        return self.stage.draft.append(tree, oids)

    def _whole_file(self) -> str:
        """A file stored as a unit. If the branch has another version that was not ours, theirs stays and ours goes
        beside it.
        """
        stored = self.held.get(self.name, "")
        try:
            tree = whole_tree(self.stage, self.codec, self.fd)
        except SecretFound:
            if not stored or not self._expands_to_this(stored):
                raise
            self.stage.codecs.censor.taken()  # not sent from here, and not held back: it is there already
            return stored
        if stored and stored != tree:
            if self._expands_to_this(stored):  # only what is redacted has become something else
                return stored
            if not self.entry or self.entry.tree != stored:
                ours = (tree, self.entry.tree) if self.entry else (tree,)
                self.name = versions.free(self.stage, self.file.name, self.held, ours)
        return tree

    def _expands_to_this(self, stored: str) -> bool:
        oids = segments.listing(self.stage, stored)
        text = b"".join(self.stage.blob(oid, SEGMENT_CAP) for oid in oids)
        ours = os.pread(self.fd, self.size, 0)
        return text == ours if b"\0" in text else match.in_step(self.codec, text, ours)


def whole_tree(stage: Stage, codec: Codec, fd: int) -> str:
    """Draft the content of `fd` as a whole file: not translated if it holds a NUL byte, cut at 16 MiB."""
    size = os.fstat(fd).st_size
    if size > 1 << 30:
        raise BadData("side file is larger than 1 GiB")
    text = os.pread(fd, size, 0)
    while len(text) < size and (more := os.pread(fd, size - len(text), len(text))):
        text += more
    stored = codec.checked(text) if b"\0" in text else codec.portable(text, whole=True)
    oids = [stage.sink.add("blob", stored[at : at + MAX_SEGMENT]) for at in range(0, max(len(stored), 1), MAX_SEGMENT)]
    return stage.draft.append("", oids)
