"""What a fuzz target is, and how bytes are made for one. Knows no parser."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

#: Bytes that tools of many kinds take for something else.
WORDS = (
    *(b"\0", b"\n", b"\r\n", b"\t", b"\x1b[31m", b"\x80", b"\xff", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"..", b"/", b"\\", b"%2F", b"%00", b"-", b'"', b"'", b"{{", b"}}", b"{", b"}", b"[", b"]", b" = ", b"."),
    *(b"0", b"9" * 30, b"-1", b"1e999", b"0x" + b"f" * 40, b"true", b"\xd9\xa1", b"\xc2\xb2", b"a" * 300),
)


class Target(NamedTuple):
    """One parser: `law` in words, `check` raises AssertionError (or anything but BadData's kin) where some bytes break it.

    `seeds` are good inputs, `words` what its format is made of.
    """

    name: str
    law: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()


def mutated(data: bytes, words: tuple[bytes, ...], random: Random) -> bytes:
    """The bytes with a few edits: a piece gone, doubled, replaced by a word, or by noise."""
    for _ in range(random.randint(1, 6)):
        at = random.randint(0, len(data))
        end = min(len(data), at + random.choice((0, 1, 1, 2, 4, 16, 200)))
        kind = random.randrange(6)
        if kind == 0:
            piece = b""
        elif kind == 1:
            piece = data[at:end] * random.choice((2, 2, 3, 50))
        elif kind == 2:
            piece = random.randbytes(random.randint(0, 8))
        elif kind == 3 and at < len(data):
            piece, end = bytes([data[at] ^ (1 << random.randrange(8))]), at + 1
        else:
            piece = random.choice(words + WORDS)
        data = data[:at] + piece + data[end:]
    return data[: 1 << 16]
