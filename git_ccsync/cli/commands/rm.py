"""The command line of `rm`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import RmOptions


@click.command(
    "rm", cls=GitCommand, help="Take sessions off the lists of all machines, and off this disk, into the trash."
)
@click.option("-n", "--dry-run", is_flag=True, help="show what would be done, and do nothing")
@click.option("--no-push", is_flag=True, help="tell the other machines with the next push")
@shared.json
@click.argument("session", nargs=-1, required=True)
def command(session: tuple[str, ...], **given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import rm

    return rm.run(RmOptions(session, **given))
