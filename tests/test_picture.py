"""The README's picture: its story, played again, says what it says, and it is drawn as a terminal shows it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.tmux import needs_tmux
from tests.picture import svg
from tests.picture.story import PICTURE, play
from tests.support.readme import README, words


@pytest.mark.slow
@needs_tmux
@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_the_picture_is_what_happens(tmp_path: Path) -> None:
    windows = play(tmp_path)
    assert words(svg.words(svg.draw(windows))) == words(svg.words(PICTURE.read_text(encoding="utf-8"))), (
        "if this is meant, run: python -m tests.picture"
    )
    rows = [re.sub(r"\x1b\[[0-9;]*m", "", row).rstrip() for window in windows for row in window.rows]
    assert max(map(svg.columns, rows)) <= svg.COLUMNS


def test_the_readme_shows_it() -> None:
    assert str(PICTURE.relative_to(README.parent)) in README.read_text(encoding="utf-8")


def test_colours_hold_from_row_to_row() -> None:
    pieces, style = svg.read("a \x1b[1;32mb\x1b[7mc", frozenset())
    assert [(piece.column, piece.text, sorted(piece.style)) for piece in pieces] == [
        (0, "a ", []),
        (2, "b", ["bold", "green"]),
        (3, "c", ["bold", "green", "reverse"]),
    ]
    assert svg.read("d\x1b[27;39m", style)[1] == {"bold"}
    assert svg.read("\x1b[m", style)[1] == frozenset()


def test_every_character_stands_in_its_column() -> None:
    picture = svg.draw([svg.Window("a <title>", ["one  日本 two & <three>", "\x1b[7mreverse  row"])])
    spans = [node for node in ET.fromstring(picture).iter() if node.tag.endswith("tspan")]
    placed = [(node.text, round((float(node.attrib["x"]) - svg.MARGIN) / svg.ADVANCE)) for node in spans]
    assert placed == [("one", 0), ("日", 5), ("本", 7), ("two & <three>", 10), ("reverse", 0), ("row", 9)]
    assert "a <title>" in svg.words(picture)
