"""Journal and marks: they survive torn lines and odd bytes, and do not grow for ever."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.state.journal import Journal
from git_ccsync.state.marks import Marks


def lines(path: Path) -> list[bytes]:
    return (path / "here").read_bytes().splitlines(keepends=True)


def test_the_last_word_counts(tmp_path: Path) -> None:
    made = Journal(str(tmp_path / "new"))
    made.note("a", "-work", "t1")
    made.note("b", "-work", "t1")
    made.note("a", "-work", "t2")
    made.note("a", "-work", "t2")
    assert len(lines(tmp_path / "new")) == 3
    assert Journal(str(tmp_path / "new")).known == {"a": ("-work", "t2"), "b": ("-work", "t1")}


@pytest.mark.parametrize("torn", [b"c", b"c\t-work\tt", b"\xff\t", b"\t\t"])
def test_a_torn_last_line_is_ignored_and_harms_nothing_behind_it(tmp_path: Path, torn: bytes) -> None:
    Journal(str(tmp_path)).note("a", "-work", "t1")
    with (tmp_path / "here").open("ab") as file:
        file.write(torn)
    again = Journal(str(tmp_path))
    assert again.known == {"a": ("-work", "t1")}
    again.note("b", "-work", "t2")
    again.note("d", "-work", "t3")
    known = Journal(str(tmp_path)).known
    assert known["b"] == ("-work", "t2")
    assert known["d"] == ("-work", "t3")


def test_it_is_compacted_when_most_of_it_is_history(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"".join(b"a\t-work\tt%d\n" % number for number in range(2000)))
    made = Journal(str(tmp_path))
    assert made.known == {"a": ("-work", "t1999")}
    made.note("b", "-work", "t")
    assert lines(tmp_path) == [b"a\t-work\tt1999\n", b"b\t-work\tt\n"]
    made.note("c", "-work", "t")
    assert len(lines(tmp_path)) == 3


def test_names_that_are_no_utf_8(tmp_path: Path) -> None:
    Journal(str(tmp_path)).note("a", "-\udcff", "t")
    assert Journal(str(tmp_path)).known == {"a": ("-\udcff", "t")}


@given(data=st.binary(max_size=200))
def test_any_bytes_can_be_read_and_written_behind(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    directory = tmp_path_factory.getbasetemp() / "any"
    directory.mkdir(exist_ok=True)
    (directory / "here").write_bytes(data)
    Journal(str(directory)).note("a", "-work", "t")
    assert Journal(str(directory)).known["a"] == ("-work", "t")
    (directory / "marks").write_bytes(data)
    Marks(str(directory)).set(push="1")
    assert Marks(str(directory)).get("push") == "1"


def test_marks_come_back(tmp_path: Path) -> None:
    made = Marks(str(tmp_path / "new"))
    assert made.get("push") == ""
    made.put({"seen refs/x": "a1", "machine 5f": "laptop", "machine 6a": "b\udcff"})
    made.set(push="3")
    again = Marks(str(tmp_path / "new"))
    assert (again.get("seen refs/x"), again.get("push")) == ("a1", "3")
    assert again.starting("machine ") == {"5f": "laptop", "6a": "b\udcff"}


def test_marks_are_written_only_if_one_changed(tmp_path: Path) -> None:
    made = Marks(str(tmp_path))
    made.set(push="3")
    inode = (tmp_path / "marks").stat().st_ino
    made.set(push="3")
    assert (tmp_path / "marks").stat().st_ino == inode


def test_marks_do_not_grow_for_ever_and_forgive_a_torn_line(tmp_path: Path) -> None:
    for number in range(300):
        Marks(str(tmp_path)).put({"seen refs/x": f"{number}", "push": f"{number}"})
    assert (tmp_path / "marks").stat().st_size < 4000
    with (tmp_path / "marks").open("ab") as file:
        file.write(b"push\t99")  # cut off: it was to be 999
    assert Marks(str(tmp_path)).get("push") == "299"
    Marks(str(tmp_path)).set(pull="1")
    again = Marks(str(tmp_path))
    assert (again.get("push"), again.get("pull")) == ("299", "1")
