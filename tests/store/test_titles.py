"""The title rows of conflict copies: at the fork, and the suffix of later ones, on rows as Claude Code writes them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.store import titles

SUFFIX = " (from laptop)"


def row(title: object) -> bytes:
    return json.dumps({"type": "custom-title", "customTitle": title}, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def said(line: bytes) -> str:
    return json.loads(line)["customTitle"]


# A suffix begins with a space, which is no part of an escape: the end of "\\u0015" is not the suffix "5".
@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")).map(" {}".format))
def test_the_suffix_comes_once_and_goes_again(title: str, suffix: str) -> None:
    made = titles.suffixed(row(title), suffix)
    assert json.loads(made)["type"] == "custom-title"
    if title:
        assert said(made).endswith(suffix)
        assert titles.suffixed(made, suffix) == made
    else:
        assert made == row("")
    if title and not title.endswith(suffix):
        assert titles.plain(made, suffix) == row(title)


@given(
    st.binary(max_size=80), st.sampled_from([b"", b'"type":"custom-title"', b'{"type":"custom-title","customTitle":"'])
)
def test_any_other_bytes_stay_as_they_are_or_stay_a_row(tail: bytes, head: bytes) -> None:
    line = head + tail
    made = titles.suffixed(line, SUFFIX)
    if b'"customTitle":"' not in line:
        assert made == line
    assert len(made) in (len(line), len(line) + len(SUFFIX))
    assert titles.plain(line, "") == titles.suffixed(line, "") == line


@pytest.mark.parametrize("title", ['a "quote"', "back\\slash\\", "tab\t", "ü😀", 'ends in quote\\"'])
def test_escapes_in_titles(title: str) -> None:
    assert said(titles.suffixed(row(title), SUFFIX)) == title + SUFFIX


def test_rows_that_only_mention_titles_are_left_alone() -> None:
    for line in (
        b'{"type":"user","message":{"content":"say \\"type\\":\\"custom-title\\",\\"customTitle\\":\\"x\\""}}\n',
        b'{"type":"ai-title","aiTitle":"x"}\n',
        b'{"type":"custom-title","customTitle":"cut off',
        b'{"type":"custom-title","customTitle":null}\n',
    ):
        assert titles.suffixed(line, SUFFIX) == line


def test_every_row_of_a_block() -> None:
    block = row("a") + b"\n" + b'{"type":"mode"}\n' + row("b") + b"\n"
    assert (
        titles.suffixed_text(block, SUFFIX)
        == row("a" + SUFFIX) + b"\n" + b'{"type":"mode"}\n' + row("b" + SUFFIX) + b"\n"
    )
    assert titles.suffixed_text(block, "") == block


@given(st.text(st.characters(codec="utf-8")))
def test_the_row_at_the_fork(title: str) -> None:
    line = titles.fork_row(title)
    assert line.endswith(b"}\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"type": "custom-title", "customTitle": title, "sessionId": "{{SESSION}}"}


def test_without_the_row_at_the_fork() -> None:
    assert list(titles.without_fork(iter([b"a", b"b", b"c"]), 1)) == [b"a", b"c"]
    assert list(titles.without_fork(iter([b"a", b"b"]), 0)) == [b"b"]
    assert list(titles.without_fork(iter([b"a", b"b"]), -1)) == [b"a", b"b"]
