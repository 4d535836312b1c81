"""Writing under the Claude directory: new files, appends, side files, locks, times. Crashes are in test_crash.py."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude import install
from git_ccsync.claude.install import Changed, append, check_name, create, lock, mtime_for, put_side
from git_ccsync.claude.install_place import Place
from git_ccsync.errors import BadData, Locked
from tests.support.source import ROOT

ID = "3f0c8a52-1111-4222-8333-94445555666a"
TAG = "ab12"
MTIME = 1_700_000_000_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "claude/projects/-w" / f"{ID}.jsonl"


def listed(path: Path) -> list[str]:
    return sorted(each.name for each in path.iterdir())


def test_a_new_file_is_private_whole_and_as_old_as_told(path: Path) -> None:
    old = os.umask(0)
    try:
        create(str(path), [b"one\n", b"", b"two\n"], tag=TAG, mtime_ns=MTIME)
    finally:
        os.umask(old)
    assert path.read_bytes() == b"one\ntwo\n"
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime_ns, path.stat().st_nlink) == (0o600, MTIME, 1)
    assert [each.stat().st_mode & 0o777 for each in (path.parent, path.parent.parent)] == [0o700, 0o700]
    assert listed(path.parent) == [path.name]


def test_nothing_is_ever_overwritten(path: Path) -> None:
    create(str(path), [b"theirs\n"], tag=TAG, mtime_ns=MTIME)
    with pytest.raises(FileExistsError):
        create(str(path), [b"ours\n"], tag=TAG, mtime_ns=MTIME)
    path.unlink()
    path.symlink_to("elsewhere")
    with pytest.raises(FileExistsError):
        create(str(path), [b"ours\n"], tag=TAG, mtime_ns=MTIME)
    assert listed(path.parent) == [path.name]


def test_what_fails_half_way_leaves_nothing(path: Path) -> None:
    def chunks():
        yield b"one\n" * 1_000_000
        raise RuntimeError

    with pytest.raises(RuntimeError):
        create(str(path), chunks(), tag=TAG, mtime_ns=MTIME)
    assert listed(path.parent) == []


def refuse_links(*_: object) -> None:
    raise OSError(errno.EPERM, "no hard links here")


def test_where_links_are_unknown_the_file_is_made_exclusively(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Place, "link", refuse_links)
    create(str(path), [b"one\n"], tag=TAG, mtime_ns=MTIME)
    assert (path.read_bytes(), path.stat().st_mtime_ns, listed(path.parent)) == (b"one\n", MTIME, [path.name])
    with pytest.raises(FileExistsError):
        create(str(path), [b"ours\n"], tag=TAG, mtime_ns=MTIME)
    assert (path.read_bytes(), listed(path.parent)) == (b"one\n", [path.name])


def have(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def test_an_append_adds_and_tells_the_size(path: Path) -> None:
    file = have(path, b"one\n")
    assert append(file, at=4, tail=b"", chunks=[b"tw", b"o\nthree\n"], mtime_ns=MTIME) == 14
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (b"one\ntwo\nthree\n", MTIME)
    assert append(file, at=14, tail=b"", chunks=[], mtime_ns=0) == 14
    assert append(have(path, b""), at=0, tail=b"", chunks=[b"x\n"], mtime_ns=0) == 2


@pytest.mark.parametrize(
    ("tail", "chunks", "result"),
    [
        (b"tw", [b"two\n"], b"one\ntwo\n"),
        (b"tw", [b"t", b"w", b"o\n", b"x\n"], b"one\ntwo\nx\n"),
        (b"two", [b"two\n"], b"one\ntwo\n"),
        (b"twice", [b"two\n"], b"one\ntwice\ntwo\n"),
        (b"two-and-more", [b"two\n"], b"one\ntwo-and-more\ntwo\n"),
        (b"tw", [], b"one\ntw"),
    ],
)
def test_a_torn_tail_is_completed_or_ended(path: Path, tail: bytes, chunks: list[bytes], result: bytes) -> None:
    file = have(path, b"one\n" + tail)
    assert append(file, at=4 + len(tail), tail=tail, chunks=chunks, mtime_ns=MTIME) == len(result)
    assert path.read_bytes() == result


@pytest.mark.parametrize(
    ("at", "tail"),
    [(3, b""), (5, b""), (9, b""), (4, b"one\n"), (7, b"xxx"), (7, b"w"), (7, b""), (2, b"on"), (7, b"x" * 9)],
)
def test_a_file_that_is_not_as_told_is_left_alone(path: Path, at: int, tail: bytes) -> None:
    file = have(path, b"one\ntwo")
    with pytest.raises(Changed):
        append(file, at=at, tail=tail, chunks=[b"x\n"], mtime_ns=MTIME)
    assert path.read_bytes() == b"one\ntwo"


def test_a_writer_that_comes_between_is_noticed_and_kept(path: Path) -> None:
    file = have(path, b"one\n")
    big = b"x" * (1 << 20) + b"\n"

    def chunks():
        yield big + b"y\n"
        with path.open("ab") as writer:
            writer.write(b"theirs\n")
        yield big

    with pytest.raises(Changed):
        append(file, at=4, tail=b"", chunks=chunks(), mtime_ns=MTIME)
    assert sorted(path.read_bytes().split(b"\n")) == sorted(
        [b"", b"one", big[:-1], b"theirs", *[b"y"] * (b"y\n" in path.read_bytes())]
    )
    assert path.stat().st_mtime_ns != MTIME


@given(st.lists(st.binary(max_size=9), max_size=20), st.integers(1, 9))
def test_batches_end_at_lines(chunks: list[bytes], size: int) -> None:
    before, install.CHUNK = install.CHUNK, size
    try:
        batches = list(install._batches(chunks))
    finally:
        install.CHUNK = before
    assert b"".join(batches) == b"".join(chunks)
    assert all(batch.endswith(b"\n") for batch in batches[:-1])
    assert all(len(batch) <= size or b"\n" not in batch[:-1] for batch in batches[:-1])


def test_links_and_special_files_are_not_written_through(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"one\n")
    path.parent.mkdir(parents=True)
    path.symlink_to(victim)
    with pytest.raises(BadData):
        append(str(path), at=4, tail=b"", chunks=[b"x\n"], mtime_ns=MTIME)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadData):
        append(str(path), at=0, tail=b"", chunks=[b"x\n"], mtime_ns=MTIME)
    assert victim.read_bytes() == b"one\n"
    with pytest.raises(FileNotFoundError):
        append(str(path.with_name("none")), at=0, tail=b"", chunks=[b"x\n"], mtime_ns=MTIME)


def test_a_linked_project_directory_is_legal_and_below_a_session_no_link_is(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    path.parent.parent.mkdir(parents=True)
    path.parent.symlink_to(tmp_path / "elsewhere")
    create(str(path), [b"one\n"], tag=TAG, mtime_ns=MTIME)
    assert (tmp_path / "elsewhere" / path.name).read_bytes() == b"one\n"
    (tmp_path / "victim").mkdir()
    path.with_suffix("").symlink_to(tmp_path / "victim")
    for write in (lambda file: put_side(file, b"x", tag=TAG), lambda file: create(file, [b"x"], tag=TAG, mtime_ns=0)):
        with pytest.raises(BadData):
            write(str(path.with_suffix("") / "tool-results/x.txt"))
    assert listed(tmp_path / "victim") == []


def test_a_home_below_a_uuid_may_be_linked(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / ID).mkdir()
    (tmp_path / ID / "home").symlink_to(real)
    create(str(tmp_path / ID / "home/projects/-w" / f"{ID}.jsonl"), [b"x\n"], tag=TAG, mtime_ns=MTIME)
    assert (real / "projects/-w" / f"{ID}.jsonl").exists()


def test_side_files_are_replaced_whole(path: Path) -> None:
    side = path.with_suffix("") / "tool-results/deep/x.txt"
    put_side(str(side), b"one", tag=TAG)
    put_side(str(side), b"two", tag=TAG, mtime_ns=MTIME)
    assert (side.read_bytes(), side.stat().st_mode & 0o777, side.stat().st_mtime_ns) == (b"two", 0o600, MTIME)
    assert listed(side.parent) == ["x.txt"]
    old = os.umask(0o777)
    try:
        put_side(str(side), b"run me", tag=TAG, mode=0o644)
    finally:
        os.umask(old)
    assert side.stat().st_mode & 0o777 == 0o644
    (side.parent / "link").symlink_to("x.txt")
    (side.parent / "dir").mkdir()
    for name in ("link", "dir"):
        with pytest.raises(BadData):
            put_side(str(side.parent / name), b"three", tag=TAG)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/../b", "/etc/passwd", "a//b", "a/", "a\0b", "a\\b", "x" * 256, "é" * 128]
)
def test_names_that_leave_their_directory(name: str, path: Path) -> None:
    with pytest.raises(BadData):
        check_name(name)
    with pytest.raises(BadData):
        put_side(f"{path.with_suffix('')}/{name}", b"x", tag=TAG)


def test_good_names_tags_and_absolute_paths(path: Path) -> None:
    assert check_name("tool-results/" + "x" * 255) == ("tool-results", "x" * 255)
    for tag in ("", "a/b", "a-b", "é"):
        with pytest.raises(BadData):
            create(str(path), [b"x\n"], tag=tag, mtime_ns=MTIME)
    with pytest.raises(BadData):
        create("relative.jsonl", [b"x\n"], tag=TAG, mtime_ns=MTIME)


def test_one_holder_of_the_lock_at_a_time(tmp_path: Path) -> None:
    file = str(tmp_path / "state/claude.lock")
    code = f"from git_ccsync.claude.install import lock\nwith lock({file!r}, 0): print(flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout
        assert holder.stdout.readline()
        began = time.monotonic()
        with pytest.raises(Locked), lock(file, 0.1):
            pass
        assert time.monotonic() - began >= 0.1
        holder.kill()
    with lock(file, 0), pytest.raises(Locked), lock(file, 0):
        pass
    with lock(file, 0):
        pass


def test_times_are_neither_in_the_future_nor_nearly_swept_away() -> None:
    now, day = 1_800_000_000.0, 86400
    assert mtime_for(now - 5, 30, now) == int((now - 5) * 1e9)
    assert mtime_for(now + 5, 30, now) == mtime_for(None, 30, now) == int(now * 1e9)
    assert mtime_for(0, 30, now) == int((now - 29 * day) * 1e9)
    assert mtime_for(0, 1, now) == mtime_for(0, 0, now) == int(now * 1e9)
