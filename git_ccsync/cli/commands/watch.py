"""The command line of `watch`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_upkeep import WatchOptions


@click.command(
    "watch",
    cls=GitCommand,
    apart=tuple((end, name) for end in ("stop", "uninstall") for name in ("interval", "push_only", "all")),
    help="Push when a session has changed, pull every so often, until it is ended.",
)
@click.option(
    "--interval", type=click.IntRange(1, 86400), default=30, metavar="<seconds>", help="between two pulls; 30"
)
@click.option("--push-only", is_flag=True, help="never pull")
@click.option("--all", is_flag=True, help="in every repository known to this machine")
@click.option("--stop", is_flag=True, help="end the one that runs on this machine")
@click.option("--install", is_flag=True, help="let it start when you log in, for all repositories")
@click.option("--uninstall", is_flag=True, help="do that no more")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import watch

    return watch.run(WatchOptions(**given))
