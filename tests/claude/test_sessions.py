"""Which repository a session belongs to: what its transcript says, and where work trees lie."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from git_ccsync.claude.files import line_batches, read_small
from git_ccsync.claude.home import project_key
from git_ccsync.claude.sessions import Head, agent_of, belongs, head
from git_ccsync.errors import BadData
from tests.support.transcript import Transcript, line, odd_lines

ID = "3f0c8a52-1111-4222-8333-94445555666a"


def conversation(cwd: str = "/home/al/app") -> Transcript:
    return Transcript(ID, cwd, start=1_700_000_000)


def head_of(tmp_path: Path, data: bytes, name: str = f"{ID}.jsonl") -> Head:
    (tmp_path / name).write_bytes(data)
    return head(str(tmp_path / name))


def test_the_first_directory_stands_behind_bookkeeping(tmp_path: Path) -> None:
    rows = conversation()
    data = rows.bookkeeping() * 3000 + b"".join(odd_lines()) + rows.exchange()
    rows.cwd = "/elsewhere"
    assert head_of(tmp_path, data + rows.exchange()) == Head("/home/al/app", "", True)


def test_the_last_relocation_counts(tmp_path: Path) -> None:
    rows = conversation()
    data = (
        rows.exchange() + rows.relocated("/one") + rows.exchange() * 2000 + rows.relocated('/two "x"') + rows.exchange()
    )
    quoted = rows.user('look: {"type":"relocated","relocatedCwd":"/three"}')
    inner = line({"type": "x", "data": {"type": "relocated", "relocatedCwd": "/four"}})
    assert head_of(tmp_path, data + quoted + inner).relocated == '/two "x"'


def test_without_prompt_or_answer_there_are_no_rows(tmp_path: Path) -> None:
    rows = conversation()
    assert head_of(tmp_path, b"") == Head(empty=True) == head_of(tmp_path, bytes(range(256)) * 9)
    assert not head_of(tmp_path, rows.bookkeeping() + line({"type": "summary", "summary": "about another"})).rows
    assert not head_of(tmp_path, line({"type": "progress", "data": {"type": "user"}})).rows
    assert head_of(tmp_path, rows.user("hi")).rows
    assert head_of(tmp_path, rows.assistant({"type": "text", "text": "x"})).rows
    assert head_of(tmp_path, json.dumps({"message": {}, "type": "user"}).encode()).rows


def test_huge_rows_and_torn_ends_do_no_harm(tmp_path: Path) -> None:
    rows = conversation()
    data = rows.huge(20 << 20) + rows.exchange() + b'{"type":"rel'
    assert head_of(tmp_path, data) == Head("/home/al/app", "", True)


def test_odd_files_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for name in ("pipe", "link", "."):
        with pytest.raises((BadData, IsADirectoryError)):
            head(str(tmp_path / name))
    with pytest.raises(FileNotFoundError):
        head(str(tmp_path / "none"))


def trees(tmp_path: Path) -> tuple[str, str]:
    main, linked = tmp_path / "app", tmp_path / "app/.claude/worktrees/x"
    for tree in (main, linked):
        tree.mkdir(parents=True, exist_ok=True)
    (main / ".git").mkdir()
    (linked / ".git").write_text("gitdir: elsewhere")
    return str(main), str(linked)


def test_the_innermost_work_tree_around_the_directory(tmp_path: Path) -> None:
    main, linked = trees(tmp_path)
    both = (main, linked)
    assert belongs(Head(cwd=main), both, (), "") == main
    assert belongs(Head(cwd=main + "/sub/gone"), both, (), "") == main
    assert belongs(Head(cwd=linked + "/sub"), both, (), "") == linked
    assert belongs(Head(cwd=linked + "/sub"), both[::-1], (), "") == linked
    assert belongs(Head(cwd=main + "-2"), both, (), "") is None
    assert belongs(Head(cwd=str(tmp_path)), both, (), "") is None
    assert belongs(Head(cwd="/"), both, (), "") is None


def test_a_removed_worktrees_sessions_stay_with_the_repository(tmp_path: Path) -> None:
    main, _ = trees(tmp_path)
    assert belongs(Head(cwd=main + "/.claude/worktrees/gone"), (main,), (), "") == main


def test_a_relocation_outweighs_the_first_directory(tmp_path: Path) -> None:
    main, _ = trees(tmp_path)
    assert belongs(Head(cwd="/other", relocated=main), (main,), (), "") == main
    assert belongs(Head(cwd=main, relocated="/other"), (main,), (), "") is None


def test_nested_repositories_and_submodules_keep_their_own(tmp_path: Path) -> None:
    main, _ = trees(tmp_path)
    os.makedirs(main + "/vendor/lib/.git")
    os.makedirs(main + "/vendor/lib/src")
    os.makedirs(main + "/module")
    Path(main, "module/.git").write_text("gitdir: ../.git/modules/module")
    for inside in ("/vendor/lib", "/vendor/lib/src/gone", "/module"):
        assert belongs(Head(cwd=main + inside), (main,), (), "") is None
    assert belongs(Head(cwd=main + "/vendor"), (main,), (), "") == main


def test_real_paths_are_compared(tmp_path: Path) -> None:
    main, _ = trees(tmp_path)
    (tmp_path / "link").symlink_to(main)
    assert belongs(Head(cwd=str(tmp_path / "link/sub")), (main,), (), "") == main
    assert belongs(Head(cwd=main), (str(tmp_path / "link"),), (), "") == str(tmp_path / "link")
    (tmp_path / "app/out").symlink_to("/")
    assert belongs(Head(cwd=main + "/out"), (main,), (), "") is None


def test_former_paths_count_while_nobody_else_lives_there(tmp_path: Path) -> None:
    main, _ = trees(tmp_path)
    old = str(tmp_path / "old")
    assert belongs(Head(cwd=old + "/sub"), (main,), (old,), "") == old
    assert belongs(Head(cwd=main), (main,), (main, old), "") == main
    os.makedirs(old + "/.git")
    assert belongs(Head(cwd=old + "/sub"), (main,), (old,), "") is None


def test_a_repository_at_the_root(tmp_path: Path) -> None:
    del tmp_path
    assert belongs(Head(cwd="/nowhere/at/all"), ("/",), (), "") == "/"


@pytest.mark.parametrize("cwd", ["relative", "C:\\Users\\al\\app", "/a\0b", "/\ud800", "~"])
def test_what_is_no_path_here_belongs_nowhere(tmp_path: Path, cwd: str, monkeypatch: pytest.MonkeyPatch) -> None:
    main, _ = trees(tmp_path)
    monkeypatch.chdir(main)
    assert belongs(Head(cwd=cwd), (main,), (), project_key(main)) is None


def test_without_a_directory_the_key_of_exactly_one_tree_decides(tmp_path: Path) -> None:
    main, linked = trees(tmp_path)
    assert belongs(Head(), (main, linked), (), project_key(linked)) == linked
    assert belongs(Head(), (main, linked), (), project_key(main) + "-sub") is None
    for name in ("a.b", "a-b"):
        (tmp_path / name).mkdir()
    twins = (str(tmp_path / "a.b"), str(tmp_path / "a-b"))
    assert belongs(Head(), twins, (), project_key(twins[0])) is None


def test_agents_beside_their_sessions(tmp_path: Path) -> None:
    rows = conversation()
    (tmp_path / "agent-1a2b3c4.jsonl").write_bytes(rows.user("x", isSidechain=True, agentId="1a2b3c4"))
    (tmp_path / "agent-ffffff0.jsonl").write_bytes(b"")
    (tmp_path / "agent-nothex.jsonl").write_bytes(rows.user("x"))
    (tmp_path / "agent-1.jsonl").symlink_to("agent-1a2b3c4.jsonl")
    owners = {name: agent_of(str(tmp_path / f"agent-{name}.jsonl")) for name in ("1a2b3c4", "ffffff0", "1", "none")}
    assert owners == {"1a2b3c4": ID, "ffffff0": "", "1": "", "none": ""}


@pytest.mark.parametrize("chunk", [1, 3, 7, 100])
def test_batches_are_whole_lines(tmp_path: Path, chunk: int) -> None:
    data = b"one\n\nthree three\nlong long long long\nx\ntorn"
    (tmp_path / "f").write_bytes(data)
    with (tmp_path / "f").open("rb", buffering=0) as file:
        batches = list(line_batches(file.fileno(), chunk))
    assert b"".join(batches) == data
    assert all(batch.endswith(b"\n") for batch in batches[:-1])


def test_of_a_line_over_the_cap_the_beginning_comes(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\n" + b"x" * 100 + b"\nb\n" + b"y" * 50)
    with (tmp_path / "f").open("rb", buffering=0) as file:
        lines = b"".join(line_batches(file.fileno(), 4, 20)).split(b"\n")
    assert [each[:1] for each in lines] == [b"a", b"x", b"b", b"y"]
    assert all(len(each) <= 20 for each in lines)


def test_small_files_are_read_whole_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")
    assert read_small(str(tmp_path / "f"), 5) == b"12345"
    for name, cap in (("f", 4), ("none", 4), ("pipe", 4), (".", 4), ("a\0b", 4)):
        assert read_small(str(tmp_path / name), cap) is None
