"""Private keys as blocks of text: PEM, OpenPGP and SSH2 armour; whole or cut short, plain or inside JSON. Pure."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import looks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern

    from git_ccsync.privacy.finding import Hit

#: RFC 7468 (PEM), RFC 9580 section 6.2 (OpenPGP), RFC 4716 and its private counterpart (SSH2).
_MARK = b"PRIVATE KEY"
#: A key of 16384 bits is 13 kB, and more with every line numbered and escaped three times over.
_LONGEST = 1 << 16
_BEGIN = 48
#: So much base64 in one piece (one line, or what was left of it) makes a block more than the talk of one.
_BODY = 30
_END_LINE = 60
_patterns: list[Pattern[bytes]] = []


def find(text: bytes, *, whole: bool) -> Iterator[Hit]:
    """Blocks in TEXT: on one line each, or, with `whole`, over any number of lines."""
    past = 0
    at = text.find(_MARK)
    while at >= 0:
        hit = _block(text, at, whole=whole) if at >= past else None
        if hit:
            yield hit
            past = hit[1]
        at = text.find(_MARK, at + len(_MARK))


def _block(text: bytes, at: int, *, whole: bool) -> Hit | None:
    """The block whose first line has the mark AT."""
    low = max(0, at - _BEGIN)
    start = text.rfind(b"---- BEGIN", low, at) if b"SSH2" in text[low:at] else text.rfind(b"-----BEGIN", low, at)
    head = text.find(b"----", at, at + 24)
    if start < 0 or head < 0 or b"\n" in text[start:head]:
        return None
    body = head + 5
    end = _end(text, body, whole=whole)
    kind = "pgp-private-key" if b"PGP" in text[start:at] else "private-key"
    return (start, end, kind) if _has_body(text[body:end]) else None


def _end(text: bytes, body: int, *, whole: bool) -> int:
    """Where the block ends: behind its last line, or where what may be a key's text ends."""
    limit = min(len(text), body + _LONGEST)
    again = text.find(b"BEGIN ", body, limit)
    limit = limit if again < 0 else again
    if not whole:
        limit = _string_end(text, body, limit)
    last = text.find(b"END ", body, limit)
    mark = text.find(b"KEY", last, min(last + _END_LINE, limit)) if last >= 0 else -1
    close = text.find(b"----", mark, min(mark + 20, limit)) if mark >= 0 else -1
    if close >= 0:
        return close + len(text[close : close + 5].rstrip(b"\r\n\\\"' "))
    return _text_end(text, body, limit)


def _string_end(text: bytes, at: int, limit: int) -> int:
    """The end of the line or of the JSON string that AT lies in, if it comes before LIMIT."""
    newline = text.find(b"\n", at, limit)
    limit = newline if newline >= 0 else limit
    quote = text.find(b'"', at, limit)
    while quote >= 0:
        slash = quote
        while slash > at and text[slash - 1] == 0x5C:
            slash -= 1
        if (quote - slash) % 2 == 0:
            return quote
        quote = text.find(b'"', quote + 1, limit)
    return limit


def _text_end(text: bytes, body: int, limit: int) -> int:
    """Where text ends that a key without a last line may go on over: base64, line ends and their escapes, numbers and
    arrows of a listing, marks of a diff, headers. Each alternative takes one byte or one escape: nothing is tried twice.
    """
    if not _patterns:
        import re

        _patterns.append(re.compile(rb"(?:[A-Za-z0-9+/=,: \t\r\n>|-]|\\+(?:[nrt/]|u2192)|\xe2\x86\x92)*"))
    found = _patterns[0].match(text, body, limit)
    return found.end() if found else body


def _has_body(text: bytes) -> bool:
    """Whether TEXT has a long piece of base64."""
    plain = text.replace(b"\\/", b"/").translate(_BASE64)
    at = plain.find(b"a" * _BODY)
    return at >= 0 and len(set(text[at : at + _BODY])) > 8


_BASE64 = bytes(0x61 if byte in looks.LETTERS + looks.DIGITS + b"+/=" else 0x20 for byte in range(256))
