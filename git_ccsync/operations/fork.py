"""fork: another session with the same past, under an id and a title of its own. The original stays as it is."""

from __future__ import annotations

from git_ccsync.errors import NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import silent
from git_ccsync.operations import sessions
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.exchange import copies
from git_ccsync.operations.installing import naming
from git_ccsync.operations.overview import names
from git_ccsync.operations.purging import purged
from git_ccsync.operations.restore import bring, merge_fetched
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import require_init

if TYPE_CHECKING:
    from git_ccsync.model import Installed, OnProgress, Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

SUFFIX = " (fork)"


class Forked(Frozen):
    """What was made: `installed` tells of the new session, `session` is the original."""

    session: str
    installed: Installed
    title: str


def fork(ws: Workspace, name: str, *, title: str = "", on_progress: OnProgress = silent) -> Forked:
    """Make a session that has every line of the one that `name` means, titled `title` ("": its title and " (fork)").

    It is on the local branch, where it shares what it has in common with the original, and on this disk. What a running
    Claude Code has written so far is in it. Raises NotInitialised, NotFound, Usage, Refused.
    """
    require_init(ws)
    given = naming.title(title) if title else ""
    chosen = sessions.find(ws, name)
    return locking.locked(ws, False, lambda stage: _fork(stage, chosen, given, on_progress), verb="fork")


def _fork(stage: Stage, chosen: Session, given: str, on_progress: OnProgress) -> Forked:
    if not stage.draft.session(chosen.id):
        merge_fetched(stage)
    if chosen.path and "elsewhere" not in chosen.state.split(" "):
        intake.take(stage, (chosen.id,), on_progress)
    parts = stage.parts(chosen.id)
    if not parts.transcript or not parts.meta:
        purged.refuse(stage, chosen.id)
        raise NotFound(
            f"'{chosen.id[:8]}' is not on the branch, and is not to be sent", "see ccsync.since, ccsync.ignore"
        )
    made, meta = _new_id(), stage.meta(parts.meta)
    title = naming.stored(stage, made, meta, given) if given else copies.shortened(meta.title or "session", SUFFIX)
    meta = copies.branch_off(stage, chosen.id, made, parts, title=title)
    stage.commit(stage.tip, 1, 1, f"fork {chosen.id[:8]}")
    return Forked(chosen.id, bring(stage, made), names.of_stage(stage).title(made, meta))


def _new_id() -> str:
    import uuid

    return str(uuid.uuid4())
