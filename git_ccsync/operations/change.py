"""What changes in a transcript that lies here already: plain growth, or the exchange after a divergence."""

from __future__ import annotations

import os

from git_ccsync.claude import install as writing
from git_ccsync.claude import reading
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import DIVERGED, Installed
from git_ccsync.operations import copies
from git_ccsync.operations.follow import Followed, follow_disk
from git_ccsync.store import segments, titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.install import Place
    from git_ccsync.operations.stage import Stage
    from git_ccsync.portable.text import Codec
    from git_ccsync.state.index import Entry
    from git_ccsync.store.branch import Parts


def growth(stage: Stage, entry: Entry, session: str, stored: tuple[str, ...], fd: int) -> Iterator[bytes] | None:
    """The blocks behind what the index knows to be in step, None if it does not know or the branch begins otherwise."""
    stat = os.fstat(fd)
    if (stat.st_size, stat.st_ino) != (entry.size, entry.inode) or not entry.tree or not entry.ordered:
        return None
    if entry.session != session or entry.synced + entry.torn != entry.size:
        return None
    then = segments.listing(stage, entry.tree)
    if stored[: len(then)] != then or len(then) == len(stored):
        return None
    return segments.blocks(stage, stored[len(then) :])


def exchange(
    stage: Stage, place: Place, session: str, parts: Parts, found: Followed, fd: int, told: Installed, mtime_ns: int
) -> Installed:
    """Give the file the branch's content. After a divergence our side becomes the copy's file first.

    The copy is on the branch already (capture came before); the replaced original ends in the trash.
    """
    from git_ccsync.operations import install

    made = ""
    codec = stage.codec(session, place.worktree, place.key)
    if found.verdict.scenario == DIVERGED:
        made = _make_copy(stage, place, session, found, fd, codec, mtime_ns)
        if not made:
            return told._replace(action="waiting", reason="its own lines are not on the branch yet")
    stat = os.fstat(fd)
    kept = writing.exchange(
        place.path, _content(found, fd, codec), expected=(stat.st_size, stat.st_mtime_ns, stat.st_ino),
        tag=install.tag(stage), trash=install.trash(stage), mtime_ns=mtime_ns,
    )  # fmt: skip
    install.note(stage, place, session, parts)
    if made and kept.grown:
        _rescue(stage, place, session, made, kept, mtime_ns)
    return told._replace(action="exchanged", reason=made)


def _content(found: Followed, fd: int, codec: Codec) -> Iterator[bytes]:
    """The bytes on disk for the lines in step, then the expansion of the rest."""
    yield from reading.blocks(fd, 0, found.offset)
    for block in segments.pack_lines(found.theirs_rest(), reading.BLOCK):
        yield codec.local(block)


def _make_copy(stage: Stage, place: Place, session: str, found: Followed, fd: int, codec: Codec, mtime_ns: int) -> str:
    """The copy's own file, from the local bytes; its id, "" if the branch has no copy that holds all of them."""
    from git_ccsync.operations import install

    end = reading.last_newline(fd, os.fstat(fd).st_size)
    copy = copies.existing(stage, session, lambda view: follow_disk(stage, codec, view, fd, end))
    if not copy or not copy.followed or next(copy.followed.rest(), None) is not None:
        return ""
    there = place._replace(path=os.path.join(os.path.dirname(place.path), f"{copy.id}.jsonl"))
    parts = stage.parts(copy.id)
    if not os.path.lexists(there.path):
        other = stage.codec(copy.id, place.worktree, place.key)
        blocks = _copy_blocks(found, fd, end, codec, other, copy.meta.title, copy.meta.suffix)
        writing.create(there.path, blocks, tag=install.tag(stage), mtime_ns=mtime_ns)
        stage.journal.note(copy.id, place.key, parts.transcript)
    return copy.id


def _copy_blocks(
    found: Followed, fd: int, end: int, ours: Codec, other: Codec, title: str, suffix: str
) -> Iterator[bytes]:
    """Our lines under the copy's id: only {{SESSION}} changes, every path and spelling stays."""
    for block in reading.blocks(fd, 0, found.offset):
        yield other.local(ours.portable(block))
    yield other.local(titles.fork_row(title))
    for block in reading.blocks(fd, found.offset, end):
        yield other.local(titles.suffixed_text(ours.portable(block), suffix))


def _rescue(stage: Stage, place: Place, session: str, copy: str, kept: writing.Kept, mtime_ns: int) -> None:
    """Bytes that a writer added while the file was replaced go behind the copy's lines, from where the next capture
    takes them.
    """
    path = os.path.join(os.path.dirname(place.path), f"{copy}.jsonl")
    ours, other = (stage.codec(name, place.worktree, place.key) for name in (session, copy))
    with open(kept.path, "rb") as file:
        file.seek(-kept.grown, os.SEEK_END)
        late = file.read()
    size = os.stat(path).st_size
    writing.append(path, at=size, tail=b"", chunks=[other.local(ours.portable(late))], mtime_ns=mtime_ns)
