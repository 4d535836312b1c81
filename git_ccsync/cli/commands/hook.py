"""The command line of `hook`, for -h and --help; events themselves never come so far."""

from __future__ import annotations

import click

from git_ccsync.cli.commands.style import GitCommand


@click.command("hook", cls=GitCommand, help="What Claude Code runs at its events, with JSON on stdin. Not for people.")
@click.argument("event")
def command(event: str) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import hook

    return hook.run(event)
