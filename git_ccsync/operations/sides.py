"""Capturing side files: subagents' transcripts (appended to) and everything else (replaced as a whole)."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading, scan
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, SAME, Outcome, Problem
from git_ccsync.operations import find
from git_ccsync.operations.follow import Stored, follow_disk
from git_ccsync.state import index as indexing
from git_ccsync.state.index import WINDOW, Entry
from git_ccsync.store import branch, segments
from git_ccsync.store.format import MAX_SEGMENT, escape_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.operations.stage import Stage
    from git_ccsync.portable.text import Codec


def capture(stage: Stage, found: Sequence[Found]) -> tuple[list[Outcome], list[Problem]]:
    """Draft what is new in the side files of sessions that are on the branch."""
    outcomes: list[Outcome] = []
    problems: list[Problem] = []
    for item in found:
        if not item.side:
            continue
        entry = stage.index.get(item.path)
        if not entry or not entry.worktree or not entry.synced:
            continue
        listed, odd = scan.side_files(item.path.removesuffix(".jsonl"))
        problems += odd
        try:
            if _capture_session(stage, item, entry, listed, problems):
                outcomes.append(Outcome(entry.session, AHEAD, 0, "side files"))
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
    tree = stage.draft.session(entry.session)
    parts = branch.parts(stage, tree)
    held = dict(parts.files)
    codec = stage.codec(item.id, entry.worktree, item.key)
    for file in fresh:
        try:
            name, made = _capture_file(stage, codec, file, held)
        except FileNotFoundError:
            continue
        except (BadData, OSError) as error:
            problems.append(
                Problem(file.path, getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5))
            )
            continue
        if made:
            held[name] = made
    files = tuple(sorted(held.items()))
    if files == parts.files:
        return False
    stage.draft.put_session(entry.session, stage.draft.session_with(tree, parts._replace(files=files)))
    return True


def _capture_file(stage: Stage, codec: Codec, file: SideFile, held: dict[bytes, str]) -> tuple[bytes, str]:
    """(escaped name, new file tree) of one side file; the tree is "" if there was nothing to add."""
    fd = claude_files.open_regular(file.path)
    try:
        size = os.fstat(fd).st_size
        name = escape_name(file.name).encode()
        if file.name.endswith(".jsonl"):
            name, tree, synced, ordered = _append_file(stage, codec, fd, size, file, name, held)
        else:
            name, tree, synced, ordered = *_whole_file(stage, codec, fd, file, name, held), size, True
        start = max(0, synced - WINDOW)
        digest = indexing.digest(os.pread(fd, synced - start, start))
        stat = file.size, file.mtime_ns, file.inode
        stage.index.put(file.path, Entry(*stat, synced, digest, name.decode(), tree, ordered, "side"))
        return name, tree
    finally:
        os.close(fd)


def _append_file(
    stage: Stage, codec: Codec, fd: int, size: int, file: SideFile, name: bytes, held: dict[bytes, str]
) -> tuple[bytes, str, int, bool]:
    entry = stage.index.get(file.path)
    name = entry.session.encode() if entry and entry.session else name
    tree = held.get(name, "")
    end = reading.last_newline(fd, size)
    if entry and entry.tree == tree and entry.synced <= end and entry.inode == file.inode and _holds(fd, entry):
        return name, _added(stage, tree, codec, reading.blocks(fd, entry.synced, end)), end, entry.ordered
    if not tree:
        return name, _added(stage, "", codec, reading.blocks(fd, 0, end)), end, True
    found = follow_disk(stage, codec, Stored(segments.listing(stage, tree)), fd, end)
    verdict = found.verdict
    if verdict.scenario in (SAME, BEHIND):
        return name, tree if verdict.scenario == SAME else "", end, verdict.ordered
    if verdict.scenario == DIVERGED:
        beside = escape_name(f"{file.name}.{stage.ws.here.name}").encode()
        return beside, _added(stage, "", codec, reading.blocks(fd, 0, end)), end, True
    rows = found.rest() if verdict.ordered else found.lacking()
    return name, _added(stage, tree, codec, segments.pack_lines(rows, reading.BLOCK)), end, verdict.ordered


def _holds(fd: int, entry: Entry) -> bool:
    start = max(0, entry.synced - WINDOW)
    return indexing.digest(os.pread(fd, entry.synced - start, start)) == entry.digest


def _added(stage: Stage, tree: str, codec: Codec, blocks: Iterable[bytes]) -> str:
    oids = [stage.sink.add("blob", piece) for block in blocks for piece in segments.cut(codec.portable(block))]
    return stage.draft.append(tree, oids)


def _whole_file(
    stage: Stage, codec: Codec, fd: int, file: SideFile, name: bytes, held: dict[bytes, str]
) -> tuple[bytes, str]:
    """A file stored as a unit. If the branch has another version that was not ours: theirs stays, ours goes beside."""
    tree = whole_tree(stage, codec, fd)
    stored = held.get(name, "")
    entry = stage.index.get(file.path)
    if not stored or stored == tree or (entry and entry.tree == stored):
        return name, tree
    beside = escape_name(f"{file.name}.{stage.ws.here.name}").encode()
    return beside, tree


def whole_tree(stage: Stage, codec: Codec, fd: int) -> str:
    """Draft the content of `fd` as a whole file: not translated if it holds a NUL byte, cut at 16 MiB."""
    size = os.fstat(fd).st_size
    if size > 1 << 30:
        raise BadData("side file is larger than 1 GiB")
    text = os.pread(fd, size, 0)
    while len(text) < size and (more := os.pread(fd, size - len(text), len(text))):
        text += more
    stored = text if b"\0" in text else codec.portable(text)
    oids = [stage.sink.add("blob", stored[at : at + MAX_SEGMENT]) for at in range(0, max(len(stored), 1), MAX_SEGMENT)]
    return stage.draft.append("", oids)
