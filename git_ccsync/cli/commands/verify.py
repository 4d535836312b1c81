"""The command line of `verify`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import VerifyOptions


@click.command("verify", cls=GitCommand, help="Hold the branch, the files here and the remote against each other.")
@click.argument("sessions", metavar="<session>", nargs=-1)
@click.option("--fetch", is_flag=True, help="ask the remote first")
@click.option("--repair", is_flag=True, help="make mended copies of broken transcripts")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import verify

    return verify.run(VerifyOptions(**given))
