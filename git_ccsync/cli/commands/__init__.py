"""What click knows of the verbs: one module each, loaded when its verb is used. Declarations only; work is elsewhere.

A verb of this package is a module with `command`, its help is the line in `usage`, its presenter `git_ccsync.cli.<verb>`.
"""

from __future__ import annotations

import click

from git_ccsync.cli import usage
from git_ccsync.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class ReaderLeft(Exception):
    """A broken pipe on its way through click, which would end the process with 1."""


class Verbs(click.Group):
    """The group of all verbs. Names and help come from `usage`; a verb's module is imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order of the overview."""
        return [*usage.VERBS]  # `list` is our own module here

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The declaration of a verb, None for a word that is none."""
        if cmd_name not in usage.VERBS:
            return None
        from importlib import import_module

        module = import_module(f"git_ccsync.cli.commands.{cmd_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click, but with git's words for an unknown verb."""
        if args and args[0] not in usage.VERBS and not args[0].startswith("-"):
            hints = usage.meant(args[0])
            raise Usage(f"'{args[0]}' is not a git ccsync command", *hints, "'git ccsync -h' lists them")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """As click, but a broken pipe stays one."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeft from error

    def get_help(self, ctx: click.Context) -> str:
        """The overview."""
        return usage.overview()


def group() -> Verbs:
    """The whole command line, as click has it."""
    from git_ccsync.cli.commands import style

    return Verbs(
        "git ccsync",
        callback=_alone,
        params=[*style.home_options(), style.version_option(), *style.help_options("git-ccsync")],
        context_settings={"help_option_names": []},
        add_help_option=False,
        no_args_is_help=False,
        invoke_without_command=True,
    )


@click.pass_context
def _alone(ctx: click.Context) -> int:
    """Without a verb, --home or not: the overview, and 1, as git."""
    if ctx.invoked_subcommand:
        return 0
    from git_ccsync.cli import render

    render.out(usage.overview())
    return 1


def run(args: Sequence[str]) -> int:
    """Let click read `args` and run the verb; the exit status. A complaint of click's ends in 129, as in git."""
    from git_ccsync.cli.commands import style

    try:
        status = group().main([*args], prog_name="git ccsync", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except ReaderLeft as left:
        raise BrokenPipeError from left
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return style.complain(error)
    return status if isinstance(status, int) else 0
