"""Finding secrets in text: where they begin and end, and of what kind they are. Knows no key, no mode, no marker.

What is found in a line depends on that line alone. Speed comes from looking at little: nearly every token holds a run
of at least _RUN letters, digits, `_`, `-`, `+` or `~`, and such runs, with a few bytes before each, are a twentieth of
a transcript. Only there the literals of the rules are looked for, and only where one stands a pattern is compiled and
tried (`re` costs more than the rest of a short push). Each hit of a rule has such a run near its literal, or it is none:
so the way of looking is the meaning, and text can be cut between any two lines.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import assignment, blocks, looks, rules, urls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.privacy.rules import Rule

    #: start, end, kind
    Hit = tuple[int, int, str]
    #: a long run of word bytes: where it is led to, where it begins, where it ends or is looked at no more
    Run = tuple[int, int, int]

_RUN = 20
#: How far before a run a rule's literal, or the name that a value is assigned to, may stand.
_BEFORE = 48
#: How much of a long run is looked at for literals; most stand at its beginning.
_HEAD = 160
#: Behind so much of a run begins no token, and no literal in what leads to a run goes on so far into it.
_JOINED = 24
_INTO = 6
#: No literal at the beginning of a token is longer.
_LITERAL = 24
#: No token is longer.
_LONGEST = 24_000
#: A run behind so many bytes of base64 is a part of an image or of an archive.
_BLOB = 128

_CLASSES = bytes(0x61 if byte in rules.WORDS else 0x20 for byte in range(256))
_LONG_RUN = b"a" * _RUN
_BASE64 = looks.LETTERS + looks.DIGITS + b"+/=_-"

#: Small pieces stay in the processor's cache.
_SLICE = 120_000
#: Names of short values are looked for in the whole text; those of tokens, which are long, only before runs.
_SHORT = (b"pass", b"secret", b"pwd")
_LONG = (b"token", b"key", b"auth", b"bearer", b"basic", b"credential")

_HEX = b"0123456789abcdefABCDEF"


def find(text: bytes, *, whole: bool = False) -> list[Hit]:
    """Secrets in TEXT (whole lines, or with `whole` a file that is one thing), in order, never overlapping.

    Time grows with the length of TEXT, whatever it holds.
    """
    if whole:
        return _whole_escapes(text, _merged(_scan(text, whole=True)))
    out: list[Hit] = []
    at = 0
    while at < len(text):
        end = text.find(b"\n", at + _SLICE) + 1 or len(text)
        piece = text[at:end] if end - at < len(text) else text
        found = _whole_escapes(piece, _merged(_scan(piece, whole=False)))
        out += [(start + at, stop + at, kind) for start, stop, kind in found]
        at = end
    return out


def _scan(text: bytes, *, whole: bool) -> list[Hit]:
    """Everything that some rule finds, in no order."""
    low = text.lower()
    found: list[Hit] = []
    runs = _runs(text, whole=whole)
    if runs:
        before = b"\n".join([text[lead : start + _INTO] for lead, start, _ in runs])
        for hit in _tokens(text, runs, before):
            found += filter(None, (_match(text, *hit, whole=whole),))
        before = before.lower()
        for word in _LONG:
            if word in before:
                places = _within(low, word, [(lead, start + _INTO) for lead, start, _ in runs])
                found += assignment.find(text, low, word, places, whole=whole)
    for word in _SHORT:
        if word in low:
            found += assignment.find(text, low, word, _everywhere(low, word), whole=whole)
    if b"@" in text:
        found += urls.find(text)
    found += blocks.find(text, whole=whole)
    return found


def _runs(text: bytes, *, whole: bool) -> list[Run]:
    """The long runs of TEXT in order; what leads to one is on the same line, if not `whole`."""
    classes = text.translate(_CLASSES)
    find, out = classes.find, []
    at = find(_LONG_RUN)
    while at >= 0:
        end = find(b" ", at + _RUN)
        if end < 0:
            end = len(text)
        lead = at - _BEFORE if at > _BEFORE else 0
        if not whole:
            lead = text.rfind(b"\n", lead, at) + 1 or lead
        sign = text[at - 1 : at]
        if sign not in _ODD:
            out.append((lead, at, end if end - at < _HEAD else at + _HEAD))
        elif sign != b"/" or not _in_blob(text, at):
            out.append((lead, at + _escape(text, at, sign), end if end - at < _HEAD else at + _HEAD))
        at = find(_LONG_RUN, end)
    return out


#: What stands before a run that may begin with the rest of an escape, or be a part of something larger.
_ODD = frozenset((b"\\", b"%", b"[", b";", b"/"))


def _escape(text: bytes, at: int, sign: bytes) -> int:
    r"""How many bytes of the run AT, behind SIGN, belong to an escape: of JSON (`\n`, `\u003d`), of a URL (`%3D`), or to a
    terminal's colour (ESC [ digits m).
    """
    head = text[at : at + 12]
    if sign == b"\\":
        return 1 if head[0] in b"nrtbf" else 5 if head[:3] == b"u00" else 0
    if sign == b"%":
        return 0 if head[:2].translate(None, _HEX) else 2
    rest = head.lstrip(looks.DIGITS)
    return len(head) - len(rest) + 1 if sign != b"/" and rest[:1] == b"m" else 0


def _in_blob(text: bytes, at: int) -> bool:
    return at >= _BLOB and not text[at - _BLOB : at].translate(None, _BASE64)


def _everywhere(low: bytes, word: bytes) -> Iterator[int]:
    at = low.find(word)
    while at >= 0:
        yield at
        at = low.find(word, at + len(word))


def _within(text: bytes, word: bytes, spans: list[tuple[int, int]]) -> Iterator[int]:
    """Where WORD stands in one of the spans, each place once."""
    past = 0
    for low, high in spans:
        at = text.find(word, max(low, past), high)
        while at >= 0:
            yield at
            past = at + 1
            at = text.find(word, past, high)


def _tokens(text: bytes, runs: list[Run], before: bytes) -> Iterator[tuple[int, Rule]]:
    """Where literals of rules stand in or BEFORE the runs."""
    known = rules.load()
    heads = b" ".join([text[start : start + _JOINED + _LITERAL] for _, start, _ in runs])
    for key in known.heads.keys() & rules.pieces(heads):
        for literal, meant in known.heads[key]:
            if literal in heads:
                for at in _at_joints(text, literal, runs):
                    yield from [(at, rule) for rule in meant]
    inside = b"\n".join([text[start:end] for _, start, end in runs])
    for literal, meant in known.inside:
        if literal in inside:
            for at in _within(text, literal, [run[1:] for run in runs]):
                yield from [(at, rule) for rule in meant]
    for literal, meant in known.before:
        if literal in before:
            for at in _within(text, literal, [(lead, start + _INTO) for lead, start, _ in runs]):
                yield from [(at, rule) for rule in meant]


def _at_joints(text: bytes, literal: bytes, runs: list[Run]) -> Iterator[int]:
    """Where LITERAL stands at the beginning of a run or behind a joint near it."""
    for _, start, end in runs:
        if text.startswith(literal, start):
            yield start
        at = text.find(literal, start + 1, min(end, start + _JOINED + len(literal)))
        while at >= 0:
            if text[at - 1] in rules.JOINTS:
                yield at
            at = text.find(literal, at + 1, min(end, start + _JOINED + len(literal)))


def _match(text: bytes, at: int, rule: Rule, *, whole: bool) -> Hit | None:
    """The hit of RULE whose literal stands AT; on the same line, if not `whole`."""
    start = at - rule.back
    if start < 0 or not _opens(text, start) or (rule.check in _WEAK and _wordy(text[start : start + 40])):
        return None
    limit = min(len(text), at + _LONGEST)
    newline = -1 if whole else text.find(b"\n", at, limit)
    found = rules.compiled(rule).match(text, start, newline if newline >= 0 else limit)
    if not found:
        return None
    group = 1 if found.re.groups else 0
    span = found.span(group)
    return (*span, rule.kind) if looks.CHECKS[rule.check](text, *span) else None


_WEAK = ("weak", "led")


def _wordy(head: bytes) -> bool:
    """Whether HEAD has so few digits that it is a name rather than a token."""
    return len(head) - len(head.translate(None, looks.DIGITS)) < 2


def _opens(text: bytes, at: int) -> bool:
    """Whether a token can begin AT: no letter or digit stands before its own first, unless that ends an escape."""
    if not text[at - 1 : at].isalnum() or not text[at : at + 1].isalnum():
        return True
    head = text[max(0, at - 8) : at]
    return any(
        _escape(text, at - back, head[-back - 1 : -back]) == back for back in (1, 2, 3, 4, 5) if back < len(head)
    )


def _merged(found: list[Hit]) -> list[Hit]:
    """FOUND in order; what overlaps is one hit of the kind that begins first, of these the longest, the first found."""
    if len(found) < 2:
        return found
    order = sorted(range(len(found)), key=lambda i: (found[i][0], -found[i][1], i))
    out: list[Hit] = []
    for start, end, kind in map(found.__getitem__, order):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]), out[-1][2])
        else:
            out.append((start, end, kind))
    return out


def _whole_escapes(text: bytes, found: list[Hit]) -> list[Hit]:
    """FOUND without halves of escapes at either end, so that what is JSON without them is JSON with markers too."""
    out = []
    for begin, stop, kind in found:
        start, end = begin, stop
        if _odd_slashes(text, start):
            start += 5 if text[start : start + 1] == b"u" else 1
        for length in range(1, 6):
            if text[end - length : end - length + 1] == b"\\" and _odd_slashes(text, end - length + 1):
                if length == 1 or (length < 6 and text[end - length + 1 : end - length + 2] == b"u"):
                    end -= length
                break
        if end > start:
            out.append((start, end, kind))
    return out


def _odd_slashes(text: bytes, at: int) -> bool:
    """Whether the byte AT is escaped: an odd number of backslashes stands before it."""
    slash = at
    while slash and text[slash - 1] == 0x5C:
        slash -= 1
    return (at - slash) % 2 == 1
