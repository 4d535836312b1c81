"""When a gc is due, and doing it where nobody looks on. Light: every push that sent something asks."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace

#: Files of ours (a push makes about ten, a pack counts as many) after which they are packed: sixty-four pushes. Git's own gc
#: would wake at ten times that, or at fifty packs.
DUE = 640


def due(state: str) -> bool:
    """Whether so much has gathered since the last time that it is worth a gc. `state`: the repository's state directory."""
    held = Marks(state).get("loose")
    return held.isdecimal() and int(held) >= DUE


def tend(ws: Workspace) -> None:
    """A gc behind a push; quiet. What keeps it from its work is no news, and is tried again some pushes later."""
    from git_ccsync.errors import CcsyncError, Locked
    from git_ccsync.operations import gc
    from git_ccsync.state import log

    try:
        gc.gc(ws, everything=False)
    except Locked:
        gc.count_from(ws, DUE // 2)
    except CcsyncError as error:
        log.trouble(ws.state, "gc", error.message)
        gc.count_from(ws, DUE // 2)


def behind(ws: Workspace) -> None:
    """The same, in a process that nobody waits for."""
    import os

    from git_ccsync.git import command

    command.forget_caller()
    os.chdir("/")
    tend(ws)
