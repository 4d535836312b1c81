"""Bech32 (BIP 173), as far as age writes its X25519 keys in it: 32 bytes behind a prefix, with a checksum. Pure."""

from __future__ import annotations

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """`data` behind `prefix`, in lower case."""
    values = _groups(data)
    spread = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    rest = _remainder([*spread, *values, *([0] * 6)]) ^ 1
    values += [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{prefix}1{''.join(_ALPHABET[value] for value in values)}"


def _groups(data: bytes) -> list[int]:
    """`data` in pieces of five bits, the last one filled up with zeros."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (count * 5 - len(data) * 8)
    return [number >> 5 * (count - 1 - place) & 31 for place in range(count)]


def _remainder(values: list[int]) -> int:
    rest = 1
    for value in values:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ value
        for bit, word in enumerate(_GENERATOR):
            rest ^= word if top >> bit & 1 else 0
    return rest
