"""The short way of a push that has nothing to do: no progress, no colours, no tables are imported for three words."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.run.workspace import Opening

if TYPE_CHECKING:
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.operations.run.workspace import Workspace


def push(options: Carry) -> tuple[bool, Workspace | None]:
    """(True, …), and said so, if there is nothing to push; else the long way must be gone, with the workspace if it is
    open already.
    """
    if options.all or options.json or options.porcelain or options.z or options.session or options.dry_run:
        return False, None
    opening = Opening(".")
    from git_ccsync.cli import render  # while git answers
    from git_ccsync.operations.capturing import idle

    ahead = opening.ahead()
    still = idle.Still(ahead, options.remote) if ahead.initialised else None
    ws = opening.finish()
    if not still or not still.found or not still.place(ws):
        _expect_work(ws)
        return False, ws
    if not options.quiet:
        render.out("Everything up-to-date")
    return True, ws


def _expect_work(ws: Workspace) -> None:
    """Start what the long way needs, and import it while git answers."""
    if not ws.initialised:
        return
    from git_ccsync.operations.run import early

    early.begin(ws, sends=True)
    from git_ccsync.cli import push

    push.load()
