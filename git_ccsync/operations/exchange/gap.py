"""What the local branch and the destination's branch, as it was seen last, have that the other has not. Offline."""

from __future__ import annotations

from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import route as routes
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.workspace import TRACKING
from git_ccsync.state.marks import Marks
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP

if TYPE_CHECKING:
    from git_ccsync.model import Meta
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.overview.catalogue import Card, Catalogue
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: The name of no ref.
NOWHERE = f"{TRACKING}/"


class Unsent(Frozen):
    """What of one session is on the local branch and not on the destination's; `new` if that has nothing of it."""

    lines: int
    bytes: int
    new: bool


class Gap(Frozen):
    """By session: what is committed here and not sent, and what was fetched and is not merged (their card)."""

    ahead: dict[str, Unsent]
    behind: dict[str, Card]


def route(ws: Workspace) -> Destination | None:
    """Where a push would go, None where that cannot be told. It has no tracking ref if what was seen last was elsewhere."""
    try:
        found = destinations.resolve(ws.repo, ws.config, ws.branch) if ws.initialised else None
    except CcsyncError:
        return None
    moved = found is not None and routes.is_moved(ws, Marks(ws.state), found)
    return found._replace(tracking=NOWHERE) if found and moved else found


def last_seen(ws: Workspace) -> str:
    """The tracking ref of a remote that is gone since, "" where none is: what it had is what was sent."""
    name = destinations.gone(ws.config)
    return destinations.at(name, (), ws.branch).tracking if name else ""


def gap(stage: Stage, known: Catalogue, tracking: str) -> Gap:
    """How the local branch stands to the tracking ref `tracking`; `known` is the catalogue of the local branch."""
    ours, theirs = stage.ws.tree(), stage.ws.tree(tracking) if tracking else ""
    if ours == theirs:
        return Gap({}, {})
    if not ours:
        return Gap({}, dict(known.cards))
    base = _base(stage, tracking) if theirs else ""
    mine = branch.changed(stage, base, ours)
    there = branch.changed(stage, base, theirs)
    old = catalogue.cards(stage.reader, {session: before for session, (before, _) in mine.items() if before})
    new = catalogue.cards(stage.reader, {session: after for session, (_, after) in there.items() if after})
    gone = _purged(stage, theirs) if theirs else frozenset[str]()
    ahead = {session: _unsent(known, old, session) for session, (_, after) in mine.items() if after}
    ahead = {session: unsent for session, unsent in ahead.items() if session not in gone} if gone else ahead
    return Gap({s: unsent for s, unsent in ahead.items() if there.get(s, ("", ""))[1] != mine[s][1]}, new)


def _purged(stage: Stage, theirs: str) -> frozenset[str]:
    """Sessions that are not to be sent any more, once what was fetched is merged."""
    if not branch.folder(stage, theirs, "purged"):
        return frozenset()
    from git_ccsync.operations.purging import purged

    return purged.ids(stage, theirs)


def _base(stage: Stage, tracking: str) -> str:
    """The tree of the newest common commit, "" for none. Where the remote's history has taken the place of ours, what of
    ours was there last.
    """
    common = refs.merge_base(stage.ws.repo, stage.ws.tip(), stage.ws.tip(tracking))
    if not common and branch.folder(stage, stage.ws.tree(tracking), "former"):
        common = Marks(stage.ws.state).get(f"seen {tracking}")
    try:
        return branch.parse_commit(stage.reader.read(common, cap=SMALL_CAP)[1])[0] if common else ""
    except BadData:
        return ""


def _unsent(known: Catalogue, old: dict[str, Card], session: str) -> Unsent:
    card, before = known.cards.get(session), old.get(session)
    return between(before and before.meta, card.meta) if card else Unsent(0, 0, before is None)


def between(before: Meta | None, meta: Meta) -> Unsent:
    """What a session has more than it had; `before` is None for a new one."""
    lines, size = (before.lines, before.bytes) if before else _shared(meta)
    return Unsent(max(0, meta.lines - lines), max(0, meta.bytes - size), before is None)


def _shared(meta: Meta) -> tuple[int, int]:
    """The lines that a copy has in common with what it was made from, and about how many bytes they are: they are sent
    once.
    """
    lines = min(meta.fork, meta.lines) if meta.parent else 0
    return lines, meta.bytes * lines // meta.lines if lines else 0
