"""rm: take sessions off the lists of every machine, by a tombstone on the branch, and off this disk, into the trash.

Nothing is lost by it: the branch keeps every line, `restore` brings them back, and a machine that adds lines does too.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import install as writing
from git_ccsync.claude import install_trash, live
from git_ccsync.errors import CcsyncError, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import silent
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.exchange import dropped, sending
from git_ccsync.operations.installing import hidden, installed
from git_ccsync.operations.restore import merge_fetched
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import project_keys, refreshed, require_init
from git_ccsync.state.record import together
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress, Session
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


class Removed(Frozen):
    """One session: `files` are the transcript and the directories and files beside it that went to the trash; `lines` what
    the branch keeps, 0 if it has nothing of it; `hidden` whether that is hidden now and was not before.
    """

    session: str
    title: str
    lines: int
    hidden: bool
    files: tuple[str, ...]


class RmResult(Frozen):
    """What was done. `sent` is whether the other machines can know of it; `unsent` why not, if that was tried in vain."""

    removed: tuple[Removed, ...]
    trash: str
    dry_run: bool = False
    sent: bool = False
    unsent: str = ""


def rm(
    ws: Workspace,
    names: Sequence[str],
    *,
    dry_run: bool = False,
    send: bool = True,
    on_progress: OnProgress = silent,
) -> RmResult:
    """Hide the sessions that `names` mean, on the branch and, if `send`, on the remote; their files go to the trash.

    All or none: raises NotFound, Usage, NotInitialised, and Refused for one that a running Claude Code holds or may hold,
    that lies in another project's directory, or that has diverged. A remote that cannot be reached is no error.
    """
    require_init(ws)
    chosen = list({one.id: one for one in (hidden.find(ws, name) for name in names)}.values())
    for one in chosen:
        _check(ws, one)
    verb = together("rm")
    removed = locking.locked(ws, dry_run, lambda stage: _rm(stage, chosen, on_progress), verb=verb)
    result = RmResult(tuple(removed), installed.trash_of(ws), dry_run)
    if dry_run or not send or not any(one.lines for one in removed):
        return result
    unsent = _send(ws, [one.session for one in removed], verb, on_progress)
    return result._replace(sent=not unsent, unsent=unsent)


def _check(ws: Workspace, one: Session) -> None:
    words = one.state.split(" ")
    if "live" in words or one.path:
        live.check_free(ws.claude, one.id, one.path, "end it first", known="live" in words)
    if "elsewhere" in words:
        raise Refused(f"'{one.id[:8]}' lies in another project's directory: '{os.path.dirname(one.path)}'")
    if "diverged" in words:
        raise Refused(f"'{one.id[:8]}' went on here and elsewhere", "run 'git ccsync pull' to have a copy of each")


def _rm(stage: Stage, chosen: Sequence[Session], on_progress: OnProgress) -> list[Removed]:
    """Tombstones first, in one commit that is on disk; then the files."""
    if any(not stage.draft.session(one.id) for one in chosen):
        merge_fetched(stage)
    known = [one for one in chosen if stage.draft.session(one.id)]
    late = tuple(one.id for one in known if one.path)
    if late:
        intake.take(stage, late, on_progress, save=False)  # what it has of its own is kept too
    lines = {one.id: stage.meta(stage.parts(one.id).meta).lines for one in known}
    fresh = {one.id for one in known if not hidden.is_hidden(stage, one.id, lines[one.id])}
    for session in sorted(fresh):
        _bury(stage, session, lines[session])
    if fresh:
        what = min(fresh)[:8] if len(fresh) == 1 else f"{len(fresh)} sessions"
        stage.commit(stage.tip, len(fresh), 0, f"rm {what}")
    stage.landing.settle()
    moved = discard(stage, chosen)
    stage.save()
    return [Removed(one.id, one.title, lines.get(one.id, 0), one.id in fresh, moved[one.id]) for one in chosen]


def _bury(stage: Stage, session: str, lines: int) -> None:
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    data = layout.dump_tombstone(stage.ws.here.id, when, stage.draft.session(session), lines)
    stage.draft.put(hidden.path(session), stage.sink.add("blob", data))


def discard(stage: Stage, chosen: Sequence[Session]) -> dict[str, tuple[str, ...]]:
    """Move the files of each to the trash; what was moved, by session."""
    if stage.dry_run:
        return {one.id: files_of(stage, one) for one in chosen}
    done: dict[str, tuple[str, ...]] = {}
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        for one in chosen:
            paths = files_of(stage, one)
            if one.path:
                live.check_free(stage.ws.claude, one.id, one.path, "end it, then remove it again")
            for path in paths:
                stage.undo.before(path)
                stage.undo.after(path, install_trash.discard(path, installed.trash(stage)))
                dropped.forget(stage, path)
            done[one.id] = paths
    return done


def files_of(stage: Stage, one: Session) -> tuple[str, ...]:
    """What lies of a session in this repository's project directories, and in the one where it was found (that of a
    subdirectory, say): transcripts, their directories, agents beside them.
    """
    found, session = [], one.id
    keys = [*project_keys(stage.ws), *([os.path.basename(os.path.dirname(one.path))] if one.path else [])]
    for key in dict.fromkeys(keys):
        directory = os.path.join(stage.ws.claude, "projects", key)
        top = os.path.join(directory, session)
        beside = _agents(directory, session) if os.path.lexists(f"{top}.jsonl") else []
        found += [path for path in (f"{top}.jsonl", top, *beside) if os.path.lexists(path)]
    return tuple(found)


def _agents(directory: str, session: str) -> list[str]:
    """Transcripts of the session's agents that lie beside it, as Claude Code 2.0 puts them."""
    from git_ccsync.claude.scan import is_agent
    from git_ccsync.claude.sessions import agent_of

    named = (os.path.join(directory, name) for name in sorted(os.listdir(directory)) if is_agent(name))
    return [path for path in named if agent_of(path) == session]


def _send(ws: Workspace, sessions: Sequence[str], verb: str, on_progress: OnProgress) -> str:
    """Push the branch, and of this disk nothing more; why that could not be, "" if it could."""
    work = lambda stage: sending.push_stage(stage, "", sessions, on_progress)  # noqa: E731 -- too short to be named
    try:
        locking.locked(refreshed(ws), False, work, verb=verb)
    except CcsyncError as error:
        return error.message
    return ""
