"""Beginning the branch anew: one commit without a parent takes the place of its whole history, here and where it is pushed.

A line of rewritten commits would be no better: each old tree may hold, under any name, what is to go, and nothing but the
tree of today can be vouched for. What is lost is `log`; sessions keep their own dates, machines and titles.

In this order, always: the new commit on disk; what is to be dropped later, noted; the remote; the local branch. Cut short
after the remote has it, this machine is as any other: it follows (`follow_purge`).
"""

from __future__ import annotations

from git_ccsync.errors import RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import force, refs
from git_ccsync.git import remote as git_remote
from git_ccsync.git.push import Push
from git_ccsync.git.url import BUNDLES, without_credentials
from git_ccsync.model import Progress, RemoteResult, silent
from git_ccsync.operations import pull
from git_ccsync.operations.destinations import further, guard
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.purging import purged
from git_ccsync.state import dropping, record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.stage import Stage

    _Place = tuple[Destination, str]

#: Times that it is done anew because somebody pushed meanwhile.
TRIES = 16


class Rewritten(Frozen):
    """The branch's only commit, the tip that it replaced, and what became of it at each push URL."""

    commit: str
    former: str
    remotes: tuple[RemoteResult, ...]
    retries: int = 0


def run(
    stage: Stage,
    destination: Destination,
    draft: Callable[[], str],
    on_progress: OnProgress = silent,
    *,
    ids: Iterable[str] = (),
    secrets: bool = False,
    arrived: Callable[[], None] = lambda: None,
) -> Rewritten:
    """Fetch and merge what is there, let `draft` change the stage's draft, and begin the branch anew with that tree.

    `draft` says what the commit is about; it is called again if somebody was faster. `ids` are the sessions that are purged
    by it; `secrets`: other machines are to leave out, too, what today's rules find. `arrived` is told once the remote has it, before anything here follows. Old objects stay on this disk until
    `drop.drop`. RemoteFailed, Refused; then nothing has changed but for a merge.
    """
    guard.check(stage.ws, destination)
    for attempt in range(TRIES):
        there = meet(stage, destination, on_progress)
        made, former = _make(stage, draft, secrets=secrets), stage.tip
        dropping.add(stage.ws.state, (former, stage.ws.tip(destination.tracking), there), ids)
        if destination.urls[0].startswith(BUNDLES):
            arrived()
            return _to_bundles(stage, destination, made, former, on_progress)
        sent = _send(stage, (destination, destination.urls[0]), made, there, on_progress)
        if sent.status != "rejected":
            arrived()
            _settle(stage, destination, made)
            rest = tuple(_further(stage, destination, url, former, on_progress) for url in destination.urls[1:])
            stage.marks.put(further.arrived(destination.urls, rest, destination.ref, made))
            return Rewritten(made, former, (sent, *rest), attempt)
        stage.begin(tree_of(stage, stage.tip))
    raise RemoteFailed(f"'{destination.name}' moved on {TRIES} times meanwhile", "nothing was changed; try again")


def meet(stage: Stage, destination: Destination, on_progress: OnProgress) -> str:
    """Bring the local branch up to what is there; where the remote stands, "" for nowhere."""
    theirs, _, _ = pull.bring(stage, destination, on_progress)
    stage.landing.settle()
    stage.begin(tree_of(stage, stage.tip))
    return theirs.tip


def tree_of(stage: Stage, oid: str) -> str:
    """The tree of a commit, "" for none."""
    return fetching.tree_of(stage, oid) if oid else ""


def _make(stage: Stage, draft: Callable[[], str], *, secrets: bool) -> str:
    """The commit, on disk; no ref has moved."""
    for root in refs.roots(stage.ws.repo, stage.tip):
        purged.put_former(stage, root, stage.tip, secrets=secrets)
    what = draft()
    made = stage.commit_aside("", 0, 0, what)
    stage.landing.settle()
    return made


def _send(stage: Stage, at: _Place, oid: str, seen: str, on_progress: OnProgress) -> RemoteResult:
    """Replace the branch at one URL, where it stands at `seen`. RemoteFailed if it refuses."""
    destination, url = at
    on_progress(Progress("pushing", 0, 0))
    target = git_remote.target_at(stage.ws.config, destination.remote, url, "")
    stall, repo = stage.ws.config.get_int("ccsync.stallLimit", 60), stage.ws.repo
    if seen:
        sent = force.replace(repo, target, oid, destination.ref, seen, stall=stall, on_progress=on_progress)
    else:
        spec = [(oid, destination.ref)]
        (sent,) = Push(repo, target, spec, stall=stall).finish(on_progress)
    if sent.status == "refused":
        raise RemoteFailed(
            f"'{without_credentials(url)}' refused to have its history replaced: {sent.reason}",
            "its owner may have to allow forced pushes to this ref, or to delete it there",
            stderr=sent.quoted(),
        )
    return RemoteResult(without_credentials(url), sent.status, seen, oid, sent.reason)


def _settle(stage: Stage, destination: Destination, made: str) -> None:
    """Let the refs here follow: the branch first, then what is known of the remote. Nothing before can be undone now."""
    stage.move(made, stage.base, "begin the branch anew")
    stage.landing.settle()
    follow(stage, destination.tracking, made)
    stage.seen(destination.tracking, made)
    record.forget(stage.ws.state)
    stage.save()


def follow(stage: Stage, tracking: str, oid: str) -> None:
    """Let a tracking ref stand at `oid`, wherever it stands now."""
    held = refs.list_refs(stage.ws.repo, tracking).get(tracking)
    if not held or held.oid != oid:
        refs.update(stage.ws.repo, tracking, oid, held.oid if held else "", "ccsync: begin anew")


def _further(stage: Stage, destination: Destination, url: str, former: str, on_progress: OnProgress) -> RemoteResult:
    """The same at a further push URL, unless it has what was nowhere else."""
    try:
        if url.startswith(BUNDLES):
            from git_ccsync.operations.destinations import shelf

            return shelf.send(stage, destination, url, "")[0]
        target = git_remote.target_at(stage.ws.config, destination.remote, url, "")
        seen = git_remote.ls_remote(stage.ws.repo, target, destination.ref).get(destination.ref, "")
        if seen and seen not in (former, stage.tip) and not refs.is_ancestor(stage.ws.repo, seen, former):
            return RemoteResult(without_credentials(url), "failed", seen, reason="it has commits of its own")
        return _send(stage, (destination, url), stage.tip, seen, on_progress)
    except RemoteFailed as error:
        return RemoteResult(without_credentials(url), "failed", reason=error.message)


def _to_bundles(stage: Stage, destination: Destination, made: str, former: str, on_progress: OnProgress) -> Rewritten:
    """This machine's own file there is replaced; those of others are theirs, until they follow."""
    from git_ccsync.operations.destinations import shelf

    _settle(stage, destination, made)
    for attempt in range(TRIES):
        sent, said = shelf.send(stage, destination, destination.urls[0], destination.tracking)
        stage.remarks += said
        if sent.status != "rejected":
            record.forget(stage.ws.state)
            return Rewritten(made, former, (sent,), attempt)
        meet(stage, destination, on_progress)
    raise RemoteFailed(f"'{destination.name}' moved on {TRIES} times meanwhile", "the next push goes on with it")


def again(stage: Stage, destination: Destination, seen: str, on_progress: OnProgress) -> RemoteResult:
    """Replace what stands at `seen` there, of which all that is to be kept was merged here, by the local branch."""
    guard.check(stage.ws, destination)
    sent = _send(stage, (destination, destination.urls[0]), stage.tip, seen, on_progress)
    if sent.status != "rejected":
        _settle(stage, destination, stage.tip)
    return sent
