"""Which runs are one step of undo: a push that only delivered what another run had offered belongs to that run. Asks nobody."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.run.workspace import TRACKING
from git_ccsync.state import undo as records

if TYPE_CHECKING:
    from git_ccsync.state.undo import Run

#: Runs that nobody undoes by themselves: commits made on the way to something else, and undo's own.
QUIET = ("", "undo")


def of(every: list[Run]) -> list[Run]:
    """The runs as steps, oldest first: a push of what was there already is none, nor is one that offers the same commit
    once more; and of two that began at the same tip of the remote only the later one can have arrived.
    """
    found: list[Run] = []
    for run in map(_without_nothing, every):
        if run.changed:
            found.append(_with_offered(run, found))
    return [_without_overtaken(run, found[at + 1 :]) for at, run in enumerate(found)]


def _without_nothing(run: Run) -> Run:
    """`run` without its push, if the remote had all of that before."""
    if run.verb in QUIET or not run.sent or run.sent[-1].old != run.sent[-1].new:
        return run
    return run._replace(sent=())


def _with_offered(run: Run, found: list[Run]) -> Run:
    """`run` together with the one that offered the same commit before, which it takes out of `found`, if it did no more."""
    if run.verb in QUIET or not run.sent or run.refs or run.files:
        return run
    same = next((one for one in reversed(found) if _offers(one, run)), None)
    if not same:
        return run
    found.remove(same)
    return records.joined(same, run)._replace(sent=run.sent, undone=run.undone)


def _offers(one: Run, run: Run) -> bool:
    """Whether `one`, which is not undone, offered the same commit as `run` at the same place."""
    if one.verb in QUIET or one.undone or not one.sent:
        return False
    ours, theirs = one.sent[-1], run.sent[-1]
    return (ours.ref, ours.tracking, ours.new) == (theirs.ref, theirs.tracking, theirs.new)


def _without_overtaken(run: Run, later: list[Run]) -> Run:
    """`run` without its push, where a later one took that along, and was undone since."""
    if run.verb in QUIET or not run.sent or not any(one.undone and _overtakes(one, run) for one in later):
        return run
    return run._replace(sent=())


def _overtakes(one: Run, run: Run) -> bool:
    """Whether `one`, which came later, pushed onto the same tip as `run`: that had not arrived, as far as was known."""
    if one.verb in QUIET or not one.sent:
        return False
    ours, theirs = one.sent[-1], run.sent[-1]
    return (ours.ref, ours.tracking, ours.old) == (theirs.ref, theirs.tracking, theirs.old)


def along(run: Run, every: list[Run]) -> list[Run]:
    """The runs before `run` of which all that they did went along with its push, and comes off with it: pushes that did
    not arrive.
    """
    before = every[: every.index(run)]
    plain = [one for one in before if one.verb not in QUIET and one.sent and not one.undone and not one.files]
    return [one for one in plain if _overtakes(run, one) and not any(ref.name.startswith(TRACKING) for ref in one.refs)]
