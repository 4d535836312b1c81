"""The command line of `resume`. What stands behind `--` is Claude Code's, also where no session is named."""

from __future__ import annotations

from typing import Any

import click

from git_ccsync.cli.commands import shared
from git_ccsync.cli.commands.style import GitCommand
from git_ccsync.cli.options import ResumeOptions


class _Resume(GitCommand):
    """click would take the first word behind `--` for the session."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click, with the words behind `--` kept apart."""
        at = args.index("--") if "--" in args else len(args)
        rest = super().parse_args(ctx, args[:at])
        ctx.params["claude_args"] = (*ctx.params.get("claude_args", ()), *args[at + 1 :])
        return rest


@click.command("resume", cls=_Resume, help="Pull, go on with a session in Claude Code, and push when it has ended.")
@click.argument("session", required=False, default="")
@click.argument("claude_args", nargs=-1, metavar="<claude-args>")
@click.option("--latest", is_flag=True, help="the session that was used last")
@click.option("--machine", default="", metavar="<machine>", help="only sessions that this machine wrote last")
@click.option("--fork", is_flag=True, help="go on with a copy; the session stays as it is")
@click.option("--take-over", is_flag=True, help="also if another machine has it open")
@click.option("--no-push", is_flag=True, help="take no lease, and do not push when it has ended")
@shared.everywhere
def command(**given: Any) -> int:
    """Hand over to the presenter."""
    from git_ccsync.cli import resume

    return resume.run(ResumeOptions(**given))
