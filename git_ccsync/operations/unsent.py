"""What earlier runs committed and could not send: it goes along with the next push, and is told with it. Reads only."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import AHEAD, BEHIND, NEW, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import PushResult
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.stage import Stage


def add(stage: Stage, destination: Destination, result: PushResult) -> PushResult:
    """`result` of a capture with what the branch held before it and the destination, as it was seen last, has not."""
    ours, theirs = stage.ws.tree(), stage.ws.tree(destination.tracking)
    if not ours or not theirs or ours == theirs:
        return result
    from git_ccsync.operations import catalogue, gap, memory_look, names

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
    from git_ccsync.operations import names

    became = {one.session: one for one in names.of_stage(stage).told(copies)}
    outcomes = (*(one for one in result.outcomes if one.session not in became), *became.values())
    sent = {one.copy or one.session for one in outcomes if one.scenario != BEHIND}
    return result._replace(outcomes=outcomes, sessions=len(sent), lines=sum(one.lines for one in outcomes))
