"""Every command prints in every encoding: our own marks spelt plainly, what came from elsewhere escaped."""

from __future__ import annotations

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.world import World

TITLE = "修复解析器 ✓"
#: How `TITLE` reads where there is nothing but ASCII.
PLAIN = r"\u4fee\u590d\u89e3\u6790\u5668 +"
ASCII = {"PYTHONIOENCODING": "ascii:strict"}
#: An old Unix: neither Python's UTF-8 mode nor its coercion of the locale.
POSIX = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@pytest.fixture
def laptop(world: World) -> Machine:
    made = world.machine("laptop", clone="home/al/项目/app")
    made.session(TITLE)
    made.init("--machine", "笔记本")
    return made


@pytest.mark.slow
def test_every_command_prints_in_every_encoding(laptop: Machine) -> None:
    some = (("list",), ("show", "@{latest}"))
    every = (*some, ("status",), ("doctor",), ("push", "-v"), ("machine",), ("init",))
    for env, verbs in ((ASCII, every), (POSIX, some), ({"PYTHONIOENCODING": "latin-1"}, some), ({"LC_ALL": "C"}, some)):
        for verb in verbs:
            done = laptop.ccsync(*verb, **env)
            assert done.status in (0, 1), f"{verb} {env}: {done}"
            assert "rror" not in done.err, f"{verb} {env}: {done}"
            assert done.out


@pytest.mark.slow
def test_marks_are_spelt_and_titles_escaped(laptop: Machine) -> None:
    for env in (ASCII, POSIX):
        assert f"  {PLAIN}  " in laptop.ok("list", **env).out
        assert f"Title:    {PLAIN}\n" in laptop.ok("show", "@{latest}", **env).out
        assert "\n+ remote" in laptop.ccsync("doctor", **env).out
        assert r"error: no session '\u4fee'" in laptop.ccsync("show", "修", **ASCII).err
    assert f"  {TITLE}  " in laptop.ok("list").out


def test_the_pager_reads_the_same(laptop: Machine) -> None:
    env = {**laptop.env, **ASCII, "TERM": "xterm", "GIT_PAGER": "cat -v"}
    with Terminal([*executable(), "show", "@{latest}"], env, cwd=laptop.clone) as terminal:
        status, screen = terminal.finish()
    assert status == 0
    assert f"Title:    {PLAIN}\n" in screen
