"""Installing side files: made where missing, appended to or replaced only where this machine has nothing of its own."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import reading
from git_ccsync.claude.scan import MAX_FILES
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import BEHIND
from git_ccsync.operations.capturing import agents
from git_ccsync.operations.exchange.follow import Stored, follow_disk
from git_ccsync.portable import match
from git_ccsync.state import files as own_files
from git_ccsync.state import index as indexing
from git_ccsync.state.index import RACY_NS, WINDOW, Entry
from git_ccsync.store import segments
from git_ccsync.store.format import SEGMENT_CAP, unescape_name

if TYPE_CHECKING:
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec
    from git_ccsync.store.branch import Parts

#: Never taken from a branch, whatever it holds: caches and secrets of the machine that wrote them.
FORBIDDEN = ("resume-head.jsonl",)


def install(stage: Stage, session: str, place: Place, parts: Parts, tag: str) -> int:
    """Bring the side files of one installed session onto this disk; how many were written. BadData of one file leaves
    that file out.
    """
    written, top = 0, place.path.removesuffix(".jsonl")
    if len(parts.files) > MAX_FILES:
        raise BadData(f"has more than {MAX_FILES:,} side files")
    healed: set[str] = set()
    codec = stage.codec(session, place.worktree, place.key) if parts.files else None
    for name, tree in parts.files:
        if codec is None:
            break
        try:
            relative = unescape_name(name)
        except BadData:
            continue
        if relative in FORBIDDEN or relative.endswith(".key") or "/." in f"/{relative}":
            continue
        path = os.path.join(top, relative)
        entry = stage.index.get(path)
        if entry is None and (other := agents.beside(place, session, relative)):
            path, entry = other, stage.index.get(other)
        if entry and entry.tree == tree and own_files.stamp(path) == (entry.size, entry.mtime_ns, entry.inode):
            continue
        folder = os.path.dirname(path)
        if folder not in healed:  # a run that was cut short may have left its temporaries here
            writing.heal([folder], tag, _trash(stage))
            healed.add(folder)
        made = _install_file(stage, codec, path, tree, entry=entry, tag=tag)
        if made:
            stage.undo.after(path, made if isinstance(made, str) else "")
        if made is not None:
            _note(stage, path, tree, name)
            written += bool(made)
    return written


def _trash(stage: Stage) -> str:
    return os.path.join(stage.ws.here.state, "trash")


def _install_file(
    stage: Stage, codec: Codec, path: str, tree: str, *, entry: Entry | None, tag: str
) -> bool | str | None:
    """Whether it was written, or where what was there lies now; None for one that is left to the next capture."""
    oids = segments.listing(stage, tree)
    if not os.path.lexists(path):
        return _create(stage, codec, path, oids, tag)
    if path.endswith(".jsonl"):
        return _append(stage, codec, path, oids) or None
    if entry and own_files.stamp(path)[0::2] == (entry.size, entry.inode):
        return _replace(stage, codec, path, oids, tag)
    return None  # changed here since the last capture: the next one decides


def _replace(stage: Stage, codec: Codec, path: str, oids: tuple[str, ...], tag: str) -> bool | str:
    """Put another version in the place of a file that is as it was captured; one in step keeps what is its own. Where
    that one lies now, False if it stays.
    """
    stat = own_files.stamp(path)
    stored = _joined(stage, oids)
    ours = own_files.read(path)
    if stored == ours if b"\0" in stored else match.in_step(codec, stored, ours):
        return False
    stage.undo.before(path)
    text = [_whole(stage, codec, oids)]
    return writing.exchange(path, text, expected=stat, tag=tag, trash=_trash(stage), mtime_ns=_moment()).path


def _create(stage: Stage, codec: Codec, path: str, oids: tuple[str, ...], tag: str) -> bool:
    stage.undo.before(path)
    if path.endswith(".jsonl"):
        blocks = stage.within(codec.local(block) for block in segments.blocks(stage, oids))
        writing.create(path, blocks, tag=tag, mtime_ns=_moment())
    else:
        writing.put_side(path, _whole(stage, codec, oids), tag=tag, mtime_ns=_moment())
    return True


def _moment() -> int:
    """A time for what we write, in ns: just old enough that the index believes its stamp, and `list` need not read it."""
    return time.time_ns() - 2 * RACY_NS


def _whole(stage: Stage, codec: Codec, oids: tuple[str, ...]) -> bytes:
    text = _joined(stage, oids)
    return next(stage.within((text if b"\0" in text else codec.local(text),)))


def _joined(stage: Stage, oids: tuple[str, ...]) -> bytes:
    """A file that is taken as a whole."""
    pieces: list[bytes] = []
    for oid in oids:
        pieces.append(stage.blob(oid, SEGMENT_CAP))
        if sum(map(len, pieces)) > segments.LINE_CAP:
            raise BadData(f"a side file is larger than {segments.LINE_CAP >> 20} MiB")
    return b"".join(pieces)


def _append(stage: Stage, codec: Codec, path: str, oids: tuple[str, ...]) -> bool:
    fd = claude_files.open_regular(path)
    try:
        size = os.fstat(fd).st_size
        end = reading.last_newline(fd, size)
        found = follow_disk(stage, codec, Stored(oids), fd, end)
        if found.verdict.scenario != BEHIND or not found.verdict.ordered:
            return False
        tail = os.pread(fd, size - end, end)
        blocks = stage.within(codec.local(block) for block in segments.pack_lines(found.theirs_rest(), reading.BLOCK))
        stage.undo.before(path)
        writing.append(path, at=size, tail=tail, chunks=blocks, mtime_ns=os.fstat(fd).st_mtime_ns)
        return True
    finally:
        os.close(fd)


def _note(stage: Stage, path: str, tree: str, name: bytes) -> None:
    fd = claude_files.open_regular(path)
    try:
        stat = os.fstat(fd)
        start = max(0, stat.st_size - WINDOW)
        digest = indexing.digest(os.pread(fd, stat.st_size - start, start))
    finally:
        os.close(fd)
    entry = Entry(stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_size, digest, name.decode(), tree, True, "side")
    stage.index.put(path, entry)
