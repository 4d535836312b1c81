"""What a commit on the branch says: machine, counts, trailers. Text only; commits nothing."""

from __future__ import annotations

from git_ccsync import __version__
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace


#: What commits say that `init` makes: they carry no session.
SETTING_UP = BEGIN, JOIN = "begin the branch", "join the branch"


#: The trailer of a commit that takes another one back, whatever `ccsync.message` makes of its first line.
UNDO = "\nCcsync-Undo: "


def os_name() -> str:
    """The platform as `machines/` tells it: linux, darwin, win32."""
    import sys

    return sys.platform


def subject_and_trailers(ws: Workspace, sessions: int, lines: int, what: str = "") -> str:
    """The commit message: what and from where, then trailers. `ccsync.message` replaces the first line.

    Without sessions and without `what`, only this machine's own file can be new: its name, what is open on it.
    """
    counts = f"{_count(sessions, 'session')}, {_count(lines, 'line')}" if sessions else "name and open sessions"
    counts = what or counts
    template = ws.config.get("ccsync.message")
    first = f"ccsync: {ws.here.name}: {counts}"
    if template:
        filled = template.replace("{machine}", ws.here.name).replace("{sessions}", str(sessions))
        first = filled.replace("{lines}", str(lines))
    return f"{first}\n\nCcsync-Machine: {ws.here.id}\nCcsync-Version: {__version__}\n"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
