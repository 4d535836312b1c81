"""Finding secrets in text: where they begin and end, and of what kind they are. Knows no key, no mode, no marker.

What is found in a line depends on that line alone. Speed comes from looking at little: nearly every token holds a run
of at least _RUN letters, digits, `_`, `-`, `+` or `~`, and such runs, with a few bytes before each, are a twentieth of
a transcript. Only there the literals of the rules are looked for, and only where one stands a pattern is compiled and
tried (`re` costs more than the rest of a short push). Each hit of a rule has such a run near its literal, or it is none:
so the way of looking is the meaning, and text can be cut between any two lines.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import assignment, blocks, commands, looks, pgpass, rules, runs, sieve, urls
from git_ccsync.seek import seek

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.privacy.rules import Rule
    from git_ccsync.privacy.runs import Run

    #: start, end, kind
    Hit = tuple[int, int, str]

#: No token is longer.
_LONGEST = 24_000

#: So much of a run holds every literal at its beginning or behind a joint near it.
_HEAD = sieve.JOINED + sieve.LITERAL

#: Small pieces stay in the processor's cache.
_SLICE = 120_000


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


def joined(text: bytes, found: list[Hit]) -> list[Hit]:
    """FOUND in TEXT by several ways, in any order, as `find` has it."""
    return _whole_escapes(text, _merged(found))


def _scan(text: bytes, *, whole: bool) -> list[Hit]:
    """Everything that some rule finds, in no order."""
    low = text.lower()
    look = seek(low)
    found: list[Hit] = []
    long = runs.find(text, whole=whole)
    if long:
        for hit in _tokens(text, long):
            found += filter(None, (_match(text, *hit, whole=whole),))
        leads = [run[:2] for run in long]
        before = runs.joined(low, leads)
        for word in sieve.LONG:
            if word in before:
                places = runs.within(low, word, leads, before)
                found += assignment.find(text, low, word, places, whole=whole)
    for word in sieve.SHORT:
        if look(word, 0, len(low)) >= 0:
            found += assignment.find(text, low, word, runs.everywhere(low, word), whole=whole)
    if b"@" in text:
        found += urls.find(text)
    found += commands.find(text, low)
    found += pgpass.find(text, low)
    found += blocks.find(text, whole=whole)
    found += blocks.bodies(text, whole=whole)
    return found


def _tokens(text: bytes, long: list[Run]) -> Iterator[tuple[int, Rule]]:
    """Where literals of rules stand in or before the LONG runs."""
    known = rules.load()
    words = [run for run in long if run[3] != runs.UUID]
    keys = known.heads.keys() & rules.pieces(
        b" ".join([text[start : start + sieve.JOINED + 3] for _, start, _, _ in words])
    )
    heads = _heads(text, words) if keys else b""
    for literal, meant in [entry for key in sorted(keys) for entry in known.heads[key]]:
        for at in _at_joints(text, literal, words, heads):
            yield from [(at, rule) for rule in meant]
    for literals, spans in (
        (known.inside, [run[1:3] for run in words]),
        (known.before, [(lead, start + sieve.INTO) for lead, start, _, kind in words if kind == runs.LED]),
        (known.quoted, [run[:2] for run in words]),
    ):
        some = runs.joined(text, spans)
        for literal, meant in literals:
            if literal in some:
                for at in runs.within(text, literal, spans, some):
                    yield from [(at, rule) for rule in meant]


def _heads(text: bytes, words: list[Run]) -> bytes:
    return b" ".join([text[start : start + _HEAD].ljust(_HEAD) for _, start, _, _ in words])


def _at_joints(text: bytes, literal: bytes, words: list[Run], heads: bytes) -> Iterator[int]:
    """Where LITERAL stands at the beginning of a run or behind a joint near it. HEADS has _HEAD bytes of each, and a blank
    between two: only those that hold the literal are looked at.
    """
    hit = heads.find(literal)
    while hit >= 0:
        number = hit // (_HEAD + 1)
        hit = heads.find(literal, (number + 1) * (_HEAD + 1))
        _, start, end, _ = words[number]
        if text.startswith(literal, start):
            yield start
        high = start + sieve.JOINED + len(literal)
        at = text.find(literal, start + 1, min(end, high))
        while at >= 0:
            if text[at - 1] in runs.JOINTS:
                yield at
            at = text.find(literal, at + 1, min(end, high))


def _line(text: bytes, start: int) -> bytes:
    """The next forty bytes, as far as they are of the same line: no line is judged by another."""
    return text[start : start + 40].partition(b"\n")[0]


def _match(text: bytes, at: int, rule: Rule, *, whole: bool) -> Hit | None:
    """The hit of RULE whose literal stands AT; on the same line, if not `whole`."""
    start = at - rule.back
    if start < 0 or not runs.opens(text, start) or (rule.check in _WEAK and _wordy(_line(text, start))):
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
    return len(head) - len(head.translate(None, runs.DIGITS)) < 2


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
