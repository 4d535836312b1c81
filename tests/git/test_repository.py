"""Discovery and work trees, with every kind of repository that git can make."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from git_ccsync.errors import CcsyncError, Unsupported
from git_ccsync.git import repository
from git_ccsync.git.repository import Repository, Worktree


def test_a_plain_repository_from_a_subdirectory(place):
    (place / "a/b").mkdir(parents=True)
    expected = Repository(f"{place}/.git", f"{place}/.git", str(place), f"{place}/.git/objects", shallow=False)
    assert repository.discover(str(place / "a/b")) == expected


def test_a_linked_work_tree(place, git, tmp_path):
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    repo = repository.discover(str(tmp_path / "side"))
    assert repo.git_dir == f"{place}/.git/worktrees/side"
    assert repo.common_dir == f"{place}/.git"
    assert repo.work_tree == str(tmp_path / "side")
    assert repo.object_dir == f"{place}/.git/objects"


def test_git_dir_of_the_caller_is_honoured(place, tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_DIR", str(place / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(place))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nowhere")
    assert repository.discover(str(tmp_path)).work_tree == str(place)
    assert repository.discover(str(tmp_path)).object_dir == f"{place}/.git/objects"


@pytest.mark.parametrize("kind", ["", "sub"])
def test_no_repository_is_said_as_git_says_it(tmp_path, kind):
    (tmp_path / "sub").mkdir()
    with pytest.raises(CcsyncError) as caught:
        repository.discover(str(tmp_path / kind))
    # As git says it: one of the directories above may be of another file system, which it names.
    assert re.fullmatch(
        r"not a git repository \(or any (of the parent directories\): \.git|parent up to mount point /\S*\))",
        caught.value.message,
    )
    assert caught.value.status == 128


def test_inside_the_git_directory(place):
    with pytest.raises(CcsyncError, match="this operation must be run in a work tree"):
        repository.discover(str(place / ".git"))


def test_a_bare_repository_is_refused(tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "x.git")], check=True)
    with pytest.raises(Unsupported, match="bare repository"):
        repository.discover(str(tmp_path / "x.git"))


def test_sha256_is_refused(tmp_path):
    subprocess.run(["git", "init", "-q", "--object-format=sha256", str(tmp_path / "x")], check=True)
    with pytest.raises(Unsupported, match="object format 'sha256'"):
        repository.discover(str(tmp_path / "x"))


def test_a_line_break_in_the_path_is_refused(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path / "a\nb")], check=True)
    with pytest.raises(Unsupported, match="line break"):
        repository.discover(str(tmp_path / "a\nb"))


def test_a_path_that_is_no_utf8(tmp_path):
    path = os.fsencode(tmp_path) + b"/caf\xe9"
    subprocess.run([b"git", b"init", b"-q", path], check=True)
    assert os.fsencode(repository.discover(os.fsdecode(path)).work_tree) == path


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a repository of another owner")
def test_a_repository_of_somebody_else(place):
    for path in (place, place / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(CcsyncError, match="detected dubious ownership") as caught:
        repository.discover(str(place))
    assert any("safe.directory" in hint for hint in caught.value.hints)


def test_a_shallow_clone(place, git, tmp_path):
    git("commit", "-q", "--allow-empty", "-m", "two")
    git("clone", "-q", "--depth=1", f"file://{place}", str(tmp_path / "shallow"))
    assert repository.discover(str(tmp_path / "shallow")).shallow
    assert not repository.discover(str(place)).shallow


def test_only_the_main_work_tree(repo, place, git):
    assert repository.worktrees(repo) == (Worktree(str(place), "", "", main=True),)
    told = Worktree(str(place), git("rev-parse", "HEAD"), "refs/heads/main", main=True)
    assert repository.worktrees(repo, heads=True) == (told,)


def test_linked_work_trees(repo, place, git, tmp_path):
    git("worktree", "add", "-q", "-b", "side", str(tmp_path / "a side\n"))
    git("worktree", "add", "-q", "--detach", str(tmp_path / "off"))
    head = git("rev-parse", "HEAD")
    expected = (
        Worktree(str(place), head, "refs/heads/main", main=True),
        Worktree(str(tmp_path / "a side\n"), head, "refs/heads/side", main=False),
        Worktree(str(tmp_path / "off"), head, "", main=False),
    )
    assert repository.worktrees(repo) == expected
    assert repository.worktrees(repository.discover(str(tmp_path / "off"))) == expected


def test_work_trees_of_a_bare_repository(place, git, tmp_path):
    git("clone", "-q", "--bare", str(place), str(tmp_path / "x.git"))
    git("worktree", "add", "-q", str(tmp_path / "w"), "main", cwd=tmp_path / "x.git")
    found = repository.worktrees(repository.discover(str(tmp_path / "w")))
    assert [(tree.path, tree.main) for tree in found] == [(str(tmp_path / "w"), False)]


def test_an_unborn_branch(tmp_path):
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path / "new")], check=True)
    (tree,) = repository.worktrees(repository.discover(str(tmp_path / "new")), heads=True)
    assert (tree.head, tree.branch) == ("", "refs/heads/main")


def test_a_submodule_has_its_own_work_tree(place, git, tmp_path):
    git("clone", "-q", str(place), str(tmp_path / "lib"))
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "lib"), "lib")
    repo = repository.discover(str(place / "lib"))
    assert repo.work_tree == str(place / "lib")
    for heads in (False, True):
        assert [tree.path for tree in repository.worktrees(repo, heads=heads)] == [str(Path(place) / "lib")]
