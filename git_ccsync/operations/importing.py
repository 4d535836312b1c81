"""import: a session out of a file that somebody carried here, installed where Claude Code finds it. The file is hostile."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import live, reading, rows, transcript
from git_ccsync.errors import BadData, CcsyncError, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, BEHIND, SAME, Facts
from git_ccsync.operations.arriving import importing_roots, importing_sides
from git_ccsync.operations.exchange import follow
from git_ccsync.operations.installing import hidden, installed
from git_ccsync.operations.run.workspace import project_keys
from git_ccsync.portable import archive, match
from git_ccsync.portable.carriage import read_ccsync
from git_ccsync.state import record
from git_ccsync.state.index import Index
from git_ccsync.store import merge, segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.carriage import CarriedSession
    from git_ccsync.store.merge import Verdict


class Carried(Frozen):
    """What stands in a file under `label`: a session, or what is wrong with it."""

    label: str
    session: CarriedSession | None = None
    wrong: str = ""


class Imported(Frozen):
    """What became of one session: `action` is created, appended, kept (all of it is here already) or replaced; `lines`
    were written, `more` are lines that only this disk has. `kept` is where the original went; `sides` were written.
    `shown`: `rm` had hidden it; `purged`: no push ever sends it.
    """

    session: str
    action: str
    path: str
    lines: int = 0
    more: int = 0
    title: str = ""
    kept: str = ""
    sides: int = 0
    warnings: tuple[str, ...] = ()
    shown: bool = False
    purged: bool = False


def read(file: BinaryIO, label: str) -> Iterator[Carried]:
    """The sessions in the open seekable `file`, a .ccsync file or a tar of them. Each is good until the next one is asked
    for. What is wrong with one is told in its place, and the others follow.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(0)
    if not archive.is_tar(file.read(archive.BLOCK)):
        yield _one(file, label)
        return
    try:
        for member in archive.members(file, end):
            name = f"{label}: {member.name}"
            if member.odd:
                yield Carried(name, wrong=f"is {member.odd}, which is not looked at")
            else:
                yield _one(archive.Window(file, member.start, member.size), name)
    except BadData as error:
        yield Carried(label, wrong=error.message)


def _one(file: BinaryIO | archive.Window, label: str) -> Carried:
    try:
        return Carried(label, read_ccsync(file))
    except CcsyncError as error:
        return Carried(label, wrong=error.message)


def install(
    ws: Workspace, carried: CarriedSession, *, directory: str = "", overwrite: bool = False, verb: str = "import"
) -> Imported:
    """Install a session for this repository, or for the directory `directory` in it, with this machine's paths.

    One that is here already only gets what it lacks. Refused where both went on (unless `overwrite`: then the original
    goes to the trash), where a running Claude Code holds it, or where it lies in another project's directory. `verb` is
    what `undo` knows it by.
    """
    told = record.Recorder(ws.state, verb, off=not ws.initialised)
    try:
        with writing.lock(os.path.join(ws.here.state, "claude.lock"), 60):
            done = _Import(ws, carried, directory, told, overwrite=overwrite).run()
    finally:
        told.close()
    return done._replace(shown=hidden.show_again(ws, done.session, verb), purged=_is_purged(ws, done.session))


def _is_purged(ws: Workspace, session: str) -> bool:
    from git_ccsync.operations.overview import catalogue

    try:
        return bool(ws.initialised and ws.tip()) and session in catalogue.load(ws).purged
    except CcsyncError:  # the branch cannot be read; what was imported lies here all the same
        return False


class _Import:
    """One session on its way in."""

    def __init__(
        self, ws: Workspace, carried: CarriedSession, directory: str, told: record.Recorder, *, overwrite: bool
    ) -> None:
        self.ws, self.carried, self.undo, self.overwrite = ws, carried, told, overwrite
        self.facts = _facts(carried)
        target = importing_roots.target(ws, carried, directory)
        self.path = self._path(target)
        key = os.path.basename(os.path.dirname(self.path))
        self.there = importing_roots.there(target, carried)
        self.here = importing_roots.here(ws, carried, target._replace(key=key))
        self.title = self.here.local(self.there.portable(transcript.title(self.facts).encode())).decode(
            "utf-8", "replace"
        )
        self.mtime = writing.mtime_for(rows.seconds(self.facts.updated), 1, time.time())

    def _path(self, target: importing_roots.Target) -> str:
        """Where the session lies in this repository's directories, or belongs."""
        top, name = os.path.join(self.ws.claude, "projects"), f"{self.carried.id}.jsonl"
        try:
            keys = sorted(key for key in os.listdir(top) if os.path.lexists(os.path.join(top, key, name)))
        except OSError:
            keys = []
        wanted = os.path.join(top, target.key, name)
        if not keys or target.key in keys:
            return wanted
        path = os.path.join(top, keys[0], name)
        if len(keys) == 1 and (keys[0] in project_keys(self.ws) or Index(self.ws.memory).get(path)):
            return path
        raise Refused(
            f"'{self.carried.id[:8]}' lies in another project's directory already: '{os.path.join(top, keys[0])}'",
            "Claude Code finds an id in one directory only; --directory <directory> imports it for that one",
        )

    def run(self) -> Imported:
        if not self.facts.messages:
            raise BadData("it holds no conversation: no row of it is a prompt or an answer")
        exists = os.path.lexists(self.path)
        live.check_free(self.ws.claude, self.carried.id, self.path, "leave it there, and import again")
        done = self._update() if exists else self._create()
        tag = installed.repository_tag(self.ws)
        sides, warnings = importing_sides.put(self.carried, self._local, self.path, tag, self.undo)
        return done._replace(sides=sides, warnings=warnings)

    def _local(self, text: bytes, *, whole: bool = False) -> bytes:
        """Foreign text with this machine's paths."""
        return self.here.local(self.there.portable(text, whole=whole))

    def _told(self, action: str, lines: int = 0, more: int = 0) -> Imported:
        return Imported(self.carried.id, action, self.path, lines, more, self.title)

    def _blocks(self) -> Iterator[bytes]:
        """What is to lie here: whole lines."""
        for piece in self.carried.text():
            if piece:
                text = self._local(piece)
                yield text if text.endswith(b"\n") else text + b"\n"

    def _create(self) -> Imported:
        tag = installed.repository_tag(self.ws)
        writing.heal([os.path.dirname(self.path)], tag, installed.trash_of(self.ws))
        self.undo.before(self.path)
        writing.create(self.path, self._blocks(), tag=tag, mtime_ns=self.mtime)
        self.undo.after(self.path)
        return self._told("created", self.carried.lines)

    def _update(self) -> Imported:
        fd = claude_files.open_regular(self.path)
        try:
            status = os.fstat(fd)
            end = reading.last_newline(fd, status.st_size)
            ours = _Ours(fd, end)
            verdict = merge.judge(self._theirs, ours.lines, self._rules())
            if verdict.scenario == BEHIND:
                return self._append(fd, status.st_size, end, ours, verdict)
            if verdict.scenario == SAME or (verdict.scenario == AHEAD and not self.overwrite):
                return self._told("kept", more=ours.count() - verdict.ours)
            if self.overwrite:
                return self._replace(status)
            raise self._differs(verdict, ours.count())
        finally:
            os.close(fd)

    def _theirs(self) -> Iterator[bytes]:
        """Their lines as portable text."""
        for piece in self.carried.text():
            text = self.there.portable(piece) if piece else b""
            yield from segments.lines([text if not text or text.endswith(b"\n") else text + b"\n"])

    def _rules(self) -> merge.Rules:
        def equal(their: bytes, our: bytes) -> bool:
            return match.in_step(self.here, their, our)

        return merge.Rules(equal, transcript.bookkeeping, transcript.row_uuid, follow.torn, self.here.unredacted)

    def _append(self, fd: int, size: int, end: int, ours: _Ours, verdict: Verdict) -> Imported:
        if verdict.ordered:
            new: Iterator[bytes] = (row for number, row in enumerate(self._theirs()) if number >= verdict.common)
        else:  # bookkeeping of both behind the same conversation: theirs that is not here goes behind ours
            rules = self._rules()
            turned = rules._replace(equal=lambda a, b: rules.equal(b, a), key=self.here.local)
            new = merge.lacking(ours.lines, self._theirs, turned, verdict.ours, verdict.common)
        count = 0

        def chunks() -> Iterator[bytes]:
            nonlocal count
            for block in segments.pack_lines(new, reading.BLOCK):
                count += block.count(b"\n")
                yield self.here.local(block)

        self.undo.before(self.path)
        writing.append(self.path, at=size, tail=os.pread(fd, size - end, end), chunks=chunks(), mtime_ns=self.mtime)
        self.undo.after(self.path)
        return self._told("appended", count)

    def _replace(self, status: os.stat_result) -> Imported:
        self.undo.before(self.path)
        kept = writing.exchange(
            self.path,
            self._blocks(),
            expected=(status.st_size, status.st_mtime_ns, status.st_ino),
            tag=installed.repository_tag(self.ws),
            trash=installed.trash_of(self.ws),
            mtime_ns=self.mtime,
        )
        self.undo.after(self.path, kept.path)
        return self._told("replaced", self.carried.lines)._replace(kept=kept.path)

    def _differs(self, verdict: Verdict, count: int) -> Refused:
        more = (self.carried.lines - verdict.common, count - verdict.ours)
        said = f"after line {verdict.common} the file has {more[0]} lines of its own, this disk {more[1]}"
        return Refused(
            f"'{self.carried.id[:8]}' is here already and both went on: {said}",
            "--overwrite takes the file's, and keeps in the trash what is here",
        )


class _Ours:
    """The whole lines of the file that is here."""

    def __init__(self, fd: int, end: int) -> None:
        self._fd, self._end = fd, end

    def lines(self) -> Iterator[bytes]:
        """From the first one."""
        return segments.lines(reading.blocks(self._fd, 0, self._end))

    def count(self) -> int:
        """How many there are."""
        return sum(block.count(b"\n") for block in reading.blocks(self._fd, 0, self._end))


def _facts(carried: CarriedSession) -> Facts:
    found = Facts()
    for block in _whole(carried.text()):
        found = transcript.merge_facts(found, transcript.facts(block))
    return found


def _whole(pieces: Iterable[bytes]) -> Iterator[bytes]:
    return (piece if piece.endswith(b"\n") else piece + b"\n" for piece in pieces if piece)
