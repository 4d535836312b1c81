"""What is looked for in stored bytes is never too much: whatever the readable text holds is found there, in git and here."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude.readable import texts
from git_ccsync.errors import Refused, Usage
from git_ccsync.git import grep
from git_ccsync.operations.searching.search_literals import required
from git_ccsync.operations.searching.search_words import Finder, Patience, Query, TooLong
from git_ccsync.portable.marked import Marker, unmarked
from git_ccsync.portable.roots import Root
from git_ccsync.portable.text import Codec

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
PATHS = ("/home/al", "/home/al/work/app", "/home/al/.claude/projects/-home-al-work-app")
CODEC = Codec(
    [Root(name, (path.encode(),)) for name, path in zip((b"HOME", b"REPO", b"CLAUDE_PROJECT"), PATHS, strict=True)], ID
)
#: What texts are made of: paths and their neighbours, what JSON escapes, letters of several cases, placeholders, ids.
PIECES = (
    *PATHS,
    *("/src/x.py", "/", "app", "al", "work/app", "/home", " ", "\n", '"', "\\", "{{REPO}}", "{{", "}}", "{", "é", "É"),
    *(
        "größe",
        "GRÖSSE",
        "Привет",
        "日本",
        "🙂",
        "\x01",
        "\ufdd0",
        ID,
        ID[:8],
        ID[-12:],
        "-",
        "Fix",
        "fix",
        "x",
        "\udcff",
    ),
)
TEXT = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join)


def stored(text: str) -> bytes:
    row = {"type": "user", "message": {"role": "user", "content": text}, "cwd": PATHS[1]}
    line = json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n"
    return CODEC.portable(line)


def spans(query: Query, row: bytes) -> bool:
    return any(query.spans(*unmarked(text.text)) for text in texts(Marker(CODEC).mark(row)))


@given(TEXT, st.data(), st.sampled_from([None, True, False]))
def test_what_a_text_holds_is_found_in_its_stored_form(text: str, data: st.DataObject, case: bool | None) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    word = text[start : data.draw(st.integers(start + 1, len(text)))]
    word = data.draw(st.sampled_from([word, word.lower(), word.upper()]))
    if not word.strip():
        return
    row = stored(text)
    query = Query([word], case=case)
    if spans(query, row):
        assert row in list(Finder(query.wanted(PATHS)).rows(b"{}\n" + row))


@given(TEXT, st.sampled_from(["fix|app", "fi+x", "(?i)gr.ße", r"\bapp/(src|x)", "(al)?/", "^[{]+", r"日本\s", "x{2}"]))
def test_so_is_what_an_expression_matches(text: str, expression: str) -> None:
    row = stored(text)
    query = Query([expression], regex=True)
    if spans(query, row):
        assert list(Finder(query.wanted(PATHS)).rows(row)) == [row]


@given(TEXT)
def test_marks_are_all_that_marking_adds(text: str) -> None:
    row = stored(text.replace("\ufdd0", ""))
    assert unmarked(Marker(CODEC).mark(row).decode("utf-8", "surrogateescape"))[0].encode(
        "utf-8", "surrogateescape"
    ) == CODEC.local(row)


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("app", "in /home/al/work/app/src", False),
        ("work/app/src", "in /home/al/work/app/src", True),
        ("/home/al/work/app", "in /home/al/work/app/src", True),
        ("/home/al/work/app/src/x.py", "see /home/al/work/app/src/x.py", True),
        ("cd /home/al/work/app fails", "cd /home/al/work/app\n\n fails", True),
        ("repo", "in /home/al/work/app", False),
        ("session", "/tmp/" + ID, False),
        (ID, "/tmp/" + ID, True),
        ("82c3301/src", f"/tmp/{ID}/src", True),
        ("tmp/3f25", f"/tmp/{ID}/src", True),
        (ID[:8], "/tmp/" + ID, False),
        ("src", "in /home/al/work/app/src", True),
        ("the parser", "the\n  parser", True),
        ("Fix", "fix it", False),
        ("fix", "FIX it", True),
        ('say "no"', 'they say "no"', True),
        ("c:\\x", "at C:\\x", True),
        ("привет", "ПРИВЕТ", True),
        ("content", "words", False),
    ],
)
def test_words(word: str, text: str, found: bool) -> None:
    row = stored(text)
    query = Query([word])
    assert spans(query, row) is found
    if found:
        assert list(Finder(query.wanted(PATHS)).rows(row)) == [row]


@pytest.mark.parametrize(
    ("expression", "literals"),
    [
        ("parser", ("parser",)),
        (r"^the\s+parser$", ("parser",)),
        ("ab+cde", ("cde",)),
        ("(?:foo|parser)x?", ("foo", "parser")),
        ("(parser)+", ("parser",)),
        ("(parser)*x", ("x",)),
        ("(?i:parser)", ()),
        (".*", ()),
    ],
)
def test_literals_of_expressions(expression: str, literals: tuple[str, ...]) -> None:
    assert tuple(filter(None, required(expression))) == literals


def test_git_finds_the_same_rows(tmp_path: Path) -> None:
    said = [
        "Größe und Maß",
        "GRÖSSE",
        "fix the parser",
        "FIX [it] now",
        "日本語 text",
        'a "quote"',
        "привет",
        "ПРИВЕТ мир",
    ]
    rows = [stored(text) for text in said] + [b'{"bad":"\xff fix \x00 parser"}\n']
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "17").write_bytes(b"".join(rows))
    subprocess.run(["git", "add", "17"], cwd=tmp_path, check=True)
    tree = subprocess.run(
        ["git", "write-tree"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout.strip()
    for words in (
        ["fix"],
        ["fix", "parser"],
        ["FIX"],
        ["[it]"],
        ["größe"],
        ["привет"],
        ["日本"],
        ["quote"],
        ["мир", "при"],
    ):
        for case in (None, True, False):
            wanted = Query(words, case=case).wanted(PATHS)
            found = [(oid, path, row + b"\n") for oid, path, row in grep.rows(str(tmp_path / ".git"), [tree], wanted)]
            assert found == [(tree, b"17", row) for row in Finder(wanted).rows(b"".join(rows))], (words, case)
    for expression in ("fix|quote", "(мир|maß)", "x"):
        wanted = Query([expression], regex=True).wanted(PATHS)
        found = [(oid, path, row + b"\n") for oid, path, row in grep.rows(str(tmp_path / ".git"), [tree], wanted)]
        assert found == [(tree, b"17", row) for row in Finder(wanted).rows(b"".join(rows))], expression


def test_what_makes_no_sense_is_refused() -> None:
    for words, regex in (([], False), (["", "  "], False), (["("], True), (["a{2,1}"], True)):
        with pytest.raises(Usage):
            Query(words, regex=regex)


def test_an_expression_that_takes_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Patience, "SECONDS", 0.05)
    patience, query = Patience(), Query(["(a+)+$"], regex=True)
    try:
        for number in range(Patience.MOST):
            started = time.monotonic()
            with pytest.raises(TooLong), patience:
                query.spans("a" * 60 + "!", ())
            assert time.monotonic() - started < 20
            if number < Patience.MOST - 1:
                patience.lost()
        with pytest.raises(Refused):
            patience.lost()
    finally:
        patience.close()
