"""One row read from its bytes: JSON without the json module, times, the last timestamp of a file."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude.rows import field, loads, seconds
from git_ccsync.claude.transcript import last_timestamp
from git_ccsync.errors import BadData
from tests.support.source import ROOT
from tests.support.transcript import Transcript, line

ID = "3f0c8a52-1111-4222-8333-94445555666a"


@given(st.floats(0, 4e9))
def test_stamps_are_read_as_seconds(moment: float) -> None:
    text = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert seconds(text) == pytest.approx(moment, abs=0.0011)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-01-01",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00+01:00",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00.١Z",
        "2026-1-01T000:00:00Z",
        "0000-00-00T00:00:00Z",
        "2026-01-01T99:00:00Z",
    ],
)
def test_what_is_no_stamp_is_none(text: str) -> None:
    assert seconds(text) is None


def test_the_last_timestamp_of_a_file(tmp_path: Path) -> None:
    rows = Transcript(ID, "/home/al/app", start=1_700_000_000)
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
