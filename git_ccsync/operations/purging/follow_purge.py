"""Two histories of one branch of which one has taken the place of the other: what was purged is taken from neither.

The mark decides, and for the ids in it alone: whatever else one of them lacks is published again, as after any loss. A
session that shares lines with a purged one, and that the purge did not know of, is bound with it.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, CcsyncError, Refused
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.model import NEW, Outcome
from git_ccsync.operations import machines
from git_ccsync.operations.companions import beside
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.exchange import replay
from git_ccsync.operations.purging import kinship, purged
from git_ccsync.operations.run import clear
from git_ccsync.operations.run.workspace import TRACKING
from git_ccsync.state import dropping, record
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage

#: The mark of a history that was begun anew without knowing of another purge: it has what that took away.
AGAIN = "purge again"
#: What is said of a place that has the old history.
STILL = "what was purged is still there; nothing of it was brought back here"
#: Their history took the place of ours; ours of theirs; both of one that is gone.
NEWER, STALE, SIBLING = "newer", "stale", "sibling"


def kind(stage: Stage, theirs: Fetched) -> str:
    """How their history, which has another beginning, stands to ours; "" if it is of another branch altogether."""
    ours, there = purged.former(stage, stage.base), purged.former(stage, theirs.tree)
    if not ours and not there:
        return ""
    repo = stage.ws.repo
    stage.landing.settle()
    if there & set(refs.roots(repo, stage.tip)):
        return NEWER
    if ours & set(refs.roots(repo, theirs.tip)):
        return STALE
    return SIBLING if ours & there else ""


def merge(stage: Stage, theirs: Fetched, *, alike: bool = False) -> list[Outcome]:
    """Put what only one side has onto the newer one, and let the local branch stand there; what became of sessions. Of two
    new ones onto theirs, or, where the other machine has the same choice (`alike`), onto the one that both choose.

    What this run did before cannot be undone: `undo` would bring the old history back.
    """
    how = kind(stage, theirs)
    if how == SIBLING and alike and refs.roots(stage.ws.repo, stage.tip) < refs.roots(stage.ws.repo, theirs.tip):
        how = STALE
    before, ids = stage.tip, purged.ids(stage, theirs.tree) - purged.ids(stage, stage.base)
    if not stage.dry_run:
        dropping.add(stage.ws.state, (before, *_tracked(stage), *([theirs.tip] if how == STALE else [])), ids)
    beside.look(stage)
    base = "" if how == SIBLING else _base(stage, theirs)
    done = _onto_ours(stage, theirs) if how == STALE else _onto_theirs(stage, theirs, base)
    if not stage.dry_run:
        record.forget(stage.ws.state)
        for key in ("memory", "memory-tree", "history"):
            stage.index.remember(key, None)
        stage.marks.set(purged=str(len(dropping.load(stage.ws.state).ids) or ""))
        if alike:  # this machine's own file there has the old history still
            stage.marks.put({"bundle": "due"})
        if not ids:
            _look_again(stage)
    stage.remarks += _told(stage, ids, how)
    return done


def _look_again(stage: Stage) -> None:
    """Let the index know how the files here stand to a branch of which every object may be another one: what is installed
    next goes by that.
    """
    from git_ccsync.model import silent
    from git_ccsync.operations.capturing import intake

    intake.take(stage, (), silent, save=False)


def _tracked(stage: Stage) -> list[str]:
    """Where the tracking refs of this branch stood at the start."""
    name = f"/{stage.ws.branch}"
    return [ref.oid for ref in stage.ws.refs.values() if ref.name.startswith(TRACKING) and ref.name.endswith(name)]


def _onto_theirs(stage: Stage, theirs: Fetched, before: str) -> list[Outcome]:
    ours = stage.base
    own = purged.ids(stage, ours)
    stage.begin(theirs.tree)
    kin = _bar(stage, ours, own)
    _keep_known(stage, before)
    done = [*replay.step(stage, before, ours, {}), *_missing(stage, ours)]
    _bind(stage, kin)
    _clean(stage, done)
    if not stage.commit(theirs.tip, len(done), sum(one.lines for one in done), "" if done else "follow a purge"):
        stage.move(theirs.tip, theirs.tree, "follow a purge")
    stage.beside.agree()
    return done


def _onto_ours(stage: Stage, theirs: Fetched) -> list[Outcome]:
    """What they went on with since, behind ours: as the machine would do it that wrote their tip."""
    before, ours = _base_of(stage, theirs), stage.base
    stage.begin(ours)
    kin = _bar(stage, theirs.tree, frozenset())
    writer = machines.writer(clear.message(stage.reader, theirs.tip))
    stage.writer = stage.ws.here._replace(id=writer, name=writer) if writer else stage.ws.here
    try:
        done = replay.step(stage, before, theirs.tree, {})
    finally:
        stage.writer = stage.ws.here
    _bind(stage, kin)
    _clean(stage, done)
    stage.commit(stage.tip, len(done), sum(one.lines for one in done), "" if done else "follow a purge")
    stage.beside.agree()
    return done


def _missing(stage: Stage, ours: str) -> list[Outcome]:
    """Sessions of ours that theirs has lost, though no mark names them: they are published again, whoever did that."""
    found = []
    for session, tree in branch.sessions(stage, ours).items():
        if session not in stage.barred and not stage.draft.session(session):
            stage.draft.put_session(session, tree)
            meta = stage.meta(branch.parts(stage, tree).meta)
            found.append(Outcome(session, NEW, meta.lines, "lost there", meta.title))
    return found


def _keep_known(stage: Stage, before: str) -> None:
    """Sessions that were rewritten with as many lines as they had are, on this disk, what they were."""
    for session, (old, new) in branch.changed(stage, before, stage.base).items() if before else ():
        was, now = (branch.parts(stage, tree) for tree in (old, new))
        if was.transcript != now.transcript and stage.meta(was.meta).lines == stage.meta(now.meta).lines:
            purged.rewritten(stage, session, was.transcript, now.transcript)


def _clean(stage: Stage, done: list[Outcome]) -> None:
    """Where secrets were taken out of the history, what comes to it late has none either."""
    if done and purged.is_cleaned(stage, stage.base):
        from git_ccsync.operations.purging import purge_secrets

        purge_secrets.clean(stage, {name for one in done for name in (one.session, one.copy) if name})


def _bar(stage: Stage, other: str, own: frozenset[str]) -> dict[str, str]:
    """Bar what was purged from what is taken of the tree `other` onto the stage's; sessions of that tree that are bound
    with it, each with the one that it shares lines with.
    """
    bound = purged.ids(stage, stage.base) | own
    kin = kinship.unknown(stage, other, bound)
    stage.barred = bound | kin.keys()
    if not stage.dry_run and stage.barred & branch.sessions(stage, stage.base).keys():
        stage.marks.put({AGAIN: "1"})
    return kin


def _bind(stage: Stage, kin: dict[str, str]) -> None:
    """No session that is barred stays, and those that nobody has named are named."""
    for session in stage.barred - kin.keys():
        purged.drop(stage, session)
    for session, of in sorted(kin.items()):
        mark = purged.Mark(stage.ws.here.id, purged.now(), of)
        purged.put(stage, session, mark)


def _base(stage: Stage, theirs: Fetched) -> str:
    """The tree that ours and the history that theirs has taken the place of had in common last, "" if that is not known."""
    for root in sorted(purged.former(stage, theirs.tree)):
        found = _common(stage, purged.tip_of(stage, theirs.tree, root), stage.tip)
        if found:
            return found
    seen = stage.marks.starting("seen ").values()
    return next((tree for tree in (_common(stage, one, stage.tip) for one in seen) if tree), "")


def _base_of(stage: Stage, theirs: Fetched) -> str:
    """The tree that theirs and the history that ours has taken the place of had in common last."""
    roots = purged.former(stage, stage.base) & set(refs.roots(stage.ws.repo, theirs.tip))
    found = (_common(stage, purged.tip_of(stage, stage.base, root), theirs.tip) for root in sorted(roots))
    return next((tree for tree in found if tree), "")


def _common(stage: Stage, one: str, other: str) -> str:
    """The tree of the newest commit that both have, "" if they have none, or one of them is not here."""
    try:
        base = refs.merge_base(stage.ws.repo, one, other) if one and other else ""
        return fetching.tree_of(stage, base) if base else ""
    except CcsyncError:
        return ""


def _told(stage: Stage, ids: frozenset[str], how: str) -> list[str]:
    """What is to be said: by whom, how many, and what is left to be done here."""
    if how == STALE:
        return [STILL]
    if not ids:
        return ["the branch was begun anew on the remote; 'git ccsync purge --follow' drops the old history here"]
    mark = purged.load(stage, stage.base, min(ids))
    what = "1 session was" if len(ids) == 1 else f"{len(ids):,} sessions were"
    who = f" by '{_name(stage, mark.machine)}'" if mark and mark.machine else ""
    return [f"{what} purged{who}: nothing of it is sent any more; 'git ccsync purge --follow' drops it here too"]


def _name(stage: Stage, machine: str) -> str:
    if machine == stage.ws.here.id:
        return stage.ws.here.name
    oid = branch.machines(stage, stage.base).get(machine, "")
    try:
        return layout.load_machine(machine, stage.blob(oid, layout.SMALL_CAP)).name if oid else machine
    except BadData:
        return machine


def is_stale(stage: Stage, tip: str) -> bool:
    """Whether a remote that stands at `tip` ("" for nowhere) has a history that the one here has taken the place of."""
    stage.landing.settle()
    if not tip or refs.merge_base(stage.ws.repo, tip, stage.tip):
        return False
    return bool(purged.former(stage, stage.base) & set(refs.roots(stage.ws.repo, tip)))


def check_followed(stage: Stage, destination: Destination, theirs: Fetched) -> None:
    """Refused if no push can go there: it has a history that was purged, of which all that is to be kept is here now."""
    stage.landing.settle()
    if not refs.is_ancestor(stage.ws.repo, theirs.tip, stage.tip):
        raise Refused(
            f"'{destination.name}' has again, or still, what was purged from this branch",
            "'git ccsync purge --follow' takes it away there, too",
        )
