"""The words of `fork`."""

from __future__ import annotations

from git_ccsync.cli import pick, progress, render
from git_ccsync.errors import NotFound, Usage
from git_ccsync.operations.run.workspace import open_workspace, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import ForkOptions
    from git_ccsync.operations.run.workspace import Workspace

INTERRUPTED = 130


def run(options: ForkOptions) -> int:
    """`git ccsync fork`; the exit status: 130 if a person was asked and chose none."""
    from git_ccsync.operations import fork

    options = _sorted(options)
    ws = open_workspace(".")
    require_init(ws)
    name = "@{latest}" if options.latest else options.session or _choose(ws)
    if not name:
        return INTERRUPTED
    with progress.meter() as meter:
        done = fork.fork(ws, name, title=options.name, on_progress=meter)
    new = done.installed.session
    render.out(f"forked {done.session[:8]} as {new[:8]}  {render.safe(done.title)}")
    render.out(f"claude --resume {new}")
    return 0


def _sorted(options: ForkOptions) -> ForkOptions:
    """With --latest, what is given is the name."""
    if not options.latest:
        return options
    if options.name:
        raise Usage("--latest is a session already")
    return options._replace(session="", name=options.session)


def _choose(ws: Workspace) -> str:
    from git_ccsync.operations.overview.candidates import candidates

    if not pick.possible():
        raise Usage("which session?", "name one ('git ccsync list' shows them), or use --latest")
    found = candidates(ws)
    if not found.sessions:
        raise NotFound("there are no sessions yet")
    return pick.pick(ws, found.sessions, unfinished=found.unfinished) or ""
