"""What is left to do once init is done: the sessions to bring here, and those to send. Reads only."""

from __future__ import annotations

from collections import Counter

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.installing import install
from git_ccsync.operations.purging import purged
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.operations.run.stage import Stage


class Due(Frozen):
    """How many sessions a pull would put on this disk for the first time, how many the branch there lacks or has otherwise,
    and how many it has there; `idle` are those that a pull leaves there, as nobody went on with them for long.
    """

    bring: int = 0
    send: int = 0
    there: int = 0
    idle: int = 0


def due(stage: Stage, tip: str, disk: Sequence[str], *, empty: bool = False) -> Due:
    """What is left to do between this machine, on whose disk the sessions `disk` lie, and the branch there at `tip`; `empty`
    if a further place, which gets what that one has, has nothing.

    A session that has grown on this disk since it was pushed is not told from one that has not.
    """
    there = branch.sessions(stage, branch.parse_commit(stage.reader.read(tip, cap=SMALL_CAP)[1])[0])
    ours = branch.sessions(stage, stage.base)
    absent = there.keys() - {*disk, *stage.journal.known}
    bound = purged.ids(stage, stage.base)
    has = {name for name, tree in there.items() if not empty and ours.get(name, tree) == tree}
    send = {*disk, *ours} - has - bound
    wanted = install.planned(stage, {name: there[name] for name in absent})[0]
    count = Counter(one.action for one in wanted)
    return Due(count["created"], len(send - absent), len(there), count["idle"])
