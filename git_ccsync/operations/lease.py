"""lease: who is at work on which session, as the branch says; giving back our own leases, clearing away void ones."""

from __future__ import annotations

import time

from git_ccsync.errors import NotFound, Refused, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Meta, silent
from git_ccsync.operations import pull, sessions
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.exchange import sending
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run import clear, locking
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.store import lease

if TYPE_CHECKING:
    from collections.abc import Callable

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.presence.leases import Standing
    from git_ccsync.operations.run.workspace import Workspace


class Shown(Frozen):
    """One lease for people: `machine` is a name, `state` a word of `leases`, `since` when it was taken (ISO 8601), by the
    holder's clock.
    """

    session: str
    title: str
    machine: str
    state: str
    since: str


class Cleared(Frozen):
    """The leases that were taken away; `unsent` says why the others cannot be told yet, "" if they were."""

    leases: tuple[Shown, ...]
    unsent: str = ""


def leases_of(ws: Workspace) -> tuple[Shown, ...]:
    """Every lease on the branch, as it was seen last. Offline; raises NotInitialised."""
    require_init(ws)
    with Stage(ws, dry_run=True) as stage:
        return tuple(_shown(stage, one) for one in leases.every(stage))


def _shown(stage: Stage, one: Standing) -> Shown:
    card = catalogue.load(stage.ws).cards.get(one.session)
    shown = names.of_stage(stage)
    at = clear.touched(stage.ws, stage.tip, lease.path(one.session))
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) if at else ""
    title = shown.title(one.session, card.meta if card else Meta())
    return Shown(one.session, title, shown.machine(one.machine), one.state, since)


def release(ws: Workspace, name: str = "", *, on_progress: OnProgress = silent) -> Cleared:
    """Give back this machine's leases, or the one on the session that `name` means, and tell the others.

    Raises NotInitialised, Refused for another machine's, NotFound if there is none, Usage.
    """

    def theirs(one: Standing, machine: str) -> Refused | None:
        if one.machine == ws.here.id:
            return None
        return Refused(f"'{machine}' holds the lease, not this machine", f"{_take_over(one)} takes it over")

    return _clear(ws, name, theirs, on_progress)


def prune(ws: Workspace, name: str = "", *, on_progress: OnProgress = silent) -> Cleared:
    """Take away leases that mean nothing any more, or that one, and tell the others. Raises as `release`."""

    def counts(one: Standing, machine: str) -> Refused | None:
        if one.state in leases.VOID:
            return None
        return Refused(f"the lease of '{machine}' is in force", f"{_take_over(one)} takes it over all the same")

    return _clear(ws, name, counts, on_progress)


def _take_over(one: Standing) -> str:
    return f"'git ccsync resume --take-over {one.session[:8]}'"


def _clear(
    ws: Workspace, name: str, against: Callable[[Standing, str], Refused | None], on_progress: OnProgress
) -> Cleared:
    require_init(ws)
    wanted = _id(ws, name) if name else ""

    def work(stage: Stage) -> Cleared:
        unsent = _refresh(stage, on_progress)
        found = [one for one in leases.every(stage) if wanted in ("", one.session)]
        if wanted and not found:
            raise NotFound(f"nobody holds a lease on '{wanted[:8]}'")
        gone = []
        for one in found:
            refusal = against(one, names.of_stage(stage).machine(one.machine))
            if refusal and wanted:
                raise refusal
            if not refusal:
                gone.append(_shown(stage, one))
                stage.draft.remove(lease.path(one.session))
                leases.forget(ws, one.session)
        if gone:
            stage.commit(stage.tip, 0, 0, f"release {', '.join(one.session[:8] for one in gone[:3])}")
        return Cleared(tuple(gone), unsent or (_send(stage, on_progress) if gone else ""))

    return locking.locked(ws, False, work)


def _id(ws: Workspace, name: str) -> str:
    """The id that a word means: of a session, or of a lease whose session is gone."""
    try:
        return sessions.find(ws, name).id
    except NotFound:
        with Stage(ws, dry_run=True) as stage:
            found = [one.session for one in leases.every(stage) if len(name) >= 4 and one.session.startswith(name)]
        if len(found) != 1:
            raise
        return found[0]


def _refresh(stage: Stage, on_progress: OnProgress) -> str:
    """Merge what the remote has, without installing it; why that could not be, "" if it could."""
    to = route.find(stage.ws, "", stage.index)
    try:
        pull.merge(stage, to, fetching.fetch(stage, to, on_progress))
    except RemoteFailed as error:
        return error.message
    leases.watch(stage.ws, stage, stage.base)
    return ""


def _send(stage: Stage, on_progress: OnProgress) -> str:
    try:
        sending.push_stage(stage, "", (), on_progress)
    except (RemoteFailed, Refused) as error:
        return error.message
    return ""
