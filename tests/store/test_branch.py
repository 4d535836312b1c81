"""Trees of a branch against real git: what a draft writes passes fsck, and what it does not know it keeps."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from git_ccsync.errors import BadData
from git_ccsync.git import repository
from git_ccsync.git.objects import Reader, TreeEntry
from git_ccsync.git.sink import Sink
from git_ccsync.store import branch, segments
from git_ccsync.store.branch import Draft, Parts
from git_ccsync.store.format import GROUP, session_path
from git_ccsync.store.segments import BLOB, TREE

ONE, TWO = (str(uuid.UUID(int=number, version=4)) for number in (1, 0xFF << 120))


class Bench:
    """A repository, its reader and sink, and git to look at what they made."""

    def __init__(self, place: Path) -> None:
        self.place = place
        subprocess.run(["git", "init", "-q", str(place)], check=True)
        self.repo = repository.discover(str(place))
        self.reader, self.sink = Reader(self.repo), Sink(self.repo)

    def git(self, *args: str, input: bytes = b"") -> str:
        done = subprocess.run(["git", *args], cwd=self.place, input=input, capture_output=True, check=True)
        return done.stdout.decode().rstrip("\n")

    def draft(self, root: str = "") -> Draft:
        return Draft(self.reader, self.sink, root)

    def blob(self, text: str) -> str:
        return self.sink.add("blob", text.encode())

    def written(self, draft: Draft) -> str:
        """Write the draft; git must find nothing to complain about."""
        tree = draft.write()
        self.sink.finish()
        commit = self.git("commit-tree", tree, "-m", "x")
        self.git("update-ref", "refs/ccsync/al", commit)
        said = subprocess.run(
            ["git", "fsck", "--strict", "--no-dangling"], cwd=self.place, capture_output=True, check=True
        )
        assert said.stdout + said.stderr.replace(b"notice: HEAD points to an unborn branch (main)\n", b"") in (
            b"",
            b"notice: No default references\n",
        )
        return tree

    def files(self, tree: str) -> dict[str, str]:
        """Path to "mode text" of everything below a tree."""
        rows = [line.split("\t") for line in self.git("ls-tree", "-r", tree).splitlines()]
        return {path: f"{facts.split()[0]} {self.git('cat-file', 'blob', facts.split()[2])}" for facts, path in rows}

    def session(self, draft: Draft, text: str) -> str:
        """The folder of a session with a transcript of one segment."""
        tree = draft.append("", [self.blob(text)])
        return draft.session_with("", Parts(self.blob("title = 'x'"), tree))


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "app")
    yield made
    made.reader.close()


def test_what_is_put_is_there_and_git_agrees(bench: Bench) -> None:
    draft = bench.draft()
    draft.put("format", bench.blob("git-ccsync 1"))
    draft.put("machines/5f0c2a9be1d34786", bench.blob("name"))
    draft.put_session(ONE, bench.session(draft, "a\n"))
    draft.put_session(TWO, bench.session(draft, "b\n"))
    assert draft.changed
    tree = bench.written(draft)
    assert not draft.changed
    assert set(bench.files(tree)) == {
        "format", "machines/5f0c2a9be1d34786",
        *(f"{session_path(name)}/{part}" for name in (ONE, TWO) for part in ("meta", "transcript/0000/00")),
    }  # fmt: skip
    assert branch.sessions(bench.reader, tree).keys() == {ONE, TWO}
    assert branch.machines(bench.reader, tree).keys() == {"5f0c2a9be1d34786"}


def test_a_draft_reads_what_it_has_not_written_yet(bench: Bench) -> None:
    draft = bench.draft()
    folder = bench.session(draft, "a\n")
    draft.put_session(ONE, folder)
    assert draft.session(ONE) == folder
    assert draft.session(TWO) == ""
    assert branch.parts(draft, folder).transcript
    draft.write()
    assert draft.session(ONE) == folder


def test_equal_states_are_equal_trees(bench: Bench) -> None:
    """Whatever the order of the changes, and whether they came at once or one after the other."""
    one, other = bench.draft(), bench.draft()
    for draft, names in ((one, (ONE, TWO)), (other, (TWO, ONE))):
        for name in names:
            draft.put_session(name, bench.session(draft, f"{name}\n"))
            if draft is other:
                draft.write()
    assert one.write() == other.write()
    assert other.write() == one.root


def test_unknown_entries_are_kept(bench: Bench) -> None:
    """Names and modes of a later version, at every depth."""
    odd = bench.blob("later")
    folder = session_path(ONE)
    draft = bench.draft()
    draft.put_session(ONE, bench.session(draft, "a\n"))
    for path, mode in (
        ("later", BLOB), ("deep/er/x", BLOB), ("link", 0o120000), (f"{folder}/handoff", BLOB), (f"{folder}/run", 0o100755),
        (f"{folder}/transcript/later", BLOB), (f"{folder}/transcript/0000/notes", BLOB), ("sessions/README", BLOB),
    ):  # fmt: skip
        draft.put(path, odd, mode)
    before = bench.files(bench.written(draft))

    draft = bench.draft(draft.root)
    old = draft.session(ONE)
    found = branch.parts(draft, old)
    assert len(segments.listing(draft, found.transcript)) == 1
    grown = draft.append(found.transcript, [bench.blob("b\n")])
    draft.put_session(ONE, draft.session_with(old, found._replace(transcript=grown)))
    draft.put("format", bench.blob("git-ccsync 1"))
    after = bench.files(bench.written(draft))
    added = {f"{folder}/transcript/0000/01": "100644 b", "format": "100644 git-ccsync 1"}
    assert after == before | added


def test_odd_modes_and_names_are_no_sessions(bench: Bench) -> None:
    draft = bench.draft()
    good = bench.session(draft, "a\n")
    draft.put_session(ONE, good)
    top = session_path(ONE).rpartition("/")[0]
    for name, mode in (
        (ONE.upper(), TREE), (ONE[:-1] + "g", TREE), (ONE + "0", TREE), (ONE[:-1] + "e", BLOB), (ONE[:-1] + "d", 0o100755),
    ):  # fmt: skip
        draft.put(f"{top}/{name}", good if mode == TREE else bench.blob("x"), mode)
    draft.put("machines/5f0c2a9be1d34786", bench.blob("x"), 0o100755)
    draft.put("machines/README", bench.blob("x"))
    draft.put("sessions/00/0/x", good, TREE)
    tree = bench.written(draft)
    assert branch.sessions(bench.reader, tree) == {ONE: good}
    assert branch.machines(bench.reader, tree) == {}


def test_parts_pass_over_what_has_an_odd_mode(bench: Bench) -> None:
    draft = bench.draft()
    text, folder = bench.blob("x"), draft.append("", [bench.blob("a\n")])
    odd = draft.add_tree(
        (TreeEntry(0o100755, b"meta", text), TreeEntry(BLOB, b"transcript", text), TreeEntry(TREE, b"files", folder))
    )
    assert branch.parts(draft, odd) == Parts(files=((b"0000", branch.folder(draft, folder, "0000")),))
    assert branch.parts(draft, "") == Parts()


def test_segments_are_added_behind_and_full_groups_stay(bench: Bench) -> None:
    draft = bench.draft()
    blobs = [bench.blob(f"{number}\n") for number in range(2 * GROUP + 3)]
    whole = draft.append("", blobs)
    pieces = ""
    for start, end in ((0, 1), (1, GROUP), (GROUP, GROUP), (GROUP, GROUP + 1), (GROUP + 1, len(blobs))):
        pieces = draft.append(pieces, blobs[start:end])
        assert segments.listing(draft, pieces) == tuple(blobs[:end])
        assert segments.count(draft, pieces) == end
    assert pieces == whole
    before = {entry.name: entry.oid for entry in draft.tree(whole)}
    after = {entry.name: entry.oid for entry in draft.tree(draft.append(whole, [blobs[0]]))}
    assert [name for name in after if before.get(name) != after[name]] == [b"0002"]


def test_removing_takes_empty_folders_along(bench: Bench) -> None:
    draft = bench.draft()
    draft.put("a/b/c", bench.blob("x"))
    draft.put("d", bench.blob("y"))
    draft.write()
    draft.remove("a/b/c")
    draft.remove("nothing/here")
    assert set(bench.files(bench.written(draft))) == {"d"}
    draft.remove("d")
    assert draft.write() == ""


def test_a_folder_that_was_put_whole_can_be_refined(bench: Bench) -> None:
    draft = bench.draft()
    folder = bench.session(draft, "a\n")
    draft.put_session(ONE, folder)
    draft.put(f"{session_path(ONE)}/handoff", bench.blob("note"))
    tree = bench.written(draft)
    assert {path.rpartition("/")[2] for path in bench.files(tree)} == {"meta", "00", "handoff"}


def test_changed_finds_each_difference_and_reads_little(bench: Bench) -> None:
    draft = bench.draft()
    names = [str(uuid.UUID(int=number << 116, version=4)) for number in range(256)]
    for name in names:
        draft.put_session(name, bench.session(draft, f"{name}\n"))
    before = bench.written(draft)
    fresh = str(uuid.UUID(int=(7 << 116) + 1, version=4))
    draft.put_session(names[3], bench.session(draft, "other\n"))
    draft.put_session(fresh, bench.session(draft, "fresh\n"))
    draft.remove(session_path(names[200]))
    after = bench.written(draft)
    reads = Counting(bench.reader)
    found = branch.changed(reads, before, after)
    assert {name: (bool(old), bool(new)) for name, (old, new) in found.items()} == {
        names[3]: (True, True), fresh: (False, True), names[200]: (True, False),
    }  # fmt: skip
    assert reads.count < 20
    assert branch.changed(bench.reader, after, after) == {}
    assert branch.changed(bench.reader, "", before).keys() == set(names)


class Counting:
    """A reader that counts."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.count = reader, 0

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        self.count += 1
        return self.reader.tree(oid)


def test_entries_by_path(bench: Bench) -> None:
    draft = bench.draft()
    oid = bench.blob("x")
    draft.put("a/b", oid)
    tree = draft.write()
    assert branch.entry(draft, tree, "a/b") == (BLOB, oid)
    assert branch.entry(draft, tree, "a/b/c") is None
    assert branch.entry(draft, tree, "x/y") is None
    assert branch.folder(draft, tree, "a/b") == ""
    assert branch.folder(draft, "", "a") == ""


@pytest.mark.parametrize(
    "mangle", [lambda data: b"", lambda data: b"tree x\n\n", lambda data: data[5:], lambda data: b"\xff" * 99]
)
def test_commits_that_are_none(bench: Bench, mangle: Callable[[bytes], bytes]) -> None:
    tree = bench.draft()
    tree.put("a", bench.blob("x"))
    bench.written(tree)
    data = subprocess.run(
        ["git", "cat-file", "commit", "refs/ccsync/al"], cwd=bench.place, capture_output=True, check=True
    ).stdout
    assert branch.parse_commit(data) == (tree.root, ())
    assert branch.author(data) == "Al Example <al@example.com>"
    with pytest.raises(BadData):
        branch.parse_commit(mangle(data))
    assert branch.author(mangle(data)) in ("", branch.author(data))
