"""pull: capture, fetch, merge into the local branch, and install here what is new. Sends nothing."""

from __future__ import annotations

import os
import time

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.url import BUNDLES
from git_ccsync.model import Outcome, PullResult, silent
from git_ccsync.operations.capturing.intake import take
from git_ccsync.operations.companions import beside
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import announce, dropped, underway
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.installing import install
from git_ccsync.operations.overview import names
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run.locking import locked
from git_ccsync.operations.run.workspace import require_init

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


def pull(
    ws: Workspace,
    *,
    remote: str = "",
    sessions: Sequence[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> PullResult:
    """Bring the sessions of `remote` (default: as init set) onto this machine, all or the ids `sessions`.

    Raises NotInitialised, RemoteFailed, Refused (another root); what a single session did wrong is in the result.
    """
    if remote and os.path.isfile(remote) and remote not in ws.config.remotes():
        from git_ccsync.operations.destinations import bundling

        remote = os.path.abspath(remote)
        ws = bundling.with_branch(ws, remote)
    require_init(ws)
    result = locked(ws, dry_run, lambda stage: pull_stage(stage, remote, sessions, on_progress), verb="pull")
    if result.new or result.old or result.url.startswith(BUNDLES):  # what was seen there and is gone is told already
        return result
    missing = f"'{result.remote or result.url}' has no branch '{ws.branch}'"
    return result._replace(warnings=(*result.warnings, missing))


def pull_stage(stage: Stage, remote: str, sessions: Sequence[str], on_progress: OnProgress) -> PullResult:
    """`pull` within a run that has the lock."""
    destination = route.find(stage.ws, remote, stage.index)
    moved = route.settle(stage, destination)
    fetching.begin_there(stage, destination, on_progress)
    captured = take(stage, (), on_progress)
    seen, before = stage.ws.tip(destination.tracking), stage.tip
    ours = stage.base
    theirs, outcomes, said = bring(stage, destination, on_progress)
    first = not stage.marks.get("pull") or not theirs.tip
    others = announce.other_branches(stage, destination) if first else ()
    gone, hidden = dropped.told(dropped.notice(stage, ours), destination.ref), dropped.removed(stage, ours)
    stage.landing.launch()
    done, problems = install.install(stage, sessions, on_progress)
    here = beside.Here() if sessions else beside.install(stage)
    others_own = _global_news(stage, theirs.tree)
    if not stage.dry_run:
        leases.watch(stage.ws, stage, stage.base)
    shown = names.of_stage(stage)
    installed = shown.installed([*done, *hidden])
    stage.reader.rest()
    if not stage.dry_run and (theirs.tip or theirs.rewound):  # gone is gone: it is told once
        stage.seen(destination.tracking, theirs.tip, pull=str(int(time.time())))
    stage.save()
    return PullResult(
        remote=destination.remote, url=destination.shown, ref=destination.ref, old=seen, new=theirs.tip,
        up_to_date=not outcomes and not any(one.path for one in installed) and not any(here) and before == stage.tip, dry_run=stage.dry_run,
        captured=shown.told(captured.outcomes), captured_bytes=captured.bytes, outcomes=shown.told(outcomes), installed=installed, memory=here.memory, prompts=here.prompts,
        problems=(*captured.problems, *problems, *stage.beside.problems()),
        warnings=(*_warnings(destination, theirs, moved=moved), *said, *gone, *others_own), others=others,
    )  # fmt: skip


def _global_news(stage: Stage, theirs: str) -> tuple[str, ...]:
    """What is to be said of Claude's files for all projects, where they are carried."""
    if not stage.ws.is_home or not stage.ws.config.get_bool("ccsync.global"):
        return ()
    from git_ccsync.operations import globals as own

    return own.news(stage, theirs)


def bring(
    stage: Stage, destination: Destination, on_progress: OnProgress
) -> tuple[Fetched, list[Outcome], tuple[str, ...]]:
    """Fetch and merge: what is there, what became of sessions, and what is to be said of it."""
    tracking = destination.tracking
    stage.undo.mark(f"seen {tracking}", stage.marks.get(f"seen {tracking}"))
    if destination.is_file or destination.urls[0].startswith(BUNDLES):
        from git_ccsync.operations.destinations import shelf

        bring_it = shelf.from_file if destination.is_file else shelf.bring
        found = bring_it(stage, destination, on_progress)
        stage.undo.followed(tracking, stage.ws.tip(tracking), found[0].tip)
        if stage.lens:
            from git_ccsync.operations.sealed import enrol

            stage.remarks += enrol.untold(stage)
        return found[0], found[1], (*found[2], *_remarks(stage))
    theirs = fetching.fetch(stage, destination, on_progress)
    underway.keep(stage.ws, destination)
    said = announce.strangers(stage, theirs)
    stage.undo.followed(tracking, stage.ws.tip(tracking), theirs.tip)
    outcomes = merge(stage, destination, theirs)
    return theirs._replace(rewound=theirs.rewound and not stage.remarks), outcomes, (*said, *_remarks(stage))


def _remarks(stage: Stage) -> tuple[str, ...]:
    """What a merge has to say; what could not be kept, once."""
    unkept, stage.unkept = stage.unkept, []
    return (*stage.remarks, *unkept)


def catch_up(
    stage: Stage, destination: Destination, on_progress: OnProgress
) -> tuple[Fetched, list[Outcome], tuple[str, ...]]:
    """As `bring`, after a push that was rejected. Refused where none can ever go: what was purged is there."""
    if destination.urls[0].startswith(BUNDLES):
        from git_ccsync.operations.destinations import shelf

        theirs, outcomes, said = shelf.bring(stage, destination, on_progress)
    else:
        theirs = fetching.fetch(stage, destination, on_progress)
        said, outcomes = announce.strangers(stage, theirs), merge(stage, destination, theirs)
        if theirs.relation == fetching.UNRELATED:
            from git_ccsync.operations.purging import follow_purge

            follow_purge.check_followed(stage, destination, theirs)
    return theirs, outcomes, (*said, *_remarks(stage))


def merge(stage: Stage, destination: Destination, theirs: Fetched) -> list[Outcome]:
    """Bring the local branch to their tip, or ours onto it."""
    if stage.dry_run and theirs.relation == fetching.BEHIND and stage.base != stage.ws.tree():
        theirs = theirs._replace(relation=fetching.FORKED, base_tree=stage.ws.tree())  # as if it were committed
    if theirs.relation == fetching.UNRELATED:
        from git_ccsync.operations.purging import follow_purge

        if follow_purge.kind(stage, theirs):
            return follow_purge.merge(stage, theirs)
        raise destinations.unrelated(destination)
    if theirs.relation == fetching.BEHIND:
        stage.move(theirs.tip, theirs.tree, "pull: fast-forward")
    elif theirs.relation == fetching.FORKED:
        from git_ccsync.operations.exchange import replay

        return replay.replay(stage, theirs)
    return []


def _warnings(destination: Destination, theirs: Fetched, *, moved: bool) -> tuple[str, ...]:
    if destination.is_file:
        return ()
    if moved:
        return (f"'{destination.name}' leads to '{destination.shown}' now",)
    if not theirs.rewound:
        return ()
    what = "is gone from the remote" if not theirs.tip else "went backwards on the remote"
    return (f"'{destination.ref}' {what}; nothing is lost here, and the next push sends again what is missing there",)
