"""A directory of bundles as the destination: what other machines left there, merged one after the other.

Which tips were merged is remembered: a merge rewrites what is ours onto theirs, so that of two tips that were both merged
the one need not be a continuation of the other.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, Refused, Unsupported
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import bundles
from git_ccsync.git import remote as git_remote
from git_ccsync.git.url import without_credentials
from git_ccsync.model import RemoteResult
from git_ccsync.operations import machines
from git_ccsync.operations.exchange import announce
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.run import clear
from git_ccsync.state.index import Index
from git_ccsync.state.marks import Marks
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.git.remote import Target
    from git_ccsync.model import OnProgress, Outcome
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.state.machine import Here

#: So many tips are remembered.
_MOST = 200
#: No directory has more machines that all moved on within one run.
_ROUNDS = 200


def target(ws: Workspace, plain: Target) -> Target:
    """The target with what only a directory of bundles needs. If the branch is not where the last run left it (a ref that
    was moved by hand), nothing counts as merged.
    """
    held = Index(ws.memory).value("head")
    tip = held[1] if isinstance(held, tuple) and held[0] == ws.ref else ""
    return plain._replace(machine=ws.here.id, merged=(tip, *Marks(ws.state).get(_mark(plain.tracking)).split()))


def start_fetch(ws: Workspace, plain: Target, destination: Destination, stall: float) -> git_remote.Fetch:
    """As `route.start_fetch`, from the target that this found."""
    return bundles.Fetch(ws.repo, target(ws, plain), [(destination.ref, destination.tracking)], stall=stall)


def target_in(stage: Stage, plain: Target) -> Target:
    """The same within a run that merges, where the branch moves on."""
    return plain._replace(machine=stage.ws.here.id, merged=(stage.tip, *_known(stage, plain.tracking)))


def _known(stage: Stage, tracking: str) -> list[str]:
    return stage.marks.get(_mark(tracking)).split() if stage.index.value("head") else []


def note(stage: Stage, tracking: str, *tips: str) -> None:
    """Remember that these tips are merged."""
    bundles.merged(stage.ws.repo, *tips)
    if stage.dry_run:
        return
    stage.marks.put(with_merged(stage.marks, tracking, *tips))


def with_merged(marks: Marks, tracking: str, *tips: str) -> dict[str, str]:
    """The marks by which these tips, too, are known to be merged."""
    before = [oid for oid in marks.get(_mark(tracking)).split() if oid not in tips]
    return {_mark(tracking): " ".join([*before, *filter(None, tips)][-_MOST:])}


def _mark(tracking: str) -> str:
    return f"merged {tracking}"


def send(stage: Stage, destination: Destination, url: str, tracking: str) -> tuple[RemoteResult, tuple[str, ...]]:
    """Write this machine's bundle, with all that the local branch has. Rejected while there is something to merge. Also
    what to warn of.
    """
    stage.landing.settle()
    plain = git_remote.target_at(stage.ws.config, destination.remote, url, tracking)
    pushing = bundles.Push(stage.ws.repo, target_in(stage, plain), [(stage.tip, destination.ref)], tracking=tracking)
    (sent,) = pushing.finish()
    if sent.status != "rejected":
        note(stage, tracking, stage.tip)
        if stage.marks.get("bundle"):
            stage.marks.put({"bundle": ""})
    stage.save()
    result = RemoteResult(without_credentials(url), sent.status, sent.old, sent.new, sent.reason)
    return result, bundles.trouble()


def from_file(
    stage: Stage, destination: Destination, on_progress: OnProgress
) -> tuple[Fetched, list[Outcome], tuple[str, ...]]:
    """`bring` from one bundle, which was named. Refused if it is damaged."""
    theirs = fetching.named(stage, destination, on_progress)._replace(rewound=False)
    said = announce.strangers(stage, theirs)
    return theirs, merge(stage, destination, theirs), said


def merge(stage: Stage, destination: Destination, theirs: Fetched) -> list[Outcome]:
    """As `pull.merge`, with the order of `_later`. Another beginning is no reason to refuse: before anything has arrived,
    each machine makes one.
    """
    from git_ccsync.operations import pull
    from git_ccsync.operations.exchange import replay

    if theirs.relation == fetching.UNRELATED:
        from git_ccsync.operations.purging import follow_purge

        if follow_purge.kind(stage, theirs):
            return follow_purge.merge(stage, theirs, alike=not destination.is_file)
    other = _later(stage, theirs)
    if other:
        return _turned(stage, theirs, other)
    if theirs.relation == fetching.UNRELATED:
        return replay.replay(stage, theirs)
    return pull.merge(stage, destination, theirs)


def _later(stage: Stage, theirs: Fetched) -> Here | None:
    """The machine that wrote their tip, if it comes behind this one in the order by which both decide alike whose lines
    keep a session's id. Nobody was first here, as with a remote that takes one push after the other.
    """
    if theirs.relation not in (fetching.FORKED, fetching.UNRELATED):
        return None
    found = machines.writer(clear.message(stage.reader, theirs.tip))
    if found <= stage.ws.here.id:
        return None
    known = branch.machines(stage, theirs.tree).get(found, "")
    name = layout.load_machine(found, stage.blob(known, layout.SMALL_CAP)).name if known else found
    return stage.ws.here._replace(id=found, name=name)


def _turned(stage: Stage, theirs: Fetched, other: Here) -> list[Outcome]:
    """Put what is theirs onto ours, as the `other` machine does when it finds ours: both come to the same."""
    from git_ccsync.operations.companions import beside
    from git_ccsync.operations.exchange import replay

    beside.look(stage)
    stage.begin(stage.base)
    stage.writer = other
    try:
        done = replay.step(stage, theirs.base_tree, theirs.tree, {})
    finally:
        stage.writer = stage.ws.here
    stage.commit(stage.tip, len(done), sum(one.lines for one in done))
    stage.beside.agree()
    return [one for one in done if one.copy]


def bring(
    stage: Stage, destination: Destination, on_progress: OnProgress
) -> tuple[Fetched, list[Outcome], tuple[str, ...]]:
    """Merge every tip that is new here: the newest that is there then, what became of sessions, and what to warn of.
    A bundle that is no good is passed over, and the others are merged.
    """
    bundles.merged(stage.ws.repo, *_known(stage, destination.tracking))
    stage.undo.mark(_mark(destination.tracking), stage.marks.get(_mark(destination.tracking)))
    outcomes: list[Outcome] = []
    said: tuple[str, ...] = ()
    theirs = fetching.Fetched()
    for _ in range(_ROUNDS):
        before, tree = stage.tip, stage.base
        try:
            theirs = fetching.fetch(stage, destination, on_progress)._replace(rewound=False)
            done = theirs.relation in (fetching.ABSENT, fetching.SAME, fetching.AHEAD)
            if done or bundles.is_merged(stage.ws.repo, theirs.tip):
                break
            said += announce.strangers(stage, theirs)
            outcomes += merge(stage, destination, theirs)
        except (BadData, Unsupported, Refused) as error:
            bundles.reject(error.message)
            stage.begin(tree)
            continue
        stage.landing.settle()
        note(stage, destination.tracking, before, theirs.tip)
        if stage.dry_run:
            break
    return theirs, outcomes, (*said, *bundles.trouble())
