"""The command line of `export`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ExportOptions


@click.command("export", cls=GitCommand, help="Write sessions to a file: all that are here, or those that are named.")
@click.argument("session", nargs=-1)
@click.option("-o", "--output", default="", metavar="<file>", help="where to; '-' is standard output")
@click.option("--to", multiple=True, metavar="<key>", help="encrypted to this public key of age or ssh; repeatable")
@click.option("--bundle", is_flag=True, help="the whole branch, as a git bundle")
@click.option("--no-redact", is_flag=True, help="leave secrets as they are")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import export

    return export.run(ExportOptions(**given))
