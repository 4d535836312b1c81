"""Words on the command line that say nothing, or two things at once, are refused, not passed over."""

from __future__ import annotations

import pytest

from git_ccsync.cli import lines
from git_ccsync.cli.colour import palette
from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def laptop(world: World) -> Machine:
    return world.machine("laptop")


@pytest.mark.parametrize(
    "words",
    [
        ("init", "--yes", "--remote", ""),
        ("init", "--yes", "--machine="),
        ("init", "--yes", "--branch", ""),
        ("list", "--machine", ""),
        ("list", "--since="),
        ("push", "--session="),
    ],
)
def test_an_option_with_an_empty_value(laptop: Machine, words: tuple[str, ...]) -> None:
    refused = laptop.ccsync(*words, status=129)
    name = next(word for word in words[1:] if word.startswith("--") and word != "--yes").rstrip("=")
    assert refused.err.splitlines()[0] == f"error: option '{name}' needs a value that is not empty"
    assert not laptop.git("config", "--get", "ccsync.branch", status=None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("push", ""), "<remote> must not be empty"),
        (("pull", ""), "<remote> must not be empty"),
        (("restore", ""), "<session> must not be empty"),
        (("log", ""), "<what> must not be empty"),
        (("rm", "3f", ""), "<session> must not be empty"),
        (("machine", "forget", ""), "<machine> must not be empty"),
        (("search", "-n", "x", "word"), "option '--max-count' needs a whole number of at least 1"),
        (("watch", "--interval", "0"), "option '--interval' needs a whole number from 1 to 86400"),
        (("show", "--raw", "--json", "3f"), "--raw and --json do not go together"),
        (("show", "--diff", "--raw", "3f"), "--raw and --diff do not go together"),
        (("search", "-i", "-s", "word"), "--ignore-case and --case-sensitive do not go together"),
        (("list", "--branches", "--not-here"), "--branches and --not-here do not go together"),
        (("watch", "--stop", "--interval", "30"), "--stop and --interval do not go together"),
        (("purge", "--follow", "--local"), "--follow and --local do not go together"),
        (("restore", "--at", "HEAD"), "--at is for one session: name it"),
        (("init", "--global", "--remote", "x", "--machine", "y"), "--global goes with --remote alone"),
    ],
)
def test_words_that_would_be_passed_over(laptop: Machine, words: tuple[str, ...], said: str) -> None:
    assert laptop.ccsync(*words, status=129).err.splitlines()[0] == f"error: {said}"


@pytest.mark.parametrize("verb", ["push", "pull", "sync", "status", "list"])
@pytest.mark.parametrize("form", ["--porcelain", "--porcelain=v1", "-z"])
def test_two_forms_of_output(laptop: Machine, verb: str, form: str) -> None:
    refused = laptop.ccsync(verb, form, "--json", status=129)
    assert refused.err.splitlines()[0] == "error: --json does not go with --porcelain or -z"


@pytest.mark.parametrize("name", ["x\ny", "\x1b[31mred", "x" * 65, " "])
def test_a_name_that_would_not_be_kept_as_it_is(laptop: Machine, name: str) -> None:
    for words in (["machine", "rename", name], ["init", "--yes", "--machine", name]):
        refused = laptop.ccsync(*words, status=129)
        assert "printable characters" in refused.err
    assert laptop.ok("machine", "rename", "  tower ").out.startswith("this machine is 'tower' now")


def test_ids_that_begin_alike_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    told = [lines.Line("new", f"3f2a9c1e-{n}000-4000-8000-000000000000", "title") for n in (1, 2)]
    lines.sessions(told, palette(None), every=True)
    assert capsys.readouterr().out == "  new  3f2a9c1e-1  title\n  new  3f2a9c1e-2  title\n"
