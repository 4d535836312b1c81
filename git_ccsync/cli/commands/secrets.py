"""The command line of `secrets`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import SecretsOptions


@click.group(
    "secrets", cls=GitGroup, invoke_without_command=True, help="Show what is not sent, and let a value through."
)
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """List, scan or allow. Without an action: list."""
    return 0 if ctx.invoked_subcommand else _run(SecretsOptions("list", json=json))


def _run(options: SecretsOptions) -> int:
    from git_ccsync.cli import secrets

    return secrets.run(options)


def _json(ctx: click.Context, given: bool) -> bool:
    """--json may stand before the word, too."""
    return given or bool(ctx.parent and ctx.parent.params["json"])


@command.command("list", help="List what was redacted on the branch.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`secrets list`."""
    return _run(SecretsOptions("list", json=_json(ctx, json)))


@command.command("scan", help="Look for secrets in sessions on this disk.")
@click.option("--all-lines", is_flag=True, help="also in what is on the branch already")
@shared.json
@click.argument("session", required=False, default="")
@click.pass_context
def scan(ctx: click.Context, all_lines: bool, json: bool, session: str) -> int:
    """`secrets scan`."""
    return _run(SecretsOptions("scan", (session,) if session else (), all_lines, json=_json(ctx, json)))


@command.command("allow", help="Send values as they are from now on, from this machine.")
@click.option("--remove", is_flag=True, help="send them no more")
@click.argument("tag", nargs=-1)
def allow(remove: bool, tag: tuple[str, ...]) -> int:
    """`secrets allow`; without a tag it lists those that are allowed."""
    return _run(SecretsOptions("allow", tag, remove=remove))
