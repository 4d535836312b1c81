"""A fresh repository for every test of the git room, and git itself to look at it from outside."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from git_ccsync.git import repository
from git_ccsync.git.repository import Repository

Git = Callable[..., str]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The work tree of a repository with one commit on `main`."""
    path = tmp_path / "app"
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    subprocess.run(["git", "-C", str(path), "commit", "-q", "--allow-empty", "-m", "one"], check=True)
    return path


@pytest.fixture
def git(place: Path) -> Git:
    """Run git in `place`; its stdout without the last line end."""

    def call(*args: str, input: bytes = b"", cwd: Path = place) -> str:
        done = subprocess.run(["git", *args], cwd=cwd, input=input, capture_output=True, check=True)
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    return call


@pytest.fixture
def repo(place: Path) -> Repository:
    """The same as the code under test sees it."""
    return repository.discover(str(place))
