"""The command line of `show`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ShowOptions


@click.command("show", cls=GitCommand, apart=(("raw", "diff", "json"),), help="Show one session in a readable form.")
@click.argument("session")
@click.option("--branch", default="", metavar="<branch>", help="of this branch of somebody else")
@click.option("--raw", is_flag=True, help="the transcript's lines as they are")
@click.option("--diff", is_flag=True, help="what a conflict copy and its original do not share")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import show

    return show.run(ShowOptions(**given))
