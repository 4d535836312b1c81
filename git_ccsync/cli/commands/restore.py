"""The command line of `restore`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import RestoreOptions


@click.command(
    "restore", cls=GitCommand, help="Bring a session back from the branch. Without one, list what could come back."
)
@click.argument("session", required=False, default="")
@click.option("--at", default="", metavar="<commit>", help="as it was in this commit of the branch")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import restore

    return restore.run(RestoreOptions(**given))
