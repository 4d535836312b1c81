"""Output for programs: fields cannot be forged, paths come back whole, JSON has its version."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.cli import porcelain
from git_ccsync.model import Outcome, PushResult


def written(capfdbinary: pytest.CaptureFixture[bytes]) -> bytes:
    return capfdbinary.readouterr().out


def test_fields_cannot_hold_tabs_or_line_ends(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    porcelain.records([("session", "a\tb\nproblem\tfake", 3, True)], z=False)
    assert written(capfdbinary) == b"session\ta b problem fake\t3\t1\n"


def test_a_path_is_quoted_as_git_quotes_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    for name in ('plain and "quoted"', "tab\there", "new\nline", "caf\u00e9", "back\\slash", "bell\x07", "\x01\x7f"):
        (tmp_path / name).touch()
        said = subprocess.run(
            ["git", "ls-files", "-o", "--", f":(literal){name}"],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip("\n")
        assert porcelain.quote(name) == said


def test_with_z_a_path_is_itself(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path = os.fsdecode(b"/odd \xff\t\n")
    porcelain.records([("file", porcelain.Path(path)), ("file", "x")], z=True)
    assert written(capfdbinary) == b"file\t/odd \xff\t\n\0file\tx\0"


@given(st.text())
def test_quoted_paths_are_ascii_without_control_characters(path: str) -> None:
    quoted = porcelain.quote(path.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))
    assert quoted.isascii()
    assert quoted.isprintable()


def test_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    result = PushResult(url="u", outcomes=(Outcome("id", 3, 2, title="\u202e\x1b"),))
    porcelain.document(result)
    text = written(capfdbinary)
    assert text.isascii()
    read = json.loads(text)
    assert read["version"] == 1
    assert read["outcomes"][0] == {
        "session": "id",
        "scenario": 3,
        "lines": 2,
        "reason": "",
        "title": "\u202e\x1b",
        "copy": "",
    }
