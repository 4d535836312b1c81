"""What there is to choose from where no session was named: all of them, newest first, and which are unfinished."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.overview import standing

if TYPE_CHECKING:
    from git_ccsync.model import Session
    from git_ccsync.operations.run.workspace import Workspace


class Candidates(Frozen):
    """Sessions, newest first; `unfinished` are the ids that some machine left without an end."""

    sessions: tuple[Session, ...]
    unfinished: frozenset[str]


def candidates(ws: Workspace) -> Candidates:
    """Look once at this disk and at the branch. Offline."""
    look = standing.look(ws)
    left = (name for machine in look.known.machines.values() for name in machine.unfinished)
    return Candidates(tuple(one.session for one in look.standings), frozenset(left))
