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

#: Escapes of JSON that end in a letter: in `\n/home/al` a path starts behind them.
ESCAPES = frozenset((b"\\n", b"\\r", b"\\t", b"\\b", b"\\f"))


def stops(after: bytes) -> bool:
    """Whether a path ends before a full stop that is followed by the two bytes AFTER: it ends a sentence then, and begins no
    ending of a name, as in app.git, and no further stop.
    """
    return after in ESCAPES or after == b'\\"' or not (after[:1] in GOES_ON or after[:1] in (b"/", b"\\"))


def opens(before: bytes) -> bool:
    r"""Whether a path can start after BEFORE although it ends in a byte of COMES_FROM: an escape of JSON or a terminal's
    colour sequence (ESC [ digits m, with ESC as a byte or in JSON) ends there.
    """
    if before[-2:] in ESCAPES:
        return True
    head, bracket, digits = before[-24:].rpartition(b"[")
    return bool(bracket) and digits.strip(b"0123456789;") == b"m" and head.endswith((b"\x1b", b"u001b"))
