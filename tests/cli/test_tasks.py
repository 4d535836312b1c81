"""What `tasks` and `handoff` say to programs and piped. How they look at a terminal is in test_looks.py."""

from __future__ import annotations

import re

import pytest

from git_ccsync.state import held
from tests.cli.golden import golden
from tests.support.machine import Machine
from tests.support.world import World

IDS = [f"{first}-0000-4000-8000-000000000000" for first in ("3f2504e0", "9a1b2c3d", "8b21ab77", "71c0ffee")]
TITLES = (
    "修复解析器的错误 🙂",
    "Refactor the walrus, in a title far wider than any terminal " * 3,
    "evil \x1b[31mred\x07 \u202eltr",
    "",
)
BRANCHES = ("main", "feature/日本語-a-rather-long-name-of-a-branch", "x\x1b[2Jy", "main")


@pytest.fixture
def desktop(world: World) -> Machine:
    """A machine that sees four tasks of another one, whose name is long."""
    laptop = world.machine("the-laptop-with-a-long-name")
    for number, title in enumerate(TITLES):
        session = laptop.session(title, age=(number + 2) * 86_400 + 40_000, id=IDS[number])
        session.rows.branch = BRANCHES[number]
        session.write(
            session.rows.user(f"海象在哪里？ walrus {title}\nand a second line\t\x1b]0;title\x07")
            + session.rows.assistant({"type": "text", "text": "Here. 🙂\n\nNext:\n\n- one\n- 二 \x1b[2J"})
        )
    laptop.init()
    laptop.ok("push")
    (state,) = (laptop.clone / ".git" / "ccsync").iterdir()
    for name in IDS:
        held.put(str(state), name, held.Held(held.UNFINISHED))
    laptop.run_claude(IDS[1])
    laptop.ok("sync")
    made = world.machine("desktop")
    made.init()
    made.ok("pull")
    return made


def test_a_handoff_is_plain_markdown(desktop: Machine) -> None:
    out = desktop.ok("handoff", IDS[2]).out.replace(str(desktop.clone), "CLONE")
    assert out == golden("handoff-piped.txt", out)
    assert all(char.isprintable() for char in out.replace("\n", ""))
    assert re.findall(r"^## (.*)$", out, re.MULTILINE) == [
        "Task", "Done", "In progress", "Next steps", "Files", "Prompt to continue",
    ]  # fmt: skip


def test_for_programs(desktop: Machine) -> None:
    rows = [line.split("\t") for line in desktop.ok("tasks", "--porcelain").out.splitlines()]
    assert [row[:4] for row in rows] == [
        ["task", str(number), name, "open" if number == 2 else "unfinished"] for number, name in enumerate(IDS, 1)
    ]
    assert {len(row) for row in rows} == {10}
    assert desktop.ok("tasks", "-z").out.count("\0") == len(IDS)
    assert desktop.ccsync("tasks", "--done", "1", "--json").status == 129


def test_everywhere(desktop: Machine) -> None:
    out = desktop.ok("tasks", "--all").out
    assert out.startswith("~/src/the app\n  1  修复解析器的错误 🙂")
    assert desktop.ok("tasks", "--all", "--porcelain").out.startswith("repository\t")
