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
from git_ccsync.operations import announce
from git_ccsync.operations import fetch as fetching
from git_ccsync.state.index import Index
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.git.remote import Target
    from git_ccsync.model import OnProgress, Outcome
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.fetch import Fetched
    from git_ccsync.operations.stage import Stage
    from git_ccsync.operations.workspace import Workspace

#: So many tips are remembered.
_MOST = 200
#: No directory has more machines that all moved on within one run.
_ROUNDS = 200


def target(ws: Workspace, plain: Target) -> Target:
    """The target with what only a directory of bundles needs. If the branch is not where the last run left it (a ref that
    was moved by hand), nothing counts as merged.
    """
    held = Index(ws.memory).value("head")
    merged = Marks(ws.state).get(_mark(plain.tracking)).split() if held == (ws.ref, ws.tip()) else ()
    return plain._replace(machine=ws.here.id, merged=tuple(merged))


def target_in(stage: Stage, plain: Target) -> Target:
    """The same within a run that merges, where the branch moves on."""
    merged = stage.marks.get(_mark(plain.tracking)).split() if stage.index.value("head") else ()
    return plain._replace(machine=stage.ws.here.id, merged=tuple(merged))


def note(stage: Stage, tracking: str, *tips: str) -> None:
    """Remember that these tips are merged."""
    bundles.merged(stage.ws.repo, *tips)
    if stage.dry_run:
        return
    before = [oid for oid in stage.marks.get(_mark(tracking)).split() if oid not in tips]
    stage.marks.put({_mark(tracking): " ".join([*before, *filter(None, tips)][-_MOST:])})


def _mark(tracking: str) -> str:
    return f"merged {tracking}"


def send(stage: Stage, destination: Destination, url: str, tracking: str) -> RemoteResult:
    """Write this machine's bundle, with all that the local branch has. Rejected while there is something to merge."""
    stage.landing.settle()
    place = destination.remote or url
    if tracking:
        stage.undo.sent(place, destination.ref, tracking, stage.ws.tip(tracking), stage.tip)
    plain = git_remote.target_at(stage.ws.config, destination.remote, url, tracking)
    pushing = bundles.Push(stage.ws.repo, target_in(stage, plain), [(stage.tip, destination.ref)], tracking=tracking)
    (sent,) = pushing.finish()
    if sent.status != "rejected":
        note(stage, tracking, stage.tip)
    stage.save()
    return RemoteResult(without_credentials(url), sent.status, sent.old, sent.new, sent.reason)


def bring(
    stage: Stage, destination: Destination, on_progress: OnProgress
) -> tuple[Fetched, list[Outcome], tuple[str, ...]]:
    """Merge every tip that is new here: the newest that is there then, what became of sessions, and what to warn of.
    A bundle that is no good is passed over, and the others are merged.
    """
    from git_ccsync.operations import pull

    outcomes: list[Outcome] = []
    said: tuple[str, ...] = ()
    for _ in range(_ROUNDS):
        theirs = fetching.fetch(stage, destination, on_progress)._replace(rewound=False)
        if theirs.relation in (fetching.ABSENT, fetching.SAME, fetching.AHEAD) or stage.dry_run:
            break
        try:
            said += announce.strangers(stage, theirs)
            before = stage.tip
            outcomes += pull.merge(stage, destination, theirs)
        except (BadData, Unsupported, Refused) as error:
            bundles.reject(error.message)
            continue
        stage.landing.settle()
        note(stage, destination.tracking, before, theirs.tip)
        stage.save()
    return theirs, outcomes, (*said, *bundles.trouble())
