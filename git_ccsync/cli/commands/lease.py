"""The command line of `lease`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options_upkeep import LeaseOptions


@click.group("lease", cls=GitGroup, invoke_without_command=True, help="Show and clear who is at work on a session.")
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """List, release or prune leases. Without an action: list."""
    return 0 if ctx.invoked_subcommand else _run(LeaseOptions("list", json=json))


def _run(options: LeaseOptions) -> int:
    from git_ccsync.cli import lease

    return lease.run(options)


@command.command("list", help="List the leases of this branch.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`lease list`; --json may stand before the word, too."""
    before = ctx.parent.params["json"] if ctx.parent else False
    return _run(LeaseOptions("list", json=json or before))


@command.command("release", help="Give back this machine's leases.")
@click.argument("session", required=False, default="")
def release(session: str) -> int:
    """`lease release`."""
    return _run(LeaseOptions("release", session))


@command.command("prune", help="Take away leases that mean nothing any more.")
@click.argument("session", required=False, default="")
def prune(session: str) -> int:
    """`lease prune`."""
    return _run(LeaseOptions("prune", session))
