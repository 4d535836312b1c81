"""purge: take sessions out of the branch's whole history, here and where it is pushed, and bind their ids for ever.

The files in Claude's directory stay as they are. What a purge means for another machine is in `follow_purge`.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError, NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import RemoteResult, silent
from git_ccsync.operations import (
    drop,
    follow_purge,
    hidden,
    history,
    kinship,
    names,
    purged,
    rewrite,
    route,
    sending,
    sessions,
)
from git_ccsync.operations.workspace import refreshed, require_init
from git_ccsync.state import dropping
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.purge_secrets import Cleaned
    from git_ccsync.operations.stage import Stage
    from git_ccsync.operations.workspace import Workspace

#: What else of a branch holds content, and goes with `--all`.
CONTENT = ("memory", "history", "global", "leases", "deleted")


class What(Frozen):
    """What was asked for: names of sessions, or `all` of them, those last used before the day `before`, or `secrets`."""

    names: tuple[str, ...] = ()
    all: bool = False
    before: str = ""
    secrets: bool = False


class Item(Frozen):
    """One session: `of` is the one that it shares lines with ("" for one that was asked for), `here` whether its transcript
    is on this disk.
    """

    session: str
    title: str = ""
    updated: str = ""
    lines: int = 0
    of: str = ""
    here: bool = False


class Plan(Frozen):
    """What is to be purged, and the copies and forks that share lines with it; `done` were purged before. `place` is where
    the branch is pushed; `secrets` what is to be taken out of lines, None where that was not asked for.
    """

    chosen: tuple[Item, ...]
    kin: tuple[Item, ...]
    done: tuple[str, ...]
    place: str
    ref: str
    all: bool = False
    secrets: Cleaned | None = None


class PurgeResult(Frozen):
    """What was done. `commit` is the branch's only one now, "" if it was not begun anew; `objects` were taken away here,
    `left` could not be; `pending`: nothing was dropped here yet. `warnings` are for people.
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


def plan(ws: Workspace, what: What, on_progress: OnProgress = silent) -> Plan:
    """Fetch, and see what would be purged. Changes nothing but what is known of the remote.

    Raises NotInitialised, NotFound, Usage, RemoteFailed.
    """
    require_init(ws)
    day = sessions.day(what.before) if what.before else ""
    place = sending.locked(ws, True, lambda stage: _fetched(stage, on_progress))
    ws = refreshed(ws)
    wanted = tuple(dict.fromkeys(_id(ws, name) for name in what.names))
    return sending.locked(ws, True, lambda stage: _plan(stage, what._replace(before=day), wanted, place, on_progress))


def _fetched(stage: Stage, on_progress: OnProgress) -> Destination:
    place = route.find_for(stage, "")
    rewrite.meet(stage, place, on_progress)
    return place


def _id(ws: Workspace, name: str) -> str:
    """The session that `name` means: also one that is in the branch's past alone, by its whole id, or was purged."""
    known = dropping.load(ws.state).ids
    try:
        return hidden.find(ws, name).id
    except NotFound:
        whole, begun = name.lower(), [one for one in known if len(name) >= sessions.SHORTEST and one.startswith(name)]
        if layout.is_session_id(whole):
            return whole
        if len(begun) == 1:
            return begun[0]
        raise


def _plan(stage: Stage, what: What, wanted: Sequence[str], place: Destination, on_progress: OnProgress) -> Plan:
    rewrite.meet(stage, place, on_progress)
    done = purged.ids(stage, stage.base)
    metas = stage.metas()
    if what.all:
        wanted = sorted(metas)
    elif what.before:
        wanted = sorted(name for name, meta in metas.items() if "" < meta.updated[:10] < what.before)
    fresh = [one for one in wanted if one not in done]
    cleaned = _cleaned(stage) if what.secrets else None
    kin = {} if what.all else kinship.of(stage, stage.base, fresh)
    told = _Items(stage)
    return Plan(
        tuple(told.item(one) for one in fresh), tuple(told.item(one, of) for one, of in sorted(kin.items())),
        tuple(one for one in wanted if one in done), place.shown, place.ref, what.all, cleaned,
    )  # fmt: skip


def _cleaned(stage: Stage) -> Cleaned:
    from git_ccsync.operations import purge_secrets

    return purge_secrets.clean(stage)


class _Items:
    """What is told of sessions."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._metas, self._names = stage, stage.metas(), names.of_stage(stage)
        paths = stage.index.raw()
        self._here = {path.rpartition("/")[2].removesuffix(".jsonl") for path in paths if path.endswith(".jsonl")}

    def item(self, session: str, of: str = "") -> Item:
        meta = self._metas.get(session)
        if not meta:
            return Item(session, of=of, here=session in self._here)
        title = self._names.title(session, meta)
        return Item(session, title, meta.updated, meta.lines, of, session in self._here)


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
        made, warnings = sending.locked(ws, False, lambda stage: _rewrite_secrets(stage, on_progress))
    elif ids or agreed.all:
        run = _Rewriting(ids, everything=agreed.all, kin=kin)
        made, warnings = sending.locked(ws, False, lambda stage: run.run(stage, on_progress))
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


def _rewrite_secrets(stage: Stage, on_progress: OnProgress) -> tuple[rewrite.Rewritten, tuple[str, ...]]:
    place = route.find_for(stage, "")

    def draft() -> str:
        return f"purge {_cleaned(stage).values} secrets"

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
    ref, sent, warnings = sending.locked(ws, False, lambda stage: _follow(stage, on_progress))
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
    stage.save()
    return place.ref, sent, tuple(stage.remarks)


def waiting(ws: Workspace) -> dropping.Dropping:
    """What was purged elsewhere, or by a run that was cut short, and is still to be dropped here."""
    return dropping.load(ws.state)


def check(what: What) -> None:
    """Usage unless just one thing was asked for."""
    if sum((bool(what.names), what.all, bool(what.before), what.secrets)) != 1:
        raise Usage("name the sessions, or say --all, --before <day>, --secrets or --follow")
