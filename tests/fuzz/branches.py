"""Targets: what a branch is made of. Trees, commits, the small files, segments, sealed envelopes, keys."""

from __future__ import annotations

import tomllib

from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.git.codec import TreeEntry, is_oid, make_tree, parse_tree
from git_ccsync.model import Keyring, Machine, Meta
from git_ccsync.store import branch, lease, memory, segments, table
from git_ccsync.store import format as layout
from tests.fuzz.target import Target

ID = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"
OID = "ab" * 20
RING = Keyring("0" * 16, 1, ((1, bytes(range(32))),), ((1, bytes(range(192))),))


def tree(data: bytes) -> None:
    try:
        entries = parse_tree(data)
    except BadData:
        return
    names = [entry.name for entry in entries]
    assert len(set(names)) == len(names)
    assert all(name and b"/" not in name and b"\0" not in name for name in names)
    assert all(is_oid(entry.oid) for entry in entries)
    assert set(parse_tree(make_tree(entries))) == set(entries)


class Forest:
    """Trees and blobs cut from arbitrary bytes: each id means one of them, so that trees name each other in circles."""

    def __init__(self, data: bytes) -> None:
        self.pieces = data.split(b"\xfe\xfe") or [b""]
        self.read = 0

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        self.read += 1
        assert self.read < 20_000, "the walk does not end"
        return parse_tree(self.pieces[int(oid[:4], 16) % len(self.pieces)])

    def blob(self, oid: str, cap: int) -> bytes:
        return self.pieces[int(oid[:4], 16) % len(self.pieces)][:cap]


def walk(data: bytes) -> None:
    forest, root = Forest(data), "00" * 20
    for look in (
        lambda: branch.sessions(forest, root),
        lambda: branch.changed(forest, "01" * 20, root),
        lambda: branch.machines(forest, root),
        lambda: branch.parts(forest, root),
        lambda: segments.listing(forest, root),
        lambda: segments.count(forest, root),
        lambda: branch.entry(forest, root, f"sessions/3/f/{ID}/meta"),
    ):
        try:
            found = look()
        except BadData:
            continue
        if isinstance(found, dict):
            assert all(layout.is_session_id(name) or layout.is_machine_id(name) for name in found)


def commit(data: bytes) -> None:
    branch.author(data)
    try:
        found, parents = branch.parse_commit(data)
    except BadData:
        return
    assert len(found) == 40
    assert all("\n" not in parent for parent in parents)


def small(data: bytes) -> None:
    try:
        found = table.load(data, "it")
    except BadData:
        return
    try:
        other = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return
    assert found == other


def meta(data: bytes) -> None:
    try:
        found = layout.load_meta(data)
    except BadData:
        return
    assert all(type(value) is type(default) for value, default in zip(found, Meta(), strict=True))
    assert layout.load_meta(layout.dump_meta(found, data)) == found
    assert len(f"{found.lines:,} {found.bytes:,} {found.messages:,}") < 100


def machine(data: bytes) -> None:
    try:
        found = layout.load_machine("0123456789abcdef", data)
    except BadData:
        return
    assert len(found.name) <= 64 >= len(found.os)
    assert all(map(layout.is_session_id, found.open + found.unfinished))
    again = layout.load_machine(found.id, layout.dump_machine(found, data))
    assert again == found._replace(open=tuple(sorted(found.open)), unfinished=tuple(sorted(found.unfinished)))


def leases(data: bytes) -> None:
    try:
        found = lease.load(data)
    except BadData:
        return
    assert layout.is_machine_id(found.machine)
    assert lease.load(lease.dump(found)) == found


def tombstone(data: bytes) -> None:
    try:
        where, lines = layout.load_tombstone(data)
    except BadData:
        return
    assert isinstance(where, str)
    assert 0 <= lines < 1 << 63


class OneMark:
    """A stage that has one tree with one purge mark."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        if oid == OID:
            return (TreeEntry(0o40000, b"purged", "cd" * 20),)
        return (TreeEntry(0o100644, ID.encode(), "ef" * 20),)

    def blob(self, oid: str, cap: int) -> bytes:
        return self.data


def purged(data: bytes) -> None:
    from git_ccsync.operations.purging import purged as marks

    found = marks.load(OneMark(data), OID, ID)  # type: ignore[arg-type]
    assert found is not None, "a mark that cannot be read binds as any other"
    assert all(isinstance(one, str) for one in (*found[:3], *found[3]))


def side_name(data: bytes) -> None:
    try:
        name = layout.unescape_name(data)
    except BadData:
        return
    assert layout.escape_name(name).encode() == data
    assert not name.startswith("/")
    assert not {"", ".", ".."} & set(name.split("/"))
    assert not {"\0", "\\"} & set(name)


def memory_names(data: bytes) -> None:
    names = data.decode("utf-8", "surrogateescape").split("\n")
    kept = memory.fitting(names)
    assert len({name.casefold() for name in kept}) == len(kept)
    assert all(memory.is_name(name) and ".." not in name.split("/") and name[0] not in "/." for name in kept)


def segment(data: bytes) -> None:
    pieces = data.split(b"\xfe")
    held = {f"{at:040x}": piece for at, piece in enumerate(pieces)}

    class Blobs:
        def blob(self, oid: str, cap: int) -> bytes:
            return held[oid]

    blocks = list(segments.blocks(Blobs(), held))
    whole = b"".join(pieces)
    assert b"".join(blocks) == whole[: whole.rfind(b"\n") + 1]
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(segments.lines(blocks)) == b"".join(blocks)


def sealed_blob(data: bytes) -> None:
    from git_ccsync.store import seal_blob
    from git_ccsync.store.seal_cipher import Ciphers

    ciphers = Ciphers(RING)
    try:
        found = seal_blob.unseal(ciphers, data, 1000)
    except BadData:
        assert seal_blob.unseal(ciphers, seal_blob.seal(ciphers, data), 1 << 16) == data
        return
    assert len(found) <= 1000
    assert seal_blob.seal(ciphers, found) == data, "two sealed forms of one content"


def sealed_tree(data: bytes) -> None:
    from git_ccsync.store import seal_name
    from git_ccsync.store.seal_cipher import Ciphers

    try:
        parse_tree(seal_name.open_tree(Ciphers(RING), data))
        seal_name.has_tokens(data)
    except BadData:
        return


def sealed_commit(data: bytes) -> None:
    from git_ccsync.store import seal_commit
    from git_ccsync.store.seal_cipher import Ciphers

    ciphers = Ciphers(RING)
    try:
        seal_commit.open_message(ciphers, data)
        found = seal_commit.parse(data)
        opened = found and seal_commit.unseal(ciphers, found)
    except BadData:
        return
    assert not opened, "a commit was opened that nobody sealed"


def public_key(data: bytes) -> None:
    from git_ccsync.privacy import keys

    try:
        found = keys.parse_public(data.decode("utf-8", "surrogateescape"))
    except CcsyncError:
        return
    assert keys.is_recipient_id(found.id)
    assert found.text.isascii()
    assert keys.parse_public(found.text).id == found.id
    assert found.words


def request(data: bytes) -> None:
    from git_ccsync.privacy import keys

    name = data[:32].decode("ascii", "replace")
    try:
        found = keys.load_request(name, data)
    except CcsyncError:
        return
    assert found.public.id == name


def key_tree(data: bytes) -> None:
    from git_ccsync.operations.sealed import keys_tree

    forest = Forest(data)
    for look in (keys_tree.epochs, keys_tree.recipients, keys_tree.requests, keys_tree.inbox):
        try:
            found = look(forest, "00" * 20)
        except CcsyncError:
            continue
        assert len(found) <= keys_tree.MAX_EPOCHS


def wrapped_key(data: bytes) -> None:
    from git_ccsync.privacy import keys

    identity = keys.identity(keys.inbox(b"k" * 32))
    for plain in (data, keys.encrypt(data, (keys.public_of(keys.inbox(b"k" * 32)).text,))):
        try:
            found = keys.unwrap(plain, (identity,))
        except CcsyncError:
            continue
        assert found is None or (len(found.key) == 32 and found.epoch > 0)


_META = layout.dump_meta(Meta(title='He said "no"', lines=3, machine="0123456789abcdef", dirty=True))
_MACHINE = layout.dump_machine(
    Machine("0" * 16, "laptop", "linux", (ID,), (), (("WORK", "/w"), ("a b", 'q"')), ((ID, OID),))
)
_TREE = make_tree(
    [TreeEntry(0o40000, b"sessions", "00" * 20), TreeEntry(0o100644, b"format", OID), TreeEntry(0o40000, b"0000", OID)]
)
_SHELF = make_tree(
    [
        *(
            TreeEntry(0o40000, name, f"{at:04x}" + "0" * 36)
            for at, name in enumerate((b"3", b"f", ID.encode(), b"files"))
        ),
        *(TreeEntry(0o100644, b"%02d" % at, OID) for at in range(3)),
    ]
)
_COMMIT = b"tree %s\nparent %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nccsync: x\n" % (
    OID.encode(),
    OID.encode(),
)
_KEYS = make_tree(
    [
        TreeEntry(0o40000, name, f"{at:04x}" + "0" * 36)
        for at, name in enumerate((b"keys", b"requests", b"recipients", b"1"))
    ]
    + [TreeEntry(0o100644, name, OID) for name in (b"proof", b"recovery", b"inbox", b"0123456789abcdef")]
)
_TREES = (b"40000 ", b"100644 ", b"120000 ", b"160000 ", b"\0" + b"\xab" * 20, b"\xfe\xfe", b".git", b"..")
_TOML = (
    b"\n[placeholders]\n",
    b'key = "value"\n',
    b'["',
    b'", "',
    b"\\u0041",
    b"\\U0010ffff",
    b"'''",
    b'"""',
    b"a.b.c",
    b"#",
)
TARGETS = (
    Target(
        "tree", "BadData, or entries with unique names that make the same tree again", tree, (_TREE, _SHELF), _TREES
    ),
    Target(
        "walk",
        "BadData, or sessions and machines with proper ids, after reading a bounded number of trees",
        walk,
        (_TREE + b"\xfe\xfe" + _SHELF, b"\xfe\xfe".join([_SHELF] * 4)),
        _TREES,
    ),
    Target("commit", "BadData, or a tree and parents", commit, (_COMMIT,), (b"\nparent ", b"\nauthor ", b"\n\n")),
    Target("small", "BadData, or what TOML says", small, (_META, _MACHINE), _TOML),
    Target("meta", "BadData, or values of their types that come back", meta, (_META,), _TOML),
    Target("machine", "BadData, or a machine that comes back", machine, (_MACHINE,), _TOML),
    Target(
        "lease", "BadData, or a lease that comes back", leases, (b'machine = "0123456789abcdef"\nclaim = "c"\n',), _TOML
    ),
    Target(
        "tombstone", "BadData, or a tree and a number", tombstone, (layout.dump_tombstone("w", "t", OID, 3),), _TOML
    ),
    Target("purged", "always a mark", purged, (b'machine = "m"\nwhen = "t"\nrows = ["a", "b"]\n',), _TOML),
    Target(
        "side-name", "BadData, or a path that stays inside", side_name, (b"tool-results%2Fx.txt", b"%2Ea%20b"), (b"%",)
    ),
    Target(
        "memory-names", "names that any file system tells apart", memory_names, (b"MEMORY.md\na/b.md\nCON\nA/B.md",)
    ),
    Target("segment", "whole lines, nothing lost", segment, (b"a\nb\xfe\nc\xfe\n",), (b"\xfe", b"\n")),
)
SEALED = (
    Target(
        "sealed-blob", "BadData, or a bounded content with this one sealed form", sealed_blob, (b"CCS1" + bytes(100),)
    ),
    Target("sealed-tree", "BadData, or a tree", sealed_tree, (_TREE,), (*_TREES, b"40000 .")),
    Target(
        "sealed-commit",
        "nothing is opened that was not sealed",
        sealed_commit,
        (_COMMIT.replace(b"ccsync: x", b"ccsync: sealed\n\nCcsync-Seal: 1 " + b"A" * 80),),
    ),
    Target(
        "public-key",
        "BadData, or a key with one id",
        public_key,
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI" + b"A" * 43 + b" me@here", b"age1" + b"q" * 58),
        (b"ssh-rsa ", b"age1", b"ssh-ed25519 "),
    ),
    Target(
        "request",
        "BadData, or a request by the key that it is named after",
        request,
        (b"ccsync request 1\nage1q\nAAAA\n",),
    ),
    Target(
        "key-tree", "BadData, or a bounded number of keys", key_tree, (_KEYS, b"\xfe\xfe".join([_KEYS] * 3)), _TREES
    ),
    Target(
        "wrapped-key", "BadData, no key of ours, or a whole key", wrapped_key, (b"git-ccsync epoch key 1 " + b"0" * 64,)
    ),
)
