"""The command line of `completion`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import CompletionOptions


@click.command("completion", cls=GitCommand, help="Print the completion script of a shell: bash, zsh or fish.")
@click.argument("shell")
@click.option("--aliases", is_flag=True, help="short functions instead: cr cs cf cn cfork crf")
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import completion

    return completion.run(CompletionOptions(**given))
