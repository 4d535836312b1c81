"""What the rows of a transcript say: counts, times and titles, told alike from bytes and from JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude import transcript
from git_ccsync.claude.rows import field, loads, seconds
from git_ccsync.claude.transcript import bookkeeping, facts, last_timestamp, merge_facts, row_uuid, title
from git_ccsync.model import Facts
from tests.support.source import ROOT
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


def test_a_huge_row_counts_but_is_not_parsed() -> None:
    rows = conversation()
    got = facts(rows.huge(3 << 20) + rows.exchange("small"))
    assert (got.messages, got.first_prompt) == (3, "small")
    nested = line({"a": {"type": "user"}, "type": "x", "b": {"pad": "x" * (2 << 20)}})
    assert facts(nested).messages == 0


WORDS = st.sampled_from(
    ["", "a", "b", " ", "x" * 300, 'q"}{\\', "é\u2028", "2026-01-02T03:04:05.678Z", "<command-name>"]
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
LINES = st.one_of(ROWS.map(line), ROWS.map(lambda row: json.dumps(row).encode() + b"\n"), st.sampled_from(odd_lines()))
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


@given(st.floats(0, 4e9))
def test_stamps_are_read_as_seconds(moment: float) -> None:
    from datetime import UTC, datetime

    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert seconds(text) == pytest.approx(moment, abs=0.0011)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00.Z"]
    + ["2026-01-01T00:00:00.١Z", "2026-1-01T000:00:00Z", "0000-00-00T00:00:00Z", "2026-01-01T99:00:00Z"],
)
def test_what_is_no_stamp_is_none(text: str) -> None:
    assert seconds(text) is None


def test_the_last_timestamp_of_a_file(tmp_path: Path) -> None:
    rows = conversation()
    path = tmp_path / "t.jsonl"
    path.write_bytes(
        rows.exchange() + rows.bookkeeping() + line({"type": "x", "data": {"timestamp": "2030-01-01T00:00:00Z"}})
    )
    assert last_timestamp(str(path)) == 1_700_000_002
    with path.open("ab") as file:
        file.write(b'{"type":"mode","pad":"%s"}\n' % (b"x" * 300_000))
    assert last_timestamp(str(path)) == 1_700_000_002
    path.write_bytes(b"nothing here\n")
    assert last_timestamp(str(path)) is None
    path.write_bytes(b"")
    assert last_timestamp(str(path)) is None


def test_odd_files_are_refused(tmp_path: Path) -> None:
    from git_ccsync.errors import BadData

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/passwd")
    for name in ("pipe", "link"):
        with pytest.raises(BadData, match=f"'{name}' is (not a regular file|a symbolic link)"):
            last_timestamp(str(tmp_path / name))


def test_hostile_json_is_none() -> None:
    for text in (b"[" * 100_000, b'{"a":' * 50_000, b"9" * 10_000, b'"\\ud8', b"", b"{}x", b"nul", b"\xff"):
        assert loads(text) is None
    assert loads(b' {"a":[1,2.5,null,true,NaN]} ') is not None
    assert field(b'{"a":"\\u00e9"}', b"a", 0, 14) == "é"


def test_bad_json_is_none_where_the_json_module_is_not_loaded() -> None:
    code = "import sys; from git_ccsync.claude.rows import loads; "
    code += "bad = [loads(t) for t in (b'{', b'[1,', b'nul', b'\"\\\\u12', b'{1:2}')]; print(bad, loads(b'{\"a\":1}'), 'json' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[None, None, None, None, None] {'a': 1} False\n"
