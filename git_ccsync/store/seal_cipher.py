"""The one cipher of encrypted branches, AES-256-SIV (RFC 5297), and where its keys come from. No formats here.

It is deterministic: equal contents are equal objects, and nobody has to find a nonce. `cryptography` does the work; its
public module costs 30 ms to import, the class behind it 7, and both are the same class.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, CryptMissing, Unsupported
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Protocol

    from git_ccsync.model import Keyring

    class Siv(Protocol):
        """AES-SIV under one key."""

        def encrypt(self, data: bytes, associated_data: Sequence[bytes] | None) -> bytes:
            """16 bytes more than `data`."""

        def decrypt(self, data: bytes, associated_data: Sequence[bytes] | None) -> bytes:
            """What `encrypt` was given; raises for anything else."""


#: What a key is for: where it stands in an epoch's subkeys (state.keyring), 64 bytes each.
NAMES, CONTENTS, COMMITS = 0, 64, 128
_KEY = 64
#: Bytes that sealing adds.
TAG = 16


def siv(key: bytes) -> Siv:
    """The cipher under a key of 64 bytes. CryptMissing without the package, Unsupported if its OpenSSL has no AES-SIV."""
    try:
        return _cipher(key)
    except ImportError:
        raise CryptMissing from None
    except Exception as error:  # noqa: BLE001 - UnsupportedAlgorithm, whose module is not worth its import
        raise Unsupported(f"the package 'cryptography' cannot do AES-SIV here: {error}") from None


def _cipher(key: bytes) -> Siv:
    try:
        from cryptography.hazmat.bindings._rust import openssl

        return openssl.aead.AESSIV(key)
    except (ImportError, AttributeError):  # it may be elsewhere in another version
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV

        return AESSIV(key)


class Ciphers:
    """The ciphers of a keyring, each made at first use."""

    def __init__(self, keyring: Keyring) -> None:
        self.epoch = keyring.current
        self._subkeys = dict(keyring.subkeys)
        self._made: dict[tuple[int, int], Siv] = {}

    def knows(self, epoch: int) -> bool:
        """Whether this machine has the key of that epoch."""
        return epoch in self._subkeys

    def of(self, epoch: int, purpose: int) -> Siv:
        """The cipher of an epoch for NAMES, CONTENTS or COMMITS. BadData if this machine has no key of that epoch."""
        found = self._made.get((epoch, purpose))
        if not found:
            if epoch not in self._subkeys:
                raise BadData(f"is sealed with the key of epoch {epoch}, which this machine does not have")
            found = siv(self._subkeys[epoch][purpose : purpose + _KEY])
            self._made[epoch, purpose] = found
        return found

    def open(self, epoch: int, purpose: int, data: bytes, bound: Sequence[bytes]) -> bytes | None:
        """What was sealed, None if it was not with this key, or is bound to something else."""
        cipher = self.of(epoch, purpose)
        try:
            return cipher.decrypt(data, bound) if len(data) > TAG else None
        except Exception:  # noqa: BLE001 - cryptography's InvalidTag, whose module is not worth its import
            return None
