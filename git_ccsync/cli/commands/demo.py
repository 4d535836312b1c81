"""The command line of `demo`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import DemoOptions


@click.command("demo", cls=GitCommand, help="Watch a session travel between two machines in a temporary directory.")
@click.option("--keep", is_flag=True, help="leave the directory to look at")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import demo

    return demo.run(DemoOptions(**given))
