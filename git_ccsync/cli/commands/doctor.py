"""The command line of `doctor`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import DoctorOptions


@click.command("doctor", cls=GitCommand, help="Check that everything is in order: a line for each check, and its mend.")
@click.option("--fix", is_flag=True, help="mend what is ours")
@shared.everywhere
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import doctor

    return doctor.run(DoctorOptions(**given))
