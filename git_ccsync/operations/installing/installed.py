"""What every write under Claude's directory leaves behind here: the note that a file is in step; our tag and trash."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state import index as indexing
from git_ccsync.state.index import UNKNOWN, WINDOW, Entry

if TYPE_CHECKING:
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.store import branch


def repository_tag(ws: Workspace) -> str:
    """What marks temporaries as this repository's."""
    return indexing.digest(os.fsencode(ws.repo.common_dir)).hex()[:12]


def trash_of(ws: Workspace) -> str:
    """Where replaced originals go."""
    return os.path.join(ws.here.state, "trash")


def tag(stage: Stage) -> str:
    """`repository_tag` of the stage's repository."""
    return repository_tag(stage.ws)


def trash(stage: Stage) -> str:
    """`trash_of` the stage's machine."""
    return trash_of(stage.ws)


def in_step(stage: Stage, path: str, session: str, parts: branch.Parts) -> bool:
    """Whether the file at `path` is, as the index tells, what the branch has of the session."""
    entry = stage.index.get(path)
    return bool(entry and entry.session == session and entry.tree == parts.transcript and entry.ordered)


def changing(stage: Stage, path: str, session: str = "") -> None:
    """Write down, for `undo`, that the file at `path` (the transcript of `session`) is about to be written."""
    if session:
        stage.undo.journal(session, stage.journal.known.get(session))
    stage.undo.before(path)


def note(stage: Stage, place: Place, session: str, parts: branch.Parts) -> None:
    """Remember that the file at `place` is in step with the branch, and install its side files."""
    fd = claude_files.open_regular(place.path)
    try:
        stat = os.fstat(fd)
        end = reading.last_newline(fd, stat.st_size)
        start = max(0, end - WINDOW)
        digest = indexing.digest(os.pread(fd, end - start, start))
    finally:
        os.close(fd)
    entry = Entry(
        stat.st_size,
        stat.st_mtime_ns,
        stat.st_ino,
        synced=end,
        digest=digest,
        session=session,
        tree=parts.transcript,
        worktree=place.worktree,
        rank=UNKNOWN,
        torn=stat.st_size - end,
    )
    stage.index.put(place.path, entry)
    stage.journal.note(session, place.key, parts.transcript)
    sides(stage, place, session, parts)


def sides(stage: Stage, place: Place, session: str, parts: branch.Parts) -> int:
    """Install the side files of a session, if it has any; how many were written. BadData as `sides_install.install`."""
    if not parts.files:
        return 0
    from git_ccsync.operations.installing import sides_install

    return sides_install.install(stage, session, place, parts, tag(stage))


def sides_pending(stage: Stage, place: Place, session: str, parts: branch.Parts) -> bool:
    """Whether `sides` would have to look at a file."""
    if not parts.files:
        return False
    from git_ccsync.operations.installing import sides_install

    return sides_install.pending(stage, session, place, parts)
