"""What the rows of a transcript say: counts, times and titles, told alike from bytes and from JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude import transcript
from git_ccsync.claude.rows import seconds
from git_ccsync.claude.transcript import bookkeeping, facts, merge_facts, row_uuid, title
from git_ccsync.model import Facts
from tests.support.transcript import Transcript, line, odd_lines

ID = "3f0c8a52-1111-4222-8333-94445555666a"


def conversation() -> Transcript:
    return Transcript(ID, "/home/al/app", start=1_700_000_000)


def test_a_conversation() -> None:
    rows = conversation()
    text = rows.exchange("fix the bug") + rows.tool("/home/al/app/x.py", "{code}") + rows.exchange()
    text += rows.bookkeeping("My fine title", "last words")
    assert facts(text) == Facts(
        custom_title="My fine title",
        last_prompt="last words",
        first_prompt="fix the bug",
        created="2023-11-14T22:13:21.000Z",
        updated="2023-11-14T22:13:26.000Z",
        messages=5,
        lines=10,
        git_branch="main",
        version="2.1.330",
        cwd="/home/al/app",
    )
    assert facts(b"") == Facts()


def test_what_claude_code_wrote_itself_is_no_prompt() -> None:
    rows = conversation()
    text = rows.user("Caveat: the messages below", isMeta=True)
    text += rows.user("<command-name>/clear</command-name>") + rows.user("[Request interrupted by user]")
    text += rows.user("This session is being continued", isCompactSummary=True)
    text += rows.row("user", message={"role": "user", "content": [{"type": "text", "text": " typed\n here "}]})
    assert facts(text).first_prompt == "typed here"
    assert facts(text).messages == 4  # the meta row is none


def test_the_last_title_row_counts_and_an_empty_one_clears() -> None:
    rows = conversation()
    assert facts(rows.title("one") + rows.title("two")).custom_title == "two"
    cleared = facts(rows.title("one") + rows.title(""))
    assert (cleared.custom_title, cleared.cleared) == ("", True)
    assert title(cleared, "from the file") == ""
    assert title(Facts(), "from the file") == "from the file"
    again = facts(rows.title("") + rows.title("back") + line({"type": "custom-title"}))
    assert (again.custom_title, again.cleared) == ("back", False)


def test_blank_titles_name_nothing() -> None:
    for kind, key in (("ai-title", "aiTitle"), ("summary", "summary"), ("last-prompt", "lastPrompt")):
        got = facts(line({"type": kind, key: "kept"}) + line({"type": kind, key: " \n "}) + line({"type": kind}))
        assert title(got) == "kept"


def test_titles_in_order_of_weight() -> None:
    everything = Facts(custom_title="c", ai_title="a", summary="s", last_prompt="l", first_prompt="f")
    assert title(everything, "file") == "c"
    for name, without in (
        ("file", "custom_title"),
        ("a", "file"),
        ("s", "ai_title"),
        ("l", "summary"),
        ("f", "last_prompt"),
    ):
        everything = everything if without == "file" else everything._replace(**{without: ""})
        assert title(everything, "file" if name == "file" else "") == name
    assert title(Facts()) == ""


def test_titles_are_one_short_line_that_can_be_encoded() -> None:
    rows = conversation()
    assert facts(rows.title("a \n\t b" + "x" * 900)).custom_title == "a b" + "x" * 197
    bad = facts(b'{"type":"ai-title","aiTitle":"\xff\xfe ok \\ud800"}\n').ai_title
    assert bad.encode()
    assert "ok" in bad
    assert facts(rows.title('say "hi" \\ }{')).custom_title == 'say "hi" \\ }{'


def test_the_title_files_text() -> None:
    assert transcript.custom_title_file(b'{"customTitle":" My\\nfine title"}\n') == "My fine title"
    for bad in (
        b"",
        b"[]",
        b'{"customTitle":1}',
        b'{"customTitle":"x"',
        b'{"customTitle":"' + b"x" * (1 << 20) + b'"}',
    ):
        assert transcript.custom_title_file(bad) == ""


def test_nested_keys_do_not_count() -> None:
    inner = {
        "type": "user",
        "cwd": "/inner",
        "timestamp": "2001-01-01T00:00:00.000Z",
        "gitBranch": "inner",
        "version": "0",
    }
    rows = [
        {"type": "progress", "data": {"message": inner}, "timestamp": "2026-01-01T00:00:00.000Z"},
        {"data": [{"x": inner}], "type": "x", "cwd": "/outer"},
        {
            "message": {"type": "message"},
            "x": {},
            "type": "assistant",
            "gitBranch": "a}b",
            "toolUseResult": {"a": inner},
        },
    ]
    got = facts(b"".join(map(line, rows)))
    assert (got.messages, got.cwd, got.git_branch) == (1, "/outer", "a}b")
    assert got.created == got.updated == "2026-01-01T00:00:00.000Z"
    assert got.version == ""


def test_other_writers_spacing_order_and_line_ends_are_read() -> None:
    row = {"message": {"role": "user", "content": "hi"}, "cwd": "/w", "type": "user", "uuid": "u1"}
    got = facts(json.dumps(row).encode() + b"\r\n" + b" " + json.dumps(row).encode() + b"\n")
    assert (got.messages, got.cwd, got.first_prompt) == (2, "/w", "hi")
    assert row_uuid(json.dumps(row).encode() + b"\r\n") == "u1"


def test_odd_lines_do_no_harm() -> None:
    got = facts(b"".join(odd_lines()))
    assert (got.messages, got.lines, got.first_prompt) == (1, 10, "crlf")


def test_of_two_parts_the_first_or_the_last_word_counts() -> None:
    first = Facts("c1", False, "a1", "s1", "l1", "f1", "t1", "u1", 1, 10, "b1", "v1", "/1", "/r1")
    second = Facts("c2", False, "a2", "s2", "l2", "f2", "t2", "u2", 2, 20, "b2", "v2", "/2", "/r2")
    both = Facts("c2", False, "a2", "s2", "l2", "f1", "t1", "u2", 3, 30, "b2", "v2", "/1", "/r2")
    assert merge_facts(first, second) == both
    assert merge_facts(Facts(), second) == merge_facts(second, Facts()) == second
    assert merge_facts(first, Facts(cleared=True)) == first._replace(custom_title="", cleared=True)


def test_a_huge_row_counts_but_is_not_parsed() -> None:
    rows = conversation()
    got = facts(rows.huge(3 << 20) + rows.exchange("small"))
    assert (got.messages, got.first_prompt) == (3, "small")
    nested = line({"a": {"type": "user"}, "type": "x", "b": {"pad": "x" * (2 << 20)}})
    assert facts(nested).messages == 0


WORDS = st.sampled_from(
    [
        "",
        "a",
        "b",
        " ",
        "x" * 300,
        'q"}{\\',
        "é\u2028",
        "2026-01-02T03:04:05.678Z",
        "2025-01-02T03:04:05Z",
        "<command-name>",
    ]
)
KINDS = st.sampled_from(
    ["user", "assistant", "system", "custom-title", "ai-title", "summary", "last-prompt", "relocated", "mode", "x"]
)
KEYS = st.sampled_from(
    [
        *(
            "customTitle",
            "aiTitle",
            "summary",
            "lastPrompt",
            "relocatedCwd",
            "timestamp",
            "gitBranch",
            "version",
            "cwd",
        ),
        *("uuid", "isMeta", "type", "message"),
    ]
)
VALUES = st.one_of(WORDS, st.booleans(), st.none(), st.fixed_dictionaries({"content": WORDS, "type": WORDS}))
ROWS = st.builds(
    lambda before, kind, after: {**before, "type": kind, **{k: v for k, v in after.items() if k != "type"}},
    st.dictionaries(KEYS, VALUES, max_size=4),
    KINDS,
    st.dictionaries(KEYS, VALUES, max_size=6),
)
NAMING = st.builds(
    lambda pair, value: {"type": pair[0], pair[1]: value},
    st.sampled_from([(kind, key.decode()) for kind, key in transcript._NAMING.items()] + [("x", "timestamp")]),
    WORDS,
)
LINES = st.one_of(
    NAMING.map(line),
    ROWS.map(line),
    ROWS.map(lambda row: json.dumps(row).encode() + b"\n"),
    st.sampled_from(odd_lines()),
)
TEXTS = st.lists(LINES, max_size=6)


@given(TEXTS, TEXTS)
def test_facts_of_parts_make_the_facts_of_the_whole(one: list[bytes], other: list[bytes]) -> None:
    a, b = b"".join(one), b"".join(other)
    assert merge_facts(facts(a), facts(b)) == facts(a + b)


@given(TEXTS)
def test_bytes_say_what_json_says(text: list[bytes]) -> None:
    parsed = [row for row in map(parse, text) if isinstance(row, dict)]
    got = facts(b"".join(text))
    times = [row["timestamp"] for row in parsed if is_time(row.get("timestamp"))]
    assert got.created == (times[0] if times else "")
    assert got.updated == (times[-1] if times else "")
    assert got.cwd == next((row["cwd"] for row in parsed if isinstance(row.get("cwd"), str) and row["cwd"]), "")
    for each in text:
        row = parse(each)
        uuid = row.get("uuid") if isinstance(row, dict) else ""
        assert row_uuid(each) == (uuid if isinstance(uuid, str) else "")
        assert bookkeeping(each) == (isinstance(row, dict) and row.get("type") in transcript.BOOKKEEPING)


def parse(each: bytes) -> object:
    try:
        return json.loads(each.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape"))
    except ValueError:
        return None


def is_time(value: object) -> bool:
    return isinstance(value, str) and seconds(value) is not None


@pytest.mark.parametrize("kind", sorted(transcript.BOOKKEEPING))
def test_bookkeeping_is_a_closed_list(kind: str) -> None:
    assert bookkeeping(line({"type": kind}))
    assert bookkeeping(line({"x": {"type": "user"}, "type": kind}))
    assert not bookkeeping(line({"type": kind + "x"}))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"\n", b"not json", b"[]", b'"mode"', b'{"type":["mode"]}', b'{"type":{"mode":1}}', b'{"x":"mode"}'),
        *(b'{"type":"user"}', b'{"type":"mode"', b'{"x":{"type":"mode"}}', b'{"type":"mode","type":"user"}'),
        b'{"type":"attachment","x":"mode"}',
    ],
)
def test_what_cannot_be_told_is_conversation(text: bytes) -> None:
    assert not bookkeeping(text)
