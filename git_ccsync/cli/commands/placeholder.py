"""The command line of `placeholder`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import PlaceholderOptions

_MACHINE = click.option("--machine", default="", metavar="<machine>", help="propose it to another machine")


@click.group(
    "placeholder",
    cls=GitGroup,
    help="Give local directories a portable name: {{NAME}} stands for them in what is stored.",
)
def command() -> None:
    """Give local directories a portable name."""


def _run(options: PlaceholderOptions) -> int:
    from git_ccsync.cli import placeholder

    return placeholder.run(options)


@command.command("add", help="Give a directory a name.")
@click.argument("name")
@click.argument("path")
@_MACHINE
def add(name: str, path: str, machine: str) -> int:
    """`placeholder add`."""
    return _run(PlaceholderOptions("add", name, path, machine))


@command.command("rm", help="Take a name away.")
@click.argument("name")
@_MACHINE
def remove(name: str, machine: str) -> int:
    """`placeholder rm`."""
    return _run(PlaceholderOptions("rm", name, "", machine))


@command.command("list", help="List the names and what they stand for.")
def show() -> int:
    """`placeholder list`."""
    return _run(PlaceholderOptions("list"))
