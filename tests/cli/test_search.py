"""What `search` says: below their sessions on a terminal, alone on their lines elsewhere. More of it is in test_looks.py."""

from __future__ import annotations

import re

import pytest

from git_ccsync.cli import render
from tests.cli.golden import golden
from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.world import World

#: The 16 colours that people choose themselves, and bold and dim.
PALETTE = {"", "1", "2", "31", "32", "33", "36"}
IDS = [f"{first}-0000-4000-8000-000000000000" for first in ("3f2504e0", "9a1b2c3d", "8b21ab77")]


@pytest.fixture
def laptop(world: World) -> Machine:
    made = world.machine("laptop")
    long = "a line that goes on and on, " * 20
    for number, title in enumerate(
        ("修复解析器的错误 🙂", "Refactor the walrus, in a title far wider than any terminal " * 3, "evil")
    ):
        session = made.session(title, age=(number + 2) * 86_400 + 40_000, id=IDS[number])
        rows = session.rows
        session.write(
            rows.user(f"海象在哪里？ walrus {title}")
            + rows.assistant({"type": "text", "text": f"{long}🙂 the walrus\n\n    is here {long}"})
            + rows.assistant(
                {"type": "tool_use", "name": "Bash", "input": {"command": "grep -r walrus \x1b[2J\x07 src"}}
            )
            + rows.tool("src/walrus.py", "walrus = '🙂日本'\n" * 50)
        )
    made.init()
    return made


def at_terminal(machine: Machine, *args: str, columns: int = 80, **env: str) -> Terminal:
    everything = {**machine.env, "TERM": "xterm", "GIT_PAGER": "cat", **env}
    return Terminal([*executable(), "search", *args], everything, cwd=machine.clone, columns=columns)


def test_on_the_narrowest_terminal_every_row_fits(laptop: Machine) -> None:
    with at_terminal(laptop, "walrus", columns=30) as terminal:
        status, screen = terminal.finish()
    assert status == 0
    assert max(map(render.columns, screen.splitlines())) <= 30
    assert set(re.findall(r"\x1b\[([0-9;]*)m", terminal.raw)) <= PALETTE
    assert not re.sub(r"\x1b\[[0-9;]*m|\r?\n", "", terminal.raw).encode().translate(None, bytes(range(32, 256)))
    assert "\x1b[31mwalrus\x1b[m" in terminal.raw
    assert screen == golden("search-30.txt", screen)


def test_elsewhere_every_match_is_a_line(laptop: Machine) -> None:
    out = laptop.ok("search", "walrus").out
    assert all(char.isprintable() for char in out.replace("\n", ""))
    assert len(out.splitlines()) == 16


def test_colour_is_gits_own_choice(laptop: Machine) -> None:
    with at_terminal(laptop, "walrus", NO_COLOR="1") as terminal:
        terminal.finish()
    assert "\x1b" not in terminal.raw
    laptop.git("config", "color.ui", "always")
    assert "\x1b[31mwalrus\x1b[m" in laptop.ok("search", "walrus").out


def test_it_goes_through_gits_pager_and_ends_with_it(laptop: Machine) -> None:
    with at_terminal(laptop, "walrus", GIT_PAGER="sed s/^/paged:/") as terminal:
        status, screen = terminal.finish()
    assert (status, {line[:6] for line in screen.splitlines()}) == (0, {"paged:"})
    with at_terminal(laptop, "walrus", GIT_PAGER="true") as terminal:
        assert terminal.finish() == (0, "")


@pytest.mark.slow
def test_when_the_pager_has_gone_a_long_search_ends(laptop: Machine) -> None:
    session = laptop.session("slow")
    session.write(b"".join(session.rows.user("a" * 60 + "!") for _ in range(2)))
    laptop.session("found").write(session.rows.user("aaa"))
    with at_terminal(laptop, "--regex", "^(a+)+$", GIT_PAGER="head -c 1; sleep 0.5") as terminal:
        status, _ = terminal.finish()
    assert status in (0, 1)


def test_titles_alone_and_what_is_not_found(laptop: Machine) -> None:
    with at_terminal(laptop, "refactor", columns=80) as terminal:
        status, screen = terminal.finish()
    assert (status, len(screen.splitlines())) == (0, 2)
    assert screen.startswith("9a1b2c3d  Refactor the walrus, in a title")
    assert "\x1b[31mRefactor\x1b[m" in terminal.raw
    done = laptop.ccsync("search", "carpenter")
    assert (done.status, done.out, done.err) == (1, "", "")
