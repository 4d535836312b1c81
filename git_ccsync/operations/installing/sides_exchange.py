"""A subagent's transcript that went on here and elsewhere: ours becomes the file beside it, theirs takes its place.

Only what is on the branch already is moved, and nothing here is replaced before its lines lie in a file of their own. A run
that is cut short anywhere is done again from the start.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import install as writing
from git_ccsync.claude import live, reading
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import BEHIND, DIVERGED, SAME
from git_ccsync.operations.exchange import versions
from git_ccsync.operations.exchange.follow import Followed, Stored, follow_disk
from git_ccsync.operations.run.stage import Stage
from git_ccsync.portable import match
from git_ccsync.state import files as own_files
from git_ccsync.state.index import RACY_NS
from git_ccsync.store import segments
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from git_ccsync.operations.installing.sides_install import Sides


class Job(Frozen):
    """The side file `name` at `path`, open as `fd` and whole up to `end`, and how it relates to `tree`, which the branch has."""

    sides: Sides
    name: bytes
    tree: str
    path: str
    fd: int
    end: int
    found: Followed

    @property
    def stage(self) -> Stage:
        """The run."""
        return self.sides.stage


def moment() -> int:
    """A time for what we write, in ns: just old enough that the index believes its stamp, and `list` need not read it."""
    return time.time_ns() - 2 * RACY_NS


def joined(stage: Stage, oids: Iterable[str]) -> bytes:
    """A stored file that is taken as a whole."""
    pieces: list[bytes] = []
    for oid in oids:
        pieces.append(stage.blob(oid, SEGMENT_CAP))
        if sum(map(len, pieces)) > segments.LINE_CAP:
            raise BadData(f"a side file is larger than {segments.LINE_CAP >> 20} MiB")
    return b"".join(pieces)


def exchange(job: Job) -> bool:
    """Give the file the branch's content, with its former self in the trash; False if it has to wait: it is being written, or
    its own lines are not on the branch yet.
    """
    diverged = job.found.verdict.scenario == DIVERGED
    beside = _versions(job) if diverged else ()
    if (diverged and not beside) or job.found.verdict.scenario not in (DIVERGED, BEHIND):
        return False
    known = job.stage.index.get(job.path)
    if live.recently_written(job.path, ours_mtime_ns=known.mtime_ns if known else 0):
        job.sides.later.update(name for name, _ in beside)
        return False
    job.stage.landing.settle()
    target = _made(job, *beside[0]) if beside else job.path
    if target:
        _replace(job, target)
    return bool(target)


def _versions(job: Job) -> tuple[tuple[bytes, str], ...]:
    """The files of the branch that have all whole lines of this one."""
    return tuple(
        (name, tree)
        for name, tree in versions.are_of(job.name, job.sides.parts.files)
        if _follow(job, tree).verdict.scenario in (SAME, BEHIND)
    )


def _follow(job: Job, tree: str) -> Followed:
    return follow_disk(job.stage, job.sides.codec, Stored(segments.listing(job.stage, tree)), job.fd, job.end)


def _made(job: Job, name: bytes, tree: str) -> str:
    """The path of the file with our lines, which is here now; "" if another one is there, for the next capture to look at."""
    stage, path = job.stage, job.sides.path(name)
    stored = joined(stage, segments.listing(stage, tree))
    if os.path.lexists(path):
        job.sides.bring(name, tree)
        return path if match.in_step(job.sides.codec, stored, own_files.read(path)) else ""
    ours = os.pread(job.fd, job.end, 0)
    text = ours if match.in_step(job.sides.codec, stored, ours) else job.sides.codec.local(stored)
    stage.undo.before(path)
    writing.create(path, stage.within((text,)), tag=job.sides.tag, mtime_ns=moment())
    stage.undo.after(path)
    job.sides.note(path, name, tree)
    return path


def _replace(job: Job, target: str) -> None:
    """Replace the file; what a writer adds at that very moment goes behind the lines of `target`, for the next capture."""
    stat = os.fstat(job.fd)
    job.stage.undo.before(job.path)
    kept = writing.exchange(
        job.path, job.stage.within(_content(job)), expected=(stat.st_size, stat.st_mtime_ns, stat.st_ino),
        tag=job.sides.tag, trash=job.sides.trash, mtime_ns=moment(),
    )  # fmt: skip
    job.stage.undo.after(job.path, kept.path)
    job.sides.note(job.path, job.name, job.tree)
    if kept.grown:
        with open(kept.path, "rb") as file:
            file.seek(job.end)
            writing.append(target, at=os.stat(target).st_size, tail=b"", chunks=[file.read()], mtime_ns=0)
        job.stage.undo.after(target)


def _content(job: Job) -> Iterator[bytes]:
    """The bytes on disk for the lines in step, then the expansion of the rest."""
    yield from reading.blocks(job.fd, 0, job.found.offset)
    for block in segments.pack_lines(job.found.theirs_rest(), reading.BLOCK):
        yield job.sides.codec.local(block)
