"""Finding a repository by files alone: where git finds one, the same; where git finds none, none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_ccsync.git import nearby


def git(*args: str, cwd: Path) -> str:
    done = subprocess.run(["git", *args], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.rstrip("\n")


def by_git(path: Path) -> str:
    return os.path.realpath(git("rev-parse", "--path-format=absolute", "--git-common-dir", cwd=path))


@pytest.fixture
def places(tmp_path: Path) -> dict[str, Path]:
    """A repository, a subdirectory, a linked work tree, a submodule in it, one whose git directory lies elsewhere."""
    main = tmp_path / "main"
    git("init", "-q", str(main), cwd=tmp_path)
    git("commit", "-q", "--allow-empty", "-m", "x", cwd=main)
    (main / "sub" / "dir").mkdir(parents=True)
    git("worktree", "add", "-q", str(tmp_path / "linked"), "-b", "other", cwd=main)
    git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(main), "module", cwd=main)
    git("init", "-q", "--separate-git-dir", str(tmp_path / "far.git"), str(tmp_path / "near"), cwd=tmp_path)
    os.symlink(main / "sub", tmp_path / "link")
    return {
        "main": main,
        "sub": main / "sub" / "dir",
        "linked": tmp_path / "linked",
        "module": main / "module",
        "near": tmp_path / "near",
    }


@pytest.mark.parametrize("name", ["main", "sub", "linked", "module", "near"])
def test_it_finds_what_git_finds(places: dict[str, Path], name: str) -> None:
    assert os.path.realpath(nearby.common_dir(str(places[name]))) == by_git(places[name])


def test_where_there_is_none_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    assert nearby.common_dir(str(tmp_path / "deep" / "er")) == ""
    (tmp_path / "deep" / ".git").write_bytes(b"\xff\0 nonsense")
    assert nearby.common_dir(str(tmp_path / "deep" / "er")) == ""


def test_a_moved_ref_changes_the_stamp(places: dict[str, Path]) -> None:
    main = places["main"]
    common, name = nearby.common_dir(str(main)), "refs/ccsync/al"
    stamps = {nearby.stamp(common, (name,))}
    for words in (("update-ref", name, "HEAD"), ("pack-refs", "--all"), ("update-ref", "-d", name)):
        git(*words, cwd=main)
        stamps.add(nearby.stamp(common, (name,)))
    assert len(stamps) == 4
