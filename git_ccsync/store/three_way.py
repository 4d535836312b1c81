"""Merging two versions of a short text by lines, with what both were made from. Pure: lines in, lines out.

Two changes are apart unless they touch the same lines: neighbours go together. Where both put something at one place, or
both changed the same lines, both are kept, theirs first. A line that neither side took away is never lost.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How often each line may be looked at: text made to be hard to align is aligned coarsely instead.
_LOOKS = 64


class Edit(Frozen):
    """In the place of the base's lines `start` to `end` stand `lines`."""

    start: int
    end: int
    lines: tuple[bytes, ...]


class Merged(Frozen):
    """The lines of both. `clashes` are the base's line numbers at which both sides had something of their own to say:
    of two insertions at one place in `met`, of two changes of the same lines in `clashes`.
    """

    lines: tuple[bytes, ...]
    met: tuple[int, ...] = ()
    clashes: tuple[int, ...] = ()


def merge(base: Sequence[bytes], ours: Sequence[bytes], theirs: Sequence[bytes]) -> Merged:
    """What both made of `base`. Equal arguments give equal lines, on every machine."""
    out: list[bytes] = []
    met: list[int] = []
    clashes: list[int] = []
    at = 0
    for start, end, mine, yours in _clusters(edits(base, ours), edits(base, theirs)):
        out += base[at:start]
        old = base[start:end]
        my, their = _applied(base, start, end, mine), _applied(base, start, end, yours)
        if not mine or not yours or my == their:
            out += their if yours else my
        else:
            out += _united(old, my, their)
            if not old:
                met.append(start)
            elif _added(old, my) and _added(old, their):
                clashes.append(start)
        at = end
    out += base[at:]
    return Merged(tuple(out), tuple(met), tuple(clashes))


def edits(before: Sequence[bytes], after: Sequence[bytes]) -> list[Edit]:
    """What makes `after` of `before`, in order; between two edits stands at least one line of both."""
    found = []
    i = j = 0
    for a, b in [*aligned(before, after), (len(before), len(after))]:
        if i < a or j < b:
            found.append(Edit(i, a, tuple(after[j:b])))
        i, j = a + 1, b + 1
    return found


def aligned(a: Sequence[bytes], b: Sequence[bytes]) -> list[tuple[int, int]]:
    """Pairs of equal lines, in order in both: at the ends, then around lines that are unique on both sides."""
    found: list[tuple[int, int]] = []
    todo = [(0, len(a), 0, len(b))]
    left = _LOOKS * (len(a) + len(b) + 1)
    while todo:
        low, high, at, end = todo.pop()
        while low < high and at < end and a[low] == b[at]:
            found.append((low, at))
            low, at = low + 1, at + 1
        while low < high and at < end and a[high - 1] == b[end - 1]:
            high, end = high - 1, end - 1
            found.append((high, end))
        left -= high - low + end - at
        if low < high and at < end and left > 0:
            anchors = _anchors(_once(a, low, high), _once(b, at, end))
            for i, j in [*anchors, (high, end)] if anchors else ():
                todo.append((low, i, at, j))
                low, at = i + 1, j + 1
            found += anchors
    return sorted(found)


def _anchors(here: dict[bytes, int], there: dict[bytes, int]) -> list[tuple[int, int]]:
    """Lines that stand once on either side, as many as are in the same order on both."""
    from bisect import bisect_left

    pairs = [(i, there[line]) for line, i in here.items() if line in there]
    ends: list[int] = []  # the least last line of b of a run of each length, and that run's last pair
    last: list[int] = []
    before: list[int] = []
    for number, (_, j) in enumerate(pairs):
        place = bisect_left(ends, j)
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [j]
        last[place : place + 1] = [number]
    run = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]


def _once(lines: Sequence[bytes], start: int, end: int) -> dict[bytes, int]:
    """Lines that stand once from `start` to `end`, in order, with their numbers."""
    found: dict[bytes, int] = {}
    for number in range(start, end):
        found[lines[number]] = -1 if lines[number] in found else number
    return {line: number for line, number in found.items() if number >= 0}


def _clusters(mine: list[Edit], yours: list[Edit]) -> Iterator[tuple[int, int, list[Edit], list[Edit]]]:
    """Edits that touch the same lines, together: from where, to where, ours, theirs."""
    held: tuple[int, int, list[Edit], list[Edit]] | None = None
    for edit, side in sorted([(edit, 0) for edit in mine] + [(edit, 1) for edit in yours]):
        if held and (edit.start < held[1] or edit.start == edit.end == held[0] == held[1]):
            (held[2], held[3])[side].append(edit)
            held = held[0], max(held[1], edit.end), held[2], held[3]
            continue
        if held:
            yield held
        held = edit.start, edit.end, [], []
        (held[2], held[3])[side].append(edit)
    if held:
        yield held


def _applied(base: Sequence[bytes], start: int, end: int, changes: list[Edit]) -> list[bytes]:
    out: list[bytes] = []
    at = start
    for edit in changes:
        out += base[at : edit.start]
        out += edit.lines
        at = edit.end
    return [*out, *base[at:end]]


def _united(old: Sequence[bytes], my: list[bytes], their: list[bytes]) -> list[bytes]:
    """Both versions of some lines: what is in both once, theirs before ours, without what either took away."""
    gone = _added(my, old), _added(their, old)
    out: list[bytes] = []
    i = j = 0
    for a, b in [*aligned(their, my), (len(their), len(my))]:
        out += _kept(their[i:a], gone[0])
        out += _kept(my[j:b], gone[1])
        out += their[a : a + 1]
        i, j = a + 1, b + 1
    return out


def _added(old: Sequence[bytes], new: Sequence[bytes]) -> dict[bytes, int]:
    """Lines of `new` that `old` lacks, each as often."""
    count: dict[bytes, int] = {}
    for line in old:
        count[line] = count.get(line, 0) - 1
    for line in new:
        count[line] = count.get(line, 0) + 1
    return {line: number for line, number in count.items() if number > 0}


def _kept(lines: Sequence[bytes], gone: dict[bytes, int]) -> Iterator[bytes]:
    for line in lines:
        if gone.get(line, 0):
            gone[line] -= 1
        else:
            yield line
