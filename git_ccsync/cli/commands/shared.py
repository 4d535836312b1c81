"""Options that several verbs have, each said once. Declarations only."""

from __future__ import annotations

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def json(function: F) -> F:
    """--json."""
    return click.option("--json", is_flag=True, help="print JSON")(function)


def machine_output(function: F) -> F:
    """--porcelain, -z and --json."""
    function = json(function)
    function = click.option("-z", is_flag=True, help="end records with NUL, implies --porcelain")(function)
    return click.option(
        "--porcelain",
        is_flag=False,
        flag_value="v1",
        default=None,
        callback=lambda ctx, param, value: value or "",
        type=click.Choice(["v1"]),
        metavar="[=<version>]",
        help="print records for programs",
    )(function)


def progress(function: F) -> F:
    """--[no-]progress, as 1, 0 or -1 for neither."""
    return click.option(
        "--progress/--no-progress",
        default=None,
        callback=lambda ctx, param, value: -1 if value is None else int(value),
        help="show progress also where stderr is no terminal",
    )(function)


def everywhere(function: F) -> F:
    """--all."""
    return click.option("--all", is_flag=True, help="in every repository known to this machine")(function)


def most(text: str) -> Callable[[F], F]:
    """-n, --max-count, 0 for any number; `text` is its help."""
    return click.option(
        "-n",
        "--max-count",
        default=None,
        type=click.IntRange(min=1),
        callback=lambda ctx, param, value: value or 0,
        metavar="<number>",
        help=text,
    )


def carry(function: F) -> F:
    """All of push, pull and sync."""
    function = progress(function)
    function = machine_output(function)
    function = everywhere(function)
    function = click.option("--session", multiple=True, metavar="<session>", help="only this one; may be repeated")(
        function
    )
    function = click.option("-n", "--dry-run", is_flag=True, help="show what would be done, and do nothing")(function)
    function = click.option("-q", "--quiet", is_flag=True, help="say nothing but errors and warnings")(function)
    function = click.option("-v", "--verbose", is_flag=True, help="name every session")(function)
    return click.argument("remote", required=False, default="")(function)
