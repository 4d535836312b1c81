"""The command line of `rename`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import RenameOptions


@click.command("rename", cls=GitCommand, help="Give a session another title, here and in Claude Code's own list.")
@click.argument("session")
@click.argument("title")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import rename

    return rename.run(RenameOptions(**given))
