"""The command line of `status`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_timed import StatusOptions


@click.command("status", cls=GitCommand, help="Show what is in step and what is not, without asking the remote.")
@click.option("--fetch", is_flag=True, help="ask the remote first")
@click.option("--exit-code", is_flag=True, help="exit with 1 if not everything is in step")
@shared.everywhere
@shared.machine_output
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import status

    return status.run(StatusOptions(**given))
