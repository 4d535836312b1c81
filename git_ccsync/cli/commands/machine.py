"""The command line of `machine`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import MachineOptions


@click.group("machine", cls=GitGroup, invoke_without_command=True, help="List, rename or forget machines.")
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """List, rename or forget machines. Without an action: list, as `git remote` does."""
    return 0 if ctx.invoked_subcommand else _run(MachineOptions("list", json=json))


def _run(options: MachineOptions) -> int:
    from git_ccsync.cli import machine

    return machine.run(options)


@command.command("list", help="List the machines that have pushed here.")
@shared.json
@click.pass_context
def show(ctx: click.Context, json: bool) -> int:
    """`machine list`; --json may stand before the word, too."""
    before = ctx.parent.params["json"] if ctx.parent else False
    return _run(MachineOptions("list", json=json or before))


@command.command("rename", help="Give this machine another name.")
@click.argument("name")
def rename(name: str) -> int:
    """`machine rename`."""
    return _run(MachineOptions("rename", "", name))


@command.command("forget", help="Take a machine that is no more off the list; its sessions stay.")
@click.argument("machine")
def forget(machine: str) -> int:
    """`machine forget`."""
    return _run(MachineOptions("forget", machine))
