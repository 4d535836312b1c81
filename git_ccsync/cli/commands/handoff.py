"""The command line of `handoff`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import HandoffOptions


@click.command("handoff", cls=GitCommand, help="Tell how a session stands to somebody who was not there.")
@click.argument("session", required=False, default="")
@click.option("--write", is_flag=True, help="make it anew and push it")
@click.option("--force", is_flag=True, help="the same, also if the last one is recent")
@click.option("--run", is_flag=True, help="start Claude Code with its prompt to continue")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import handoff

    return handoff.run(HandoffOptions(**given))
