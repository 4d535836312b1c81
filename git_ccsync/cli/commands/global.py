"""The command line of `global`."""  # noqa: N999 -- a verb's module has the verb's name

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import GlobalOptions


@click.group(
    "global", cls=GitGroup, invoke_without_command=True, help="Carry CLAUDE.md and plans, and take what others changed."
)
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """List, diff, apply, keep, on or off. Without an action: list."""
    return 0 if ctx.invoked_subcommand else _run(GlobalOptions("list", json=json))


def _run(options: GlobalOptions) -> int:
    from git_ccsync.cli import globals as presenter

    return presenter.run(options)


@command.command("list", help="List what waits to be taken, and what is new here.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`global list`; --json may stand before the word, too."""
    return _run(GlobalOptions("list", json=json or bool(ctx.parent and ctx.parent.params["json"])))


@command.command("diff", help="Show what apply would change here.")
@click.argument("file", nargs=-1)
def diff(file: tuple[str, ...]) -> int:
    """`global diff`."""
    return _run(GlobalOptions("diff", file))


@command.command("apply", help="Write here what others changed; where both sides did, the lines of both.")
@click.argument("file", nargs=-1)
def apply(file: tuple[str, ...]) -> int:
    """`global apply`."""
    return _run(GlobalOptions("apply", file))


@command.command("keep", help="Let what lies here stand; the next push sends it.")
@click.argument("file", nargs=-1)
def keep(file: tuple[str, ...]) -> int:
    """`global keep`."""
    return _run(GlobalOptions("keep", file))


@command.command("on", help="Carry CLAUDE.md and plans from now on.")
def on() -> int:
    """`global on`."""
    return _run(GlobalOptions("on"))


@command.command("off", help="Carry them no more.")
def off() -> int:
    """`global off`."""
    return _run(GlobalOptions("off"))
