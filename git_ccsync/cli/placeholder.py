"""The words of `placeholder`: a line a name, and what add and rm did."""

from __future__ import annotations

import os

from git_ccsync.cli import colour, render
from git_ccsync.errors import CcsyncError
from git_ccsync.operations import placeholder
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.state import machine as own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import PlaceholderOptions
    from git_ccsync.operations.placeholder import Placeholder
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.state.machine import Here

NOTES = {"here": "", "proposed": "proposed by another machine", "elsewhere": "has no path on this machine"}


def run(options: PlaceholderOptions) -> int:
    """`git ccsync placeholder`; the exit status."""
    ws, here = _where()
    mine = options.action == "add" or options.name in dict(here.placeholders)
    if options.machine and not (mine and placeholder.is_here(open_workspace("."), options.machine)):
        return _propose(options)
    if options.action == "add":
        path = placeholder.add(here, options.name, options.path)
        render.out(f"{{{{{options.name}}}}} stands for {render.safe(path)} from now on")
    elif options.action == "rm":
        placeholder.remove(here, options.name)
        render.out(f"{{{{{options.name}}}}} stands for nothing here now; what is stored stays as it is")
    else:
        _show(placeholder.placeholders(here, ws), ws, as_json=options.json)
    return 0


def _where() -> tuple[Workspace | None, Here]:
    """Placeholders are the machine's: they can be set outside of a repository too."""
    try:
        ws = open_workspace(".")
    except CcsyncError:
        return None, own.load(os.environ)
    return ws, ws.here


def _propose(options: PlaceholderOptions) -> int:
    path = options.path if options.action == "add" else ""
    other = placeholder.propose(open_workspace("."), options.machine, options.name, path)
    what = f"proposed to '{render.safe(other.name)}'" if path else f"no longer proposed to '{render.safe(other.name)}'"
    render.out(f"{{{{{options.name}}}}} is {what}; the next push tells it")
    return 0


def _show(found: Sequence[Placeholder], ws: Workspace | None, *, as_json: bool) -> None:
    if as_json:
        from git_ccsync.cli import porcelain

        porcelain.document({"placeholders": found})
        return
    for line in table(found, colour.palette(ws.config if ws else None)):
        render.out(line)


def table(found: Sequence[Placeholder], palette: Palette) -> list[str]:
    """A line for each name: `PROJECTS  /home/me/projects`."""
    rows = [(render.safe(one.name), render.home(one.path), NOTES[one.origin]) for one in found]
    paint = {0: lambda cell: palette("yellow", cell), 2: lambda cell: palette("dim", cell)}
    return render.table(rows, flexible=1, paint=paint)
