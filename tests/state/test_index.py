"""The index is a cache: whatever happens to its file, the worst is that files are read again."""

from __future__ import annotations

import marshal
import time
from _imp import source_hash
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.state import files, index
from git_ccsync.state.index import Entry, Index

OLD = Entry(10, 1_000_000_000, 7, 10, b"digest", "session", "tree", True, "/work", 4, 0)


def held(directory: Path) -> Index:
    made = Index(str(directory))
    made.put("/a", OLD)
    made.put("/b", OLD._replace(inode=8, ordered=False))
    made.remember("tip", ("x", 3))
    made.save()
    return made


def test_it_comes_back(tmp_path: Path) -> None:
    held(tmp_path / "new" / "place")
    again = Index(str(tmp_path / "new" / "place"))
    assert again.get("/a") == OLD
    assert dict(again.items()).keys() == {"/a", "/b"}
    assert again.value("tip") == ("x", 3)
    assert (tmp_path / "new" / "place" / "index").stat().st_mode & 0o777 == 0o600


def test_it_is_written_only_if_something_changed(tmp_path: Path) -> None:
    held(tmp_path)
    before = (tmp_path / "index").stat()
    again = Index(str(tmp_path))
    again.remember("tip", ("x", 3))
    again.drop("/nothing")
    again.save()
    assert (tmp_path / "index").stat().st_ino == before.st_ino
    again.drop("/a")
    again.save()
    assert Index(str(tmp_path)).get("/a") is None


@given(data=st.data())
def test_damage_is_an_empty_index(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    directory = tmp_path_factory.getbasetemp() / "damage"
    (directory / "index").unlink(missing_ok=True)
    held(directory)
    path = directory / "index"
    whole = path.read_bytes()
    if data.draw(st.booleans()):
        cut = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:cut])
    else:
        at = data.draw(st.integers(0, len(whole) - 1))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :])
    found = Index(str(directory))
    assert list(found.items()) == []
    assert found.value("tip") is None
    found.put("/c", OLD)
    found.save()
    assert Index(str(directory)).get("/c") == OLD


@pytest.mark.parametrize(
    "value",
    [(index.VERSION + 1, {"/a": tuple(OLD)}, {}), (index.VERSION - 1, {"/a": tuple(OLD)}, {}), [], None, (1,), "x"],
)
def test_another_version_is_an_empty_index(tmp_path: Path, value: object) -> None:
    files.save_cache(str(tmp_path / "index"), value)
    assert list(Index(str(tmp_path)).items()) == []


def test_what_only_looks_like_a_cache(tmp_path: Path) -> None:
    for number, data in enumerate((b"", b"abc", b"\0\0\0\0", source_hash(files.CHECK, b"junk") + b"junk")):
        path = tmp_path / str(number)
        path.write_bytes(data)
        assert files.load_cache(str(path)) is None
    assert files.load_cache(str(tmp_path / "absent")) is None
    assert files.load_cache(str(tmp_path / "absent" / "below")) is None
    good = marshal.dumps(3)
    (tmp_path / "good").write_bytes(source_hash(files.CHECK, good) + good)
    assert files.load_cache(str(tmp_path / "good")) == 3


def test_unchanged_is_size_time_and_inode(tmp_path: Path) -> None:
    made = held(tmp_path)
    assert made.unchanged("/a", 10, 1_000_000_000, 7)
    for stat in ((11, 1_000_000_000, 7), (10, 1_000_000_001, 7), (10, 1_000_000_000, 8)):
        assert not made.unchanged("/a", *stat)
    assert not made.unchanged("/c", 10, 1_000_000_000, 7)


def test_a_file_changed_just_now_is_looked_at_again(tmp_path: Path) -> None:
    """It may change once more within the same tick of the clock (git's racy entries)."""
    made = Index(str(tmp_path))
    now = time.time_ns()
    made.put("/a", OLD._replace(mtime_ns=now))
    assert not made.unchanged("/a", OLD.size, now, OLD.inode)
    before = now - 2 * index.RACY_NS - 10**9
    made.put("/a", OLD._replace(mtime_ns=before))
    assert made.unchanged("/a", OLD.size, before, OLD.inode)


def test_files_are_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "x" / "file"
    files.replace(str(path), b"one")
    files.append(str(path), b"two")
    assert path.read_bytes() == b"onetwo"
    files.replace(str(path), b"three", durable=True)
    assert path.read_bytes() == b"three"
    assert [item.name for item in path.parent.iterdir()] == ["file"]
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert files.read(str(path), cap=4) == b""
    assert files.stamp(str(path))[0] == 5
    assert files.stamp(str(tmp_path / "absent")) == (0, 0, 0)


def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        files.replace(str(path), b"x")
    assert not list(tmp_path.glob("*.tmp"))
