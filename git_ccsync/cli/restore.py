"""The words of `restore`, and the list to choose from where no session is named."""

from __future__ import annotations

import time

from git_ccsync.cli import ask, colour, progress, render
from git_ccsync.cli import list as listing
from git_ccsync.errors import NotFound, Usage
from git_ccsync.operations import restore
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.options import RestoreOptions
    from git_ccsync.model import Session
    from git_ccsync.operations.restore import Restored
    from git_ccsync.operations.run.workspace import Workspace

#: So many are offered to choose from.
MOST = 30


def run(options: RestoreOptions) -> int:
    """`git ccsync restore`; the exit status."""
    if options.at and not options.session:
        raise Usage("--at is for one session: name it", "'git ccsync log' shows sessions and commits")
    ws = open_workspace(".")
    name = options.session or _choose(ws)
    if not name:
        return 0
    with progress.meter() as meter:
        result = restore.restore(ws, name, at=options.at, on_progress=meter)
    for line in words(result):
        render.out(line)
    return 0


def _choose(ws: Workspace) -> str:
    """The id of one that a person chose; "" if none, or if nobody can be asked: then they are listed."""
    found = restore.candidates(ws)
    if not found:
        raise NotFound("nothing to restore: every session of the branch is on this disk")
    lines = listing.table(found, colour.palette(ws.config), time.time())
    if not ask.possible():
        for line in lines:
            render.out(line)
        return ""
    if len(found) > MOST:
        render.note(f"the newest {MOST} of {len(found):,} sessions; 'git ccsync list --not-here' shows all")
    at = ask.choose("restore which?", [_item(one) for one in found[:MOST]])
    return found[at].id if at >= 0 else ""


def _item(one: Session) -> str:
    return f"{one.id[:8]}  {one.title or '(no title)'}  ({one.machine}, {one.updated[:10]})"


def words(result: Restored) -> Sequence[str]:
    """What to say of it, and how to go on."""
    done = result.installed
    name = f"{done.session[:8]}  {render.safe(done.title) or '(no title)'}"
    if done.action == "kept" and result.shown:
        return (f"{name} is on the branch's lists again", *_next(result))
    if done.action == "kept":
        return (f"{done.session[:8]} is here already: {render.home(done.path)}",)
    if done.action == "appended":
        return (f"{name} was here; added {render.count(done.lines, 'line')}",)
    lines = [f"restored {name}  ({render.count(done.lines, 'line')})" if done.lines else f"restored {name}"]
    if result.commit and done.session != result.session:
        lines.append(f"as it was at {result.commit[:7]}, as a session of its own: {result.session[:8]} stays as it is")
    return (*lines, *_next(result), f"claude --resume {done.session}")


def _next(result: Restored) -> Sequence[str]:
    """What is left to do where the other machines do not see it yet."""
    return ("next: 'git ccsync push' tells your other machines",) if result.shown else ()
