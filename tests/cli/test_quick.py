"""The light reading of arguments and click's agree wherever the light one answers."""

from __future__ import annotations

from typing import Any

import click
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.cli import quick
from git_ccsync.cli.commands import group
from git_ccsync.cli.options_timed import Carry, StatusOptions

WORDS = [
    *quick.CARRY,
    "origin",
    "--session=3f2504e0",
    "--session=a title",
    "--session",
    "--session=",
    "--",
    "-nq",
    "-x",
    "",
]


def by_click(verb: str, args: list[str]) -> dict[str, Any] | None:
    """What click makes of the arguments; None if it refuses them."""
    root = group()
    command = root.get_command(click.Context(root), verb)
    assert command is not None
    try:
        return command.make_context(verb, list(args)).params
    except click.UsageError:
        return None


@given(st.sampled_from(["push", "pull", "sync"]), st.lists(st.sampled_from(WORDS), max_size=6))
def test_push_pull_and_sync(verb: str, args: list[str]) -> None:
    light = quick.carry(args)
    if light is not None:
        read = by_click(verb, args)
        assert read is not None, "the light reading took what click refuses"
        assert light == Carry(**read)


@given(st.lists(st.sampled_from([*quick.STATUS, "-q", "origin", "--porcelain=v2"]), max_size=6))
def test_status(args: list[str]) -> None:
    light = quick.status(args)
    if light is not None:
        read = by_click("status", args)
        assert read is not None
        assert light == StatusOptions(**read)


def test_a_word_behind_porcelain_is_the_remote() -> None:
    read = by_click("push", ["--porcelain", "origin", "--session", "x"])
    assert read is not None
    assert (read["porcelain"], read["remote"]) == ("v1", "origin")


def test_the_everyday_words_do_not_need_click() -> None:
    assert quick.carry(["-q", "desktop", "--session=3f25", "-n"]) == Carry(
        "desktop", ("3f25",), quiet=True, dry_run=True
    )
    assert quick.status(["--fetch", "--exit-code"]) == StatusOptions(fetch=True, exit_code=True)


def test_what_it_does_not_understand_is_left_to_click() -> None:
    for args in (["--session", "x"], ["-qn"], ["a", "b"], ["--help"], ["-h"], ["--"], ["--dry"], ["--porcelain=v2"]):
        assert quick.carry(args) is None
