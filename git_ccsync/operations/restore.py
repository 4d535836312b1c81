"""restore: a session from the branch that is removed here, too old for pull, or as it once was. Needs no network."""

from __future__ import annotations

import os

from git_ccsync.claude import install as writing
from git_ccsync.errors import NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import revision
from git_ccsync.model import Installed, silent
from git_ccsync.operations import pull, sessions
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.exchange import copies, gap
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.installing import hidden, install, install_session, installed
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import names
from git_ccsync.operations.purging import purged
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.store import branch
from git_ccsync.store.branch import Parts
from git_ccsync.store.format import session_path

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress, Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: So much of a commit's id stands in titles and messages.
SHORT = 7


class Restored(Frozen):
    """What was done. `commit` is the full id of the commit that was asked for, "" for none; `installed.session` then is
    another session's id than `session`, unless nothing was added to it since. `shown`: `rm` had hidden it.
    """

    session: str
    installed: Installed
    commit: str = ""
    shown: bool = False


def candidates(ws: Workspace) -> tuple[Session, ...]:
    """What could be restored: sessions of the branch that are not on this disk, newest first."""
    require_init(ws)
    found = (*sessions.sessions(ws, not_here=True), *sessions.sessions(ws, removed=True))
    return tuple(dict.fromkeys(found))


def restore(ws: Workspace, name: str, *, at: str = "", on_progress: OnProgress = silent) -> Restored:
    """Install the session that `name` means, or, as a session of its own, what it was in the commit `at`.

    A local file is never made shorter: one that is here gets what it lacks. Raises NotInitialised, NotFound, Usage, and
    Refused where it cannot be installed (held by a running Claude Code, in another project's directory, …).
    """
    require_init(ws)
    chosen = hidden.find(ws, name)
    commit = revision.commit(ws.repo, at) if at else None

    def work(stage: Stage) -> Restored:
        wanted = chosen.id
        if not stage.draft.session(wanted):
            merge_fetched(stage)
        if chosen.path:
            intake.take(stage, (wanted,), on_progress)  # what it has of its own comes first
        if commit:
            wanted = _older(stage, wanted, commit.oid, commit.tree)
        shown = hidden.lift(stage, wanted)
        if shown:
            stage.commit(stage.tip, 1, 0, f"restore {wanted[:8]}")
        done = bring(stage, wanted)  # of a file in step no title was read
        done = done._replace(title=done.title or chosen.title)
        return Restored(chosen.id, done, commit.oid if commit else "", shown)

    return locking.locked(ws, False, work, verb="restore")


def merge_fetched(stage: Stage) -> None:
    """Bring the local branch to what was fetched and not merged yet, as a pull would."""
    route = gap.route(stage.ws)
    tip = stage.ws.tip(route.tracking) if route else ""
    if route and tip:
        pull.merge(stage, route, fetching.judge(stage, route.tracking, tip, stage.ws.tree(route.tracking)))


def bring(stage: Stage, session: str) -> Installed:
    """Install a session of the branch, however old; NotFound if it is not there, Refused if it cannot be installed."""
    tree = stage.draft.session(session)
    if not tree:
        purged.refuse(stage, session)
        raise NotFound(f"'{session[:8]}' is not on the branch", "it is on this disk alone; 'git ccsync push' sends it")
    # The current time as mtime: Claude Code counts the days to its deletion from there.
    policy = install.rules(stage, force=True)._replace(days=1)
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        where = Where(stage)
        writing.heal(where.directories(), installed.tag(stage), installed.trash(stage))
        try:
            done = install_session.install_one(stage, where, session, tree, policy)
        except PermissionError as error:
            raise Refused(f"'{session[:8]}' cannot be restored: {str(error.strerror).lower()}") from None
    done = names.of_stage(stage).installed([done])[0]
    stage.save()
    if done.action not in ("created", "appended", "exchanged", "kept"):
        raise Refused(f"'{session[:8]}' cannot be restored: {done.reason or done.action}")
    return done


def _older(stage: Stage, session: str, commit: str, root: str) -> str:
    """The id of what `session` was in the tree `root`: a session of its own, made once, or itself if it is the same."""
    parts = branch.parts(stage, branch.folder(stage, root, session_path(session)))
    if not parts.transcript or not parts.meta:
        raise NotFound(f"'{session[:8]}' is not in commit '{commit[:SHORT]}'")
    if parts.transcript == stage.parts(session).transcript:
        return session
    made = _id(session, parts.transcript)
    if not stage.draft.session(made):
        _draft(stage, session, made, parts, commit[:SHORT])
    return made


def _id(session: str, transcript: str) -> str:
    """One id for one version of a session, on every machine."""
    import uuid

    return str(uuid.uuid5(uuid.UUID(copies.NAMESPACE), f"{session}at{transcript}"))


def _draft(stage: Stage, session: str, made: str, parts: Parts, commit: str) -> None:
    """Commit the older version under its own id; it shares every segment with the session."""
    title = copies.shortened(stage.meta(parts.meta).title or "session", f" (at {commit})")
    copies.branch_off(stage, session, made, parts, title=title)
    stage.commit(stage.tip, 1, 1, f"restore {session[:8]} as it was at {commit}")
