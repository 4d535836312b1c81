"""The command line of `purge`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_upkeep import PurgeOptions


@click.command(
    "purge",
    cls=GitCommand,
    apart=(("follow", "only"), ("follow", "local")),
    help="Take sessions out of the branch's history for good, here and there.",
)
@click.option("--all", is_flag=True, help="every session, and memory and prompts")
@click.option("--before", default="", metavar="<day>", help="sessions last used before this day (YYYY-MM-DD)")
@click.option("--secrets", is_flag=True, help="what would not be sent today, out of its lines")
@click.option("--follow", is_flag=True, help="drop here what was purged elsewhere")
@click.option("--only", is_flag=True, help="leave the copies and forks of what is purged")
@click.option("--local", is_flag=True, help="also move its files here into the trash")
@click.option("-y", "--yes", is_flag=True, help="ask nothing")
@click.option("-n", "--dry-run", is_flag=True, help="show what would be done, and do nothing")
@shared.json
@click.argument("session", nargs=-1)
def command(session: tuple[str, ...], **given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import purge

    return purge.run(PurgeOptions(session, **given))
