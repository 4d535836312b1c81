"""The command line of `search`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import SearchOptions


@click.command(
    "search",
    cls=GitCommand,
    apart=(("ignore_case", "case_sensitive"),),
    help="Find messages that hold all of these words, in all sessions.",
)
@click.argument("words", nargs=-1, required=True)
@click.option("--regex", is_flag=True, help="each word is a regular expression")
@click.option("-i", "--ignore-case", is_flag=True, help="case never counts, not even that of a capital")
@click.option("-s", "--case-sensitive", is_flag=True, help="case counts, also without a capital")
@click.option(
    "--role",
    default=None,
    type=click.Choice(["user", "assistant", "tool"]),
    callback=lambda ctx, param, value: value or "",
    metavar="<role>",
    help="only what this side said: user, assistant or tool",
)
@click.option("--machine", default="", metavar="<machine>", help="only sessions that this machine wrote last")
@click.option("--since", default="", metavar="<date>", help="only sessions used since (YYYY-MM-DD)")
@shared.most("at most so many matches of a session")
@shared.everywhere
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import search

    return search.run(SearchOptions(**given))
