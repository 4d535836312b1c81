"""The words of `machine`: a line a machine, and what rename and forget did."""

from __future__ import annotations

import os
import time

from git_ccsync.cli import ages, colour, render
from git_ccsync.errors import CcsyncError
from git_ccsync.operations import machines
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.state import keyring
from git_ccsync.state import machine as own
from git_ccsync.state.marks import Marks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import MachineOptions
    from git_ccsync.model import MachineState


def run(options: MachineOptions) -> int:
    """`git ccsync machine`; the exit status."""
    if options.action == "rename":
        return _rename(options.name)
    ws = open_workspace(".")
    if options.action == "forget":
        gone = machines.forget(ws, options.machine)
        render.out(f"forgot machine '{render.safe(gone.name)}' ({gone.id}); its sessions stay")
        if keyring.is_sealed(Marks(ws.state)):
            render.hint("it can still read the branch, unless 'git ccsync key remove' shuts it out")
        return 0
    found = machines.machines(ws)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document({"machines": found})
    else:
        for line in table(found, colour.palette(ws.config), time.time()):
            render.out(line)
    return 0


def table(found: Sequence[MachineState], palette: Palette, now: float) -> list[str]:
    """A line for each machine, this one with a star."""
    rows = [
        (
            ("* " if one.here else "  ") + render.safe(one.name),
            one.id,
            render.safe(one.os),
            f"pushed {ages.ago(one.pushed, now)}" if one.pushed else "never pushed",
            render.count(one.sessions, "session"),
            f"{len(one.open)} open" if one.open else "",
        )
        for one in found
    ]
    paint = {0: lambda cell: palette("green" if cell[0] == "*" else "", cell), 1: lambda cell: palette("dim", cell)}
    return render.table(rows, flexible=0, right=(4,), paint=paint)


def _rename(name: str) -> int:
    """The name is the machine's, so this works outside of a repository too; inside one it must be nobody else's."""
    try:
        ws = open_workspace(".")
        here, others = ws.here, tuple(catalogue.load(ws).machines.values())
    except CcsyncError:
        here, others = own.load(os.environ), ()
    kept = machines.rename(here, name, others)
    render.out(f"this machine is '{render.safe(kept)}' now; the next push tells the others")
    return 0
