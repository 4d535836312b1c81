"""SECURITY.md keeps its word: every test that it names exists, and says what nothing stands in the way of."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("| ")]
BODY = [
    row for row in ROWS if not row[0].startswith("what ") or row[0] not in ("what they can do", "what could happen")
]


def named() -> set[tuple[str, str]]:
    """(file, function) of every test in the tables."""
    return {(one, name) for row in BODY for one, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2])}


def test_every_test_that_is_named_exists() -> None:
    wrong = []
    for file in sorted({file for file, _ in named()}):
        path = ROOT / file
        tree = ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module([], [])
        there = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        wrong += [f"{file}::{name}" for one, name in named() if one == file and name not in there]
    assert not wrong
    assert len(named()) > 40


def test_what_has_no_test_says_that_nothing_stops_it() -> None:
    assert all(len(row) == 3 for row in ROWS), [row for row in ROWS if len(row) != 3]
    bare = [row for row in BODY if not row[2]]
    assert [row[0] for row in bare if not row[1].startswith(("nothing", "our objects are 0400"))] == []
    assert all("::" in row[2] for row in BODY if row[2])


def test_each_actor_of_the_threats_has_a_table() -> None:
    actors = [line[4:] for line in TEXT.splitlines() if line.startswith("### ")]
    assert len(actors) >= 9
    for section in TEXT.split("\n### ")[1:]:
        assert "::test_" in section, section.splitlines()[0]
