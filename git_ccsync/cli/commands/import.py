"""The command line of `import`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ImportOptions


@click.command("import", cls=GitCommand, help="Install sessions that 'git ccsync export' wrote to files.")
@click.argument("file", nargs=-1, required=True)
@click.option("--identity", multiple=True, metavar="<file>", help="open encrypted ones with the private key in it")
@click.option("--directory", default="", metavar="<directory>", help="for this one instead of where they were held")
@click.option("--overwrite", is_flag=True, help="replace what differs here; the original is kept")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import importing

    return importing.run(ImportOptions(**given))
