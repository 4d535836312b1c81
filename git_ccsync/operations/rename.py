"""rename: give a session another title, where Claude Code itself keeps it. Changes this machine only; a push sends it."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import live, reading
from git_ccsync.errors import NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import sessions
from git_ccsync.operations.installing import hidden, naming
from git_ccsync.operations.presence import leases
from git_ccsync.operations.restore import merge_fetched
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.state import record
from git_ccsync.store import branch, titles
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.model import Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


class Renamed(Frozen):
    """What was done. `here` is false if the session is not on this disk, and only the branch has the new title."""

    session: str
    before: str
    title: str
    here: bool


def rename(ws: Workspace, name: str, title: str) -> Renamed:
    """Give the session that `name` means the title `title`: a row behind its transcript, as Claude Code's /rename has it.

    A session that is not on this disk gets the row on the branch. Raises Usage (no title), NotFound, NotInitialised, and
    Refused for one that a running Claude Code holds, or that lies in another project's directory.
    """
    wanted = naming.title(title)
    chosen = sessions.find(ws, name)
    words = chosen.state.split(" ")
    if "elsewhere" in words:
        raise Refused(f"'{chosen.id[:8]}' lies in another project's directory: '{os.path.dirname(chosen.path)}'")
    known = "live" in words or bool(chosen.path and leases.at_work(ws, chosen.id))
    if known or chosen.path:
        live.check_free(ws.claude, chosen.id, chosen.path, "use /rename inside it", known=known)
    if chosen.path:
        append_title(ws, chosen.path, chosen.id, wanted)
    else:
        require_init(ws)
        locking.locked(ws, False, lambda stage: _commit(stage, chosen, wanted), verb="rename")
    return Renamed(chosen.id, chosen.title, wanted, bool(chosen.path))


def append_title(ws: Workspace, path: str, session: str, title: str) -> None:
    """Put the row behind a transcript on this disk. Its mtime stays: a new name is not a new use.

    Refused if somebody else writes to it at the same time.
    """
    with writing.lock(os.path.join(ws.here.state, "claude.lock"), 60):
        fd = claude_files.open_regular(path)
        try:
            stat = os.fstat(fd)
            end = reading.last_newline(fd, stat.st_size)
            tail = os.pread(fd, stat.st_size - end, end)
        finally:
            os.close(fd)
        rows = [naming.row(session, title)]
        told = record.Recorder(ws.state, "rename", off=not ws.initialised)
        told.before(path)
        try:
            writing.append(path, at=stat.st_size, tail=tail, chunks=rows, mtime_ns=stat.st_mtime_ns)
            told.after(path)
        except writing.Changed as error:
            raise Refused(error.message, "use /rename inside it, if Claude Code runs there") from None
        finally:
            told.close()


def _commit(stage: Stage, chosen: Session, title: str) -> None:
    """Put the row behind what the branch has of the session."""
    if not stage.draft.session(chosen.id):
        merge_fetched(stage)
    tree = stage.draft.session(chosen.id)
    parts = branch.parts(stage, tree)
    if not parts.transcript or not parts.meta:
        raise NotFound(f"'{chosen.id[:8]}' is not on the branch")
    before = stage.blob(parts.meta, layout.SMALL_CAP)
    meta = layout.load_meta(before)
    name = naming.stored(stage, chosen.id, meta, title)
    row = titles.fork_row(name)
    meta = meta._replace(title=name, lines=meta.lines + 1, bytes=meta.bytes + len(row), machine=stage.ws.here.id)
    grown = parts._replace(
        meta=stage.sink.add("blob", layout.dump_meta(meta, before)),
        transcript=stage.draft.append(parts.transcript, [stage.sink.add("blob", row)]),
    )
    stage.draft.put_session(chosen.id, stage.draft.session_with(tree, grown))
    hidden.lift(stage, chosen.id, meta.lines)
    _still_removed(stage, chosen.id, parts.transcript, grown.transcript)
    stage.commit(stage.tip, 1, 1, f"rename {chosen.id[:8]}")
    stage.save()


def _still_removed(stage: Stage, session: str, before: str, after: str) -> None:
    """What was removed here has not grown elsewhere: it does not come back for its new name."""
    journaled = stage.journal.known.get(session)
    if journaled and journaled[1] == before:
        stage.journal_later(session, journaled[0], after)
