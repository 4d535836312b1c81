"""export: sessions as files that a person carries (gitformat-ccsync(5), ONE FILE). Sends nothing, changes nothing here."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import home, reading, scan, transcript
from git_ccsync.errors import BadData, CcsyncError, NotFound, SecretInSigned
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import remote as git_remote
from git_ccsync.git.url import BUNDLES, is_path
from git_ccsync.model import Problem
from git_ccsync.operations import sessions, show
from git_ccsync.operations.capturing import censor
from git_ccsync.operations.installing.roots import Codecs
from git_ccsync.operations.overview import standing
from git_ccsync.portable import archive, carriage
from git_ccsync.portable.carriage import CarriedSession
from git_ccsync.portable.carriage_fields import plain_project
from git_ccsync.portable.text import Codec
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from git_ccsync.model import Session
    from git_ccsync.operations.run.workspace import Workspace

#: So much is copied at a time.
_CHUNK = 1 << 20
#: Never carried: caches and secrets of this machine.
_FORBIDDEN = ("resume-head.jsonl",)


class ExportResult(Frozen):
    """What was written: the sessions, their lines, the secrets left out (each value once); `archive`: as a tar of files.
    `problems` are sessions that are not in it, `warnings` what was left out of those that are.
    """

    sessions: tuple[Session, ...] = ()
    lines: int = 0
    secrets: int = 0
    archive: bool = False
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


def chosen(ws: Workspace, names: Sequence[str]) -> tuple[Session, ...]:
    """The sessions that `names` mean, each once; without names all that are on this disk. NotFound for none at all."""
    every = [one.session for one in standing.look(ws).standings]
    if not names:
        found = [one for one in every if one.path and "elsewhere" not in one.state.split(" ")]
        if not found:
            raise NotFound("no session of this repository is on this disk")
        return tuple(found)
    return tuple({one.id: one for one in (sessions.choose(every, name) for name in names)}.values())


def export(
    ws: Workspace, names: Sequence[str], out: BinaryIO, *, redact: bool = True, tar: bool = False
) -> ExportResult:
    """Write the sessions that `names` mean to `out`: one as a .ccsync file, several (or with `tar`) as a tar of them.

    Secrets go the way that `ccsync.secrets` says (redacted, refused, or warned of), unless `redact` is false. Raises
    NotFound, Usage; what one session did wrong is in the result.
    """
    found = chosen(ws, names)
    work = _Export(ws, out, redact=redact, tar=tar or len(found) > 1)
    for session in found:
        try:
            work.add(session)
        except (CcsyncError, OSError) as error:
            reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
            hints = ("'--no-redact' exports it as it is",) if isinstance(error, SecretInSigned) else ()
            work.problems.append(Problem(session.id[:8], reason, hints=hints))
    return work.finish()


class _Export:
    """Files being written one after the other."""

    def __init__(self, ws: Workspace, out: BinaryIO, *, redact: bool, tar: bool) -> None:
        self.ws, self.out, self.tar = ws, out, tar
        # A key belongs to a branch: a repository that has none yet gets one for what is carried by hand.
        self.censor = censor.Censor(ws._replace(branch=ws.branch or "by-hand")) if redact else None
        self.codecs = Codecs(ws)
        self.project = project_of(ws)
        self.done: list[Session] = []
        self.problems: list[Problem] = []
        self.warnings: list[str] = []
        self.secrets: set[str] = set()
        self.lines = 0

    def add(self, session: Session) -> None:
        """One more session; nothing of it is written if it cannot be read, or must not be carried."""
        codec = Codec((), session.id, censor=self.censor)
        with _spool(self.ws) as spool:
            lines = 0
            for row in segments.pack_lines(show.lines(self.ws, session), reading.BLOCK):
                lines += row.count(b"\n")
                spool.write(codec.redacted(row).text)
            if not lines:
                raise BadData("has no whole line")
            carried = self._carried(session, spool, self._sides(session, codec))
            self._write(session, carried)
        self.lines += lines
        self.done.append(session)
        self.secrets.update(f"{one.kind} {one.tag}" for one in (self.censor.taken() if self.censor else ()))

    def _carried(self, session: Session, spool: BinaryIO, sides: tuple[tuple[str, bytes], ...]) -> CarriedSession:
        spool.flush()
        size, worktree = spool.tell(), self._worktree(session)
        cwd = _cwd(spool, size) or os.path.normpath(os.path.join(worktree, session.directory))
        key = os.path.basename(os.path.dirname(session.path)) if session.path else home.project_key(cwd)
        roots = ((root.name.decode(), os.fsdecode(root.paths[0])) for root in self.codecs.roots(worktree, key))
        return CarriedSession(
            session.id, lambda: reading.blocks(spool.fileno(), 0, size), self.project, cwd, self.ws.here.name,
            int(time.time() * 1000), roots=tuple(roots), side_files=sides,
        )  # fmt: skip

    def _worktree(self, session: Session) -> str:
        return self.ws.work_tree(session.worktree)

    def _sides(self, session: Session, codec: Codec) -> tuple[tuple[str, bytes], ...]:
        """The side files on this disk, as far as there is room for them in one file."""
        if not session.path:
            return ()
        found, odd = scan.side_files(session.path.removesuffix(".jsonl"))
        self.problems += odd
        taken, size = [], 0
        for side in found:
            if side.size + size > carriage.SIDE_CAP:
                self.warnings.append(f"'{session.id[:8]}': '{side.name}' is too large to go along; a bundle takes it")
                continue
            try:
                taken.append((side.name, _side(side, codec)))
                size += len(taken[-1][1])
            except (CcsyncError, OSError) as error:
                reason = getattr(error, "message", "") or "cannot be read"
                self.warnings.append(f"'{session.id[:8]}': '{side.name}' does not go along: {reason}")
        return tuple(taken)

    def _write(self, session: Session, carried: CarriedSession) -> None:
        if not self.tar:
            for piece in carriage.write_ccsync(carried):
                self.out.write(piece)
            return
        with _spool(self.ws) as file:
            for piece in carriage.write_ccsync(carried):
                file.write(piece)
            size = file.tell()
            self.out.write(archive.header(f"{session.id}.ccsync", size, mtime=carried.exported // 1000))
            file.seek(0)
            while data := file.read(_CHUNK):
                self.out.write(data)
            self.out.write(archive.padding(size))

    def finish(self) -> ExportResult:
        """End the archive; what was done."""
        if self.tar:
            self.out.write(archive.END)
        if self.censor and self.censor.trouble:
            self.warnings.append(self.censor.trouble)
        if self.censor and self.secrets and self.censor.mode != censor.REDACT:
            told = ", ".join(sorted(self.secrets)[:10])
            self.warnings.append(
                f"secrets are in it as they are, since 'ccsync.secrets' is '{self.censor.mode}': {told}"
            )
            self.secrets.clear()
        return ExportResult(
            tuple(self.done), self.lines, len(self.secrets), self.tar, tuple(self.problems), tuple(self.warnings)
        )


def _spool(ws: Workspace) -> BinaryIO:
    """A file without a name, that is gone when it is closed."""
    import tempfile

    os.makedirs(ws.here.state, 0o700, exist_ok=True)
    return tempfile.TemporaryFile(dir=ws.here.state)


def _side(side: scan.SideFile, codec: Codec) -> bytes:
    fd = claude_files.open_regular(side.path)
    with open(fd, "rb") as file:
        data = file.read(carriage.SIDE_CAP + 1)
    if len(data) > carriage.SIDE_CAP:
        raise BadData("it is too large")
    if b"\0" in data:
        return codec.checked(data)
    return codec.redacted(data, whole=not side.name.endswith(".jsonl")).text


def _cwd(spool: BinaryIO, size: int) -> str:
    """The first directory that the rows name."""
    for block in reading.blocks(spool.fileno(), 0, size):
        facts = transcript.facts(block)
        if facts.cwd:
            return facts.cwd
    return ""


def project_of(ws: Workspace) -> str:
    """This repository's `projectKey`: its origin's host and path; where there is none, the name of the repository that it was
    cloned from, or its own directory's.
    """
    names = ws.config.remotes()
    name = "origin" if "origin" in names else next(iter(names), "")
    url = git_remote.fetch_url(ws.repo, name) if name else ""
    if url and not is_path(url) and (key := plain_project(f"git:{url}")):
        return key
    place = url if url and is_path(url) and not url.startswith(BUNDLES) else next(iter(ws.trees), "")
    return plain_project(f"name:{place.rstrip('/').removesuffix('/.git').removesuffix('.git')}")
