"""The recovery code: 130 random bits in a form that survives paper, and the key that is made from it. Pure but for chance.

Seven groups of four characters; 0 and O, 1, I and L are one. The last two characters are a checksum.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ALIKE = {"O": "0", "I": "1", "L": "1"}
_RANDOM, _CHECK, _GROUP = 26, 2, 4


def make() -> str:
    """A new code. Whoever has it can read the branch: it is shown once and kept nowhere."""
    plain = "".join(_ALPHABET[byte & 31] for byte in os.urandom(_RANDOM))
    plain += _checksum(plain)
    return "-".join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def secret_of(code: str) -> str:
    """The age identity that a code, as it was typed, stands for. BadData if it is none, or was typed wrongly."""
    import hmac

    from git_ccsync.privacy import bech32

    plain = "".join(_ALIKE.get(c, c) for c in code.upper() if c not in " -\t\r\n")
    if len(plain) != _RANDOM + _CHECK or not set(plain) <= set(_ALPHABET):
        raise BadData("that is no recovery code: one has seven groups of four letters and digits")
    if _checksum(plain[:_RANDOM]) != plain[_RANDOM:]:
        raise BadData("the recovery code is mistyped: its last two characters do not fit the others")
    secret = hmac.digest(b"git-ccsync recovery code 1", plain[:_RANDOM].encode(), "sha256")
    return bech32.encode("age-secret-key-", secret).upper()


def _checksum(plain: str) -> str:
    from hashlib import sha256

    digest = sha256(b"git-ccsync recovery checksum 1\0" + plain.encode()).digest()
    return "".join(_ALPHABET[byte & 31] for byte in digest[:_CHECK])
