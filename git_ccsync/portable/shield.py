"""The spans of a transcript that no translation may touch: signed blocks and base64 data.

The API rejects a conversation whose `thinking`, `signature` or redacted `data` has changed in one byte. A span is the
value of such a key where the key stands at the syntactic level of its row (its quotes are not escaped). It runs from
the opening quote to the closing one, or to the end of the line where that is missing.
"""

from __future__ import annotations

from git_ccsync.seek import seek

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.seek import Seek

_BLANKS = b" \t\r"
_KEYS = (b'"thinking"', b'"signature"')
#: A row with one of these words has encoded data in these values.
_ENCODED = (b'"base64"', b'"redacted_thinking"')
_ENCODED_KEYS = (b'"data"', b'"base64"')
_NO_VALUE = frozenset((b",", b"}", b"]", b""))
_NO_KEY = frozenset((b'\\"',))


def part(text: bytes, holes: Sequence[tuple[int, int]] = ()) -> tuple[list[bytes], list[bytes]]:
    """What of TEXT may be translated, and the protected values that stand between; HOLES are more spans to protect.

    The first list is one text, in which a NUL byte stands for each value (it is no part of any path, so nothing beside
    it is judged differently); where TEXT has NUL bytes of its own, the pieces. `join` undoes it.
    """
    found = spans(text)
    if holes:
        found = sorted([*found, *apart(holes, found)])
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


def apart(some: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of SOME spans that overlap with none of OTHERS."""
    return [span for span in some if not any(span[0] < end and start < span[1] for start, end in others)]


def values(text: bytes) -> list[bytes]:
    """The protected values of TEXT, in order."""
    return [text[start:end] for start, end in spans(text)]


def spans(text: bytes) -> list[tuple[int, int]]:
    """The protected spans of TEXT (start, end), in order, never overlapping; lines are judged one by one."""
    found: list[tuple[int, int]] = []
    find = seek(text)
    hits = [_values(text, find, key, (0, len(text)), found) for key in _KEYS]
    # The search for "thinking" has met every "redacted_thinking" on its way: most texts need no search of their own.
    words = _ENCODED if hits[0] else _ENCODED[:1]
    for row in _encoded_rows(text, find, words):
        for key in _ENCODED_KEYS:
            _values(text, text.find, key, row, found)
    found.sort()
    return found


def _encoded_rows(text: bytes, find: Seek, words: tuple[bytes, ...]) -> list[tuple[int, int]]:
    """The lines that have one of the words, without their line ends."""
    rows = set()
    for word in words:
        at = find(word, 0, len(text))
        while at >= 0:
            end = text.find(b"\n", at)
            end = end if end >= 0 else len(text)
            rows.add((text.rfind(b"\n", 0, at) + 1, end))
            at = find(word, end, len(text))
    return sorted(rows)


def _values(text: bytes, find: Seek, key: bytes, within: tuple[int, int], found: list[tuple[int, int]]) -> int:
    """Add the spans of KEY's string values between two places; how often the key's end was met, as what it may be. The
    key is looked for without its opening quote, which is a poor byte to look for.
    """
    needle = key[1:]
    hits = 0
    at, end = within
    at = find(needle, at, end)
    while at >= 0:
        hits += 1
        behind = at + len(needle)
        # ',' and '}' follow where the word is a value: the usual "type":"thinking"
        if text[behind : behind + 1] not in _NO_VALUE and text[max(at - 2, 0) : at] not in _NO_KEY:
            value = behind + 2 if text.startswith(b':"', behind) else _value(text, behind, end)
            if value and text.startswith(key, at - 1):
                stop = _close(text, value, end)
                found.append((value, stop))
                behind = max(stop, behind)
        at = find(needle, behind, end)
    return hits


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
