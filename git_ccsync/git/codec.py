"""How git writes an object id and a tree: pure functions from bytes to bytes. No repository here."""

from __future__ import annotations

import zlib

from git_ccsync.errors import BadData
from git_ccsync.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TREE_MODE = 0o40000
_MODES = {b"40000": TREE_MODE, b"100644": 0o100644}
if TYPE_CHECKING:
    from hashlib import sha1 as _small
else:
    try:
        from _sha1 import sha1 as _small
    except ImportError:  # a build without it
        from hashlib import sha1 as _small

_HEX = frozenset("0123456789abcdef")
#: From this size on OpenSSL's sha1 (1.5 ms to import, nine times as fast, releases the GIL) pays for itself. Segments
#: are cut just below 1 MiB.
_LARGE = 1 << 18
#: Window bits and memory level for objects that fit into such a window: a full one costs 256 kB of fresh memory each.
_SMALL, _SMALL_OBJECT = (12, 5), 4096


class TreeEntry(Frozen):
    """One entry of a tree; `mode` as stored (0o100644, 0o40000, …), `oid` in hex."""

    mode: int
    name: bytes
    oid: str


def is_oid(text: str) -> bool:
    """True for 40 lower-case hex digits."""
    return len(text) == 40 and _HEX.issuperset(text)


def hash_object(kind: str, data: bytes) -> str:
    """The id of an object of `kind` (blob, tree, commit) with this content."""
    return hash_prefixed(b"%s %d\0" % (kind.encode("ascii"), len(data)), data)


def hash_prefixed(prefix: bytes, data: bytes) -> str:
    """The SHA-1 of two pieces, in hex."""
    if len(data) >= _LARGE:
        from hashlib import sha1 as fast

        state = fast(prefix, usedforsecurity=False)
    else:
        state = _small(prefix, usedforsecurity=False)
    state.update(data)
    return str(state.hexdigest())


def deflated(header: bytes, data: bytes, level: int = 1) -> bytes:
    """Both, compressed as one zlib stream."""
    packer = zlib.compressobj(level, zlib.DEFLATED, *_SMALL if len(data) < _SMALL_OBJECT else ())
    return packer.compress(header) + packer.compress(data) + packer.flush()


def parse_tree(data: bytes) -> tuple[TreeEntry, ...]:
    """The entries of a tree object, in git's order. BadData if it is malformed or names something twice."""
    entries = []
    make, modes = tuple.__new__, dict(_MODES)  # as TreeEntry(…) does, in a third of the time
    at, end = 0, len(data)
    while at < end:
        space = data.find(b" ", at, at + 8)
        stop = data.find(b"\0", space)
        if space < 0 or stop < 0 or stop + 21 > end:
            raise BadData("malformed tree object")
        digits = data[at:space]
        mode = modes.get(digits, -1)
        if mode < 0:
            mode = modes[digits] = _mode(digits)
        name = data[space + 1 : stop]
        if not name or b"/" in name:
            raise BadData("malformed tree object")
        at = stop + 21
        entries.append(make(TreeEntry, (mode, name, data[stop + 1 : at].hex())))
    if len({entry.name for entry in entries}) != len(entries):
        raise BadData("a tree object names an entry twice")
    return tuple(entries)


def _mode(digits: bytes) -> int:
    if not digits or digits.translate(None, b"01234567"):
        raise BadData("malformed tree object")
    return int(digits, 8)


def _order(entry: TreeEntry) -> bytes:
    return entry.name + b"/" if entry.mode == TREE_MODE else entry.name


def make_tree(entries: Iterable[TreeEntry]) -> bytes:
    """The tree object with these entries, which may come in any order."""
    return b"".join(
        b"%o %s\0%s" % (entry.mode, entry.name, bytes.fromhex(entry.oid)) for entry in sorted(entries, key=_order)
    )
