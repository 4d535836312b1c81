"""The command line of `undo`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import UndoOptions


@click.command("undo", cls=GitCommand, help="Take back what the last pull, push, sync, rm, restore … did here.")
@click.option("-n", "--dry-run", is_flag=True, help="show what would be done, and do nothing")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import undo

    return undo.run(UndoOptions(**given))
