"""Where leases are renewed: the one function that everything which holds a session calls when it starts, goes on or ends."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from git_ccsync.operations.stage import Stage

START, PUSH, END = "start", "push", "end"


def note(stage: Stage, moment: str, session: str) -> None:
    """Draft what `moment` (start, push or end) of `session` ("" for all that are open here) means for its lease.

    Called under the repository's lock before the run commits; nothing is drafted where no lines are, for history must
    not fill with signs of life.
    """
