"""Seals every test: own home, no system git config, fixed identity and dates; the real ~/.claude cannot be touched."""

from __future__ import annotations

import os
import signal
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
# Where CI says that it is CI, a red run shall mean that a change broke something: the same examples each time there. By
# hand each run looks for new ones.
settings.register_profile(
    "ccsync",
    deadline=None,
    database=None,
    print_blob=True,
    max_examples=60,
    derandomize=bool(os.environ.get("CI")),
)
settings.register_profile("full", settings.get_profile("ccsync"), max_examples=600)
settings.load_profile("ccsync")

#: Free bytes from which on worlds lie in memory: our fsyncs, and the copies of worlds, cost nothing there.
ROOM = 2 << 30


def pytest_addoption(parser: pytest.Parser) -> None:
    """The everyday run takes samples, and forks a spare process where it can (tests.support.spare)."""
    parser.addoption(
        "--full-sweep",
        action="store_true",
        help="kill at every system call, try many more examples, start every command anew (many minutes)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Where worlds lie, and how many examples are tried."""
    if config.args_source is config.ArgsSource.TESTPATHS and not config.option.markexpr:
        config.option.markexpr = "not slow"  # here, as xdist hands the options on to its workers
    if config.getoption("--full-sweep"):
        settings.load_profile("full")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # As a shell starts what stands behind a `&`; every process of ours would inherit it, and Ctrl-C is tested.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    memory = os.statvfs("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
    if memory and memory.f_bavail * memory.f_frsize > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For `-n auto`: two more than there are processors, as there are always tests that wait for something."""
    return (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1) + 2


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
def world(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[World]:
    """A bare remote and, on request, machines; what they started is stopped at the end."""
    real = bool(request.node.get_closest_marker("real")) or request.config.getoption("--full-sweep")
    with World(tmp_path / "world", real=real) as made:
        yield made
