"""Private keys as blocks of text: PEM, OpenPGP and SSH2 armour, PuTTY's files; whole or cut short, plain or inside JSON. Pure."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import runs, sieve
from git_ccsync.seek import seek

if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern

    from git_ccsync.privacy.finding import Hit

#: RFC 7468 (PEM), RFC 9580 section 6.2 (OpenPGP), RFC 4716 and its private counterpart (SSH2).
_MARK = b"PRIVATE KEY"
#: The PuTTY manual, appendix C: what stands between this and the check sum.
_PUTTY = b"Private-Lines:"
#: A key of 16384 bits is 13 kB, and more with every line numbered and escaped three times over.
_LONGEST = 1 << 16
_BEGIN = 48
#: So much base64 in one piece (one line, or what was left of it) makes a block more than the talk of one.
_BODY = 30
_END_LINE = 60
#: The length of a key's data takes no more bytes before what its base64 is known by.
_LEAD = 10
#: Full lines of base64, with what a line may end and begin with in JSON, listings and diffs; the last one is shorter.
_BODY_LINES = (
    rb"(?:[A-Za-z0-9+/]|\\+/){56,}(?:(?:\r?\n|(?:\\+[rn])+)[ \t>+|-]{0,8}(?:[0-9]{1,5}(?:\\+t|\t|\xe2\x86\x92|\\+u2192))?"
    rb"(?:[A-Za-z0-9+/]|\\+/){40,})*(?:(?:\r?\n|(?:\\+[rn])+)[ \t>+|-]{0,8}(?:[0-9]{1,5}(?:\\+t|\t|\xe2\x86\x92|\\+u2192))?"
    rb"(?:[A-Za-z0-9+/]|\\+/){12,})?={0,2}"
)
_TEXT = rb"(?:[A-Za-z0-9+/=,: \t\r\n>|-]|\\+(?:[nrt/]|u2192)|\xe2\x86\x92)*"
_patterns: dict[bytes, Pattern[bytes]] = {}


def find(text: bytes, *, whole: bool) -> Iterator[Hit]:
    """Blocks in TEXT: on one line each, or, with `whole`, over any number of lines."""
    past, look = 0, seek(text)
    at = look(_MARK, 0, len(text))
    while at >= 0:
        hits = _block(text, at, whole=whole) if at >= past else []
        if hits:
            yield from hits
            past = hits[-1][1]
        at = look(_MARK, at + len(_MARK), len(text))

    at = look(_PUTTY, 0, len(text))
    while at >= 0:
        start = at + len(_PUTTY)
        at = look(_PUTTY, start, len(text))
        limit = min(len(text) if at < 0 else at, start + _LONGEST)
        end = text.find(b"Private-MAC", start, limit if whole else _string_end(text, start, limit))
        if end >= 0 and _has_body(text[start:end]):
            yield start, end, "putty-private-key"


def _block(text: bytes, at: int, *, whole: bool) -> list[Hit]:
    """The block whose first line has the mark AT: one hit, or, where each line is a string of a list, one for each."""
    low = max(0, at - _BEGIN)
    start = text.rfind(b"---- BEGIN", low, at) if b"SSH2" in text[low:at] else text.rfind(b"-----BEGIN", low, at)
    head = text.find(b"----", at, at + 24)
    if start < 0 or head < 0 or b"\n" in text[start:head]:
        return []
    body = head + 5
    end = _end(text, body, whole=whole)
    kind = "pgp-private-key" if b"PGP" in text[start:at] else "private-key"
    if _has_body(text[body:end]):
        return [(start, end, kind)]
    return [(*span, kind) for span in _listed(text, end)] if text[end : end + 1] == b'"' else []


def bodies(text: bytes, *, whole: bool) -> Iterator[Hit]:
    """Keys in TEXT without their first line; looked for only where a run begins like one."""
    for mark in sieve.BODIES:
        at = text.find(mark)
        while at >= 0:
            hit = _bodies(text, at, whole=whole)
            if hit:
                yield hit
            at = text.find(mark, hit[1] if hit else at + len(mark))


def _bodies(text: bytes, mark: int, *, whole: bool) -> Hit | None:
    """The lines of a key without its first and last one, whose base64 begins a few bytes before MARK."""
    before = text[max(0, mark - _LEAD) : mark]
    start = mark - len(before) + len(before.rstrip(_LINE))
    if start == mark - _LEAD or text[start - 1 : start] == b"-":
        return None  # in the middle of something else
    start += text[start - 1 : start] == b"\\" and text[start : start + 1] in (b"n", b"r", b"t")
    limit = min(len(text), start + _LONGEST)
    found = _pattern(_BODY_LINES).match(text, start, limit if whole else _string_end(text, start, limit))
    return (start, found.end(), "private-key") if found and _has_body(found[0]) else None


def _listed(text: bytes, quote: int) -> list[tuple[int, int]]:
    """The spans of a key's lines where they are strings of a list in JSON, as in the patches of Claude Code: the first
    string ends at QUOTE.
    """
    spans: list[tuple[int, int]] = []
    limit = quote + _LONGEST
    while True:
        start = quote + len(text[quote : quote + 16]) - len(text[quote : quote + 16].lstrip(b'", \t'))
        quote = text.find(b'"', start, limit)
        line = text[start:quote]
        plain = line.lstrip(b"+- ")
        if (
            quote < 0
            or b"\n" in line
            or b"END" in line
            or (plain and b":" not in plain and plain.translate(None, _LINE))
        ):
            break
        if plain and b":" not in plain:
            spans.append((quote - len(plain), quote))
    return spans if any(_has_body(text[low:high]) for low, high in spans) else []


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
    found = _pattern(_TEXT).match(text, body, limit)
    return found.end() if found else body


def _pattern(text: bytes) -> Pattern[bytes]:
    found = _patterns.get(text)
    if found is None:
        import re

        found = _patterns[text] = re.compile(text)
    return found


def _has_body(text: bytes) -> bool:
    """Whether TEXT has a long piece of base64."""
    plain = text.replace(b"\\/", b"/")
    pieces = plain.translate(_BASE64).split(b" ")
    at = 0
    for piece in pieces:
        if len(piece) >= _BODY and len(set(plain[at : at + len(piece)])) > 12:
            return True
        at += len(piece) + 1
    return False


_LINE = runs.LETTERS + runs.DIGITS + b"+/="
_BASE64 = bytes(0x61 if byte in _LINE else 0x20 for byte in range(256))
