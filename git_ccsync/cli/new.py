"""The words of `new`: Claude Code on a session that has a name from its first line on, and a push when it has ended."""

from __future__ import annotations

import os

from git_ccsync.cli import render, running
from git_ccsync.errors import CcsyncError
from git_ccsync.operations import new
from git_ccsync.operations.installing import naming
from git_ccsync.operations.run.workspace import open_workspace, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import NewOptions
    from git_ccsync.operations.run.workspace import Workspace


def run(options: NewOptions) -> int:
    """`git ccsync new`; the exit status is Claude Code's."""
    title, cwd = naming.title(options.name), os.getcwd()
    ws = open_workspace(".")
    if not options.no_push:
        require_init(ws)
    claude = running.executable()
    named = running.knows(claude, "-n, --name", ws.here.state)
    before = frozenset() if named else new.transcripts(ws, cwd)
    ended = running.run([claude, *(("-n", title) if named else ()), *options.claude_args], cwd=cwd)
    if not named:
        _give_name(ws, cwd, before, title)
    if not options.no_push:
        running.send(ws.place if ws.is_home else cwd)
    return ended.status


def _give_name(ws: Workspace, cwd: str, before: frozenset[str], title: str) -> None:
    """For a Claude Code without the option: name it now. That it was not named is no failure of Claude's."""
    try:
        new.give_name(ws, cwd, before, title)
    except (CcsyncError, OSError) as error:
        render.warning(f"the session has no name yet: {getattr(error, 'message', '') or error}")
