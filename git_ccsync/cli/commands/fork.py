"""The command line of `fork`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ForkOptions


@click.command("fork", cls=GitCommand, help="Make a copy of a session that goes on by itself. Without one, choose it.")
@click.argument("session", required=False, default="")
@click.argument("name", required=False, default="")
@click.option("--latest", is_flag=True, help="of the session that was used last")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import fork

    return fork.run(ForkOptions(**given))
