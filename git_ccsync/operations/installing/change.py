"""What changes in a transcript that lies here already: plain growth, or the exchange after a divergence."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import reading
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import BEHIND, DIVERGED, SAME, Installed, Meta
from git_ccsync.operations.exchange import copies
from git_ccsync.operations.exchange.follow import Followed, Stored, follow_disk
from git_ccsync.operations.installing import installed
from git_ccsync.operations.installing.places import Place
from git_ccsync.operations.run.stage import Stage
from git_ccsync.portable.text import Codec
from git_ccsync.store import segments, titles
from git_ccsync.store.branch import Parts
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.exchange.copies import Copy


class Exchange(Frozen):
    """A transcript (open as `fd`) that is to get the branch's content, and how it relates to that."""

    stage: Stage
    place: Place
    session: str
    parts: Parts
    codec: Codec
    found: Followed
    fd: int
    mtime_ns: int

    def path_of(self, session: str) -> str:
        """The transcript of another session in the same project directory."""
        return os.path.join(os.path.dirname(self.place.path), f"{session}.jsonl")

    def codec_of(self, session: str) -> Codec:
        """The codec of another session in the same project directory."""
        return self.stage.codec(session, self.place.worktree, self.place.key)


def exchange(job: Exchange, told: Installed) -> Installed:
    """Give the file the branch's content. After a divergence our side becomes the copy's file first.

    The copy is on the branch before anything here is touched; the replaced original ends in the trash.
    """
    job.stage.landing.settle()
    made = ""
    if job.found.verdict.scenario == DIVERGED:
        made = _make_copy(job)
        if not made:
            return told._replace(action="waiting", reason="its own lines are not on the branch yet")
    if job.stage.dry_run:
        return told._replace(action="exchanged", reason=made)
    stat = os.fstat(job.fd)
    installed.changing(job.stage, job.place.path, job.session)
    kept = writing.exchange(
        job.place.path,
        _content(job),
        expected=(stat.st_size, stat.st_mtime_ns, stat.st_ino),
        tag=installed.tag(job.stage),
        trash=installed.trash(job.stage),
        mtime_ns=job.mtime_ns,
    )
    job.stage.undo.after(job.place.path, kept.path)
    installed.note(job.stage, job.place, job.session, job.parts)
    if made and kept.grown:
        _rescue(job, made, kept)
    return told._replace(action="exchanged", reason=made)


def _content(job: Exchange) -> Iterator[bytes]:
    """The bytes on disk for the lines in step, then the expansion of the rest."""
    yield from reading.blocks(job.fd, 0, job.found.offset)
    for block in segments.pack_lines(job.found.theirs_rest(), reading.BLOCK):
        yield job.codec.local(block)


def _make_copy(job: Exchange) -> str:
    """The copy's own file, from the local bytes; its id, "" if the branch has no copy that holds all of them."""
    stage, end = job.stage, reading.last_newline(job.fd, os.fstat(job.fd).st_size)
    copy = copies.existing(stage, job.session, lambda view: follow_disk(stage, job.codec, view, job.fd, end))
    if not copy or not copy.followed or copy.followed.verdict.scenario not in (SAME, BEHIND):
        return ""
    there = job.place._replace(path=job.path_of(copy.id))
    if not job.stage.dry_run and not os.path.lexists(there.path):
        blocks = _copy_blocks(job, end, copy)
        installed.changing(stage, there.path, copy.id)
        writing.create(there.path, blocks, tag=installed.tag(stage), mtime_ns=job.mtime_ns)
        stage.undo.after(there.path)
        installed.note(stage, there, copy.id, stage.parts(copy.id))
    return copy.id


def holds(stage: Stage, codec: Codec, path: str, meta: Meta, parts: Parts) -> bool:
    """Whether the transcript at `path` has lines that a conflict copy of it has behind the fork, and goes on otherwise in
    none of them.
    """
    try:
        fd = claude_files.open_regular(path)
    except (BadData, OSError):
        return False
    try:
        view = Stored(segments.listing(stage, parts.transcript), meta.fork, meta.suffix)
        found = follow_disk(stage, codec, view, fd, reading.last_newline(fd, os.fstat(fd).st_size))
    finally:
        os.close(fd)
    return found.verdict.scenario != DIVERGED and (found.common > meta.fork or not found.verdict.ordered)


def _copy_blocks(job: Exchange, end: int, copy: Copy) -> Iterator[bytes]:
    """Our lines under the copy's id: only {{SESSION}} changes, every path and spelling stays. Then what others added to
    the copy; where only the order differs, the copy as it is on the branch.
    """
    other, followed = job.codec_of(copy.id), copy.followed
    if followed and not followed.verdict.ordered:
        stored = segments.blocks(job.stage, segments.listing(job.stage, copy.transcript))
        yield from (other.local(block) for block in stored)
        return
    common, title = _up_to_fork(job, copy)
    fork = follow_disk(job.stage, job.codec, Stored(common), job.fd, end, known=True).offset
    for block in reading.blocks(job.fd, 0, fork):
        yield other.local(job.codec.unredacted(block))
    yield other.local(title)
    for block in reading.blocks(job.fd, fork, end):
        yield other.local(titles.suffixed_text(job.codec.unredacted(block), copy.meta.suffix))
    for block in segments.pack_lines(followed.theirs_rest(), reading.BLOCK) if followed else ():
        yield other.local(block)


def _up_to_fork(job: Exchange, copy: Copy) -> tuple[tuple[str, ...], bytes]:
    """The segments of the common lines, and the title row behind them. All of these lines were on this disk once, so
    what is missing of them was removed here.
    """
    oids = segments.listing(job.stage, copy.transcript)
    lines = number = 0
    while lines < copy.meta.fork:
        lines += job.stage.blob(oids[number], SEGMENT_CAP).count(b"\n")
        number += 1
    return oids[:number], next(segments.lines(segments.blocks(job.stage, oids[number:])), b"")


def _rescue(job: Exchange, copy: str, kept: writing.Kept) -> None:
    """Bytes that a writer added while the file was replaced go behind the copy's lines, from where the next capture
    takes them.
    """
    path = job.path_of(copy)
    with open(kept.path, "rb") as file:
        file.seek(-kept.grown, os.SEEK_END)
        late = job.codec_of(copy).local(job.codec.unredacted(file.read()))
    writing.append(path, at=os.stat(path).st_size, tail=b"", chunks=[late], mtime_ns=job.mtime_ns)
    job.stage.undo.after(path)
