"""The command line of `sync`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_timed import Carry


@click.command("sync", cls=GitCommand, help="Pull, then push.")
@shared.carry
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import sync

    return sync.run(Carry(**given))
