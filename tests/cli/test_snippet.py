"""A piece of a long text on one line: it fits, it is safe, and what was found is in it and painted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.cli import render
from git_ccsync.cli.snippet import snippet
from git_ccsync.operations.searching.search_words import Query, Span

TEXT = st.text(st.one_of(st.sampled_from("ab \n\t\x1b日🙂\u202e\u0301"), st.characters()), min_size=1, max_size=300)


def painted(text: str) -> str:
    return f"\x0e{text}\x0f"


@given(
    TEXT,
    st.lists(st.tuples(st.integers(0, 299), st.integers(1, 40), st.integers(0, 3)), max_size=6),
    st.integers(1, 120),
)
def test_a_snippet_fits_and_is_safe(text: str, places: list[tuple[int, int, int]], width: int) -> None:
    spans = sorted(Span(at, min(at + size, len(text)), word) for at, size, word in places if at < len(text))
    shown = snippet(text, spans, width, painted)
    bare = shown.replace("\x0e", "").replace("\x0f", "")
    assert render.columns(bare) <= width
    assert render.safe(bare) == bare
    assert re.sub("\x0e[^\x0e\x0f]+\x0f", "", shown).isprintable()


@pytest.mark.parametrize(
    ("text", "words", "width", "shown"),
    [
        ("the walrus and the carpenter", ["walrus"], 80, "the <walrus> and the carpenter"),
        ("one two three walrus four five six", ["walrus"], 20, "…hree <walrus> four f…"),
        ("x" * 90 + " walrus", ["walrus"], 20, "…xxxxxxxxxxxx <walrus>"),
        ("walrus " + "y" * 90, ["walrus"], 20, "<walrus> yyyyyyyyyyyy…"),
        ("a\n    walrus\n    b", ["walrus"], 80, "a <walrus> b"),
        ("walrus " + "z" * 200 + " carpenter", ["carpenter", "walrus"], 60, None),
        ("日本語の海象です", ["海象"], 10, "…の<海象>で…"),
        ("a walrus, a walrus", ["walrus"], 80, "a <walrus>, a <walrus>"),
        ("walrus\x1b[31m\u202e!", ["walrus"], 80, "<walrus>[31m!"),
        ("x" * 100, ["x+"], 10, None),
    ],
)
def test_what_a_snippet_shows(text: str, words: list[str], width: int, shown: str | None) -> None:
    made = snippet(text, Query(words, regex="+" in words[0]).spans(text, ()), width, lambda piece: f"<{piece}>")
    if shown is not None:
        assert made == shown
    for word in words:
        assert f"<{word}>" in made or "+" in word
    assert render.columns(made.replace("<", "").replace(">", "")) <= width
