"""The places where tokens may be: long runs of letters, digits and joints, found at C speed. Knows no rule."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.seek import seek

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    #: A run: from where it is led to, where it begins, where it ends or is looked at no more, and what it is.
    Run = tuple[int, int, int, int]

#: The fewest bytes of a run, and how far before one a literal or the name that a value is assigned to may stand.
SHORTEST = 20
BEFORE = 48
#: How much of a long run is looked at.
_HEAD = 160
#: A run behind so many bytes of base64 is a part of an image or of an archive.
_BLOB = 128
_CAPITALS = 12

#: What a run is: anything; the value of a string that is a UUID, as most are in transcripts; one that something else leads
#: to than a quote or a blank.
ANY, UUID, LED = range(3)

#: Joints of a token, which stand between its parts, and all bytes of one that has no other.
JOINTS = b"-_+~"
DIGITS = b"0123456789"
LOWER = b"abcdefghijklmnopqrstuvwxyz"
UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS = LOWER + UPPER
WORDS = LETTERS + DIGITS + JOINTS
_CLASSES = bytes(0x61 if byte in WORDS else 0x20 for byte in range(256))
_LONG_RUN = b"a" * SHORTEST
_BASE64 = LETTERS + DIGITS + b"+/=_-"
_HEX = b"0123456789abcdefABCDEF"

#: What leads to nothing.
_PLAIN = frozenset((b"", b"\n", b" ", b'"', b"'", b"`", b"(", b"{", b",", b"<", b"|"))
#: What stands before a run that may begin with the rest of an escape.
_ESCAPING = frozenset((b"\\", b"%", b"[", b";"))


def find(text: bytes, *, whole: bool) -> list[Run]:
    """The long runs of TEXT in order; what leads to one is on the same line, if not `whole`."""
    classes = text.translate(_CLASSES)
    seek, out = classes.find, []
    at = seek(_LONG_RUN)
    while at >= 0:
        end = seek(b" ", at + SHORTEST)
        if end < 0:
            end = len(text)
        lead = at - BEFORE if at > BEFORE else 0
        if not whole:
            lead = text.rfind(b"\n", lead, at) + 1 or lead
        sign = text[at - 1 : at]
        if sign in _PLAIN:
            uuid = sign == b'"' and end - at == 36 and text[at + 8 : at + 24 : 5] == b"----"
            out.append((lead, at, end if end - at < _HEAD else at + _HEAD, UUID if uuid else ANY))
        elif sign in _ESCAPING:
            out.append((lead, at + escape(text, at, sign), end if end - at < _HEAD else at + _HEAD, LED))
        elif sign != b"/" or not _in_blob(text, at):
            out.append((lead, at, end if end - at < _HEAD else at + _HEAD, LED))
        at = seek(_LONG_RUN, end)
    return out


def escape(text: bytes, at: int, sign: bytes) -> int:
    r"""How many bytes of the run AT, behind SIGN, belong to an escape: of JSON (`\n`, `\u003d`), of a URL (`%3D`), or to a
    terminal's colour (ESC [ digits m).
    """
    head = text[at : at + 12]
    if sign == b"\\":
        return 1 if head[0] in b"nrtbf" else 5 if head[:3] == b"u00" else 0
    if sign == b"%":
        return 0 if head[:2].translate(None, _HEX) else 2
    rest = head.lstrip(DIGITS)
    return len(head) - len(rest) + 1 if sign in b"[;" and rest[:1] == b"m" else 0


def _in_blob(text: bytes, at: int) -> bool:
    before = text[at - _BLOB : at] if at >= _BLOB else b"."
    # A path has few capitals.
    return not before.translate(None, _BASE64) and (
        len(before) - len(before.translate(None, UPPER)) >= _CAPITALS or before.count(b"/") > _BLOB // 3
    )


def opens(text: bytes, at: int) -> bool:
    """Whether a token can begin AT: no letter or digit stands before its own first, unless that ends an escape."""
    if not text[at - 1 : at].isalnum() or not text[at : at + 1].isalnum():
        return True
    head = text[max(0, at - 8) : at]
    return any(escape(text, at - back, head[-back - 1 : -back]) == back for back in (1, 2, 3, 4, 5) if back < len(head))


def everywhere(low: bytes, word: bytes) -> Iterator[int]:
    """Where WORD stands in LOW."""
    find, end = seek(low), len(low)
    at = find(word, 0, end)
    while at >= 0:
        yield at
        at = find(word, at + len(word), end)


def joined(text: bytes, spans: Iterable[tuple[int, int]]) -> bytes:
    """The spans of TEXT, a newline between two."""
    return b"\n".join([text[low:high] for low, high in spans])


def within(text: bytes, word: bytes, spans: Iterable[tuple[int, int]], some: bytes) -> Iterator[int]:
    """Where WORD stands in one of the spans, which are in order, each place once; SOME is `joined` of them, in which it is
    looked for at C speed. No newline is in WORD.
    """
    past = begin = 0
    hit, size = some.find(word), len(text)
    for low, high in spans:
        if hit < 0:
            return
        begin += min(high, size) - low + 1
        if hit < begin:
            at = text.find(word, max(low, past), high)
            while at >= 0:
                yield at
                past = at + 1
                at = text.find(word, past, high)
            hit = some.find(word, begin)
