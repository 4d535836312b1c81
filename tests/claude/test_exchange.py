"""Replacing a transcript after a divergence: the original and every byte added to it are kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_ccsync.claude.install import Changed, Kept, exchange, heal
from git_ccsync.claude.install_place import Place, temp_name
from git_ccsync.errors import BadData
from tests.claude.test_install import ID, MTIME, TAG, have, listed, refuse_links

OLD, NEW = b"base\nours\n", b"base\ntheirs\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "claude/projects/-w" / f"{ID}.jsonl"
    have(file, OLD)
    return file


@pytest.fixture(params=["same", "other"])
def trash(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A trash on the same file system, and one on another."""
    if request.param == "same":
        yield tmp_path / "state/trash"
        return
    here = tmp_path.stat().st_dev
    others = [place for place in ("/dev/shm", "/var/tmp") if os.path.isdir(place) and os.stat(place).st_dev != here]
    if not others:
        pytest.skip("no second file system here")
    with tempfile.TemporaryDirectory(prefix="git-ccsync-test-", dir=others[0]) as directory:
        yield Path(directory) / "trash"


def judged(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ino


def swap(path: Path, trash: Path, chunks: object = (NEW,), expected: tuple[int, int, int] | None = None) -> Kept:
    return exchange(str(path), chunks, expected=expected or judged(path), tag=TAG, trash=str(trash), mtime_ns=MTIME)


def test_the_original_goes_to_the_trash(path: Path, trash: Path) -> None:
    kept = swap(path, trash)
    assert (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode & 0o777) == (NEW, MTIME, 0o600)
    assert kept == Kept(str(trash / f"{path.name}.0"), 0)
    assert Path(kept.path).read_bytes() == OLD
    assert listed(path.parent) == [path.name]
    again = swap(path, trash, [OLD])
    assert again.path == str(trash / f"{path.name}.1")
    assert [Path(each).read_bytes() for each in (kept.path, again.path)] == [OLD, NEW]
    assert trash.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("position", [0, 1, 2])
def test_what_is_not_as_judged_is_not_touched(path: Path, tmp_path: Path, position: int) -> None:
    expected = list(judged(path))
    expected[position] += 1
    with pytest.raises(Changed):
        swap(path, tmp_path / "trash", expected=tuple(expected))
    assert (path.read_bytes(), listed(path.parent)) == (OLD, [path.name])


def test_what_is_written_while_the_new_one_is_made_is_noticed(path: Path, tmp_path: Path) -> None:
    def chunks():
        yield NEW
        with path.open("ab") as writer:
            writer.write(b"late\n")

    with pytest.raises(Changed):
        swap(path, tmp_path / "trash", chunks())
    assert (path.read_bytes(), listed(path.parent)) == (OLD + b"late\n", [path.name])


def test_a_file_that_was_put_in_its_place_meanwhile_stays(path: Path, tmp_path: Path) -> None:
    def chunks():
        yield NEW
        have(path.with_name("new"), b"x" * len(OLD))
        os.utime(path.with_name("new"), ns=(judged(path)[1],) * 2)
        path.with_name("new").rename(path)

    with pytest.raises(Changed):
        swap(path, tmp_path / "trash", chunks())
    assert (path.read_bytes(), listed(path.parent)) == (b"x" * len(OLD), [path.name])


@pytest.mark.parametrize("links", [True, False])
def test_bytes_added_at_the_very_moment_are_kept_and_told(
    path: Path, trash: Path, links: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer has the original open and writes between the last look and the rename."""
    rename = Place.rename

    def late(place: Place, old: str, new: str) -> None:
        with path.open("ab") as writer:
            rename(place, old, new)
            writer.write(b"late\n")

    monkeypatch.setattr(Place, "rename", late)
    if not links:
        monkeypatch.setattr(Place, "link", refuse_links)
    kept = swap(path, trash)
    assert kept.grown == len(b"late\n")
    assert Path(kept.path).read_bytes() == OLD + b"late\n"
    assert (path.read_bytes(), listed(path.parent)) == (NEW, [path.name])


def test_bytes_added_until_the_last_name_goes_are_kept(
    path: Path, trash: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = Place.remove
    with path.open("ab") as writer:

        def late(place: Place, name: str) -> None:
            writer.write(b"late\n")
            writer.flush()
            remove(place, name)

        monkeypatch.setattr(Place, "remove", late)
        kept = swap(path, trash)
    data = Path(kept.path).read_bytes()
    assert data.startswith(OLD)
    assert kept.grown == len(data) - len(OLD)


def test_a_trash_that_cannot_take_it_leaves_it_here_for_later(path: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    kept = swap(path, tmp_path / "file/trash")
    assert Path(kept.path).parent == path.parent
    assert Path(kept.path).read_bytes() == OLD
    healed = heal([str(path.parent)], TAG, str(tmp_path / "trash"))
    assert [Path(each).read_bytes() for each in healed] == [OLD]
    assert (path.read_bytes(), listed(path.parent)) == (NEW, [path.name])


def test_only_regular_files_are_exchanged(path: Path, tmp_path: Path) -> None:
    expected = judged(path)
    path.rename(path.with_name("real"))
    path.symlink_to("real")
    with pytest.raises(BadData):
        swap(path, tmp_path / "trash", expected=expected)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadData):
        swap(path, tmp_path / "trash", expected=expected)
    path.unlink()
    with pytest.raises(FileNotFoundError):
        swap(path, tmp_path / "trash", expected=expected)


def test_healing_takes_only_our_own(path: Path, tmp_path: Path) -> None:
    for name in (".ccsync-ab12-1-1.tmp", ".ccsync-ab12-1-2.tmp"):
        have(path.with_name(name), b"x")
    others = [".ccsync-ab123-1-1.tmp", ".ccsync-ffff-1-1.tmp", ".ccsync-ab12", "notes.tmp", ".ccsync-ab12-odd"]
    for name in others:
        have(path.with_name(name), b"x")
    path.with_name(".ccsync-ab12-1-3.kept").mkdir()
    assert heal([str(path.parent), str(tmp_path / "none")], TAG, str(tmp_path / "trash")) == []
    assert listed(path.parent) == sorted([path.name, *others, ".ccsync-ab12-1-3.kept"])


def test_healing_never_loses_a_kept_original(path: Path, tmp_path: Path) -> None:
    aside = path.with_name(temp_name(TAG, path.name))
    os.link(path, aside)
    assert heal([str(path.parent)], TAG) == []  # crashed before the exchange: only the second name goes
    assert (path.read_bytes(), listed(path.parent)) == (OLD, [path.name])
    os.link(path, aside)
    have(path.with_name("new"), NEW)
    path.with_name("new").rename(path)
    assert heal([str(path.parent)], TAG) == [str(aside)]  # no trash given: told, and left
    (moved,) = heal([str(path.parent)], TAG, str(tmp_path / "trash"))
    assert (Path(moved).parent, Path(moved).read_bytes()) == (tmp_path / "trash", OLD)
    have(aside, b"the transcript is gone")
    path.unlink()
    (moved,) = heal([str(path.parent)], TAG, str(tmp_path / "trash"))
    assert (Path(moved).read_bytes(), listed(path.parent)) == (b"the transcript is gone", [])
