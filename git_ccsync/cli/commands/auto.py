"""The command line of `auto`."""

from __future__ import annotations

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitGroup
from git_ccsync.cli.options import AutoOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def _scope(function: F) -> F:
    """--user and --project."""
    function = click.option("--project", is_flag=True, help="in this project's own settings on this machine")(function)
    return click.option("--user", is_flag=True, help="in your settings, for all repositories (the default)")(function)


@click.group("auto", cls=GitGroup, invoke_without_command=True, help="Let Claude Code carry sessions by itself.")
@shared.json
@click.pass_context
def command(ctx: click.Context, json: bool) -> int:
    """Let Claude Code carry sessions by itself. Without an action: status."""
    return 0 if ctx.invoked_subcommand else _run(AutoOptions("status", json=json))


def _run(options: AutoOptions) -> int:
    from git_ccsync.cli import auto

    return auto.run(options)


@command.command("on", help="Install the hooks.")
@_scope
@click.option("--command/--no-command", default=None, help="install the slash command /ccsync, too")
def on(user: bool, project: bool, command: bool | None) -> int:
    """`auto on`."""
    return _run(AutoOptions("on", project=_project(user, project), command=command))


@command.command("off", help="Take the hooks and the slash command away.")
@_scope
def off(user: bool, project: bool) -> int:
    """`auto off`."""
    return _run(AutoOptions("off", project=_project(user, project)))


def _project(user: bool, project: bool) -> bool:
    if user and project:
        raise click.UsageError("--user and --project exclude each other")
    return project


@command.command("status", help="Show where hooks are installed, and how they did here.")
@shared.json
@click.pass_context
def status(ctx: click.Context, json: bool) -> int:
    """`auto status`; --json may stand before the word, too."""
    before = ctx.parent.params["json"] if ctx.parent else False
    return _run(AutoOptions("status", json=json or before))
