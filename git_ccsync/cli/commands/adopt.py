"""The command line of `adopt`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import AdoptOptions


@click.command(
    "adopt", cls=GitCommand, help="Take over the sessions of the directory in which this repository was before."
)
@click.argument("path", required=False, default="")
@click.option("-n", "--dry-run", is_flag=True, help="show what would be done, and do nothing")
@click.option("-y", "--yes", is_flag=True, help="also where nothing says that they belong here")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import adopt

    return adopt.run(AdoptOptions(**given))
