"""The one-file form of a session: what goes in comes out, and what is wrong is refused by name. Hostile files included."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.errors import BadData, CcsyncError, Unsupported
from git_ccsync.portable import archive, carriage_scan
from git_ccsync.portable.carriage import CarriedSession, read_ccsync, write_ccsync

ID = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"
LINES = st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=8)


def session(*blocks: bytes, **fields: object) -> CarriedSession:
    return CarriedSession(ID, lambda: blocks, **fields)  # type: ignore[arg-type]


def file(**fields: object) -> bytes:
    return json.dumps({"_schemaVersion": 1, "sessionId": ID, "jsonl": "{}\n", **fields}).encode()


@given(
    LINES, st.booleans(), st.text(max_size=20), st.dictionaries(st.text(max_size=9), st.binary(max_size=9), max_size=3)
)
def test_everything_comes_back(lines: list[bytes], ended: bool, cwd: str, sides: dict[str, bytes]) -> None:
    data = b"\n".join(lines) + (b"\n" if ended else b"")
    cwd = cwd.replace("\0", "")
    made = b"".join(write_ccsync(session(data, cwd=cwd, side_files=tuple(sides.items()))))
    found = read_ccsync(made)
    assert b"".join(found.text()) == data == b"".join(found.text())
    assert (found.cwd, dict(found.side_files), found.warnings) == (cwd, sides, ())
    assert read_ccsync(b"\xef\xbb\xbf" + made).id == ID


@given(LINES, st.integers(1, 9))
def test_however_it_is_read(lines: list[bytes], chunk: int) -> None:
    data = b"".join(line + b"\n" for line in lines)
    made = b"".join(write_ccsync(session(data)))
    whole, carriage_scan.CHUNK = carriage_scan.CHUNK, chunk
    try:
        assert b"".join(read_ccsync(made).text()) == data
    finally:
        carriage_scan.CHUNK = whole


def test_what_was_cut_short_is_refused_wherever_it_was() -> None:
    made = b"".join(write_ccsync(session(b'{"a":"\\u00e9\xff"}\n', cwd="/x", side_files=(("a", b"\0\xff"),))))
    for end in range(len(made) - 2):
        with pytest.raises(BadData):
            read_ccsync(made[:end])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"_schemaVersion": 2}, "version '2'"),
        ({"_schemaVersion": True}, "version 'True'"),
        ({"_schemaVersion": "1"}, "version '1'"),
        ({"_schemaVersion": None}, "no version"),
        ({"sessionId": "../../.ssh/authorized_keys"}, "no session's id"),
        ({"sessionId": ID.upper()}, "no session's id"),
        ({"sessionId": ID + "\n"}, "no session's id"),
        ({"jsonl": ["{}"]}, "no text"),
        ({"x": [[]] * 3 + [[[[[]]]]]}, ""),
    ],
)
def test_what_is_refused(fields: dict[str, object], said: str) -> None:
    if not said:
        assert read_ccsync(file(**fields)).id == ID
        return
    with pytest.raises((BadData, Unsupported), match=said):
        read_ccsync(file(**fields))


def test_strange_json() -> None:
    for made in (
        b"",
        b"{",
        b"[]",
        b"\0\0",
        b'{"jsonl":"',
        b'{"a":' + b"[" * 100_000,
        b'{"jsonl":"\xff"}',
        b'{"jsonl":"\n"}',
        b"{1:2}",
    ):
        with pytest.raises(CcsyncError):
            read_ccsync(made)
    twice = file()[:-1] + b',"jsonl":"{}"}'
    with pytest.raises(BadData, match="two transcripts"):
        read_ccsync(twice)


def test_what_is_odd_is_told_and_passed_over() -> None:
    found = read_ccsync(
        file(
            lineCount=9,
            originalCwd=7,
            unknown={"a": [1, "}"]},
            sideFiles={"a": 1, "b": "x"},
            roots={"HOME": "/h", "X": 1},
        )
    )
    assert [word in " ".join(found.warnings) for word in ("9 lines", "originalCwd", "side file 'a'")] == [True] * 3
    assert (found.side_files, found.roots) == ((("b", b"x"),), (("HOME", "/h"),))
    lone = read_ccsync(file().replace(b'"{}\\n"', b'"\\ud83d\\n"'))
    assert b"".join(lone.text()) == "\ufffd\n".encode()
    assert "halves of characters" in lone.warnings[0]


def test_raw_lines_can_only_say_what_the_text_says() -> None:
    found = read_ccsync(file(jsonl="a\ufffd\nb\n", rawLines={"0": "Yf8=", "1": "Yf8=", "7": "!", "-1": "Yf8="}))
    assert b"".join(found.text()) == b"a\xff\nb\n"


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("git:https://al:hunter2@github.com/Acme/App.git?token=x", "git:github.com/Acme/App"),
        ("git:git@github.com:acme/app.git", "git:github.com/acme/app"),
        ("git:ssh://al:pw@host:2222/a/b", "git:host/a/b"),
        ("git:github.com/acme/app", "git:github.com/acme/app"),
        ("git:al:pw@github.com/acme/app", "git:github.com/acme/app"),
        ("git:/home/al/app.git", ""),
        ("git:C:\\app", ""),
        ("git:file:///home/al/app", ""),
        ("git:https://host/a\x1b[31m", ""),
        ("name:../../app", "name:app"),
        ("other:x", ""),
    ],
)
def test_no_credentials_are_kept(key: str, plain: str) -> None:
    assert read_ccsync(file(projectKey=key)).project == plain


def tar(*members: tuple[str, bytes, bytes]) -> bytes:
    made = b""
    for name, kind, content in members:
        head = archive.header(name, len(content))
        head = head[:156] + kind + head[157:]
        head = head[:148] + b"%06o\0 " % (sum(head[:148]) + sum(head[156:]) + 256) + head[156:]
        made += head + content + archive.padding(len(content))
    return made + archive.END


def test_an_archive_is_what_tar_makes_and_reads() -> None:
    import tarfile

    made = tar(("a.ccsync", b"0", b"x" * 700), ("../b", b"0", b"y"))
    with tarfile.open(fileobj=BytesIO(made)) as opened:
        assert [(one.name, one.size, one.mode) for one in opened] == [("a.ccsync", 700, 0o600), ("../b", 1, 0o600)]
    found = list(archive.members(BytesIO(made), len(made)))
    assert [archive.Window(BytesIO(made), one.start, one.size).read() for one in found] == [b"x" * 700, b"y"]
    assert archive.is_tar(made)
    assert not archive.is_tar(file())


def test_a_hostile_archive() -> None:
    made = tar(("a", b"2", b""), ("b", b"3", b""), ("c", b"S", b"z"), ("d", b"x", b"30 mtime=1\n"), ("e", b"0", b"ok"))
    said = [(one.name, one.odd) for one in archive.members(BytesIO(made), len(made))]
    assert said == [("a", "a symbolic link"), ("b", "a device"), ("c", "a sparse file"), ("e", "")]
    lying = made[:124] + b"\x80" + b"\xff" * 11 + made[136:]
    lying = lying[:148] + b"%06o\0 " % (sum(lying[:148]) + sum(lying[156:512]) + 256) + lying[156:]
    for bad in (lying, made[:700], made[:300] + b"!" + made[301:]):
        with pytest.raises(BadData):
            list(archive.members(BytesIO(bad), len(bad)))
