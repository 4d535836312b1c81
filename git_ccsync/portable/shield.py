"""The spans of a transcript that no translation may touch: signed blocks and base64 data.

The API rejects a conversation whose `thinking`, `signature` or redacted `data` has changed in one byte. A span is the
value of such a key where the key stands at the syntactic level of its row (its quotes are not escaped). It runs from
the opening quote to the closing one, or to the end of the line where that is missing.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANKS = b" \t\r"
_KEYS = (b'thinking"', b'signature"')
#: A row with one of these words has encoded data in its "data" (and "base64") values.
_ENCODED = (b'"base64"', b'"redacted_thinking"')


def part(text: bytes) -> tuple[list[bytes], list[bytes]]:
    """What of TEXT may be translated, and the protected values that stand between.

    The first list is one text, in which a NUL byte stands for each value (it is no part of any path, so nothing beside
    it is judged differently); where TEXT has NUL bytes of its own, the pieces. `join` undoes it.
    """
    found = spans(text)
    if not found:
        return [text], []
    at = 0
    pieces, kept = [], []
    for start, end in found:
        pieces.append(text[at:start])
        kept.append(text[start:end])
        at = end
    pieces.append(text[at:])
    return (pieces if b"\0" in text else [b"\0".join(pieces)]), kept


def join(pieces: list[bytes], kept: list[bytes]) -> bytes:
    """The text that `part` took apart, with the same or other (translated) pieces that have no NUL byte more or less."""
    if not kept:
        return pieces[0]
    if len(pieces) == 1:
        pieces = pieces[0].split(b"\0")
    out = [b""] * (2 * len(kept) + 1)
    out[0::2] = pieces
    out[1::2] = kept
    return b"".join(out)


def values(text: bytes) -> list[bytes]:
    """The protected values of TEXT, in order."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: bytes) -> list[tuple[int, int]]:
    """The protected spans of TEXT (start, end), in order, never overlapping; lines are judged one by one."""
    found = [span for key in _KEYS for span in _values(text, b'"' + key, key, 0, len(text))]
    if any(word in text for word in _ENCODED):
        found.extend(_encoded(text))
    found.sort()
    return found


def _encoded(text: bytes) -> Iterator[tuple[int, int]]:
    """The spans of encoded data, in the rows that have a word of _ENCODED."""
    for line, end in sorted({_line(text, at) for word in _ENCODED for at in _places(text, word)}):
        for key in (b'"data"', b'"base64"'):
            yield from _values(text, key, key, line, end)


def _places(text: bytes, word: bytes) -> Iterator[int]:
    """Where WORD stands in TEXT: the first place of each line."""
    at = text.find(word)
    while at >= 0:
        yield at
        end = text.find(b"\n", at)
        at = text.find(word, end) if end >= 0 else -1


def _line(text: bytes, at: int) -> tuple[int, int]:
    """The line around AT: start and end, without its line end."""
    end = text.find(b"\n", at)
    return text.rfind(b"\n", 0, at) + 1, end if end >= 0 else len(text)


def _values(text: bytes, key: bytes, needle: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of KEY's string values between START and END; NEEDLE is the part of KEY that is looked for."""
    lead = len(key) - len(needle)
    at = text.find(needle, start, end)
    while at >= 0:
        behind = at + len(needle)
        first = at - lead
        if first >= 0 and text.startswith(key, first) and not text.startswith(b"\\", first - 1 if first else end):
            value = _value(text, behind, end)
            if value:
                yield value, _close(text, value, end)
        at = text.find(needle, behind, end)


def _value(text: bytes, at: int, end: int) -> int:
    """Where the string value begins whose key ends at AT: after its quote; 0 if no string follows."""
    at = _skip(text, at, end)
    if text[at : at + 1] != b":":
        return 0
    at = _skip(text, at + 1, end)
    return at + 1 if at < end and text[at : at + 1] == b'"' else 0


def _skip(text: bytes, at: int, end: int) -> int:
    """The first place from AT on that holds no blank."""
    while at < end and text[at] in _BLANKS:
        at += 1
    return at


def _close(text: bytes, start: int, end: int) -> int:
    """Where the string that begins at START ends: at its closing quote, the end of the line or of the text."""
    at = start
    while True:
        quote = text.find(b'"', at, end)
        stop = text.find(b"\n", at, quote if quote >= 0 else end)
        if stop >= 0:
            return stop
        if quote < 0:
            return end
        slash = quote
        while slash > start and text[slash - 1] == 0x5C:
            slash -= 1
        if (quote - slash) % 2 == 0:
            return quote
        at = quote + 1
