"""resume: what comes before Claude Code goes on with a session, and what comes after it. Starts no Claude Code itself.

Before: nobody else at work on it, its lines on this disk, the directory that it belongs to, our lease where others see
it. After: its new lines and the end of the lease, in one push.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import checkout
from git_ccsync.git.codec import is_oid
from git_ccsync.model import DIVERGED, Meta, PushResult, silent
from git_ccsync.operations import restore, sessions, tasks
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.exchange import announce, sending
from git_ccsync.operations.installing import install
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run import clear, locking
from git_ccsync.store import branch, lease
from git_ccsync.store.format import session_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress, Session
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


class Busy(Refused):
    """A process of this machine has the session in use."""


class Elsewhere(Frozen):
    """Another machine that has the session open, by name; `leased` if it holds the lease, since `since` (ISO 8601, ""
    if unknown) by that machine's clock.
    """

    machine: str
    leased: bool
    since: str = ""


class Code(Frozen):
    """What a session says of the code, against what is checked out here; "" and False where there is nothing to say.

    `absent` is a commit that this repository has not; `branch` the git branch that it was held on, if `here` is another
    one; `dirty` the machine on which files were uncommitted.
    """

    absent: str = ""
    branch: str = ""
    here: str = ""
    dirty: str = ""


class Ready(Frozen):
    """A session that can be resumed in `directory`; `missing` is the directory that it belongs to, if that is not here.
    `stranger` is who added to it and was not seen before on the branch, "" for nobody.
    """

    session: Session
    directory: str
    missing: str
    code: Code
    elsewhere: tuple[Elsewhere, ...]
    stranger: str = ""


class Holding(Frozen):
    """What came of taking the lease: the push that took it, and the machines that were faster."""

    push: PushResult
    elsewhere: tuple[Elsewhere, ...]


def choose(ws: Workspace, name: str, machine: str) -> Session:
    """The session that `name` means among those that `machine` ("" for any) wrote last; errors as `sessions.find`. A
    task's number is a name, too.
    """
    return sessions.choose(sessions.sessions(ws, machine=machine), tasks.named(ws, name))


def prepare(ws: Workspace, session: Session, *, on_progress: OnProgress = silent) -> Ready:
    """See to it that a session can go on here: it is brought to this disk if it is not there.

    Raises Busy where a process here has it in use, Refused where it cannot be installed; NotFound.
    """
    return locking.locked(ws, False, lambda stage: _prepare(stage, session, on_progress))


def _prepare(stage: Stage, session: Session, on_progress: OnProgress) -> Ready:
    _refuse_live(stage, session)
    words = session.state.split(" ")
    if "elsewhere" in words:
        raise Refused(
            f"'{_name(session)}' lies in another project's directory: '{os.path.dirname(session.path)}'",
            "resume it there; Claude Code finds no session that lies in two",
        )
    if not session.path:
        if not stage.draft.session(session.id):
            restore.merge_fetched(stage)
        restore.bring(stage, session.id)
    elif "behind" in words:  # it lies here, and something kept the pull from it
        intake.take(stage, (session.id,), on_progress)
        restore.bring(stage, session.id)
    parts = branch.parts(stage, branch.folder(stage, stage.base, session_path(session.id)) if stage.base else "")
    meta = stage.meta(parts.meta) if parts.meta else Meta(directory=session.directory, worktree=session.worktree)
    place = Where(stage).place(session.id, meta)
    top, directory, missing = _directory(stage.ws, place, meta)
    stranger = announce.stranger(stage.marks, session.id, meta.machine)
    return Ready(session, directory, missing, _code(stage, meta, top), _elsewhere(stage, session.id, meta), stranger)


def know(ws: Workspace, session: str) -> None:
    """A person knows who added to the session: they are asked about them no more."""

    def work(stage: Stage) -> None:
        announce.known(stage.marks, session, stage.meta(stage.parts(session).meta).machine)

    locking.locked(ws, False, work)


def _refuse_live(stage: Stage, session: Session) -> None:
    pid = stage.live.get(session.id) or leases.at_work(stage.ws, session.id)
    if pid:
        raise Busy(
            f"'{_name(session)}' is running on this machine already (process {pid})",
            f"end it there, or go on with a copy: 'git ccsync resume --fork {session.id[:8]}'",
        )


def _name(session: Session) -> str:
    return session.title or session.id[:8]


def _directory(ws: Workspace, place: Place, meta: Meta) -> tuple[str, str, str]:
    """(work tree, directory to start in, directory that should have been, "" if it is that)."""
    named = ws.work_tree(meta.worktree)
    known = (named, place.worktree) if named != ws.trees[0] else (place.worktree,)
    top = next((tree for tree in known if tree and os.path.isdir(tree)), ws.trees[0])
    wanted = os.path.join(top, *(part for part in meta.directory.split("/") if part not in ("", ".", "..")))
    if not os.path.isdir(wanted):
        return top, top, wanted
    absent = meta.worktree and os.path.basename(top) != meta.worktree
    return top, wanted, f"worktree '{meta.worktree}'" if absent else ""


def _code(stage: Stage, meta: Meta, tree: str) -> Code:
    commit = meta.git_commit if is_oid(meta.git_commit) else ""
    found = checkout.standing(tree, commit)
    held = "" if meta.git_branch == "HEAD" else meta.git_branch
    differs = bool(held) and held != found.branch
    dirty = meta.dirty and meta.machine not in ("", stage.ws.here.id)
    return Code(
        "" if found.has else commit, held if differs else "", found.branch if differs else "",
        names.of_stage(stage).machine(meta.machine) if dirty else "",
    )  # fmt: skip


def _elsewhere(stage: Stage, session: str, meta: Meta) -> tuple[Elsewhere, ...]:
    """Who else is at work on it: whoever has the lease; and who left it open, unless we have gone on with it since."""
    ours, found = stage.ws.here.id, {}
    one = leases.of(stage, session)
    if one and one.state == leases.HELD:
        at = clear.touched(stage.ws, stage.tip, lease.path(session))
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) if at else ""
        found[one.machine] = Elsewhere(names.of_stage(stage).machine(one.machine), True, since)
    if meta.machine != ours:
        for machine in names.machines_in(stage, stage.base).values() if stage.base else ():
            if machine.id not in (ours, *found) and session in machine.open:
                found[machine.id] = Elsewhere(machine.name, False)
    return tuple(found.values())


def hold(ws: Workspace, session: str, *, over: bool, on_progress: OnProgress = silent) -> Holding:
    """Take the lease of a session and let the others know, together with what is new here.

    Where another machine was faster its lease stands, unless `over`. Errors as `push.push`, and Busy where a process here
    was faster.
    """

    def work(stage: Stage) -> Holding:
        if leases.holder(ws, session) not in (0, os.getpid()):
            raise Busy(f"'{session[:8]}' is being resumed on this machine already")
        if not over and (before := _others(stage, session)):
            return Holding(PushResult(), before)
        if stage.draft.session(session):  # else it is never to be sent
            leases.claim(stage, session)
            stage.commit(stage.tip, 0, 0, f"hold {session[:8]}")
        done = sending.push_stage(stage, "", (), on_progress)
        leases.watch(ws, stage, stage.base)
        after = _others(stage, session)
        if after:
            leases.forget(ws, session)
        return Holding(done, after)

    return locking.locked(ws, False, work)


def _others(stage: Stage, session: str) -> tuple[Elsewhere, ...]:
    """The machine that holds the lease, if it is another one. Whoever only left it open was asked about before."""
    return tuple(one for one in _elsewhere(stage, session, Meta(machine=stage.ws.here.id)) if one.leased)


def finish(ws: Workspace, session: str, *, on_progress: OnProgress = silent) -> PushResult:
    """After Claude Code has ended: capture, give the lease back, push; then install what its running held up. Errors as
    `push.push`; by then lines and lease are committed here.
    """

    def work(stage: Stage) -> PushResult:
        leases.give_back(stage, session)
        done = sending.push_stage(stage, "", (), on_progress)
        if stage.index.value("waiting") or any(one.scenario == DIVERGED for one in done.outcomes):
            _, problems = install.install(stage, (), on_progress)
            stage.save()
            done = done._replace(problems=(*done.problems, *problems))
        return done

    return locking.locked(ws, False, work)


def latest(ws: Workspace, machine: str) -> Session:
    """The session that was used last, by `machine` if that is given; NotFound if there is none."""
    found = sessions.sessions(ws, machine=machine)
    if not found:
        raise NotFound("there are no sessions yet")
    return found[0]


def unfinished(ws: Workspace) -> frozenset[str]:
    """The sessions that some machine left without an end."""
    return frozenset(name for one in catalogue.load(ws).machines.values() for name in one.unfinished)


def fetch_all(workspaces: Sequence[Workspace]) -> tuple[tuple[Workspace, str], ...]:
    """Fetch into every repository, all at once; those that could not be reached, with the reason."""
    from git_ccsync.errors import CcsyncError
    from git_ccsync.operations.destinations import route
    from git_ccsync.operations.exchange import gap

    begun = []
    for ws in workspaces:
        to = route.remembered(ws, "") or gap.route(ws)
        if to:
            begun.append((ws, route.start_fetch(ws, to)))
    failed = []
    for ws, fetch in begun:
        try:
            fetch.finish()
        except CcsyncError as error:
            failed.append((ws, error.message))
        finally:
            fetch.close()
    return tuple(failed)
