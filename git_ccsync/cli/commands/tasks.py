"""The command line of `tasks`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import TasksOptions


@click.command("tasks", cls=GitCommand, help="List what was left unfinished on your machines, newest first.")
@click.option(
    "--done", multiple=True, metavar="<session>", help="take this one off, by number or name; may be repeated"
)
@click.option("--machine", default="", metavar="<machine>", help="only what was left on this machine")
@click.option(
    "--fetch/--no-fetch",
    default=None,
    callback=lambda ctx, param, value: -1 if value is None else int(value),
    help="ask the remote first; done by itself, but with --all",
)
@shared.everywhere
@shared.machine_output
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import tasks

    return tasks.run(TasksOptions(**given))
