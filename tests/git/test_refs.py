"""Refs and history, as other people's commits make them."""

from __future__ import annotations

import pytest

from git_ccsync.errors import GitFailed, RefMoved
from git_ccsync.git import refs
from git_ccsync.git.refs import Commit, Ref
from tests.support.events import until

REF = "refs/ccsync/me"


@pytest.fixture
def two(git) -> tuple[str, str]:
    git("commit", "-q", "--allow-empty", "-m", "two")
    return git("rev-parse", "HEAD~1"), git("rev-parse", "HEAD")


def test_a_ref_is_made_moved_and_deleted_with_a_reflog(repo, git, two):
    one, other = two
    refs.update(repo, REF, one, "", "ccsync: push: 1 session")
    refs.update(repo, REF, other, one, "ccsync: two\nlines\0")
    assert git("rev-parse", REF) == other
    assert git("reflog", "show", "--format=%gs", REF) == "ccsync: two lines\nccsync: push: 1 session"
    refs.update(repo, REF, "", other, "gone")
    assert refs.list_refs(repo, "refs/ccsync/") == {}


def test_a_lost_race_is_its_own_error(repo, git, two):
    one, other = two
    refs.update(repo, REF, one, "", "x")
    for new, old in ((other, ""), (one, other), ("", other)):
        with pytest.raises(RefMoved):
            refs.update(repo, REF, new, old, "x")
    with pytest.raises(RefMoved):
        refs.update(repo, "refs/ccsync/absent", one, other, "x")
    assert git("rev-parse", REF) == one


def test_another_failure_is_no_lost_race(repo):
    with pytest.raises(GitFailed) as caught:
        refs.update(repo, REF, "1" * 40, "", "x")
    assert not isinstance(caught.value, RefMoved)


def test_a_ref_never_is_followed_to_another(repo, git, two):
    git("symbolic-ref", REF, "refs/heads/main")
    refs.update(repo, REF, two[0], two[1], "x")
    assert git("rev-parse", "main") == two[1]
    assert git("rev-parse", REF) == two[0]


def test_listing(repo, git):
    head, tree = git("rev-parse", "HEAD"), git("rev-parse", "HEAD^{tree}")
    git("update-ref", REF, head)
    git("update-ref", "refs/ccsync-remotes/origin/me", head)
    git("update-ref", "refs/ccsync/blob", git("hash-object", "-w", "--stdin", input=b"x"))
    git("tag", "-a", "-m", "t", "t")
    git("update-ref", "refs/ccsync/tag", "refs/tags/t")
    git("pack-refs", "--all")
    assert refs.list_refs(repo, "refs/ccsync/") == {REF: Ref(REF, head, tree)}
    assert set(refs.list_refs(repo, "refs/ccsync/", "refs/ccsync-remotes/")) == {REF, "refs/ccsync-remotes/origin/me"}
    assert refs.start_list(repo.work_tree, REF).finish() == {REF: Ref(REF, head, tree)}


def test_ancestry(repo, git, two):
    one, other = two
    alone = git("commit-tree", "-m", "root", git("rev-parse", "HEAD^{tree}"))
    assert refs.merge_base(repo, one, other) == one
    assert refs.merge_base(repo, other, alone) == ""
    assert refs.is_ancestor(repo, one, other)
    assert not refs.is_ancestor(repo, other, one)
    with pytest.raises(GitFailed):
        refs.is_ancestor(repo, one, "1" * 40)


def commit(git, body: bytes, parent: str = "") -> str:
    tree = git("rev-parse", "HEAD^{tree}").encode()
    line = b"parent " + parent.encode() + b"\n" if parent else b""
    return git(
        "hash-object", "-t", "commit", "-w", "--literally", "--stdin", input=b"tree " + tree + b"\n" + line + body
    )


def test_history_with_hostile_commits(repo, git):
    tree = git("rev-parse", "HEAD^{tree}")
    first = commit(git, b"author A <a@x> 7 +0000\ncommitter B <b@x> 9 +0100\n\nccsync: one\n\nTrailer: x\n")
    second = commit(git, b"author \x1b[31m\xff <e> 8 +0000\ncommitter C <c> 8 +0000\n\nsub\x00hidden", first)
    third = commit(git, b"author A <a@x> 9 +0000\ncommitter B <b@x> 9 +0000\n\n" + b"long " * 100_000, second)
    fourth = commit(git, b"author A <a@x> 9 +0000\ncommitter B <b@x> 9 +0000\n\n", third)
    found = list(refs.commits(repo, fourth, limit=9))
    assert [one.oid for one in found] == [fourth, third, second, first]
    assert found[3] == Commit(first, tree, (), "A", "a@x", 7, "ccsync: one\n\nTrailer: x\n")
    assert found[2] == Commit(second, tree, (first,), "\x1b[31m�", "e", 8, "sub")
    assert len(found[1].message) == 64 << 10
    assert found[0].message == ""
    assert [one.oid for one in refs.commits(repo, fourth, limit=2)] == [fourth, third]


def test_history_of_nothing(repo):
    with pytest.raises(GitFailed):
        list(refs.commits(repo, "1" * 40, limit=1))


def test_the_users_taste_in_logs_does_not_matter(repo, git):
    for key, value in (
        ("log.showSignature", "true"),
        ("format.pretty", "oneline"),
        ("color.ui", "always"),
        ("log.mailmap", "true"),
        ("log.showRoot", "true"),
        ("log.decorate", "full"),
    ):
        git("config", key, value)
    (one,) = refs.commits(repo, git("rev-parse", "HEAD"), limit=5)
    assert one.message == "one\n"


TRACKING = "refs/ccsync-remotes/origin/me"


def test_one_git_moves_one_ref_at_once_and_another_when_it_is_told(repo, git, two):
    one, other = two
    refs.update(repo, REF, one, "", "x")
    assert refs.has_log(repo, REF)
    late = refs.Late(repo, "ccsync: two\nlines\0")
    late.begin(REF, other, one)
    until(lambda: git("rev-parse", REF) == other)
    assert refs.list_refs(repo, TRACKING) == {}
    late.move(TRACKING, other).finish()
    assert git("rev-parse", TRACKING) == other
    assert git("reflog", "show", "--format=%gs", REF) == "ccsync: two lines\nx"
    assert not refs.has_log(repo, TRACKING)


def test_what_was_begun_ends_well_without_another(repo, git, two):
    one, other = two
    refs.update(repo, REF, one, "", "x")
    late = refs.Late(repo, "x")
    late.begin(REF, other, one)
    ended = late.end()
    assert ended
    ended.finish()
    assert git("rev-parse", REF) == other
    assert refs.Late(repo, "x").end() is None


def test_a_ref_that_cannot_move_keeps_the_one_behind_it(repo, git, two):
    one, other = two
    refs.update(repo, REF, one, "", "x")
    late = refs.Late(repo, "x")
    late.begin(REF, one, other)
    moving = late.move(TRACKING, other)
    with pytest.raises(RefMoved, match="'refs/ccsync/me' was moved"):
        moving.finish()
    assert (git("rev-parse", REF), refs.list_refs(repo, TRACKING)) == (one, {})
