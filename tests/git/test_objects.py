"""Reading objects, plainly and checked against their names, with caps, holes and corruption."""

from __future__ import annotations

import zlib

import pytest

from git_ccsync.errors import BadData, GitFailed
from git_ccsync.git.objects import Reader
from tests.git.test_command import no_children

NONE = "1" * 40


@pytest.fixture(params=["plain", "checked"])
def reader(repo, request):
    with Reader(repo) as made:
        yield made.bulk() if request.param == "checked" else made
    assert no_children()


def blob(git, data: bytes) -> str:
    return git("hash-object", "-w", "--stdin", input=data)


def test_blobs_trees_and_commits(reader, git):
    data = b"line\n\0\xff" * 100_000
    oid = blob(git, data)
    tree = git("mktree", input=f"100644 blob {oid}\tname\n".encode())
    assert reader.blob(oid, 1 << 20) == data
    assert reader.size(oid) == len(data)
    assert [(entry.name, entry.oid) for entry in reader.tree(tree)] == [(b"name", oid)]
    kind, commit = reader.read(git("rev-parse", "HEAD"), cap=1000)
    assert kind == "commit"
    assert commit.startswith(b"tree ")
    assert reader.blob(blob(git, b""), 0) == b""


def test_objects_that_come_while_we_read(reader, git):
    for number in range(3):
        oid = blob(git, b"%d" % number)
        assert reader.blob(oid, 9) == b"%d" % number
    git("repack", "-q", "-a", "-d")
    packed = blob(git, b"new")
    assert reader.blob(packed, 9) == b"new"


def test_a_large_one_is_refused_and_the_reader_goes_on(reader, git):
    large, small = blob(git, bytes(3 << 20)), blob(git, b"small")
    with pytest.raises(BadData, match="too large: 3145728 bytes"):
        reader.blob(large, 3 << 20 - 1)
    assert reader.blob(small, 5) == b"small"
    assert len(reader.blob(large, 3 << 20)) == 3 << 20


def test_missing_and_mistaken(reader, git):
    with pytest.raises(BadData, match="is missing"):
        reader.read(NONE, cap=9)
    with pytest.raises(BadData, match="is missing"):
        reader.size(NONE)
    with pytest.raises(BadData, match="is a commit, not a tree"):
        reader.tree(git("rev-parse", "HEAD"))
    assert reader.blob(blob(git, b"x"), 1) == b"x"


@pytest.mark.parametrize("name", ["", "HEAD", NONE + "\n", f"{NONE[:20]}\n{NONE[:19]}", "-" * 40])
def test_only_ids_are_asked_for(reader, name):
    with pytest.raises(BadData, match="is not an object id"):
        reader.read(name, cap=9)
    with pytest.raises(BadData, match="is not an object id"):
        reader.size(name)


def test_many(reader, git):
    oids = [blob(git, b"%d" % number * 1000) for number in range(10)]
    asked = [*oids, NONE, blob(git, bytes(9000)), *reversed(oids)] * 20
    answers = list(reader.many(asked, cap=5000))
    assert [oid for oid, _, _ in answers] == asked
    assert answers[0] == (oids[0], "blob", b"0" * 1000)
    assert answers[10] == (NONE, "", b"is missing")
    assert answers[11][1:] == ("", b"is too large: 9000 bytes")
    assert answers[12:22] == list(reversed(answers[:10]))


def test_many_can_be_left(reader, git):
    oids = [blob(git, b"%d" % number * 100_000) for number in range(5)]
    answers = reader.many(oids * 100, cap=1 << 20)
    assert next(answers)[2] == b"0" * 100_000
    answers.close()
    assert reader.blob(oids[3], 1 << 20) == b"3" * 100_000


def damage(place, oid: str, content: bytes) -> None:
    path = place / ".git/objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(content)


def test_a_corrupt_object(reader, git, place):
    oid, whole = blob(git, b"abc" * 10_000), blob(git, b"whole")
    damage(place, oid, zlib.compress(b"blob 30000\0" + b"abc" * 10_000)[:40])
    with pytest.raises(GitFailed):
        reader.blob(oid, 1 << 20)
    assert reader.blob(whole, 9) == b"whole"


def test_alternates(reader, git, place, tmp_path):
    git("init", "-q", "--bare", str(tmp_path / "other"))
    oid = git("hash-object", "-w", "--stdin", input=b"far", cwd=tmp_path / "other")
    info = place / ".git/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text(f"{tmp_path}/other/objects\n")
    reader.close()
    assert reader.blob(oid, 9) == b"far"


def test_a_repository_that_libgit2_refuses(repo, git):
    git("config", "core.repositoryFormatVersion", "1")
    git("config", "extensions.partialClone", "origin")
    with Reader(repo).bulk() as reader:
        assert reader.blob(blob(git, b"x"), 1) == b"x"


def test_nothing_is_started_for_a_reader_that_is_not_used(repo):
    with Reader(repo):
        assert no_children()


def test_bulk_reading_checks_contents(repo, git, place):
    """A loose file that inflates well, to something else: cat-file hands it out, a checked walk does not."""
    oid, other = blob(git, b"right"), blob(git, b"other")
    damage(place, oid, zlib.compress(b"blob 5\0wrong"))
    with Reader(repo) as reader:
        assert reader.blob(oid, 9) == b"wrong"
        with pytest.raises(GitFailed, match="does not fit its name"):
            reader.bulk().blob(oid, 9)
        assert reader.blob(other, 9) == b"other"


def test_bulk_reading_of_a_pack(repo, git, place):
    oids = [blob(git, b"%d" % number * 500) for number in range(20)]
    git("repack", "-q", "-a", "-d")
    git("prune-packed")
    with Reader(repo) as reader:
        assert [data for _, _, data in reader.bulk().many(oids, cap=999)] == [b"%d" % n * 500 for n in range(20)][
            :10
        ] + [b"is too large: 1000 bytes"] * 10
