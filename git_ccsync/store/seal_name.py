"""Sealed names: the tokens that stand for names in the trees of an encrypted branch (gitformat-ccsync(5)). Pure.

    "." · base64url without "=" of: epoch (LEB128) · AES-SIV of the name, filled up with NULs to 4, 12 or 4 + 36 n bytes

A segment's number has only the epoch and the first five bytes of that: a folder may name sixty-four, each push sends it
anew, and which of the numbers 00 to 63 it is can be tried.

The token of a file is bound to its mode and its object, so that no segment can be moved to another place. That of a folder is
bound to the mode alone, for it must stay the same while the folder grows: git finds out what a remote lacks by the names of
folders (pack.useSparse), and would else send every segment again with each push. What lies below a folder, the commit's seal
vouches for. No name of a plain branch begins with a dot.
"""

from __future__ import annotations

import binascii

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.codec import TreeEntry, make_tree, parse_tree
from git_ccsync.store.seal_cipher import NAMES, TAG

if TYPE_CHECKING:
    from git_ccsync.store.seal_cipher import Ciphers

#: Names of up to so many bytes (groups, shelves; folders) are one length of token, those of so many more another.
_SHORT, _MIDDLE, _STEP = 4, 12, 36
#: Names of segments, and how much of their token they keep. The commit's seal has the last word on each.
_NUMBERS = tuple(b"%02d" % number for number in range(64))
_BRIEF = 5
_FILE = 0o100644
_MARKER = b"."
_FOLDER = 0o40000
#: What epoch, tag and the shortest name come to in base64, with the marker.
_LEAST = 1 + (1 + TAG + _SHORT) * 4 // 3
_TO = bytes.maketrans(b"+/", b"-_")
_FROM = bytes.maketrans(b"-_", b"+/")
_ALPHABET = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def is_token(name: bytes) -> bool:
    """Whether a name has the form of a token."""
    return name[:1] == _MARKER and (len(name) >= _LEAST or _is_brief(name)) and _ALPHABET.issuperset(name[1:])


def _is_brief(name: bytes) -> bool:
    """Whether a token is as short as those of segments: an epoch has one to five bytes."""
    return _BRIEF + 1 <= (len(name) - 1) * 3 // 4 <= _BRIEF + 5


def seal(ciphers: Ciphers, entry: TreeEntry) -> TreeEntry:
    """The entry with its token in place of its name."""
    return entry._replace(name=_token(ciphers, ciphers.epoch, entry))


def _token(ciphers: Ciphers, epoch: int, entry: TreeEntry) -> bytes:
    sealed = ciphers.of(epoch, NAMES).encrypt(_filled(entry.name), _bound(entry))
    brief = entry.mode == _FILE and entry.name in _NUMBERS
    return _MARKER + b64(_leb128(epoch) + (sealed[:_BRIEF] if brief else sealed))


def _filled(name: bytes) -> bytes:
    size = len(name)
    for least in (_SHORT, _MIDDLE):
        if size <= least:
            return name + bytes(least - size)
    return name + bytes(-(size - _SHORT) % _STEP)


def unseal(ciphers: Ciphers, entry: TreeEntry) -> TreeEntry:
    """The entry with its name in place of the token; one without a token as it is. BadData for a token that was made for
    another entry, or with another key.
    """
    return _opened(ciphers, entry, list(_NUMBERS)) if is_token(entry.name) else entry


def _opened(ciphers: Ciphers, entry: TreeEntry, numbers: list[bytes]) -> TreeEntry:
    """The entry with its name; a segment's number is taken out of those that are left."""
    epoch, sealed = _epoch(unb64(entry.name[1:]))
    if len(sealed) == _BRIEF:
        for number in numbers if entry.mode == _FILE else ():
            if _token(ciphers, epoch, entry._replace(name=number)) == entry.name:
                numbers.remove(number)
                return entry._replace(name=number)
    filled = ciphers.open(epoch, NAMES, sealed, _bound(entry))
    name = (filled or b"").rstrip(b"\0")
    if not name or b"/" in name or b"\0" in name:
        raise BadData("names an object that does not fit its place")
    return TreeEntry(entry.mode, name, entry.oid)


def open_tree(ciphers: Ciphers, data: bytes) -> bytes:
    """A tree object with the names of its entries, as a plain branch would have it."""
    if b" ." not in data:
        return data
    numbers = list(_NUMBERS)
    return make_tree(_opened(ciphers, e, numbers) if is_token(e.name) else e for e in parse_tree(data))


def has_tokens(data: bytes) -> bool:
    """Whether a tree object, as it is stored, is a sealed one: one token, and all that it names is sealed too."""
    return any(is_token(entry.name) for entry in parse_tree(data))


def b64(data: bytes) -> bytes:
    """Base64 with the alphabet for URLs and without padding (RFC 4648, section 5)."""
    return binascii.b2a_base64(data, newline=False).translate(_TO).rstrip(b"=")


def unb64(text: bytes) -> bytes:
    """What `b64` was given. BadData for anything else."""
    try:
        return binascii.a2b_base64(text.translate(_FROM) + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        raise BadData("is not sealed as it should be") from None


def _bound(entry: TreeEntry) -> list[bytes]:
    return [b"name", b"%o" % entry.mode, b"" if entry.mode == _FOLDER else bytes.fromhex(entry.oid)]


def _leb128(number: int) -> bytes:
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    made.append(number)
    return bytes(made)


def _epoch(data: bytes) -> tuple[int, bytes]:
    """The number at the start, and what follows it."""
    number = shift = 0
    for at, byte in enumerate(data[:5]):
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, data[at + 1 :]
    raise BadData("is not sealed as it should be")
