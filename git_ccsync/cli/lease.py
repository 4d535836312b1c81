"""The words of `lease`: a line a lease, and which were taken away."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, colour, failure, progress, render
from git_ccsync.operations import lease
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_upkeep import LeaseOptions
    from git_ccsync.operations.lease import Shown

#: What a state is called; those that hinder nobody are dim.
WORDS = {
    "held": "in force",
    "ours": "in use here",
    "dead": "left behind here",
    "expired": "expired",
    "forgotten": "machine forgotten",
    "lost": "session gone",
}
COLOURS = {"held": "cyan", "ours": "green"}


def run(options: LeaseOptions) -> int:
    """`git ccsync lease`; the exit status."""
    ws = open_workspace(".")
    if options.action == "list":
        found = lease.leases_of(ws)
        if options.json:
            from git_ccsync.cli import porcelain

            porcelain.document({"leases": found})
        else:
            for line in table(found, colour.palette(ws.config), time.time()):
                render.out(line)
        return 0
    work = lease.release if options.action == "release" else lease.prune
    with progress.meter() as meter:
        done = work(ws, options.session, on_progress=meter)
    for one in done.leases:
        render.out(f"{'released' if options.action == 'release' else 'pruned'} {_named(one)}")
    if not done.leases:
        render.out(f"nothing to {options.action}")
    if done.unsent:
        render.warning(f"{failure.hide_passwords(done.unsent)}; the next push tells the others")
    return int(bool(done.unsent and done.leases))


def _named(one: Shown) -> str:
    title = f"  {render.safe(one.title)}" if one.title else ""
    return f"{one.session[:8]}{title}  ({render.safe(one.machine)}, {WORDS[one.state]})"


def table(found: Sequence[Shown], palette: Palette, now: float) -> list[str]:
    """A line for each lease."""
    rows = [
        (
            one.session[:8],
            render.safe(one.title) or "(no title)",
            render.safe(one.machine),
            ages.ago(one.since, now),
            WORDS[one.state],
        )
        for one in found
    ]
    states = iter(found)
    paint = {
        0: lambda cell: palette("yellow", cell),
        4: lambda cell: palette(COLOURS.get(next(states).state, "dim"), cell),
    }
    return render.table(rows, flexible=1, paint=paint)
