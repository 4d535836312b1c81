"""The command line of `new`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import NewOptions


@click.command(
    "new", cls=GitCommand, help="Start Claude Code here on a session with a name, and push when it has ended."
)
@click.argument("name")
@click.argument("claude_args", nargs=-1, metavar="<claude-args>")
@click.option("--no-push", is_flag=True, help="do not push when it has ended")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import new

    return new.run(NewOptions(**given))
