"""What a purge would take away: the sessions that are meant, and those that share lines with them. Changes nothing."""

from __future__ import annotations

from git_ccsync.errors import NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import silent
from git_ccsync.operations import sessions
from git_ccsync.operations.destinations import route
from git_ccsync.operations.installing import hidden
from git_ccsync.operations.overview import names
from git_ccsync.operations.purging import kinship, purged, rewrite
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.state import dropping
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.purging.purge_secrets import Cleaned
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


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


def plan(ws: Workspace, what: What, on_progress: OnProgress = silent) -> Plan:
    """Fetch, and see what would be purged. Changes nothing but what is known of the remote.

    Raises NotInitialised, NotFound, Usage, RemoteFailed.
    """
    require_init(ws)
    day = sessions.day(what.before) if what.before else ""
    place = locking.locked(ws, True, lambda stage: _fetched(stage, on_progress))
    ws = refreshed(ws)
    wanted = tuple(dict.fromkeys(_id(ws, name) for name in what.names))
    return locking.locked(ws, True, lambda stage: _plan(stage, what._replace(before=day), wanted, place, on_progress))


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
    found = cleaned(stage) if what.secrets else None
    kin = {} if what.all else kinship.of(stage, stage.base, fresh)
    told = _Items(stage)
    return Plan(
        tuple(told.item(one) for one in fresh), tuple(told.item(one, of) for one, of in sorted(kin.items())),
        tuple(one for one in wanted if one in done), place.shown, place.ref, what.all, found,
    )  # fmt: skip


def cleaned(stage: Stage) -> Cleaned:
    """Draft the branch without the secrets in it."""
    from git_ccsync.operations.purging import purge_secrets

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


def check(what: What) -> None:
    """Usage unless just one thing was asked for."""
    if sum((bool(what.names), what.all, bool(what.before), what.secrets)) != 1:
        raise Usage("name the sessions, or say --all, --before <day>, --secrets or --follow")
