"""Sessions that a tombstone hides (`rm`): which they are, and how they come to light again. Drafts, never installs."""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.model import Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


def path(session: str) -> str:
    """Where the tombstone of a session lies in the tree."""
    return f"deleted/{session}"


def is_hidden(stage: Stage, session: str, lines: int) -> bool:
    """Whether a tombstone hides the session, which has so many lines: none of them lies beyond it."""
    found = _tombstone(stage, session)
    return found is not None and lines <= found


def _tombstone(stage: Stage, session: str) -> int | None:
    """How many lines the session's tombstone covers, None if there is none that can be read."""
    root = stage.draft.root
    found = branch.entry(stage, root, path(session)) if root else None
    try:
        return layout.load_tombstone(stage.blob(found[1], layout.SMALL_CAP))[1] if found else None
    except BadData:
        return None


def lift(stage: Stage, session: str, lines: int | None = None) -> bool:
    """Draft the session's tombstone away if the session has lines beyond it (None: in any case); whether there was one."""
    found = _tombstone(stage, session)
    if found is None or (lines is not None and lines <= found):
        return False
    stage.draft.remove(path(session))
    return True


def show_again(ws: Workspace, session: str, verb: str) -> bool:
    """Take the session's tombstone off the local branch, as part of the run `verb`; whether there was one."""
    from git_ccsync.operations.run import locking
    from git_ccsync.operations.run.workspace import refreshed

    ws = refreshed(ws)
    if not ws.initialised or not ws.tip(ws.ref):
        return False

    def work(stage: Stage) -> bool:
        shown = lift(stage, session)
        if shown:
            stage.commit(stage.tip, 1, 0, f"import {session[:8]}")
            stage.landing.settle()
            stage.save()
        return shown

    return locking.locked(ws, False, work, verb=verb)


def is_late(stage: Stage, path: str, oid: str) -> bool:
    """Whether what is to lie at `path` is a tombstone of a session that has lines beyond it on the draft."""
    folder, _, session = path.partition("/")
    if folder != "deleted" or not layout.is_session_id(session):
        return False
    try:
        covered = layout.load_tombstone(stage.blob(oid, layout.SMALL_CAP))[1]
    except BadData:
        return False
    return stage.meta(stage.parts(session).meta).lines > covered


def find(ws: Workspace, name: str) -> Session:
    """As `sessions.find`, also among those that are hidden and not on this disk."""
    from git_ccsync.operations import sessions
    from git_ccsync.operations.overview import standing

    seen = standing.look(ws)
    return sessions.choose([*(one.session for one in seen.standings), *seen.hidden], name)
