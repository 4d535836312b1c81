"""Files as segments: cut at line ends, listed in order whatever the groups are called, joined before lines are split."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.errors import BadData
from git_ccsync.git.objects import TreeEntry, hash_object, make_tree
from git_ccsync.store import segments
from git_ccsync.store.format import GROUP, MAX_SEGMENT, SEGMENT_CAP
from git_ccsync.store.segments import BLOB, TREE


class Shelf:
    """Objects in memory, with what both readers offer."""

    def __init__(self) -> None:
        self.trees: dict[str, tuple[TreeEntry, ...]] = {}
        self.blobs: dict[str, bytes] = {}

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        return self.trees[oid]

    def blob(self, oid: str, cap: int) -> bytes:
        assert cap == SEGMENT_CAP
        return self.blobs[oid]

    def put(self, data: bytes) -> str:
        oid = hash_object("blob", data)
        self.blobs[oid] = data
        return oid

    def put_tree(self, *entries: tuple[int, str, str]) -> str:
        made = tuple(TreeEntry(mode, name.encode(), oid) for mode, name, oid in entries)
        oid = hash_object("tree", make_tree(made))
        self.trees[oid] = made
        return oid

    def file(self, groups: dict[str, list[str]]) -> str:
        """A file's tree: group name to the names of its segments, each holding its own place."""
        return self.put_tree(
            *(
                (TREE, group, self.put_tree(*((BLOB, name, self.put(f"{group}/{name}\n".encode())) for name in names)))
                for group, names in groups.items()
            )
        )


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def listed(shelf: Shelf, tree: str) -> list[bytes]:
    return [shelf.blobs[oid] for oid in segments.listing(shelf, tree)]


FULL = [f"{place:02d}" for place in range(GROUP)]


def test_groups_are_compared_as_numbers(shelf: Shelf) -> None:
    tree = shelf.file({"0001": ["00", "01"], "0000": FULL})
    assert listed(shelf, tree)[-3:] == [b"0000/63\n", b"0001/00\n", b"0001/01\n"]
    assert segments.count(shelf, tree) == GROUP + 2
    full = shelf.put_tree(*((BLOB, name, shelf.put(name.encode())) for name in FULL))
    last = shelf.put_tree((BLOB, "00", shelf.put(b"last\n")))
    groups = [(TREE, f"{group:04d}", full) for group in range(10000)]
    many = shelf.put_tree((TREE, "10000", last), *groups)
    assert listed(shelf, many)[-1] == b"last\n"
    assert segments.count(shelf, many) == 10000 * GROUP + 1


def test_nothing_and_an_empty_file(shelf: Shelf) -> None:
    assert segments.listing(shelf, "") == ()
    assert segments.count(shelf, "") == 0
    assert segments.listing(shelf, shelf.file({})) == ()


@pytest.mark.parametrize(
    "groups",
    [
        {"0000": ["01"]},
        {"0000": ["00", "02"]},
        {"0001": ["00"]},
        {"0000": ["00"], "0001": ["00"]},
        {"99999999": ["00"]},
    ],
)
def test_a_gap_is_bad_data(shelf: Shelf, groups: dict[str, list[str]]) -> None:
    with pytest.raises(BadData, match="missing"):
        segments.listing(shelf, shelf.file(groups))


def test_odd_names_and_modes_are_passed_over(shelf: Shelf) -> None:
    one, odd = shelf.put(b"one\n"), shelf.put(b"odd\n")
    group = shelf.put_tree(
        (BLOB, "00", one), (0o120000, "01", odd), (0o100755, "02", odd), (0o160000, "03", odd), (BLOB, "x1", odd),
        (BLOB, "-1", odd), (BLOB, "64", odd), (BLOB, "999999999", odd), (BLOB, "+1", odd), (BLOB, "\u0661", odd),
    )  # fmt: skip
    tree = shelf.put_tree(
        (TREE, "0000", group), (BLOB, "0001", odd), (TREE, "later", group), (TREE, "123456789", group)
    )
    assert listed(shelf, tree) == [b"one\n"]
    assert segments.count(shelf, tree) == 1


def test_a_number_has_one_name(shelf: Shelf) -> None:
    """Else one number could stand in two places, and readers would differ in what the file says."""
    assert listed(shelf, shelf.file({"000": ["00"], "0000": ["0", "00", "000"], "00000": ["00"]})) == [b"0000/00\n"]


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=8))
def test_blocks_are_whole_lines_however_the_text_is_cut(text: bytes, cuts: list[int]) -> None:
    shelf = Shelf()
    edges = [0, *sorted(cuts), len(text)]
    oids = [shelf.put(text[start:end]) for start, end in zip(edges, edges[1:], strict=False)]
    blocks = list(segments.blocks(shelf, oids))
    whole = text[: text.rfind(b"\n") + 1]
    assert b"".join(blocks) == whole
    assert all(block.endswith(b"\n") for block in blocks)
    assert list(segments.lines(blocks)) == [line + b"\n" for line in whole.split(b"\n")[:-1]]


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"") + b"\n")), st.integers(1, 60))
def test_lines_are_packed_without_loss(lines: list[bytes], size: int) -> None:
    blocks = list(segments.pack_lines(iter(lines), size))
    assert b"".join(blocks) == b"".join(lines)
    assert all(len(block) < size + 21 for block in blocks)


def test_only_a_line_over_the_limit_is_cut() -> None:
    small, large = b"a\n" * 10, b"x" * (MAX_SEGMENT + 5) + b"\n"
    assert list(segments.cut(small)) == [small]
    pieces = list(segments.cut(large))
    assert [len(piece) for piece in pieces] == [MAX_SEGMENT, 6]
    assert b"".join(pieces) == large
    shelf = Shelf()
    assert list(segments.blocks(shelf, [shelf.put(piece) for piece in [small, *pieces]])) == [small, large]
