"""The command line of `init`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import InitOptions


@click.command(
    "init", cls=GitCommand, help="Choose where sessions of this repository go. Run again, it shows what is set."
)
@click.option("--remote", default="", metavar="<remote>", help="a remote's name, a URL, or a directory")
@click.option("--branch", default="", metavar="<name>", help="the branch that holds your sessions")
@click.option("--machine", default="", metavar="<name>", help="the name of this machine")
@click.option("--since", default="", metavar="<date>", help="do not send sessions last used before (YYYY-MM-DD)")
@click.option("--allow-public", default="", metavar="<url>", help="push there although everyone can read it")
@click.option("--encrypt", is_flag=True, help="only machines that you let in can read the branch")
@click.option("-y", "--yes", is_flag=True, help="agree to what would be asked (never to a public place)")
@click.option("--global", "everywhere", is_flag=True, help="for every repository without a choice of its own")
@click.option("--all", is_flag=True, help="every repository with sessions of Claude, asking once")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import init

    return init.run(InitOptions(**given))
