"""Finding transcripts and side files: which directories are looked at, which names count, what is odd."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_ccsync.claude import scan as module
from git_ccsync.claude.home import project_key
from git_ccsync.claude.scan import Found, SideFile, is_id, scan, side_files

ID = "3f0c8a52-1111-4222-8333-94445555666a"
OTHER = "00000000-0000-4000-8000-000000000001"


def put(path: Path, data: bytes = b"{}\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def keys(tmp_path: Path, *prefixes: str) -> list[str]:
    found, problems = scan(str(tmp_path), prefixes)
    assert not problems
    return [one.key for one in found]


def test_a_transcript_is_told_by_name_and_stat(tmp_path: Path) -> None:
    path = put(tmp_path / "projects/-w" / f"{ID}.jsonl", b"12345")
    put(tmp_path / "projects/-w" / f"{OTHER}.jsonl")
    put(tmp_path / "projects/-w" / ID / "tool-results/x.txt")
    found, problems = scan(str(tmp_path), ["-w"])
    status = path.stat()
    assert sorted(found)[1] == Found(ID, str(path), "-w", 5, status.st_mtime_ns, status.st_ino, True)
    assert [one.side for one in sorted(found)] == [False, True]
    assert problems == []


def test_agents_beside_their_sessions_are_taken_apart(tmp_path: Path) -> None:
    path = put(tmp_path / "projects/-w/agent-1a2b3c4.jsonl", b"123")
    put(tmp_path / "projects/-w/agent-nothex.jsonl")
    (tmp_path / "projects/-w/agent-1.jsonl").symlink_to(path)
    (tmp_path / "projects/-w/agent-2.jsonl").mkdir()
    agents: list[SideFile] = []
    assert scan(str(tmp_path), ["-w"], agents) == ([], [])
    status = path.stat()
    assert agents == [SideFile("subagents/agent-1a2b3c4.jsonl", str(path), 3, status.st_mtime_ns, status.st_ino)]


def test_keys_are_the_prefix_or_go_on_with_a_dash(tmp_path: Path) -> None:
    for key in ("-w", "-w-sub", "-w--claude-worktrees-x", "-work", "-v", "-"):
        put(tmp_path / "projects" / key / f"{ID}.jsonl")
    assert keys(tmp_path, "-w") == ["-w", "-w--claude-worktrees-x", "-w-sub"]
    assert keys(tmp_path, "-v", "-work") == ["-v", "-work"]
    assert keys(tmp_path, "-w", "-w-sub") == ["-w", "-w--claude-worktrees-x", "-w-sub"]
    assert keys(tmp_path) == []
    assert len(keys(tmp_path, project_key("/"))) == 6


def test_below_a_long_path_the_first_200_units_decide(tmp_path: Path) -> None:
    tree = "/" + "d" * 198
    long = tree + "d" * 40
    for path in (tree, tree + "/sub", long, long + "/sub", "/" + "d" * 150):
        put(tmp_path / "projects" / project_key(path) / f"{ID}.jsonl")
    assert project_key(tree + "/sub") in keys(tmp_path, project_key(tree))
    assert sorted(keys(tmp_path, project_key(long))) == sorted({project_key(long), project_key(long + "/sub")})


def test_no_claude_directory_is_an_empty_one(tmp_path: Path) -> None:
    assert scan(str(tmp_path / "none"), ["-w"]) == ([], [])
    put(tmp_path / "projects")
    assert scan(str(tmp_path), ["-w"]) == ([], [])


def test_other_names_are_nobodys_business(tmp_path: Path) -> None:
    names = ("x.jsonl", "agent-1234567.jsonl", f".{ID}.jsonl", f"{ID}.jsonl.tmp", f"{ID}.json", f"{ID[:-1]}g.jsonl")
    for name in (*names, ".ccsync-aa-1-1.tmp", f"{ID}.jsonl\n", ID.replace("-", "_") + ".jsonl", "é" * 36 + ".jsonl"):
        put(tmp_path / "projects/-w" / name)
    put(tmp_path / "projects/-w/memory/MEMORY.md")
    os.close(os.open(os.fsencode(tmp_path) + b"/projects/-w/" + b"\xff" * 36 + b".jsonl", os.O_CREAT))
    assert scan(str(tmp_path), ["-w"]) == ([], [])


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.symlink_to("/etc/passwd"), "is a symbolic link"),
        (lambda path: path.symlink_to("nowhere"), "is a symbolic link"),
        (os.mkfifo, "is not a regular file"),
        (os.mkdir, "is a directory"),
    ],
)
def test_odd_things_in_a_transcripts_place_are_told(tmp_path: Path, make, reason: str) -> None:
    put(tmp_path / "projects/-w" / f"{OTHER}.jsonl")
    make(tmp_path / "projects/-w" / f"{ID}.jsonl")
    found, problems = scan(str(tmp_path), ["-w"])
    assert [one.id for one in found] == [OTHER]
    assert [(one.subject, one.reason) for one in problems] == [(f"projects/-w/{ID}.jsonl", reason)]


def test_an_upper_case_id_is_told(tmp_path: Path) -> None:
    put(tmp_path / "projects/-w" / f"{ID.upper()}.jsonl")
    found, problems = scan(str(tmp_path), ["-w"])
    assert (found, [one.reason for one in problems]) == ([], ["the name is not a lower-case UUID"])


def test_a_linked_side_directory_is_told_and_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "projects/-w" / f"{ID}.jsonl")
    (tmp_path / "projects/-w" / ID).symlink_to("/etc")
    found, problems = scan(str(tmp_path), ["-w"])
    assert not found[0].side
    assert problems[0].reason == "is a symbolic link"


def test_a_linked_project_directory_counts_once(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere" / f"{ID}.jsonl")
    put(tmp_path / "projects/-w-real" / f"{OTHER}.jsonl")
    (tmp_path / "projects/-w").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "projects/-w-again").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "projects/-w-alias").symlink_to("-w-real")
    assert keys(tmp_path, "-w") == ["-w", "-w-real"]
    (tmp_path / "projects/-w-gone").symlink_to("nowhere")
    (gone,) = scan(str(tmp_path), ["-w"])[1]
    assert (gone.subject, gone.reason) == ("projects/-w-gone", "No such file or directory")


def test_ids() -> None:
    assert is_id(ID)
    for bad in (ID.upper(), ID[:-1], ID + "0", ID.replace("-", "0"), "-" * 36, ID[:-1] + "\u0661", ID[:-1] + "g"):
        assert not is_id(bad)


def names(directory: Path) -> tuple[list[str], list[tuple[str, ...]]]:
    files, problems = side_files(str(directory))
    return [one.name for one in files], [(one.subject, one.reason) for one in problems]


def test_side_files_are_found_at_any_depth(tmp_path: Path) -> None:
    put(tmp_path / ID / "custom-title.json")
    put(tmp_path / ID / "subagents/agent-1.jsonl")
    put(tmp_path / ID / "subagents/.hidden")
    put(tmp_path / ID / "tool-results/a b\n.txt", b"123")
    files, problems = side_files(str(tmp_path / ID))
    assert [one.name for one in files] == [
        "custom-title.json",
        "subagents/.hidden",
        "subagents/agent-1.jsonl",
        "tool-results/a b\n.txt",
    ]
    assert files[3].size == 3
    assert files[3].path == str(tmp_path / ID / "tool-results/a b\n.txt")
    assert not problems
    assert side_files(str(tmp_path / "none")) == ([], [])


def test_caches_secrets_and_our_own_temporaries_stay(tmp_path: Path) -> None:
    for name in ("resume-head.jsonl", "x.key", "sub/y.key", "tool-results/.ccsync-ab-1-1.tmp"):
        put(tmp_path / ID / name)
    assert names(tmp_path / ID) == ([], [])


def test_odd_side_files_are_told(tmp_path: Path) -> None:
    put(tmp_path / ID / "a\\b.txt")
    (tmp_path / ID / "link").symlink_to("/etc/passwd")
    (tmp_path / ID / "linked").symlink_to("/etc")
    os.mkfifo(tmp_path / ID / "pipe\x1b")
    assert names(tmp_path / ID)[0] == []
    assert set(names(tmp_path / ID)[1]) == {
        (f"{ID}/a\\b.txt", "the name holds a backslash"),
        (f"{ID}/link", "is a symbolic link"),
        (f"{ID}/linked", "is a symbolic link"),
        (f"{ID}/pipe\\x1b", "is not a regular file"),
    }


def test_side_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_FILES", 3)
    for number in range(5):
        put(tmp_path / ID / f"{number}.txt")
    assert names(tmp_path / ID) == (["0.txt", "1.txt", "2.txt"], [(ID, "has more than 3 side files")])
    put(tmp_path / OTHER / "/".join("12345678") / "x.txt")
    put(tmp_path / OTHER / "/".join("1234567") / "x.txt")
    reason = f"lies more than {module.MAX_DEPTH} directories deep"
    assert names(tmp_path / OTHER) == (["1/2/3/4/5/6/7/x.txt"], [(f"{OTHER}/1/2/3/4/5/6/7/8", reason)])
