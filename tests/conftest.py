"""Seals every test: own home, no system git config, fixed identity and dates; the real ~/.claude cannot be touched."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.seal import DATE, guard_real_claude, sealed_environment
from tests.support.world import World

guard_real_claude(os.path.expanduser("~"))
try:
    import pwd
except ImportError:  # Windows
    pass
else:  # whatever HOME says, the account's own is real too
    guard_real_claude(pwd.getpwuid(os.getuid()).pw_dir)

# A shared 2-core machine makes any deadline a coin toss; a database in the checkout would make runs differ.
settings.register_profile("ccsync", deadline=None, database=None, print_blob=True)
settings.load_profile("ccsync")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The everyday run kills at a sample of the system calls only."""
    parser.addoption("--full-sweep", action="store_true", help="kill at every system call (minutes), not at a sample")


@pytest.fixture(autouse=True)
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process's environment becomes that of a user with an empty home, who stands in it."""
    for key in list(os.environ):
        monkeypatch.delenv(key)
    fixed = {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE, "PYTEST_CURRENT_TEST": "sealed"}
    for key, value in (sealed_environment(tmp_path / "sealed-home") | fixed).items():
        monkeypatch.setenv(key, value)
    monkeypatch.chdir(tmp_path / "sealed-home")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bare remote and, on request, machines; what they started is stopped at the end."""
    with World(tmp_path / "world") as made:
        yield made
