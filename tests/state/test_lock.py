"""The lock: one process at a time, gone with its holder however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_ccsync.errors import Locked
from git_ccsync.state.lock import Lock
from tests.support.machine import ROOT

HOLD = """
import sys
sys.path.insert(0, sys.argv[2])
from git_ccsync.state.lock import Lock
with Lock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "lock")


@pytest.fixture
def holder(path: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [sys.executable, "-c", HOLD, path, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with started:
        assert started.stdout
        assert started.stdout.readline() == b"held\n"
        yield started
        started.kill()


def test_a_second_process_waits_in_vain(holder: subprocess.Popen[bytes], path: str) -> None:
    began = time.monotonic()
    with pytest.raises(Locked, match="another git-ccsync is at work"), Lock(path, wait=0.1):
        pass
    assert time.monotonic() - began >= 0.1
    with pytest.raises(Locked), Lock(path, wait=0):
        pass


def test_it_is_ours_when_the_holder_ends(holder: subprocess.Popen[bytes], path: str) -> None:
    assert holder.stdin
    holder.stdin.write(b"\n")
    holder.stdin.flush()
    with Lock(path, wait=30):
        pass


def test_a_killed_holder_leaves_nothing_behind(holder: subprocess.Popen[bytes], path: str) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    with Lock(path, wait=0):
        pass


def test_it_is_let_go_after_an_error(path: str) -> None:
    with pytest.raises(ZeroDivisionError), Lock(path):
        raise ZeroDivisionError
    with Lock(path, wait=0):
        pass


def test_a_process_that_the_holder_starts_does_not_inherit_it(path: str) -> None:
    with Lock(path):
        words = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)"]
        child = subprocess.Popen(words, close_fds=False, stdout=subprocess.PIPE)
        assert child.stdout
        assert child.stdout.readline() == b"\n"
        child.stdout.close()
    try:
        with Lock(path, wait=0):
            pass
    finally:
        child.kill()
        child.wait()
