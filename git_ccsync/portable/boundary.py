"""Where a path starts and ends inside text, judged by the bytes beside it."""

from __future__ import annotations

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#: Bytes of a file name as far as they can be told from the text around it: a name goes on over these.
NAME_BYTES = _LETTERS + b"_-.~+%@$" + bytes(range(0x80, 0x100))


def _each(text: bytes) -> frozenset[bytes]:
    return frozenset([text[i : i + 1] for i in range(len(text))])


#: After a root, one of these means a longer name: /home/al in /home/alice.
GOES_ON = _each(NAME_BYTES)
#: Before a root, one of these means that the path began earlier: /mnt/home/al, ${X}/home/al. Not `@`, which people
#: put before a file that they mention.
COMES_FROM = _each(NAME_BYTES.replace(b"@", b"") + b"/\\*?})]")
#: Beside a session's id, one of these means a longer id.
WORD = _each(b"0123456789abcdefABCDEF-")

_ESCAPES = _each(b"nrtbf")


def opens(before: bytes) -> bool:
    r"""Whether a path can start after BEFORE although it ends in a byte of COMES_FROM: an escape of JSON (`\n/home/al`)
    or a terminal's colour sequence ends there.
    """
    if before[-1:] in _ESCAPES and before[-2:-1] == b"\\":
        return True
    return before[-1:] == b"m" and _is_colour(before[-24:-1])


def _is_colour(before: bytes) -> bool:
    """Whether BEFORE + 'm' ends a terminal's colour sequence: ESC [ digits m, with ESC as a byte or in JSON."""
    head, bracket, digits = before.rpartition(b"[")
    return bool(bracket) and not digits.translate(None, b"0123456789;") and head.endswith((b"\x1b", b"u001b"))
