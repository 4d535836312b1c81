"""One line a session, as push, pull and sync print them. Knows nothing of how a session came to its word."""

from __future__ import annotations

from git_ccsync.cli import render
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette

#: More lines than this are summed up, unless all were asked for.
MOST = 20

COLOURS = {"new": "green", "updated": "green", "copy": "yellow", "waiting": "cyan", "skipped": "red"}


class Line(Frozen):
    """`word` says what happened; `lines` 0 is not shown; `told` is a remark."""

    word: str
    id: str
    title: str
    lines: int = 0
    told: str = ""


def sessions(told: Sequence[Line], palette: Palette, *, every: bool) -> None:
    """Print the lines; what exceeds `MOST` is counted, unless `every`."""
    shown = told if every or len(told) <= MOST + 1 else told[:MOST]
    digits = abbreviation([line.id for line in shown])
    rows = [_cells(line, digits) for line in shown]
    paint = {0: lambda cell: palette(COLOURS.get(cell.strip(), ""), cell), 1: lambda cell: palette("yellow", cell)}
    for line in render.table(rows, flexible=2, right=(3,), indent="  ", paint=paint):
        render.out(line)
    if len(shown) < len(told):
        render.out(f"  … and {len(told) - len(shown):,} more (-v shows them)")


def _cells(line: Line, digits: int) -> tuple[str, ...]:
    title = render.safe(line.title) or "(no title)"
    number = render.count(line.lines, "line") if line.lines else ""
    return (line.word, render.safe(line.id)[:digits], title, number, render.safe(line.told))


def short(session: str) -> str:
    """The first eight digits of a session's id."""
    return render.safe(session)[:8]


def abbreviation(ids: Sequence[str]) -> int:
    """How many characters tell all `ids` apart: at least eight, as git's own abbreviations grow."""
    ordered = sorted(set(ids))
    longest = 7
    for one, other in zip(ordered, ordered[1:], strict=False):
        common = 0
        while common < min(len(one), len(other)) and one[common] == other[common]:
            common += 1
        longest = max(longest, common)
    return longest + 1
