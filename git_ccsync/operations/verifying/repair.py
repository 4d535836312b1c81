"""repair: a mended copy of each broken transcript, as a session of its own. The broken one stays as it is, here and there."""

from __future__ import annotations

import os
import uuid
from itertools import chain as joined

from git_ccsync.claude import chain, mend, reading
from git_ccsync.claude import files as claude_files
from git_ccsync.claude.transcript import facts, merge_facts
from git_ccsync.errors import BadData, CcsyncError, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Facts, silent
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.exchange import copies
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import names
from git_ccsync.operations.restore import bring
from git_ccsync.operations.run import locking
from git_ccsync.operations.verifying.faults import MENDED
from git_ccsync.store import format as layout
from git_ccsync.store import segments, titles
from git_ccsync.store.branch import Parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.verifying.faults import Fault
    from git_ccsync.portable.text import Codec

    #: Local text, and the segment that it comes from, "" for none.
    Piece = tuple[bytes, str]
    Pieces = Callable[[], Iterator[Piece]]

SUFFIX = " (repaired)"


class Repaired(Frozen):
    """One broken session and its mended copy: how many torn rows were left out, links led elsewhere, thoughts and double
    rows left out. With a `problem` there is no copy.
    """

    session: str
    made: str = ""
    title: str = ""
    path: str = ""
    torn: int = 0
    linked: int = 0
    thoughts: int = 0
    doubled: int = 0
    problem: str = ""


def repair(ws: Workspace, faults: Sequence[Fault], *, on_progress: OnProgress = silent) -> tuple[Repaired, ...]:
    """Make the copies that `faults` ask for. The same broken lines give the same copy on every machine, once.

    Raises Locked and what a commit raises; a session that cannot be mended is told.
    """
    wanted: dict[str, set[str]] = {}
    for one in faults:
        if one.name in MENDED and one.session:
            bad = wanted.setdefault(one.session, set())
            bad |= {one.row} if one.name == "broken-signature" and one.row else set()
    if not wanted:
        return ()
    return locking.locked(ws, False, lambda stage: _all(stage, wanted, on_progress), verb="verify")


def _all(stage: Stage, wanted: dict[str, set[str]], on_progress: OnProgress) -> tuple[Repaired, ...]:
    done = []
    for session, bad in wanted.items():
        try:
            done.append(_Copy(stage, session, bad, on_progress).make())
        except (CcsyncError, OSError) as error:
            done.append(Repaired(session, problem=getattr(error, "message", "") or str(error)))
    return tuple(done)


class _Copy:
    """One broken session, on its way to a copy."""

    def __init__(self, stage: Stage, session: str, bad: set[str], on_progress: OnProgress) -> None:
        self.stage, self.session, self.bad = stage, session, bad
        if not stage.draft.session(session):
            intake.take(stage, (session,), on_progress)
        self.parts = stage.parts(session)
        if not self.parts.meta:
            raise NotFound(f"'{session[:8]}' is not on the branch, and is not to be sent")
        self.before = stage.blob(self.parts.meta, layout.SMALL_CAP)
        self.meta = layout.load_meta(self.before)
        where = Where(stage)
        self.place = where.place(session, self.meta)
        self.path = where.known(session)

    @property
    def codec(self) -> Codec:
        return self.stage.codec(self.session, self.place.worktree, self.place.key)

    def make(self) -> Repaired:
        """Draft, commit and install it."""
        pieces = self._pieces()
        rows = chain.Chain()
        for text, _ in pieces():
            rows.feed(text)
        mender = mend.Mender(rows.has, self.bad)
        oids, said, size, shared = self._mended(pieces(), mender)
        if not mender.changed:
            raise BadData("there is nothing that can be mended")
        made = str(uuid.uuid5(uuid.UUID(copies.NAMESPACE), f"{self.session}repaired{' '.join(oids)}"))
        told = Repaired(self.session, made, "", "", mender.torn, mender.linked, mender.thoughts, mender.doubled)
        if not self.stage.draft.session(made):
            self._draft(made, oids, said, size=size, shared=shared)
        done = bring(self.stage, made)
        title = names.of_stage(self.stage).title(made, self.stage.meta(self.stage.parts(made).meta))
        return told._replace(title=title, path=done.path)

    def _pieces(self) -> Pieces:
        """The broken text as it is here, segment by segment as long as it is what is stored; not here: what is stored."""
        oids = segments.listing(self.stage, self.parts.transcript)
        if not self.path:
            return lambda: self._stored(oids)
        return lambda: self._local(oids)

    def _stored(self, oids: tuple[str, ...]) -> Iterator[Piece]:
        for number, oid in enumerate(oids):
            text = self.stage.blob(oid, layout.SEGMENT_CAP)
            if not text.endswith(b"\n"):  # a line that spans segments: the rest goes as a whole
                yield from ((self.codec.local(block), "") for block in segments.blocks(self.stage, oids[number:]))
                return
            yield self.codec.local(text), oid

    def _local(self, oids: tuple[str, ...]) -> Iterator[Piece]:
        fd = claude_files.open_regular(self.path)
        try:
            end, offset = reading.last_newline(fd, os.fstat(fd).st_size), 0
            for text, oid in self._stored(oids):
                if offset + len(text) > end or os.pread(fd, len(text), offset) != text:
                    break
                yield text, oid
                offset += len(text)
            yield from ((block, "") for block in reading.blocks(fd, offset, end))
        finally:
            os.close(fd)

    def _mended(self, pieces: Iterator[Piece], mender: mend.Mender) -> tuple[list[str], Facts, int, int]:
        """Segments of the copy, what they say, their bytes, and how many lines at the start are those of the original."""
        oids: list[str] = []
        said, size, shared, same = Facts(), 0, 0, True
        for text, oid in pieces:
            made = mender.block(text)
            stored = self.stage.blob(oid, layout.SEGMENT_CAP) if oid and made == text else self.codec.portable(made)
            same = same and bool(oid) and made == text
            shared += stored.count(b"\n") if same else 0
            said = merge_facts(said, facts(stored))
            size += len(stored)
            if oid and made == text:
                oids.append(oid)
            elif stored:
                oids += [self.stage.sink.add("blob", piece) for piece in segments.cut(stored)]
        return oids, said, size, shared

    def _draft(self, made: str, oids: list[str], said: Facts, *, size: int, shared: int) -> None:
        """Commit the copy with a title row of its own; side files are shared."""
        stage, title = self.stage, copies.shortened(self.meta.title or "session", SUFFIX)
        row = titles.fork_row(title)
        meta = self.meta._replace(
            title=title, parent=self.session, fork=shared, suffix="", machine=stage.ws.here.id, messages=said.messages,
            lines=said.lines + 1, bytes=size + len(row), created=said.created, updated=said.updated,
        )  # fmt: skip
        blob = stage.sink.add("blob", layout.dump_meta(meta, self.before))
        tree = stage.draft.append("", list(joined(oids, (stage.sink.add("blob", row),))))
        stage.draft.put_session(made, stage.draft.session_with("", Parts(blob, tree, self.parts.files)))
        stage.commit(stage.tip, 1, 1, f"repair {self.session[:8]}")
