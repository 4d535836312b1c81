"""git's manner for what click prints: usage texts, complaints, -h and --help. Declares no verb."""

from __future__ import annotations

import click

from git_ccsync.errors import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

#: Where the help of an option begins; longer options put it on the next line, as git's parse-options does.
COLUMN = 26
#: Verbs that open no workspace.
HOMELESS = ("completion", "demo", "hook")


class GitCommand(click.Command):
    """A verb: its usage text looks like that of `git push -h`. `apart` are groups of options, by their parameters' names,
    of which only one may be given.
    """

    def __init__(self, *args: Any, apart: tuple[tuple[str, ...], ...] = (), **kwargs: Any) -> None:
        self.apart = apart
        kwargs["add_help_option"] = False
        super().__init__(*args, **kwargs)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its options, then --home, -h and --help."""
        return [*super().get_params(ctx), *common_options(page_of(ctx))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click, but --porcelain has its version behind a = or none: the next word is never meant."""
        end = args.index("--") if "--" in args else len(args)
        given = ["--porcelain=v1" if word == "--porcelain" else word for word in args[:end]]
        rest = super().parse_args(ctx, given + args[end:])
        _refuse_nonsense(self, ctx)
        return rest

    def get_help(self, ctx: click.Context) -> str:
        """The usage text."""
        return usage_text(self, ctx)


def _refuse_nonsense(command: GitCommand, ctx: click.Context) -> None:
    """Usage for an empty word, which would be as if it had not been given; for two options that exclude each other; and for
    two forms of output.
    """
    for param in command.params:
        if _given(ctx, param.name or "") and _is_empty(ctx.params.get(param.name or "")):
            _refuse_empty(param)
    for group in command.apart:
        both = [name for name in group if _given(ctx, name)]
        if len(both) > 1:
            first, second = (f"--{name.replace('_', '-')}" for name in both[:2])
            raise Usage(f"{first} and {second} do not go together")
    if ctx.params.get("json") and (ctx.params.get("porcelain") or ctx.params.get("z")):
        raise Usage("--json does not go with --porcelain or -z")


def _given(ctx: click.Context, name: str) -> bool:
    return ctx.get_parameter_source(name) == click.core.ParameterSource.COMMANDLINE


def _is_empty(value: object) -> bool:
    return value == "" or (isinstance(value, tuple) and "" in value)


def _refuse_empty(param: click.Parameter) -> None:
    """Usage, unless the words are Claude Code's."""
    if isinstance(param, click.Option):
        raise Usage(f"option '{max(param.opts, key=len)}' needs a value that is not empty")
    if param.name != "claude_args":
        raise Usage(f"{_named(param)} must not be empty")


class GitGroup(click.Group):
    """A verb with actions, such as `machine`: every action has a usage line."""

    command_class = GitCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["add_help_option"] = False
        super().__init__(*args, **kwargs)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Its options, then --home, -h and --help."""
        return [*super().get_params(ctx), *common_options(page_of(ctx))]

    def get_help(self, ctx: click.Context) -> str:
        """The usage text."""
        return usage_text(self, ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The actions in the order of their declaration."""
        return list(self.commands)


def page_of(ctx: click.Context) -> str:
    """The manual page of the verb that `ctx` belongs to: its actions have none of their own."""
    verb = ctx
    while verb.parent and verb.parent.parent:
        verb = verb.parent
    return f"git-ccsync-{verb.info_name}" if verb.parent else "git-ccsync"


def common_options(page: str) -> list[click.Parameter]:
    """--home, where there is a workspace to open, and the help options."""
    return [*(() if page.removeprefix("git-ccsync-") in HOMELESS else home_options()), *help_options(page)]


def home_options() -> list[click.Parameter]:
    """--home: where a workspace is opened, it is that of the sessions outside any repository."""
    return [
        click.Option(
            ["--home"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_at_home,
            help="sessions outside any repository",
        )
    ]


def _at_home(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        import os

        from git_ccsync.cli import render
        from git_ccsync.git import nearby
        from git_ccsync.operations.run import workspace

        render.given = "--home "
        workspace.start_at(nearby.home_repository(os.environ))


def version_option() -> click.Parameter:
    """--version, of the whole: whatever stands behind it, as with git."""
    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, hidden=True, callback=_print_version
    )


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        from git_ccsync import __version__
        from git_ccsync.cli import render

        render.out(f"git-ccsync version {__version__}")
        ctx.exit(0)


def help_options(page: str) -> list[click.Parameter]:
    """-h and --help, for the verb that `page` describes."""
    return [
        click.Option(["-h"], is_flag=True, is_eager=True, expose_value=False, hidden=True, callback=_short_help),
        click.Option(
            ["--help"], is_flag=True, is_eager=True, expose_value=False, hidden=True, callback=_long_help(page)
        ),
    ]


def _short_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        _print_help(ctx)


def _long_help(page: str) -> Callable[[click.Context, click.Parameter, bool], None]:
    def callback(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        if not value:
            return
        from git_ccsync.cli import manual

        status = manual.show(page)
        if status is not None:
            ctx.exit(status)
        _print_help(ctx)

    return callback


def _print_help(ctx: click.Context) -> None:
    from git_ccsync.cli import render

    render.out(ctx.get_help())
    ctx.exit(0)


def usage_text(command: click.Command, ctx: click.Context) -> str:
    """What `-h` prints: usage lines, what the verb does, its options."""
    text = "\n".join(_usage_lines(command, ctx))
    if command.help:
        text += f"\n\n{command.help}"
    options = [_option_lines(param) for param in command.get_params(ctx) if _is_shown(param)]
    if options:
        text += "\n\n" + "\n".join(options)
    return text


def _usage_lines(command: click.Command, ctx: click.Context) -> Iterable[str]:
    """`usage: git ccsync push [<options>] [<remote>]`; for a group one line an action."""
    if not isinstance(command, click.Group):
        return [f"usage: {_usage_words(command, ctx.command_path, ctx)}"]
    forms = [
        _usage_words(action, f"{ctx.command_path} {_action(name)}", ctx) for name, action in command.commands.items()
    ]
    return [("usage: " if number == 0 else "   or: ") + form for number, form in enumerate(forms)]


def _action(name: str) -> str:
    return f"[{name}]" if name == "list" else name


def _usage_words(command: click.Command, path: str, ctx: click.Context) -> str:
    words = [path]
    if any(_is_shown(param) for param in command.get_params(ctx)):
        words.append("[<options>]")
    words += (_argument(param) for param in command.params if isinstance(param, click.Argument))
    return " ".join(words)


def _argument(param: click.Argument) -> str:
    name = _named(param)
    if param.nargs == -1:
        name += "..."
    return name if param.required else f"[{name}]"


def _is_shown(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and not param.hidden


def _option_lines(param: click.Parameter) -> str:
    assert isinstance(param, click.Option)
    names = ", ".join((*param.opts, *param.secondary_opts))
    if param.secondary_opts:
        names = "--[no-]" + param.opts[0].removeprefix("--")
    if param.metavar and not param.is_flag:
        names += param.metavar if param.metavar.startswith("[") else f" {param.metavar}"
    left = f"    {names}"
    if not param.help:
        return left
    if len(left) < COLUMN - 1:
        return left.ljust(COLUMN) + param.help
    return f"{left}\n{'':{COLUMN}}{param.help}"


def complain(error: click.ClickException) -> int:
    """Click's complaint, then the usage text, on stderr; 129."""
    from git_ccsync.cli import render

    render.error(_complaint(error))
    if isinstance(error, click.UsageError) and error.ctx:
        render.note(error.ctx.get_help())
    return Usage.status


def _complaint(error: click.ClickException) -> str:
    """In git's words: lower case, no full stop, the subject quoted."""
    if isinstance(error, click.NoSuchOption):
        # Nobody writes to the branch of somebody else, and search reads what would all have to be fetched first.
        only = "; only list, show, log, pull and init have it" if error.option_name == "--branch" else ""
        return f"unknown option '{error.option_name}'{only}"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"{_named(error.param)} is missing"
    if isinstance(error, click.BadParameter) and error.param and isinstance(error.param.type, click.IntRange):
        least, most = error.param.type.min, error.param.type.max
        span = f"of at least {least}" if most is None else f"from {least} to {most}"
        return f"option '{max(error.param.opts, key=len)}' needs a whole number {span}"
    text = error.format_message().rstrip(".")
    return text[:1].lower() + text[1:]


def _named(param: click.Parameter) -> str:
    return f"<{(param.metavar or param.name or '').lower().strip('<>')}>"
