"""The command line of `list`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ListOptions

#: What chooses among sessions, where --branches lists none.
_CHOOSING = ("not_here", "conflicts", "open", "removed", "machine", "since", "branch", "all")


@click.command(
    "list",
    cls=GitCommand,
    apart=tuple(("branches", name) for name in _CHOOSING),
    help="List sessions: those on this disk and those on the branch.",
)
@click.option("--not-here", is_flag=True, help="only those that are not on this disk")
@click.option("--conflicts", is_flag=True, help="only conflict copies and what they were copied from")
@click.option("--open", is_flag=True, help="only those that some machine has open")
@click.option("--removed", is_flag=True, help="only those removed here, and those that rm took off")
@click.option("--machine", default="", metavar="<machine>", help="only those that this machine wrote last")
@click.option("--since", default="", metavar="<date>", help="only those used since (YYYY-MM-DD)")
@click.option("--branch", default="", metavar="<branch>", help="those of this branch of somebody else")
@click.option("--branches", is_flag=True, help="the branches, as they were fetched last")
@shared.everywhere
@shared.machine_output
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import list as presenter

    return presenter.run(ListOptions(**given))
