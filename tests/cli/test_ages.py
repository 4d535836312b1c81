"""Ages in git's words, compared with git's own."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.cli import ages

FIRST, LAST = datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2199-12-31")


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)))
def test_times_are_read_as_the_calendar_has_them(moment: datetime) -> None:
    stamp = moment.strftime("%Y-%m-%dT%H:%M:%S.") + "522Z"
    assert ages.seconds(stamp) == int(moment.timestamp())


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "\x1b[31m"])
def test_what_is_no_time_has_no_age(stamp: str) -> None:
    assert ages.seconds(stamp) is None
    assert ages.ago(stamp, 0) == ""


def test_git_says_the_same(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    now = 1_800_000_000
    passed = [0, 1, 89, 90, 3599, 5369, 5400, 86_399, 129_600, 1_209_599, 1_209_600, 6_048_000, 20_000_000]
    for seconds in passed:
        env = {**os.environ, "GIT_AUTHOR_DATE": f"{now - seconds} +0000", "GIT_TEST_DATE_NOW": str(now)}
        tree = subprocess.run(
            ["git", "mktree"], cwd=tmp_path, check=True, capture_output=True, input=b""
        ).stdout.decode()
        commit = subprocess.run(
            ["git", "commit-tree", "-m", "x", tree.strip()], cwd=tmp_path, env=env, check=True, capture_output=True
        ).stdout.decode()
        said = subprocess.run(
            ["git", "log", "-1", "--format=%ar", commit.strip()], cwd=tmp_path, env=env, check=True, capture_output=True
        ).stdout.decode()
        stamp = datetime.fromtimestamp(now - seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        assert ages.ago(stamp, now) == said.strip(), seconds


def test_the_future_is_called_so() -> None:
    assert ages.ago("2030-01-01T00:00:00Z", 0) == "in the future"
