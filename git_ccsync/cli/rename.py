"""The words of `rename`."""

from __future__ import annotations

from git_ccsync.cli import render
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import RenameOptions


def run(options: RenameOptions) -> int:
    """`git ccsync rename`; the exit status."""
    from git_ccsync.operations import rename

    ws = open_workspace(".")
    done = rename.rename(ws, options.session, options.title)
    was = f", was '{render.safe(done.before)}'" if done.before and done.before != done.title else ""
    render.out(f"renamed {done.session[:8]}  {render.safe(done.title)}{was}")
    if ws.initialised:
        render.out(render.commands("next: 'git ccsync push' tells your other machines"))
    return 0
