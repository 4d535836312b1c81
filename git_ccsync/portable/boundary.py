"""Where a path starts and ends inside text, judged by the bytes beside it."""

from __future__ import annotations

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: Bytes of a file name as far as they can be told from the text around it: a name goes on over these.
NAME_BYTES = _LETTERS + b"_-.~+%@$" + bytes(range(0x80, 0x100))
#: After a root, one of these means a longer name: /home/al in /home/alice.
GOES_ON = frozenset(NAME_BYTES)
#: Before a root, one of these means that the path began earlier: /mnt/home/al, ${X}/home/al. Not `@`, which people
#: put before a file that they mention.
COMES_FROM = frozenset(NAME_BYTES + b"/\\*?})]").difference(b"@")

_ESCAPES = frozenset(b"nrtbf")
_BACKSLASH = 0x5C


def opens(before: bytes) -> bool:
    """Whether a path can start after BEFORE (the text that leads up to it)."""
    if not before or before[-1] not in COMES_FROM:
        return True
    if before[-1] in _ESCAPES and before[-2:-1] == b"\\":
        return True  # "\n/home/al": the letter belongs to an escape of JSON
    return before[-1] == 0x6D and _ends_colour(before[-24:-1])


def _ends_colour(before: bytes) -> bool:
    """Whether BEFORE + 'm' ends a terminal's colour sequence: ESC [ digits m, with ESC as a byte or in JSON."""
    head, bracket, digits = before.rpartition(b"[")
    return bool(bracket) and not digits.translate(None, b"0123456789;") and head.endswith((b"\x1b", b"u001b"))


def stands_alone(before: bytes, after: bytes) -> bool:
    """Whether an id between BEFORE and AFTER is a whole word, not a part of a longer run of hex digits and '-'."""
    return before[-1:] not in _WORD and after[:1] not in _WORD


_WORD = frozenset(bytes((byte,)) for byte in b"0123456789abcdefABCDEF-")
