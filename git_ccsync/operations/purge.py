"""purge: take sessions out of the branch's whole history, here and where it is pushed, and bind their ids for ever.

The files in Claude's directory stay as they are. What a purge means for another machine is in `follow_purge`.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import RemoteResult, silent
from git_ccsync.operations import rm
from git_ccsync.operations.companions import history
from git_ccsync.operations.destinations import route
from git_ccsync.operations.overview import standing
from git_ccsync.operations.purging import drop, follow_purge, kinship, purged, rewrite
from git_ccsync.operations.purging.purge_plan import Item, cleaned
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.state import dropping
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.purging.purge_plan import Plan
    from git_ccsync.operations.purging.purge_secrets import Cleaned
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: What else of a branch holds content, and goes with `--all`.
CONTENT = ("memory", "history", "global", "leases", "deleted")


class PurgeResult(Frozen):
    """What was done. `commit` is the branch's only one now, "" if it was not begun anew; `objects` were taken away here,
    `left` could not be; `pending`: nothing was dropped here yet. `files` went to the trash; `warnings` are for people.
    """

    purged: tuple[Item, ...]
    kept: tuple[Item, ...]
    ref: str
    former: str = ""
    commit: str = ""
    remotes: tuple[RemoteResult, ...] = ()
    objects: int = 0
    left: int = 0
    dry_run: bool = False
    warnings: tuple[str, ...] = ()
    secrets: Cleaned | None = None
    pending: bool = False
    files: tuple[str, ...] = ()


def carry_out(ws: Workspace, agreed: Plan, *, kin: bool, on_progress: OnProgress = silent) -> PurgeResult:
    """Purge what was planned, with the copies and forks if `kin`; then drop what is left of it on this machine.

    Raises RemoteFailed if the remote cannot be reached or refuses: nothing has changed then. What was cut short after that
    is done by the next `purge` of the same, or `follow`.
    """
    every = (*agreed.chosen, *(agreed.kin if kin else ()))
    kept = () if kin else agreed.kin
    ids = tuple(item.session for item in every)
    made, warnings = rewrite.Rewritten("", "", ()), tuple[str, ...]()
    if agreed.secrets and agreed.secrets.values:
        made, warnings = locking.locked(ws, False, lambda stage: _rewrite_secrets(stage, on_progress))
    elif ids or agreed.all:
        run = _Rewriting(ids, everything=agreed.all, kin=kin)
        made, warnings = locking.locked(ws, False, lambda stage: run.run(stage, on_progress))
        every += tuple(Item(one) for one in run.late)
    dropped, pending = drop.Dropped(), False
    try:
        dropped = drop.drop(refreshed(ws))
    except CcsyncError as error:
        pending = bool(made.commit)
        if not pending:
            raise
        warnings += (f"nothing was dropped here yet: {error.message}; 'git ccsync purge --follow' does it",)
    return PurgeResult(
        every,
        kept,
        agreed.ref,
        made.former,
        made.commit,
        made.remotes,
        dropped.objects,
        dropped.left,
        warnings=warnings,
        secrets=agreed.secrets,
        pending=pending,
    )


def put_away(ws: Workspace, ids: Collection[str]) -> tuple[str, ...]:
    """Move the files of these sessions here into the trash, from where `undo` brings them back. What was moved. Refused
    for one that a running Claude Code holds.
    """
    ws = refreshed(ws)
    here = [one.session for one in standing.look(ws).standings if one.session.id in ids and one.session.path]
    moved = locking.locked(ws, False, lambda stage: rm.discard(stage, here), verb="rm") if here else {}
    return tuple(path for paths in moved.values() for path in paths)


def _rewrite_secrets(stage: Stage, on_progress: OnProgress) -> tuple[rewrite.Rewritten, tuple[str, ...]]:
    place = route.find_for(stage, "")

    def draft() -> str:
        return f"purge {cleaned(stage).values} secrets"

    return rewrite.run(stage, place, draft, on_progress, secrets=True), tuple(stage.remarks)


class _Rewriting:
    """Beginning the branch anew without the sessions `ids`, or without any; with `kin` also without copies and forks that
    turned up since it was agreed: `late`.
    """

    def __init__(self, ids: Sequence[str], *, everything: bool, kin: bool) -> None:
        self._ids, self._everything, self._kin = ids, everything, kin
        self.late: tuple[str, ...] = ()

    def run(self, stage: Stage, on_progress: OnProgress) -> tuple[rewrite.Rewritten, tuple[str, ...]]:
        """Do it, unless it was cut short after the remote had it."""
        place = route.find_for(stage, "")
        rewrite.meet(stage, place, on_progress)
        if not self._everything and purged.ids(stage, stage.base).issuperset(self._ids):
            stage.save()
            return rewrite.Rewritten("", "", ()), tuple(stage.remarks)
        done = rewrite.run(stage, place, lambda: self._draft(stage), on_progress, ids=self._ids)
        return done, tuple(stage.remarks)

    def _draft(self, stage: Stage) -> str:
        if self._everything:
            return _draft(stage, sorted({*self._ids, *branch.sessions(stage, stage.base)}), everything=True)
        more = kinship.of(stage, stage.base, self._ids) if self._kin else {}
        self.late = tuple(sorted(more.keys() - set(self._ids)))
        return _draft(stage, (*self._ids, *self.late), everything=False)


def _draft(stage: Stage, ids: Collection[str], *, everything: bool) -> str:
    """Draft them away, each with its mark. Rows that are still to be had in a session that stays are no sign of it."""
    tree = kinship.Sessions(stage, stage.base)
    kept = [] if everything else sorted(kinship.of(stage, stage.base, ids).keys() - set(ids))
    public = {row for one in kept for row in purged.first_rows(stage, tree.parts[one], 1 << 30)}
    mark = purged.Mark(stage.ws.here.id, purged.now())
    for one in ids:
        parts = tree.parts.get(one)
        rows = purged.first_rows(stage, parts, other_than=public) if parts else ()
        old = purged.load(stage, stage.base, one)
        purged.put(stage, one, old if old and old.rows else mark._replace(rows=rows))
    if everything:
        for folder in CONTENT:
            stage.draft.remove(folder)
    else:
        history.without(stage, frozenset(ids))
    return f"purge {'1 session' if len(ids) == 1 else f'{len(ids)} sessions'}"


def follow(ws: Workspace, *, on_progress: OnProgress = silent) -> PurgeResult:
    """Do here what was purged elsewhere: take the branch as it is now, and drop what is left of the rest. Where the remote
    has again, or still, what was purged here, it is taken away there.

    Errors as `carry_out`.
    """
    require_init(ws)
    ref, sent, warnings = locking.locked(ws, False, lambda stage: _follow(stage, on_progress))
    ids = dropping.load(ws.state).ids
    dropped = drop.drop(refreshed(ws))
    items = tuple(Item(one) for one in ids)
    return PurgeResult(items, (), ref, remotes=sent, objects=dropped.objects, left=dropped.left, warnings=warnings)


def _follow(stage: Stage, on_progress: OnProgress) -> tuple[str, tuple[RemoteResult, ...], tuple[str, ...]]:
    place = route.find_for(stage, "")
    sent: tuple[RemoteResult, ...] = ()
    for _ in range(rewrite.TRIES):
        there = rewrite.meet(stage, place, on_progress)
        if not follow_purge.is_stale(stage, there):
            break
        sent = (rewrite.again(stage, place, there, on_progress),)
        if sent[0].status != "rejected":
            break
    if sent and sent[0].status == "pushed":  # no longer true
        off = f"'{place.name}' had what was purged again; it is off there now"
        stage.remarks[:] = [off if one == follow_purge.STILL else one for one in stage.remarks]
    if stage.marks.get(follow_purge.AGAIN):  # two purges at the same time: neither knew of what the other took away
        sent = rewrite.run(stage, place, lambda: "purge once more", on_progress).remotes
        stage.marks.put({follow_purge.AGAIN: ""})
    if stage.marks.get("bundle"):
        from git_ccsync.operations.destinations import shelf

        sent = (shelf.send(stage, place, place.urls[0], place.tracking)[0],)
    stage.save()
    return place.ref, sent, tuple(stage.remarks)


def waiting(ws: Workspace) -> dropping.Dropping:
    """What was purged elsewhere, or by a run that was cut short, and is still to be dropped here."""
    return dropping.load(ws.state)
