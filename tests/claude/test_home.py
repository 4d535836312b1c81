"""Where Claude Code keeps its files: keys of directories, the forced key, the retention limit."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude.home import _hash36, claude_dir, cleanup_days, forced_key, project_key
from tests.support import session


def test_the_claude_directory_is_in_the_home_unless_configured() -> None:
    assert claude_dir({"HOME": "/home/al"}) == "/home/al/.claude"
    assert claude_dir({"HOME": "/home/al", "CLAUDE_CONFIG_DIR": ""}) == "/home/al/.claude"
    assert claude_dir({"HOME": "/home/al", "CLAUDE_CONFIG_DIR": "/data/claude/"}) == "/data/claude"


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/home/al/my.app_v2", "-home-al-my-app-v2"),
        ("/home/al/My App 'x'", "-home-al-My-App--x-"),
        ("/home/al/repo/.claude/worktrees/x", "-home-al-repo--claude-worktrees-x"),
        ("/t/\N{GRINNING FACE}", "-t---"),
        ("/t/e\N{COMBINING ACUTE ACCENT}", "-t-e-"),
        ("/t/\N{LATIN SMALL LETTER E WITH ACUTE}", "-t--"),
        ("/t/\udcff", "-t--"),
        ("C:\\Users\\al", "C--Users-al"),
        ("/", "-"),
    ],
)
def test_each_utf16_unit_that_is_no_letter_or_digit_becomes_a_dash(path: str, key: str) -> None:
    assert project_key(path) == key


def test_only_keys_over_200_units_have_a_hash() -> None:
    assert project_key("/" + "a" * 199) == "-" + "a" * 199
    assert project_key("/" + "a" * 200).startswith("-" + "a" * 199 + "-")
    assert len(project_key("/" + "\N{GRINNING FACE}" * 100)) > 201
    assert project_key("/" + "a" * 198 + "\N{GRINNING FACE}").startswith("-" + "a" * 198 + "--")


@pytest.mark.parametrize(
    ("text", "digits"),
    # Java's own examples: String.hashCode() of these is 99162322, and Integer.MIN_VALUE.
    [("hello", "1n1e4y"), ("polygenelubricants", "zik0zk"), ("", "0")],
)
def test_the_hash_is_javas(text: str, digits: str) -> None:
    assert _hash36(map(ord, text)) == digits


def test_the_hash_is_of_the_path_not_of_the_key() -> None:
    long = "/" + "x" * 250
    assert project_key(long + "a.b") != project_key(long + "a-b")
    assert project_key(long + "Aa") == project_key(long + "BB")  # the classic collision


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_the_key_is_the_one_that_the_tests_state_anew(path: str) -> None:
    # The restatement takes letters of other scripts below U+0080 only, as we do.
    assert project_key("/" + path) == session.project_key("/" + path)


@pytest.mark.parametrize("name", ["shared", "A-b_9", "x" * 64])
def test_a_forced_key_counts_beside_a_config_directory(name: str) -> None:
    assert forced_key({"CLAUDE_CONFIG_DIR": "/c", "CLAUDE_CODE_PROJECT_DIR_NAME": name}) == name
    assert forced_key({"CLAUDE_CODE_PROJECT_DIR_NAME": name}) == ""


@pytest.mark.parametrize("name", ["", "x" * 65, "a.b", "../x", "a b", "é", "NUL", "com1", "a\n"])
def test_an_unfit_forced_key_does_not_count(name: str) -> None:
    assert forced_key({"CLAUDE_CONFIG_DIR": "/c", "CLAUDE_CODE_PROJECT_DIR_NAME": name}) == ""


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (None, 30),
        (b"", 30),
        (b"{}", 30),
        (b'{"cleanupPeriodDays": 99, "model": "x"}', 99),
        (b'\xef\xbb\xbf{"cleanupPeriodDays":7}', 7),
        (b'{"cleanupPeriodDays":0}', 1),
        (b'{"cleanupPeriodDays":-5}', 1),
        (b'{"cleanupPeriodDays":2.5}', 2),
        (b'{"cleanupPeriodDays":1e999}', 36500),
        (b'{"cleanupPeriodDays":NaN}', 36500),
        (b'{"cleanupPeriodDays":"9"}', 30),
        (b'{"cleanupPeriodDays":true}', 30),
        (b'["cleanupPeriodDays"]', 30),
        (b'{"cleanupPeriodDays":', 30),
        (b'{"cleanupPeriodDays":' + b"9" * 5000 + b"}", 30),
    ],
)
def test_the_retention_limit(tmp_path: Path, settings: bytes | None, days: int) -> None:
    if settings is not None:
        (tmp_path / "settings.json").write_bytes(settings)
    assert cleanup_days(str(tmp_path)) == days
