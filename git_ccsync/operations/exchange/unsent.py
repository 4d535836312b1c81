"""What earlier runs committed and could not send: it goes along with the next push, and is told with it. Reads only."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import AHEAD, BEHIND, NEW, Outcome, PushResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.model import Meta, PullResult, RemoteResult
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.gap import Unsent
    from git_ccsync.operations.run.stage import Stage


def add(stage: Stage, destination: Destination, result: PushResult) -> PushResult:
    """`result` of a capture with what the branch held before it and the destination, as it was seen last, has not; all of
    that where the destination was never seen.
    """
    ours, theirs = stage.ws.tree(), stage.ws.tree(destination.tracking)
    if not ours or ours == theirs:
        return result
    from git_ccsync.operations.companions import memory_look
    from git_ccsync.operations.exchange import gap
    from git_ccsync.operations.overview import catalogue, names

    known = catalogue.load(stage.ws)
    waiting = gap.gap(stage, known, destination.tracking).ahead
    shown = names.of_stage(stage)
    taken = [one for one in result.outcomes if one.scenario != BEHIND or one.session not in waiting]
    added = {one.session for one in taken}
    outcomes = [
        Outcome(name, NEW if what.new else AHEAD, what.lines, "", shown.title(name, known.cards[name].meta))
        for name, what in waiting.items()
        if name in known.cards and name not in added
    ]
    grown = [
        one._replace(lines=one.lines + waiting[one.session].lines) if one.session in waiting else one for one in taken
    ]
    return result._replace(
        outcomes=(*grown, *outcomes),
        sessions=result.sessions + len(outcomes),
        lines=result.lines + sum(what.lines for what in waiting.values()),
        bytes=result.bytes + sum(what.bytes for what in waiting.values()),
        memory=memory_look.unsent(stage, destination.tracking),
    )


def merged(stage: Stage, result: PushResult, copies: Sequence[Outcome]) -> PushResult:
    """`result` of a push that had to make conflict copies: they are what it sent of the sessions that went on elsewhere too."""
    from git_ccsync.operations.overview import names

    became = {one.session: one for one in names.of_stage(stage).told(copies)}
    outcomes = (*(one for one in result.outcomes if one.session not in became), *became.values())
    sent = {one.copy or one.session for one in outcomes if one.scenario != BEHIND}
    return result._replace(outcomes=outcomes, sessions=len(sent), lines=sum(one.lines for one in outcomes))


def since(stage: Stage, result: PushResult, sent: RemoteResult) -> PushResult:
    """`result` of a push to where nobody had looked before, now that it is known (`sent`) what was there already."""
    there = _was_there(stage, sent)
    if not there:
        return result
    from git_ccsync.operations.companions import memory_look

    more = {name: what for name, what, _ in _more(stage, there)}
    went = [one for one in result.outcomes if one.scenario == BEHIND or (one.copy or one.session) in more]
    outcomes = [_as_it_was(one, more) if one.scenario in (NEW, AHEAD) else one for one in went]
    differs = memory_look.differing(stage, there, stage.base)
    return result._replace(
        outcomes=tuple(outcomes),
        sessions=len({one.copy or one.session for one in outcomes if one.scenario != BEHIND}),
        lines=sum(one.lines for one in outcomes),
        bytes=sum(what.bytes for what in more.values()),
        memory=tuple(one for one in result.memory if one.name in differs),
    )


def _as_it_was(one: Outcome, more: dict[str, Unsent]) -> Outcome:
    what = more[one.session]
    return one._replace(scenario=NEW if what.new else AHEAD, lines=what.lines)


def _was_there(stage: Stage, sent: RemoteResult) -> str:
    """The tree that a push found; "" for none, or one that is not known here (a directory of bundles)."""
    if sent.status == "up-to-date" or not sent.old:
        return stage.base if sent.status == "up-to-date" else ""
    from git_ccsync.errors import BadData, NotFound
    from git_ccsync.git import revision

    try:
        return revision.commit(stage.ws.repo, sent.old).tree
    except (BadData, NotFound):
        return ""


def without_purged(stage: Stage, result: PushResult, ours: str, there: str) -> PushResult:
    """`result` of a push that met a purge without what that barred: our tree `ours` had it, and nothing of it is sent.
    `there` is the tip that the remote was known to stand at.
    """
    from git_ccsync.operations.exchange import fetch
    from git_ccsync.store import branch

    gone = {one.copy or one.session for one in result.outcomes} & stage.barred
    if not gone:
        return result
    old, new = branch.sessions(stage, fetch.tree_of(stage, there) if there else ""), branch.sessions(stage, ours)
    size = sum(
        what.bytes for name, what, _ in _grown(stage, {one: (old.get(one, ""), new.get(one, "")) for one in gone})
    )
    kept = tuple(one for one in result.outcomes if (one.copy or one.session) not in gone)
    return result._replace(
        outcomes=kept,
        sessions=len({one.copy or one.session for one in kept if one.scenario != BEHIND}),
        lines=sum(one.lines for one in kept),
        bytes=max(0, result.bytes - size),
    )


def planned(stage: Stage, remote: str, pulled: PullResult) -> PushResult:
    """What a push would send after the pull that was only planned on this stage. Raises what the push would."""
    from git_ccsync.operations.capturing import redacted
    from git_ccsync.operations.companions import beside
    from git_ccsync.operations.destinations import further, guard, route
    from git_ccsync.operations.exchange import fetch
    from git_ccsync.operations.overview import names

    destination = route.find_for(stage, remote)
    there = fetch.tree_of(stage, pulled.new) if pulled.new else ""
    seen = destination.tracking, stage.ws.tip(destination.tracking)
    due = stage.base != there or further.is_owed(stage.marks, *seen)
    due = due or bool(stage.tip and further.lacking(stage.marks, destination.urls, destination.ref, stage.tip))
    shown, outcomes, size = names.of_stage(stage), [], 0
    for name, what, meta in _more(stage, there):
        outcomes.append(Outcome(name, NEW if what.new else AHEAD, what.lines, "", shown.title(name, meta)))
        size += what.bytes
    result = PushResult(
        remote=destination.remote, url=destination.shown, ref=destination.ref, dry_run=True,
        up_to_date=not due, outcomes=tuple(outcomes), sessions=len(outcomes),
        lines=sum(one.lines for one in outcomes), bytes=size,
    )  # fmt: skip
    if due:
        guard.check(stage.ws, destination)
    return beside.told(stage, redacted.added(stage, result))


def _more(stage: Stage, there: str) -> Iterator[tuple[str, Unsent, Meta]]:
    """What the stage has that the tree `there` has not, by session."""
    from git_ccsync.store import branch

    return _grown(stage, branch.changed(stage, there, stage.base))


def _grown(stage: Stage, changed: dict[str, tuple[str, str]]) -> Iterator[tuple[str, Unsent, Meta]]:
    """What each session has more in the second of two trees of it ("" for none)."""
    from git_ccsync.operations.exchange import gap
    from git_ccsync.store import branch

    for name, (old, new) in changed.items():
        if new:
            meta = stage.meta(branch.parts(stage, new).meta)
            yield name, gap.between(stage.meta(branch.parts(stage, old).meta) if old else None, meta), meta
