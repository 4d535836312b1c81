"""The command line of `pull`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_timed import Carry


@click.command("pull", cls=GitCommand, help="Bring what is new there, and install it where Claude Code finds it.")
@click.option("--branch", default="", metavar="<branch>", help="take a session over from this branch of somebody else")
@shared.carry
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import pull

    return pull.run(Carry(**given))
