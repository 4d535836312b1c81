"""Ids and trees: equal to git's own, and unharmed by malformed ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.errors import BadData
from git_ccsync.git.codec import TreeEntry, hash_object, is_oid, make_tree, parse_tree

OID = "0123456789abcdef" * 2 + "01234567"


@pytest.mark.parametrize("size", [0, 1, 5000, (1 << 20) + 1])
def test_ids_are_gits(git, size):
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    assert hash_object("blob", data) == git("hash-object", "--stdin", input=data)


def test_a_tree_is_gits(git):
    blob = git("hash-object", "-w", "--stdin", input=b"x")
    sub = git("mktree", input=b"100644 blob " + blob.encode() + b"\tz\n")
    entries = [
        TreeEntry(0o100644, b"a.b", blob),
        TreeEntry(0o40000, b"a", sub),
        TreeEntry(0o100644, b"a0", blob),
        TreeEntry(0o100755, b"\xff\n", blob),
    ]
    listing = b"".join(
        b"%06o %s %s\t%s\0" % (e.mode, b"tree" if e.mode == 0o40000 else b"blob", e.oid.encode(), e.name)
        for e in entries
    )
    assert hash_object("tree", make_tree(entries)) == git("mktree", "-z", input=listing)
    assert [entry.name for entry in parse_tree(make_tree(entries))] == [b"a.b", b"a", b"a0", b"\xff\n"]


NAMES = st.binary(min_size=1, max_size=9).filter(lambda name: b"/" not in name and b"\0" not in name)
ENTRIES = st.builds(
    TreeEntry, st.sampled_from([0o100644, 0o40000, 0o120000]), NAMES, st.binary(min_size=20, max_size=20).map(bytes.hex)
)


@given(st.lists(ENTRIES, unique_by=lambda entry: entry.name))
def test_what_is_made_can_be_parsed(entries):
    data = make_tree(entries)
    assert sorted(parse_tree(data)) == sorted(entries)
    assert make_tree(reversed(parse_tree(data))) == data


@given(st.binary(max_size=90) | st.lists(ENTRIES, min_size=1, max_size=2).map(make_tree).map(lambda data: data[:-1]))
def test_no_bytes_break_the_parser(data):
    try:
        entries = parse_tree(data)
    except BadData:
        return
    assert all(is_oid(entry.oid) and entry.name and b"/" not in entry.name for entry in entries)


@pytest.mark.parametrize(
    "data",
    [
        b"100644 a\0" + bytes(19),
        b"100644 \0" + bytes(20),
        b"100644 a/b\0" + bytes(20),
        b"100648 a\0" + bytes(20),
        b"+10644 a\0" + bytes(20),
        b"100644 a\0" + bytes(20) + b"40000 a\0" + bytes(20),
        b"1006440000000000 a\0" + bytes(20),
        b"100644",
    ],
)
def test_malformed_trees(data):
    with pytest.raises(BadData):
        parse_tree(data)


@pytest.mark.parametrize("text", ["", OID[:-1], OID + "\n", OID.upper(), OID[:-1] + "\n", "g" * 40])
def test_what_is_no_id(text):
    assert is_oid(OID)
    assert not is_oid(text)
