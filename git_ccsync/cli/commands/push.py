"""The command line of `push`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options_timed import Carry


@click.command("push", cls=GitCommand, help="Send what is new here: sessions go to refs/ccsync/<branch> of the remote.")
@shared.carry
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import push

    return push.run(Carry(**given))
