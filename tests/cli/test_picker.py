"""The picker without a terminal: what a query finds, how the selection moves, and what is drawn, line by line."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from git_ccsync.cli import picker_frame, render
from git_ccsync.cli.picker_frame import Look, draw, shape, wrap
from git_ccsync.cli.picker_list import Picking
from git_ccsync.cli.picker_match import Corpus, Row
from git_ccsync.cli.picker_preview import Previews
from tests.cli.picks import LONG, NOW, PREVIEW, ROWS, many

GOLDENS = Path(__file__).parent / "goldens"


def drawn(
    picking: Picking, width: int, height: int, *, preview: str | None = PREVIEW, plain: bool = False
) -> list[str]:
    look = Look(picking.rows, NOW, plain=plain)
    lines = draw(picking, look, preview, width, height).lines
    return ["".join(text for _, text in line) for line in lines]


# --- what a query finds


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [0, 1, 2, 3, 4, 5]),
        ("parser", [0]),
        ("PARSER  fix", [0]),
        ("kraken", [2]),  # the first prompt
        ("desktop", [1, 2]),  # the machine
        ("feature 登录", [1]),  # the git branch
        ("desktop main", [2]),
        ("ＰＡＲＳＥＲ", [0]),  # full-width letters
        ("8b21", [2]),  # an id
        ("21ab", []),  # not the middle of one
        ("nothing like it", []),
        ("rfctrlgn", [3]),  # letters in their order
        ("desktop nothing", []),
    ],
)
def test_every_word_is_found_somewhere(query: str, found: list[int]) -> None:
    assert list(Corpus(ROWS).find(query).at) == found


def test_letters_count_only_where_no_row_has_the_word() -> None:
    corpus = Corpus([Row("1", "fix"), Row("2", "far in excess")])
    assert corpus.find("fix") == ([0], False)
    assert corpus.find("fx").similar
    assert list(corpus.find("fx").at) == [0, 1]


def test_prompts_that_are_read_later_are_found_too() -> None:
    picking = Picking(ROWS)
    picking.type("grün")
    assert picking.selected is None
    picking.learn({ROWS[4].id: "Mach es GRÜN", "unknown": "x"})
    assert picking.selected == ROWS[4]


# --- moving and typing


def test_the_selection_stays_within_the_list() -> None:
    picking = Picking(ROWS)
    picking.move(-1)
    assert picking.selected == ROWS[0]
    picking.move(100)
    assert picking.selected == ROWS[-1]
    picking.type("fix")
    assert picking.selected == ROWS[0]
    picking.type("zzz")
    picking.move(1)
    assert (picking.selected, picking.at) == (None, 0)


def test_clearing_keeps_the_selected_row() -> None:
    picking = Picking(ROWS)
    picking.type("ship it")
    picking.clear()
    assert (picking.query, picking.selected) == ("", ROWS[2])


def test_erasing() -> None:
    picking = Picking(ROWS)
    picking.type("ship  it\tnow")
    picking.erase()
    assert picking.query == "ship  it no"
    picking.erase_word()
    assert picking.query == "ship  it "
    picking.erase_word()
    picking.erase_word()
    picking.erase_word()
    assert picking.query == ""
    picking.type("x" * 1000)
    assert len(picking.query) == 200


def test_the_list_scrolls_no_further_than_it_must() -> None:
    picking = Picking(many(100))
    assert list(picking.visible(10)) == list(range(10))
    picking.move(12)
    assert list(picking.visible(10)) == list(range(3, 13))
    picking.move(-2)
    assert list(picking.visible(10)) == list(range(3, 13))
    picking.move(1000)
    assert list(picking.visible(10)) == list(range(90, 100))
    assert list(picking.visible(30)) == list(range(70, 100))
    picking.move(-1000)
    assert list(picking.visible(10)) == list(range(10))


# --- what is drawn


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 50), (40, 12)])
@pytest.mark.parametrize("plain", [False, True])
def test_whole_screens(width: int, height: int, plain: bool) -> None:
    """Remove a golden to have it written anew."""
    picking = Picking(ROWS)
    picking.move(1)
    golden = GOLDENS / f"picker-{width}{'-plain' if plain else ''}.txt"
    text = "".join(line.rstrip() + "\n" for line in drawn(picking, width, height, plain=plain))
    if not golden.exists():
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"wrote {golden.name}: look at it")
    assert text == golden.read_text(encoding="utf-8")


def test_a_query_without_a_match_is_shown_with_the_others_gone() -> None:
    picking = Picking(ROWS)
    picking.type("nothing")
    lines = drawn(picking, 60, 20)
    assert lines[0] == "> nothing" + " " * 48 + "0/6"
    assert lines[1] == "  no session fits"
    assert not any(line.strip() for line in lines[2:-1])


def test_the_cursor_stands_behind_the_query() -> None:
    picking, look = Picking(ROWS), Look(ROWS, NOW)
    assert draw(picking, look, "", 80, 24).cursor == 2
    picking.type("登录 x")
    assert draw(picking, look, "", 80, 24).cursor == 8
    picking.type("y" * 100)
    drawing = draw(picking, look, "", 80, 24)
    assert drawing.cursor < 80
    assert "".join(text for _, text in drawing.lines[0]).rstrip().endswith("0/6")


def test_the_selected_row_stands_out_without_colours() -> None:
    picking, look = Picking(ROWS), Look(ROWS, NOW)
    first, second = draw(picking, look, None, 80, 24).lines[1:3]
    assert {style for style, _ in first} == {"reverse"}
    assert first[0][1] == "> "
    assert second[0][1] == "  "


def test_only_the_palette_of_the_terminal_is_used() -> None:
    picking, look = Picking(ROWS), Look(ROWS, NOW)
    used = {style for line in draw(picking, look, PREVIEW, 200, 50).lines for style, _ in line}
    known = {"", "bold", "reverse", "class:dim", "ansicyan", "ansiyellow", "ansigreen", "ansiblue"}
    assert used <= known


def test_an_unread_preview_says_so() -> None:
    assert any(line == "reading …" for line in drawn(Picking(ROWS), 80, 24, preview=None))


def test_a_long_prompt_leaves_room_for_the_answer() -> None:
    preview = "> " + "word " * 500 + "\nthe answer"
    lines = drawn(Picking(ROWS), 80, 24, preview=preview)
    assert "the answer" in lines
    assert any(line.endswith("…") and line.startswith(("> word", "word")) for line in lines)


wild = st.text(st.one_of(st.sampled_from("a 一🚀❤️‍\u0301\u202e\x1b\t\n\ud800é｡ﾊ"), st.characters()), max_size=60)


@given(
    rows=st.lists(
        st.builds(
            Row, st.uuids().map(str), wild, wild, wild, st.sampled_from(["", "2026-11-21T11:59:50.000Z"]), wild, wild,
            st.lists(st.sampled_from([*picker_frame.MARKS]), unique=True).map(tuple), wild,
        ), max_size=5,
    ),
    query=wild, preview=st.none() | wild, width=st.integers(1, 220), height=st.integers(1, 60), down=st.integers(0, 4),
)  # fmt: skip
def test_no_line_is_wider_than_the_terminal(
    rows: list[Row], query: str, preview: str | None, width: int, height: int, down: int
) -> None:
    picking = Picking(rows)
    picking.type(query[:3])
    picking.move(down)
    lines = drawn(picking, width, height, preview=preview)
    assert len(lines) == min(height, max(len(lines), 1))
    for line in lines:
        assert line.isprintable()
        assert render.columns(line) <= width
        assert wcswidth(line) <= width


@given(text=wild.map(render.safe), width=st.integers(2, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    lines = wrap(text, width, 1000)
    assert all(render.columns(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("height", range(1, 80))
def test_every_height_is_used_up(height: int) -> None:
    form = shape(height)
    assert form.rows >= 1
    assert 1 + form.rows + form.preview + form.legend == max(height, 2)


def test_words_of_a_title_are_worth_more_than_the_size() -> None:
    look = Look(ROWS, NOW)
    assert look.columns(40).machine == 0
    assert look.columns(40).age == 14
    wide = look.columns(200)
    assert wide.branch == 24
    assert sum((wide.marks, wide.title, wide.machine + 2, wide.age + 2, wide.branch + 2, wide.size + 2)) + 2 == 200
    assert LONG in drawn(Picking(ROWS), 220, 24)[4]


# --- reading beside it


class Told:
    """Collects what the thread says, and waits for it."""

    def __init__(self) -> None:
        self.said: list[dict[str, str]] = []

    def __call__(self, prompts: dict[str, str]) -> None:
        self.said.append(prompts)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_the_wished_preview_comes_before_the_prompts() -> None:
    order: list[str] = []
    may_go = threading.Event()

    def prompts() -> Generator[tuple[str, str]]:
        for number in range(3):
            may_go.wait(20)
            order.append(f"prompt {number}")
            yield str(number), "text"

    def read(session: str) -> str:
        may_go.wait(20)
        order.append(session)
        return f"preview of {session}"

    told = Told()
    previews = Previews(read, prompts(), told)
    previews.start()
    try:
        assert previews.get("a") is None
        assert previews.get("b") is None
        may_go.set()
        until(lambda: previews.get("b"))
        assert previews.get("b") == "preview of b"
        until(lambda: sum(map(len, told.said)) == 3)
        assert order.index("b") <= 1, "at most the prompt that was being read came first"
        assert "a" not in order[2:], "a wish that was given up is not read later"
    finally:
        previews.stop()


def test_what_cannot_be_read_says_so_and_the_next_one_is_read() -> None:
    def read(session: str) -> str:
        if session == "bad":
            raise OSError("gone")
        return "good"

    def prompts() -> Generator[tuple[str, str]]:
        raise ValueError("broken")
        yield "", ""

    previews = Previews(read, prompts(), Told())
    previews.start()
    try:
        until(lambda: previews.get("bad"))
        assert previews.get("bad") == "(cannot be read)"
        until(lambda: previews.get("fine") == "good")
    finally:
        previews.stop()


def test_the_end_closes_what_is_read_from() -> None:
    closed = threading.Event()

    def prompts() -> Generator[tuple[str, str]]:
        try:
            while True:
                yield "", ""
        finally:
            closed.set()

    previews = Previews(str, prompts(), Told())
    previews.start()
    previews.stop()
    assert closed.wait(20)
