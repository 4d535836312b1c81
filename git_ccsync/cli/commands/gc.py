"""The command line of `gc`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_upkeep import GcOptions


@click.command("gc", cls=GitCommand, help="Pack what pushes and pulls have left in small files.")
@shared.everywhere
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import gc

    return gc.run(GcOptions(**given))
