"""Foreign text cannot act on a terminal or hide in it; tables fit; numbers read well."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.cli import render, wrap


@given(st.one_of(st.text(), st.binary(), st.text(st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"]))))
def test_safe_text_has_no_character_that_acts(text: str | bytes) -> None:
    shown = render.safe(text)
    assert not [char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert render.safe(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe 日本 🙂", "Größe 日本 🙂"),
        ("red \x1b[31malert\x1b[0m", "red [31malert[0m"),
        ("\u202egnp.exe", "gnp.exe"),
        ("two\nlines\tand a tab", "two lines and a tab"),
        ("c1 \x9b31m", "c1 31m"),
        ("\u2764\ufe0f and \u231a\ufe0e", "\u2764 and \u231a"),  # as wide as every terminal draws them
        (b"caf\xe9", "caf\ufffd"),
        ("\udce9", "\ufffd"),
    ],
)
def test_safe(text: str | bytes, shown: str) -> None:
    assert render.safe(text) == shown


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(1, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    cut = render.cut(text, width)
    assert render.columns(cut) <= width
    assert cut == text or cut.endswith("…")


def test_wide_and_combining_characters_count_as_terminals_draw_them() -> None:
    assert render.columns("日本") == 4
    assert render.columns("e\u0301") == 1
    assert render.cut("日本語", 4) == "日…"
    assert render.pad("日", 4) + "|" == "日  |"


def test_tables_fit_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_PAGER_IN_USE", "true")
    monkeypatch.setenv("COLUMNS", "40")
    rows = [
        ("new", "a title that is much longer than the terminal is wide", "12 lines"),
        ("copy", "日本" * 20, "1 line"),
    ]
    lines = render.table(rows, flexible=1, right=(2,), indent="  ")
    assert [render.columns(line) for line in lines] == [40, 40]
    assert lines[0].startswith("  new   a title that is much…  ")


def test_a_narrow_table_leaves_out_what_it_can_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_PAGER_IN_USE", "true")
    row = ("id", "a title that is long enough to be cut", "machine", "12 MB")
    shown = {}
    for width in (80, 50, 40, 20):
        monkeypatch.setenv("COLUMNS", str(width))
        (shown[width],) = render.table([row], flexible=1, spare=(3, 2))
    assert shown == {
        80: "id  a title that is long enough to be cut  machine  12 MB",
        50: "id  a title that is long enough t…  machine  12 MB",
        40: "id  a title that is long enoug…  machine",
        20: "id  a title that is…",
    }


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])), st.integers(2, 40), st.integers(-1, 50))
def test_hanging_lines_fit_and_lose_nothing_but_space(text: str, width: int, indent: int) -> None:
    lines = wrap.hang(render.safe(text), width, indent)
    assert max(map(render.columns, lines)) <= width
    assert "".join("".join(lines).split()) == "".join(render.safe(text).split())


def test_lines_hang_as_far_as_they_began() -> None:
    assert wrap.hang("  one two three", 9) == ["  one two", "  three"]
    assert wrap.hang("Title: one two three", 16, indent=7) == ["Title: one two", "       three"]
    assert wrap.hang("one two three", 0) == ["one two three"]


def test_tables_are_whole_where_nobody_reads() -> None:
    assert render.table([("a", "x" * 200, ""), ("b", "y", "")], flexible=1) == ["a  " + "x" * 200, "b  y"]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (312_000_000, "312 MB"),
        (5_000_000_000_000, "5,000 GB"),
    ],
)
def test_size(number: int, shown: str) -> None:
    assert render.size(number) == shown


def test_count() -> None:
    assert [render.count(number, "line") for number in (0, 1, 2, 1234)] == [
        "0 lines",
        "1 line",
        "2 lines",
        "1,234 lines",
    ]


def test_home_is_shortened_at_a_component_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/al")
    assert render.home("/home/al/app") == "~/app"
    assert render.home("/home/alice/app") == "/home/alice/app"
