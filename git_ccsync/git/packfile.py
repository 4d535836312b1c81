"""The bytes of a pack and of its index (gitformat-pack(5), version 2 of both): pure functions. No file here."""

from __future__ import annotations

import zlib

from git_ccsync.git.codec import deflated, hash_prefixed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
#: Offsets from here on stand in the index's second table.
_FAR = 1 << 31


def header(count: int) -> bytes:
    """The start of a pack with so many objects."""
    return b"PACK" + _word(2) + _word(count)


def entry_header(kind: int, size: int) -> bytes:
    """Type and size of an entry, four bits and then seven at a time, least first."""
    made = bytearray()
    byte = kind << 4 | size & 15
    size >>= 4
    while size:
        made.append(byte | 0x80)
        byte = size & 0x7F
        size >>= 7
    made.append(byte)
    return bytes(made)


def index_content(entries: Mapping[bytes, tuple[int, int] | None], checksum: bytes) -> bytes:
    """An index of a pack with this checksum: id → (offset, crc32)."""
    names = sorted(entries)
    places = [entries[name] or (0, 0) for name in names]
    fanout, before = [], 0
    for count, name in enumerate(names):  # so many names come before that of the next first byte
        fanout.append(_word(count) * (name[0] - before))
        before = name[0]
    fanout.append(_word(len(names)) * (256 - before))
    far = [offset for offset, _ in places if offset >= _FAR]
    ranks = iter(range(len(far)))
    near = [_FAR | next(ranks) if offset >= _FAR else offset for offset, _ in places]
    crcs, offsets = (b"".join(map(_word, table)) for table in ((crc for _, crc in places), near))
    large = b"".join([offset.to_bytes(8, "big") for offset in far])
    body = b"\xfftOc" + _word(2) + b"".join(fanout) + b"".join(names) + crcs + offsets + large + checksum
    return body + bytes.fromhex(hash_prefixed(b"", body))


def small(objects: Iterable[tuple[str, str, bytes]]) -> tuple[bytes, bytes]:
    """A pack of some small objects (id, kind, content), and its index."""
    pieces, places, at = [b""], {}, 12
    for oid, kind, data in objects:
        entry = entry_header(KINDS[kind], len(data)) + deflated(b"", data)
        places[bytes.fromhex(oid)] = at, zlib.crc32(entry)
        pieces.append(entry)
        at += len(entry)
    pieces[0] = header(len(places))
    body = b"".join(pieces)
    checksum = bytes.fromhex(hash_prefixed(b"", body))
    return body + checksum, index_content(places, checksum)


def _word(number: int) -> bytes:
    return number.to_bytes(4, "big")
