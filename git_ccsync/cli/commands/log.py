"""The command line of `log`."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import LogOptions


class _Log(GitCommand):
    """A word behind `--` is a path; click would not tell."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As for every verb."""
        ctx.meta["separated"] = "--" in args
        return super().parse_args(ctx, args)


@click.command("log", cls=_Log, help="Show what was pushed when; or who worked on a commit or a file.")
@click.argument("what", required=False, default="")
@shared.most("at most so many")
@click.option("--machine", default="", metavar="<machine>", help="only what this machine pushed")
@click.option("--since", default="", metavar="<date>", help="only what was pushed since (YYYY-MM-DD)")
@click.option("--branch", default="", metavar="<branch>", help="what was pushed to this branch of somebody else")
@shared.json
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import log

    return log.run(LogOptions(separated=click.get_current_context().meta["separated"], **given))
