"""The command line of `placeholder`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import PlaceholderOptions
from git_ccsync.errors import Usage

_MACHINE = click.option("--machine", default="", metavar="<machine>", help="propose it to another machine")


@click.group(
    "placeholder",
    cls=GitGroup,
    invoke_without_command=True,
    help="Give local directories a portable name: sessions are stored with {{NAME}}.",
)
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """Give local directories a portable name. Without an action: list, as `git remote` does."""
    return 0 if ctx.invoked_subcommand else _run(PlaceholderOptions("list", json=json))


def _run(options: PlaceholderOptions) -> int:
    from git_ccsync.cli import placeholder

    return placeholder.run(options)


@command.command("add", help="Give a directory a name.")
@click.argument("pair", metavar="name=path")
@_MACHINE
def add(pair: str, machine: str) -> int:
    """`placeholder add`."""
    name, equals, path = pair.partition("=")
    if not (name and equals and path):
        raise Usage(f"'{pair}' is not of the form <name>=<path>")
    return _run(PlaceholderOptions("add", name, path, machine))


@command.command("rm", help="Take a name away.")
@click.argument("name")
@_MACHINE
def remove(name: str, machine: str) -> int:
    """`placeholder rm`."""
    return _run(PlaceholderOptions("rm", name, "", machine))


@command.command("list", help="List the names and what they stand for.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`placeholder list`; --json may stand before the word, too."""
    before = ctx.parent.params["json"] if ctx.parent else False
    return _run(PlaceholderOptions("list", json=json or before))
