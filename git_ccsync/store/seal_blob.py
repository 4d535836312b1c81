"""Sealed contents: the bytes of a blob on an encrypted branch (gitformat-ccsync(5), ENCRYPTED BRANCHES). Pure.

    magic (4) · epoch (4, big-endian) · AES-SIV of: length (4, big-endian) · raw deflate · zeros

The zeros hide the exact size: Padmé lengths (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and
Communication with PURBs", 2019), at most 12 % more, at least 64 bytes in all.
"""

from __future__ import annotations

import zlib

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store.seal_cipher import CONTENTS, TAG

if TYPE_CHECKING:
    from typing import Any

    from git_ccsync.store.seal_cipher import Ciphers

#: What `format` says on an encrypted branch; it is not sealed itself.
SEALED_FORMAT = b"git-ccsync 1 sealed\n"
MAGIC = b"\0ccs"
_HEAD = len(MAGIC) + 4
_LEAST = 64
#: Up to here zlib is worth its time, and gives all machines the same bytes; from here ISA-L saves two thirds of it.
_LARGE = 64 << 10


def is_sealed(data: bytes) -> bool:
    """Whether a blob says that it is sealed."""
    return data[:4] == MAGIC


def room(cap: int) -> int:
    """How large a sealed blob may be whose content has at most `cap` bytes."""
    return cap + cap // 7 + 1024


def padded_size(size: int) -> int:
    """The length that `size` bytes are filled up to."""
    if size <= _LEAST:
        return _LEAST
    exponent = size.bit_length() - 1
    mask = (1 << exponent - exponent.bit_length()) - 1
    return size + mask & ~mask


def seal(ciphers: Ciphers, data: bytes, epoch: int = 0) -> bytes:
    """The blob that holds `data`, sealed in `epoch` (0: the current one). Equal data are equal blobs."""
    epoch = epoch or ciphers.epoch
    packed = _deflate(data)
    inner = len(packed).to_bytes(4, "big") + packed
    inner += bytes(padded_size(len(inner)) - len(inner))
    mark = epoch.to_bytes(4, "big")
    return MAGIC + mark + ciphers.of(epoch, CONTENTS).encrypt(inner, [b"blob", mark])


def unseal(ciphers: Ciphers, data: bytes, cap: int) -> bytes:
    """The content of a sealed blob. BadData if it was not sealed with this branch's key, is damaged, or larger than `cap`."""
    if not is_sealed(data) or len(data) < _HEAD + TAG + _LEAST:
        raise BadData("is not sealed as it should be")
    mark = data[len(MAGIC) : _HEAD]
    inner = ciphers.open(int.from_bytes(mark, "big"), CONTENTS, data[_HEAD:], [b"blob", mark])
    if inner is None:
        raise BadData("was changed, or sealed with another key")
    return _inflate(inner, cap)


def _deflate(data: bytes) -> bytes:
    if len(data) > _LARGE:
        try:
            from isal import isal_zlib

            return bytes(isal_zlib.compress(data, 1, -15))
        except ImportError:
            return zlib.compress(data, 1, -15)
    return zlib.compress(data, 6, -15)


def _inflate(inner: bytes, cap: int) -> bytes:
    """What was deflated; never more than one byte over `cap` is made."""
    size = int.from_bytes(inner[:4], "big")
    engine, failure = _engine(size)
    try:
        found: bytes = engine.decompress(memoryview(inner)[4 : 4 + size], cap + 1)
    except failure:
        raise BadData("is not compressed as it should be") from None
    if len(found) > cap:
        raise BadData(f"is too large: over {cap} bytes")
    if not engine.eof or engine.unused_data or len(inner) < 4 + size:
        raise BadData("is not compressed as it should be")
    return found


def _engine(size: int) -> tuple[Any, tuple[type[Exception], ...]]:
    """What inflates so many bytes, and what it raises. Only what the key has vouched for gets here."""
    if size > _LARGE:
        try:
            from isal import isal_zlib

            failed: Any = isal_zlib.error  # its types call it a value
            return isal_zlib.decompressobj(-15), (failed, zlib.error)
        except ImportError:
            pass
    return zlib.decompressobj(-15), (zlib.error,)
