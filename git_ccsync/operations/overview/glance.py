"""What tells sessions apart before one is chosen: the last exchange, read from the end, and the first prompt, kept in a
cache. Changes nothing but that cache; made for one thread beside a person who looks.
"""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import transcript
from git_ccsync.claude.rows import row_type
from git_ccsync.claude.said import TEXT, said
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import show
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.stage import Stage
from git_ccsync.state import files
from git_ccsync.store import segments
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from git_ccsync.model import Session
    from git_ccsync.operations.run.workspace import Workspace

#: So far back from the end, in bytes, the last exchange is looked for.
DEEPEST = 8 << 20
#: So far into a transcript its first prompt is looked for.
HEAD = 1 << 20
#: Bytes of a file that are read first, and characters of an answer that are kept.
FIRST, ANSWER = 64 << 10, 4000


class Exchange(Frozen):
    """The last prompt, as one line, and the last text that answers it; "" where there is none."""

    prompt: str = ""
    answer: str = ""


class Glance:
    """Reads sessions of one workspace. What it needs is opened at first use; `close` it."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._opened: Stage | None = None

    def close(self) -> None:
        """End what was opened."""
        if self._opened:
            self._opened.__exit__(None, None, None)
            self._opened = None

    @property
    def _stage(self) -> Stage:
        if not self._opened:
            self._opened = Stage(self._ws, dry_run=True)
        return self._opened

    def last(self, session: Session) -> Exchange:
        """The last exchange of a session, from this disk or from the branch; foreign text. BadData, OSError."""
        return _last(*ends(self._stage, session))

    def prompts(self, sessions: Sequence[Session]) -> Generator[tuple[str, str]]:
        """(id, first prompt) of each session, in their order; ("", "") where there is none. What had to be read is kept."""
        path = os.path.join(self._ws.state, "prompts")
        held = files.load_cache(path)
        known: dict[str, str] = held if isinstance(held, dict) else {}
        before = len(known)
        try:
            for one in sessions:
                prompt = known.get(one.id) or self._first_prompt(one)
                if prompt:
                    known[one.id] = prompt
                yield (one.id, prompt) if prompt else ("", "")
        finally:
            if len(known) > before and self._ws.initialised:
                catalogue.save(path, known)

    def _first_prompt(self, session: Session) -> str:
        try:
            data = head(self._stage, session)
        except (CcsyncError, OSError):
            return ""
        rows = (row for row in data.split(b"\n") if row_type(row, 0, len(row)) == "user")
        return next(filter(None, map(transcript.typed, rows)), "")


def ends(stage: Stage, session: Session) -> tuple[Iterator[bytes], Callable[[bytes], bytes]]:
    """More and more of the end of a session, from this disk or from the branch, and what makes local text of it."""
    words = session.state.split(" ")
    if session.path and not {"behind", "elsewhere"} & set(words):
        return _ends_of_file(session.path), bytes
    return stored(stage, session.id)


def head(stage: Stage, session: Session) -> bytes:
    """The beginning of a session, from this disk or from the branch."""
    return _head_of_file(session.path) if session.path else stored_head(stage, session.id)


def stored_head(stage: Stage, session: str) -> bytes:
    """The beginning of a session on the branch."""
    parts = show.fullest(stage, session)
    oids = segments.listing(stage, parts.transcript) if parts else ()
    return stage.blob(oids[0], SEGMENT_CAP)[:HEAD] if oids else b""


def stored(stage: Stage, session: str) -> tuple[Iterator[bytes], Callable[[bytes], bytes]]:
    """More and more of the end of a session on the branch, and what makes local text of it."""
    parts = show.fullest(stage, session)
    if parts is None:
        return iter(()), bytes
    place = Where(stage).place(session, stage.meta(parts.meta))
    codec = stage.codec(session, place.worktree, place.key)
    return _ends_of_segments(stage, segments.listing(stage, parts.transcript)), codec.local


def _head_of_file(path: str) -> bytes:
    fd = claude_files.open_regular(path)
    try:
        return os.pread(fd, HEAD, 0)
    finally:
        os.close(fd)


def _ends_of_file(path: str) -> Iterator[bytes]:
    """More and more of the end of a file, in whole lines."""
    fd = claude_files.open_regular(path)
    try:
        end, length = os.fstat(fd).st_size, FIRST
        while True:
            start = max(0, end - length)
            data = os.pread(fd, end - start, start)
            yield data[data.find(b"\n") + 1 :] if start else data
            if not start or length >= DEEPEST:
                return
            length *= 8
    finally:
        os.close(fd)


def _ends_of_segments(stage: Stage, oids: Sequence[str]) -> Iterator[bytes]:
    """More and more of the end of a file on the branch; its first line may be the rest of one."""
    data = b""
    for oid in reversed(oids):
        data = stage.blob(oid, SEGMENT_CAP) + data
        yield data
        if len(data) >= DEEPEST:
            return


def _last(ends: Iterator[bytes], local: Callable[[bytes], bytes]) -> Exchange:
    found = Exchange()
    for data in ends:
        found = _exchange(data, local)
        if found.prompt:
            break
    return found


def _exchange(data: bytes, local: Callable[[bytes], bytes]) -> Exchange:
    """The last exchange in some rows, looked for from behind."""
    answer = ""
    for row in reversed(data.split(b"\n")):
        kind = row_type(row, 0, len(row))
        if kind == "user":
            prompt = transcript.typed(local(row))
            if prompt:
                return Exchange(prompt, answer)
        elif kind == "assistant" and not answer:
            pieces = said(local(row))
            answer = "\n\n".join(piece.text.strip() for piece in pieces if piece.kind == TEXT)[:ANSWER]
    return Exchange("", answer)
