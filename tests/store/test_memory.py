"""Merging memory: nothing that anybody wrote is lost, every order of syncs ends in one state, and asking twice changes nothing."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.store import memory, three_way
from git_ccsync.store.memory import Conflict

LINES = st.lists(st.sampled_from([b"a", b"b", b"c", b"d", b"e", b""]), max_size=8)


@given(LINES, LINES, LINES)
def test_every_line_that_was_added_is_there(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> None:
    merged = three_way.merge(base, ours, theirs).lines
    for line in {*ours, *theirs} - {*base}:
        assert merged.count(line) >= max(ours.count(line), theirs.count(line))
    for line in {*base} - {*ours} - {*theirs}:
        assert line not in merged


@given(LINES, LINES, LINES)
def test_one_side_alone_is_taken_as_it_is(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> None:
    assert three_way.merge(base, ours, base).lines == tuple(ours)
    assert three_way.merge(base, base, theirs).lines == tuple(theirs)
    assert three_way.merge(base, ours, ours).lines == tuple(ours)


@given(LINES, LINES, LINES)
def test_a_merge_that_is_made_again_changes_nothing(base: list[bytes], ours: list[bytes], theirs: list[bytes]) -> None:
    merged = three_way.merge(base, ours, theirs).lines
    assert three_way.merge(ours, ours, merged).lines == merged
    assert three_way.merge(theirs, merged, theirs).lines == merged


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        ("abc", "aBc", "abcd", "aBcd"),
        ("abc", "Abc", "aBc", "ABc"),
        ("abc", "bc", "abC", "bC"),
        ("ab", "abx", "aby", "abyx"),
        ("abc", "aXc", "aYc", "aYXc"),
        ("abc", "ac", "aYc", "aYc"),
        ("abcd", "aXYd", "aXcd", "aXYd"),
        ("", "abc", "abx", "abxc"),
    ],
)
def test_who_says_what(base: str, ours: str, theirs: str, merged: str) -> None:
    rows = [[letter.encode() for letter in text] for text in (base, ours, theirs)]
    assert b"".join(three_way.merge(*rows).lines).decode() == merged


def test_a_text_made_to_be_hard_is_still_merged() -> None:
    base = [b"%d" % (number % 7) for number in range(20_000)]
    ours = [b"x", *base[::-1]]
    merged = three_way.merge(base, ours, [*base, b"y"]).lines
    assert {b"x", b"y"} <= set(merged)


class Fleet:
    """Machines that share a branch, without any of the rest: `memory.merge` as the operations call it."""

    def __init__(self, number: int) -> None:
        self.disks: list[dict[str, bytes]] = [{} for _ in range(number)]
        self.bases: list[dict[str, bytes]] = [{} for _ in range(number)]
        self.branch: dict[str, bytes] = {}

    def push(self, number: int) -> None:
        merged = memory.merge(self.bases[number], self.disks[number], self.branch, f"m{number}")
        self.branch, self.bases[number] = merged.files, dict(self.disks[number])

    def pull(self, number: int) -> None:
        self.push(number)
        self.disks[number], self.bases[number] = dict(self.branch), dict(self.branch)


NAMES = ("MEMORY.md", "user.md", "x.json")
ACTS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["write", "insert", "change", "drop", "delete", "push", "pull"]),
        st.sampled_from(NAMES),
        st.integers(0, 5),
    ),
    max_size=25,
)


@given(ACTS)
@example(
    [
        (0, "write", "user.md", 0),
        (0, "pull", "", 0),
        (1, "pull", "", 0),
        (0, "change", "user.md", 0),
        (1, "change", "user.md", 0),
    ]
)
@example(
    [
        (0, "write", "user.md", 0),
        (1, "write", "user.md", 0),
        (1, "push", "", 0),
        (0, "push", "", 0),
        (0, "change", "user.md", 1),
    ]
)
def test_any_order_ends_equal_and_loses_no_line(acts: list[tuple[int, str, str, int]]) -> None:
    fleet = Fleet(3)
    alive: set[bytes] = set()
    for number, (who, act, name, place) in enumerate(acts):
        if act in ("push", "pull"):
            getattr(fleet, act)(who)
            continue
        disk = fleet.disks[who]
        if act == "delete" and name in disk:
            alive -= set(disk.pop(name).split(b"\n"))
            continue
        rows = disk[name].split(b"\n") if name in disk else []
        line = b"%d by %d" % (number, who)
        at = min(place, max(0, len(rows) - 1))
        old = rows[at : at + 1] if act in ("change", "drop") else []
        alive -= set(old)
        new = [] if act == "drop" else [line]
        alive |= set(new)
        rows[at : at + len(old)] = new
        if act != "drop" or name in disk:
            disk[name] = b"\n".join([*rows, b""] if rows[-1:] != [b""] else rows)
    for who in (0, 1, 2, 0, 1, 2, 0):
        fleet.pull(who)
    assert fleet.disks[0] == fleet.disks[1] == fleet.disks[2] == fleet.branch
    lines = {line for text in fleet.branch.values() for line in text.split(b"\n")}
    assert alive <= lines
    before = fleet.branch
    for who in range(3):
        fleet.pull(who)
    assert fleet.branch == before


NOTE = b"---\nname: a\ndescription: %b\n---\n%b\n"


def test_front_matter_is_never_said_twice() -> None:
    base, ours, theirs = (NOTE % (word, b"text") for word in (b"old", b"ours", b"theirs"))
    merged = memory.merge({"a.md": base}, {"a.md": ours}, {"a.md": theirs}, "lap top")
    assert merged.files == {"a.md": theirs, "a.lap-top.md": ours}
    assert merged.conflicts == (Conflict("a.md", "a.lap-top.md"),)
    again = memory.merge({"a.md": base}, {"a.md": ours}, merged.files, "lap top")
    assert again.files == merged.files


def test_a_second_version_goes_on_where_nobody_touched_it() -> None:
    theirs = {"a.json": b"theirs"}
    first = memory.merge({"a.json": b"0"}, {"a.json": b"1"}, theirs, "laptop").files
    assert first == theirs | {"a.laptop.json": b"1"}
    more = memory.merge({"a.json": b"1"}, {"a.json": b"2"}, first, "laptop").files
    assert more == theirs | {"a.laptop.json": b"2"}
    touched = first | {"a.laptop.json": b"x"}
    more = memory.merge({"a.json": b"1"}, {"a.json": b"2"}, touched, "laptop").files
    assert more == touched | {"a.laptop-2.json": b"2"}


def test_a_second_version_is_listed_once() -> None:
    files = {"MEMORY.md": b"- [a](a.md)", "a.md": b"x\n"}
    merged = memory.merge({}, files, {"a.md": b"y\n"}, "laptop")
    assert merged.files["MEMORY.md"].startswith(b"- [a](a.md)\n- [a.laptop.md](a.laptop.md)")
    again = memory.merge(files, files, merged.files, "laptop")
    assert again.files == merged.files


@pytest.mark.parametrize(
    "name",
    [
        *("", "/", "a/", "/a", "../a", "a/../b", ".hidden", "a/.git", "a\\b", "a:b", "a\0", "a\n", "con.md", "LPT1"),
        *("a.", "a ", " a", "a/b/c/d", "x" * 121, "\u202egnp.md", "a\udcff", "a*", "a?"),
    ],
)
def test_names_that_are_not_taken(name: str) -> None:
    assert not memory.is_name(name)


def test_names_that_some_would_take_for_one() -> None:
    names = ["MEMORY.md", "memory.md", "a", "a/b.md", "B/x.md", "b/y.md", "e\u0301.md", "\u00e9.md", "c d.md"]
    assert memory.fitting(names) == ("MEMORY.md", "a", "B/x.md", "e\u0301.md", "c d.md")
