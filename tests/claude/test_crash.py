"""kill -9 in the middle of a write: at each system call that changes something, and at random moments."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from git_ccsync.claude.install import append, create, exchange, heal
from tests.claude.test_install import ID, MTIME, TAG, have, listed
from tests.support.source import ROOT

OLD = b"one\ntwo\n"
LINES = [b"%d " % number + b"x" * 300 + b"\n" for number in range(30)]
NEW = b"".join(LINES)

# The n-th call that changes something is the last: before it the process kills itself; of a write half is done.
DYING = """
import os, signal, sys
from git_ccsync.claude import install, install_place
install.CHUNK = 2000
left = int(sys.argv[1])
def dying(real, name):
    def call(*args, **named):
        global left
        left -= 1
        if not left:
            if name == "write":
                real(args[0], bytes(args[1])[:len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **named)
    return call
for name in ("write", "fsync", "link", "rename", "unlink", "utime", "mkdir", "fchmod"):
    setattr(os, name, dying(getattr(os, name), name))
new = sys.stdin.buffer.read()
verb, path, trash = sys.argv[2:]
chunks = [new[at:at + 700] for at in range(0, len(new), 700)]
if verb == "create":
    install.create(path, chunks, tag="ab12", mtime_ns=1_700_000_000_000_000_000)
elif verb == "append":
    install.append(path, at=os.stat(path).st_size, tail=b"", chunks=chunks, mtime_ns=1_700_000_000_000_000_000)
else:
    status = os.stat(path)
    expected = (status.st_size, status.st_mtime_ns, status.st_ino)
    install.exchange(path, chunks, expected=expected, tag="ab12", trash=trash, mtime_ns=1_700_000_000_000_000_000)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claude/projects/-w" / f"{ID}.jsonl"


def at_each_call(verb: str, path: Path, trash: Path, prepare: Callable[[], None], check: Callable[[], None]) -> int:
    """Prepare, run `verb` until its n-th call, check; for all n until it runs through. Returns the last n."""
    for number in range(1, 100):
        prepare()
        words = [sys.executable, "-c", DYING, str(number), verb, str(path), str(trash)]
        done = subprocess.run(words, cwd=ROOT, input=NEW, check=False)
        check()
        if done.returncode == 0:
            return number
        assert done.returncode == -signal.SIGKILL
    raise AssertionError


def whole_lines(data: bytes) -> tuple[bytes, bytes]:
    cut = data.rfind(b"\n") + 1
    return data[:cut], data[cut:]


def retry(path: Path) -> None:
    """What the next pull does after a crash: judge by content, append the rest."""
    data = path.read_bytes()
    lines, tail = whole_lines(data)
    assert (OLD + NEW).startswith(lines)
    append(str(path), at=len(data), tail=tail, chunks=[(OLD + NEW)[len(lines) :]], mtime_ns=MTIME)


def test_an_append_leaves_a_prefix_and_can_be_done_again(path: Path, tmp_path: Path) -> None:
    def check() -> None:
        assert (OLD + NEW).startswith(path.read_bytes())
        assert path.read_bytes().startswith(OLD)
        retry(path)
        assert path.read_bytes() == OLD + NEW

    assert at_each_call("append", path, tmp_path, lambda: have(path, OLD) and None, check) > 6


def test_a_new_file_is_there_whole_or_not_at_all(path: Path, tmp_path: Path) -> None:
    def prepare() -> None:
        path.unlink(missing_ok=True)

    def check() -> None:
        assert not path.exists() or (path.read_bytes(), path.stat().st_mtime_ns) == (NEW, MTIME)
        heal([str(path.parent)], TAG)
        assert not path.parent.exists() or listed(path.parent) in ([], [path.name])
        if not path.exists():
            create(str(path), [NEW], tag=TAG, mtime_ns=MTIME)
        assert (path.read_bytes(), path.stat().st_nlink) == (NEW, 1)

    assert at_each_call("create", path, tmp_path, prepare, check) > 8


def test_an_exchange_keeps_the_original_whatever_happens(path: Path, tmp_path: Path) -> None:
    trash = tmp_path / "state/trash"

    def prepare() -> None:
        have(path, OLD)
        for each in trash.glob("*"):
            each.unlink()

    def check() -> None:
        kept = heal([str(path.parent)], TAG, str(trash))
        saved = {each: each.read_bytes() for each in trash.glob("*")}
        assert path.read_bytes() in (OLD, NEW)
        assert OLD in (path.read_bytes(), *saved.values())
        assert all(saved[Path(each)] == OLD for each in kept)
        assert listed(path.parent) == [path.name]
        if path.read_bytes() == OLD:
            status = path.stat()
            expected = (status.st_size, status.st_mtime_ns, status.st_ino)
            exchange(str(path), [NEW], expected=expected, tag=TAG, trash=str(trash), mtime_ns=MTIME)
        assert path.read_bytes() == NEW

    assert at_each_call("exchange", path, trash, prepare, check) > 8


LOOP = """
import os, sys
from git_ccsync.claude import install
install.CHUNK = 3000
path, lines = sys.argv[1], sys.stdin.buffer.read().splitlines(keepends=True)
print(flush=True)
number = 0
while True:
    number += 1
    other = path.replace("3f0c8a52", "%08x" % number)
    install.create(other, lines, tag="ab12", mtime_ns=1)
    for line in range(0, len(lines), 10):
        install.append(path, at=os.stat(path).st_size, tail=b"", chunks=lines[line:line + 10], mtime_ns=1)
"""


def test_killed_at_random_moments(path: Path) -> None:
    chance = random.Random(7)
    for _ in range(8):
        have(path, OLD)
        words = [sys.executable, "-c", LOOP, str(path)]
        with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            assert process.stdout
            process.stdin.write(NEW)
            process.stdin.close()
            process.stdout.readline()
            time.sleep(chance.random() / 10)
            process.kill()
        data = path.read_bytes()
        assert (OLD + NEW * (len(data) // len(NEW) + 1)).startswith(data)
        heal([str(path.parent)], TAG)
        for name in set(listed(path.parent)) - {path.name}:
            assert path.with_name(name).read_bytes() == NEW
            os.unlink(path.with_name(name))
