"""Sealing: what was sealed comes back, everything else is refused, and lengths tell little."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.errors import BadData
from git_ccsync.git.codec import TreeEntry, make_tree, parse_tree
from git_ccsync.model import Keyring
from git_ccsync.state import keyring
from git_ccsync.store import seal_blob, seal_commit, seal_name
from git_ccsync.store.seal_cipher import CONTENTS, Ciphers

RING = keyring.single(1, b"1" * 32)
CIPHERS = Ciphers(RING)
NEXT = Ciphers(keyring.extended(RING, 2, b"2" * 32))
OTHER = Ciphers(keyring.single(1, b"3" * 32))
NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: b"/" not in name and b"\0" not in name)
OIDS = st.binary(min_size=20, max_size=20).map(bytes.hex)
CAP = 1 << 20


@given(st.binary(max_size=5000))
@example(b"")
@example(b"x" * 100_000)
@example(bytes(range(256)) * 300)
def test_contents_come_back(data):
    sealed = seal_blob.seal(CIPHERS, data)
    assert seal_blob.is_sealed(sealed)
    assert seal_blob.unseal(NEXT, sealed, CAP) == data
    assert seal_blob.seal(CIPHERS, data) == sealed
    assert len(sealed) <= seal_blob.room(len(data))


@given(st.integers(0, 1 << 30))
def test_lengths_are_few_and_cost_little(size):
    padded = seal_blob.padded_size(size)
    assert size <= padded <= max(64, size * 1.12)
    assert seal_blob.padded_size(padded) == padded


def test_every_flipped_bit_of_a_content_is_refused():
    sealed = seal_blob.seal(CIPHERS, b'{"type":"user"}\n' * 3)
    for at in range(len(sealed)):
        changed = bytes([*sealed[:at], sealed[at] ^ 1, *sealed[at + 1 :]])
        with pytest.raises(BadData):
            seal_blob.unseal(NEXT, changed, CAP)
    for cut in range(len(sealed)):
        with pytest.raises(BadData):
            seal_blob.unseal(NEXT, sealed[:cut], CAP)
    with pytest.raises(BadData, match="another key"):
        seal_blob.unseal(OTHER, sealed, CAP)
    with pytest.raises(BadData, match="epoch 2, which this machine does not have"):
        seal_blob.unseal(CIPHERS, seal_blob.seal(NEXT, b"x"), CAP)


def _sealed_as(inner: bytes) -> bytes:
    """What somebody with the key may have sealed."""
    mark = (1).to_bytes(4, "big")
    return seal_blob.MAGIC + mark + CIPHERS.of(1, CONTENTS).encrypt(inner, [b"blob", mark])


def test_a_bomb_and_what_only_looks_compressed_are_refused():
    bomb = zlib.compress(bytes(64 << 20), 9, -15)
    inner = len(bomb).to_bytes(4, "big") + bomb
    with pytest.raises(BadData, match="is too large: over 1048576 bytes"):
        seal_blob.unseal(CIPHERS, _sealed_as(inner), CAP)
    good = zlib.compress(b"x", 9, -15)
    for length, body in ((1 << 31, good), (len(good) - 1, good), (len(good) + 1, good + b"\0"), (9, b"\xff" * 99)):
        with pytest.raises(BadData, match="is not compressed as it should be"):
            seal_blob.unseal(CIPHERS, _sealed_as((length.to_bytes(4, "big") + body).ljust(90, b"\0")[:90]), CAP)


@given(st.lists(st.tuples(st.sampled_from([0o100644, 0o40000]), NAMES, OIDS), max_size=5, unique_by=lambda row: row[1]))
def test_names_come_back_in_gits_order(rows):
    entries = [TreeEntry(*row) for row in rows]
    plain = make_tree(entries)
    for ciphers in (CIPHERS, NEXT):
        sealed = make_tree(seal_name.seal(ciphers, entry) for entry in entries)
        assert seal_name.open_tree(NEXT, sealed) == plain
        assert all(seal_name.is_token(entry.name) for entry in parse_tree(sealed))
        assert seal_name.has_tokens(sealed) == bool(entries)


def test_lengths_of_names_tell_little():
    def size(name: bytes) -> int:
        return len(seal_name.seal(CIPHERS, TreeEntry(0o100644, name, "0" * 40)).name)

    assert {size(name) for name in (b"00", b"63")} == {9}
    assert {size(name) for name in (b"64", b"a", b"0000", b"meta")} == {29}
    assert {size(name) for name in (b"sessions", b"transcript")} == {40}
    assert {size(name) for name in (b"9" * 36, b"x" * 40)} == {77}


def test_no_number_stands_twice_in_a_folder():
    entry = seal_name.seal(CIPHERS, TreeEntry(0o100644, b"07", "0" * 40))
    data = make_tree((entry,))
    assert parse_tree(seal_name.open_tree(CIPHERS, data))[0].name == b"07"
    with pytest.raises(BadData):
        seal_name.open_tree(CIPHERS, data + data)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_token_of_another_place_or_key_is_refused(at, change):
    entry = TreeEntry(0o100644, b"00", "a" * 40)
    token = seal_name.seal(CIPHERS, entry)
    at %= len(token.name)
    moved = token._replace(name=bytes([*token.name[:at], token.name[at] ^ change, *token.name[at + 1 :]]))
    others = [token._replace(oid="b" * 40), token._replace(mode=0o40000), seal_name.seal(OTHER, entry)]
    for other in [*others, *([moved] if seal_name.is_token(moved.name) else [])]:
        with pytest.raises(BadData):
            seal_name.unseal(CIPHERS, other)


def test_a_name_without_a_token_stays():
    for name in (b"format", b".", b"." + b"!" * 40, b"x" * 80):
        entry = TreeEntry(0o100644, name, "a" * 40)
        assert seal_name.unseal(CIPHERS, entry) == entry


def _commit(text: str, parent: str = "") -> bytes:
    idents = ("A <a@b> 1 +0000", "C \udcff <c@d> 2 +0000")
    message = seal_commit.message(CIPHERS, "1" * 40, parent, idents, text)
    lines = [f"tree {'1' * 40}", *([f"parent {parent}"] if parent else []), f"author {idents[0]}"]
    return "\n".join([*lines, f"committer {idents[1]}", "", message]).encode("utf-8", "surrogateescape")


@given(st.text(st.characters(exclude_characters="\0"), max_size=300))
def test_messages_come_back(text):
    text = text.encode("utf-8", "replace").decode()
    data = _commit(text, "2" * 40)
    assert seal_commit.open_message(NEXT, data).partition(b"\n\n")[2].decode() == text
    assert seal_commit.open_message(OTHER, data) == data


def test_every_changed_byte_of_a_commit_is_refused():
    data = _commit("ccsync: laptop: 2 sessions, 34 lines\n", "2" * 40)
    for at in range(len(data)):
        changed = seal_commit.parse(bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]))
        try:
            assert not changed or seal_commit.unseal(CIPHERS, changed) is None, at
        except BadData:  # no such epoch
            continue
    for more in (data + b"\n", data.replace(b"\nauthor", b"\nencoding x\nauthor"), data[:-1]):
        assert seal_commit.parse(more) is None


def test_an_epoch_of_many_digits_is_no_number():
    assert seal_commit.parse(_commit("x").replace(b"Seal: 1 ", b"Seal: 4294967296 ")) is None


def test_a_keyring_without_subkeys_opens_nothing():
    with pytest.raises(BadData):
        seal_blob.unseal(Ciphers(Keyring("f" * 32, 1, ())), seal_blob.seal(CIPHERS, b"x"), CAP)
