"""What runs changed, as it is written down for undo: whole lines, in their order, whatever cut a run short."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_ccsync.state import record, undo
from git_ccsync.state.record import Recorder
from git_ccsync.state.undo import Ref, Sent


def recorder(tmp_path: Path, verb: str = "pull", *, off: bool = False) -> Recorder:
    return Recorder(str(tmp_path), verb, off=off)


def text(tmp_path: Path) -> str:
    return (tmp_path / "undo").read_text(encoding="utf-8", errors="surrogateescape")


def test_a_run_is_read_as_it_was_told(tmp_path: Path) -> None:
    one = recorder(tmp_path)
    one.followed("refs/ccsync-remotes/o/al", "a", "b")
    one.mark("seen x", "")
    one.ref("refs/ccsync/al", "1", "2")
    one.ref("refs/ccsync/al", "2", "3")
    one.sent("origin", "refs/ccsync/al", "refs/ccsync-remotes/o/al", "b", "3")
    one.close()
    (run,) = undo.runs(str(tmp_path))
    assert run.verb == "pull"
    assert run.refs == (
        Ref("refs/ccsync-remotes/o/al", "a", "b"),
        Ref("refs/ccsync/al", "1", "2"),
        Ref("refs/ccsync/al", "2", "3"),
    )
    assert run.sent == (Sent("origin", "refs/ccsync/al", "refs/ccsync-remotes/o/al", "b", "3"),)
    assert run.marks == {"seen x": ""}
    assert not run.undone


@pytest.mark.parametrize("name", ["plain", "a\tb\nc\\t\\", "\udcff\udc80", "\\n"])
def test_files_are_told_before_and_after(tmp_path: Path, name: str) -> None:
    path = tmp_path / "deep" / "er" / name
    one = recorder(tmp_path)
    one.before(str(path))
    path.parent.mkdir(parents=True)
    path.write_bytes(b"12345")
    one.after(str(path))
    one.before(str(path))
    path.write_bytes(b"1234567")
    one.after(str(path), "/kept")
    ((file,),) = (run.files for run in undo.runs(str(tmp_path)))
    assert file.path == str(path)
    assert (file.before.size, file.before.other) == (-1, str(tmp_path / "deep"))
    assert file.after
    assert (file.after.size, file.after.other) == (7, "/kept")
    one.close()


def test_nothing_is_written_where_nothing_changes(tmp_path: Path) -> None:
    one = recorder(tmp_path)
    one.followed("refs/x", "a", "a")
    one.followed("refs/x", "a", "b")
    one.mark("seen x", "a")
    one.journal("id", ("key", "tree"))
    one.close()
    quiet = recorder(tmp_path, off=True)
    quiet.ref("refs/x", "a", "b")
    quiet.before(str(tmp_path / "file"))
    quiet.close()
    assert not (tmp_path / "undo").exists()
    assert undo.runs(str(tmp_path)) == []


def test_a_torn_line_spoils_neither_its_run_nor_the_next(tmp_path: Path) -> None:
    one = recorder(tmp_path)
    one.ref("refs/ccsync/al", "1", "2")
    one.close()
    whole = text(tmp_path)
    for cut in range(len(whole)):
        (tmp_path / "undo").write_text(whole[:cut], encoding="utf-8")
        more = recorder(tmp_path, "push")
        more.ref("refs/ccsync/al", "2", "3")
        more.close()
        *before, last = undo.runs(str(tmp_path))
        assert [one.refs for one in before] in ([], [(Ref("refs/ccsync/al", "1", "2"),)])
        assert (last.verb, last.refs) == ("push", (Ref("refs/ccsync/al", "2", "3"),))


def test_what_belongs_together_is_one_run(tmp_path: Path) -> None:
    sync = record.together("sync")
    for verb, old, new in ((sync, "1", "2"), ("", "2", "3"), (sync, "3", "4"), (record.together("sync"), "4", "5")):
        one = recorder(tmp_path, verb)
        one.ref("refs/ccsync/al", old, new)
        one.close()
    both, quiet, alone = undo.runs(str(tmp_path))
    assert [ref.new for ref in both.refs] == ["2", "4"]
    assert (both.verb, quiet.verb, alone.verb) == ("sync", "", "sync")
    last = recorder(tmp_path, "undo")
    for run in both.id.split(" "):
        last.undone(run)
    last.close()
    both, _, alone = undo.runs(str(tmp_path))
    assert (both.undone, alone.undone) == (True, False)


def test_runs_that_write_at_the_same_time_are_kept_apart(tmp_path: Path) -> None:
    one, other = recorder(tmp_path), recorder(tmp_path, "push")
    one.ref("refs/ccsync/al", "1", "2")
    other.ref("refs/ccsync/al", "2", "3")
    one.ref("refs/ccsync/al", "3", "4")
    one.close()
    other.close()
    first, second = undo.runs(str(tmp_path))
    assert [ref.new for ref in first.refs] == ["2", "4"]
    assert [ref.new for ref in second.refs] == ["3"]


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "CAP", 2000)
    for number in range(60):
        one = recorder(tmp_path)
        one.ref("refs/ccsync/al", str(number), str(number + 1))
        one.close()
    found = undo.runs(str(tmp_path))
    assert record.KEPT < len(found) < 40
    assert found[-1].refs[0].new == "60"
