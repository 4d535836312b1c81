"""What the picker's screen shows: a pure function from its state and the terminal's size to lines. Writes nothing."""

from __future__ import annotations

from git_ccsync.cli import ages, render
from git_ccsync.cli.wrap import wrap
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.picker_list import Picking
    from git_ccsync.cli.picker_match import Row

    Piece = tuple[str, str]

#: Word of a mark -> its sign, and the one for terminals without these characters. None is of ambiguous width.
MARKS = {
    "live": ("◉", "*"),
    "open elsewhere": ("◍", "@"),
    "unfinished": ("◒", "!"),
    "copy": ("❐", "="),
    "not here": ("◌", "-"),
}
COLOURS = {
    "live": "ansicyan",
    "open elsewhere": "ansicyan",
    "unfinished": "ansiyellow",
    "copy": "ansiyellow",
    "not here": "",
}
KEYS = "Enter takes, Esc leaves"
#: Columns that a title keeps before others are shown beside it.
TITLE = 16
#: Widest that these columns grow.
MACHINE, BRANCH, PLACE, AGE = 16, 24, 20, 14


class Shape(Frozen):
    """Lines of the screen: `rows` of the list, `preview` below them, `legend` at the end."""

    rows: int
    preview: int
    legend: int


class Columns(Frozen):
    """Widths of the columns of the list; 0 for one that is not shown."""

    marks: int
    title: int
    place: int
    machine: int
    age: int
    branch: int
    size: int


class Drawn(Frozen):
    """The screen: lines of (style, text), none wider than the terminal, and the column of the cursor on the first."""

    lines: list[list[Piece]]
    cursor: int


def shape(height: int) -> Shape:
    """How the lines of a terminal are shared out. The list comes first, then the query, the legend, the preview."""
    legend = int(height >= 6)
    preview = min(height // 3, 12) if height >= 14 else 0
    return Shape(max(height - 1 - legend - preview, 1), preview, legend)


class Look:
    """What all frames of one run have in common: the signs, the width of the columns, the time.

    `now` is in seconds since 1970; `plain` asks for signs in ASCII.
    """

    def __init__(self, rows: Sequence[Row], now: float, *, plain: bool = False) -> None:
        self.now, self.plain = now, plain
        self.marks = [word for word in MARKS if any(word in row.marks for row in rows)]
        self._most = max((len(row.marks) for row in rows), default=0)
        self._machine = _widest((row.machine for row in rows), MACHINE)
        self._branch = _widest((row.git_branch for row in rows), BRANCH)
        self._place = _widest((row.place for row in rows), PLACE)
        self._size = _widest((row.size for row in rows), 9)

    def sign(self, mark: str) -> str:
        """The character of a mark."""
        return MARKS[mark][self.plain]

    def columns(self, width: int) -> Columns:
        """The columns that fit: first the marks and the title, then age, machine, place, git branch and size."""
        marks = self._most + 1 if self._most else 0
        room = max(width - 2 - marks, 0)
        sizes = {}
        wishes = (
            *(("age", AGE), ("machine", self._machine), ("place", self._place), ("branch", self._branch)),
            ("size", self._size),
        )
        for name, wanted in wishes:
            # What comes later asks for more room beside it: a title is worth more than a size.
            keep = TITLE if name in ("age", "machine") else 2 * TITLE
            sizes[name] = wanted if wanted and room - wanted - 2 >= keep else 0
            room -= sizes[name] + 2 if sizes[name] else 0
        return Columns(marks=marks, title=room, **sizes)


def _widest(texts: object, most: int) -> int:
    distinct = set(texts)  # type: ignore[call-overload]
    return min(max((render.columns(render.safe(text)) for text in distinct), default=0), most)


def draw(picking: Picking, look: Look, preview: str | None, width: int, height: int) -> Drawn:
    """The whole screen. `preview` is the last exchange of the selected session, None if it is still being read."""
    form = shape(height)
    first, cursor = _query(picking, width)
    columns = look.columns(width)
    at = picking.visible(form.rows)
    chosen = picking.selected
    lines = [first]
    lines += [
        _row(picking.rows[number], look, columns, width, selected=picking.rows[number] is chosen) for number in at
    ]
    if not at:
        lines.append([("", render.cut("  no session fits" if picking.rows else "  no sessions", width))])
    lines += [[("", "")]] * (1 + form.rows - len(lines))
    if form.preview:
        lines += _preview(chosen, look, preview, width, form.preview)
    if form.legend:
        lines.append(_legend(look, width))
    return Drawn(lines[:height], cursor)


def _query(picking: Picking, width: int) -> tuple[list[Piece], int]:
    """The line with the query, its end where it is too long, and how many rows fit it; the cursor's column."""
    all_, fitting = len(picking.rows), len(picking.found.at)
    count = f"{fitting:,} similar" if picking.found.similar and fitting else f"{fitting:,}/{all_:,}"
    count = count if width >= len(count) + 14 else ""
    room = width - 2 - len(count) - bool(count) - 1
    typed = _end(render.safe(picking.query), max(room, 0))
    text = render.cut("> " + typed, max(width - 1, 0))
    cursor = render.columns(text)
    hint = render.cut("type to filter", room) if not picking.query and room > 8 else ""
    gap = " " * max(width - cursor - len(hint) - len(count), 0) if count else ""
    return [("bold", text), ("class:dim", hint), ("", gap), ("class:dim", count)], min(cursor, max(width - 1, 0))


def _end(text: str, width: int) -> str:
    while render.columns(text) > width:
        text = text[1:]
    return text


def _row(row: Row, look: Look, columns: Columns, width: int, *, selected: bool) -> list[Piece]:
    """One session. The selected one stands out also where there are no colours."""
    base = "reverse" if selected else ""
    pieces: list[Piece] = [(base, "> " if selected else "  ")]
    if columns.marks:
        pieces += _marks(row, look, columns.marks, base)
    title = render.pad(render.cut(render.safe(row.title) or "(no title)", columns.title), columns.title)
    pieces.append((base, title))
    cells = (
        (columns.place, render.safe(row.place), "ansiblue"),
        (columns.machine, render.safe(row.machine), ""),
        (columns.age, ages.ago(row.updated, look.now), ""),
        (columns.branch, render.safe(row.git_branch), "ansigreen"),
    )
    for size, text, colour in cells:
        if size:
            pieces.append((base or colour, "  " + render.pad(render.cut(text, size), size)))
    if columns.size:
        pieces.append((base, "  " + render.pad(render.safe(row.size), columns.size, right=True)))
    return _within(pieces, width)


def _marks(row: Row, look: Look, width: int, base: str) -> list[Piece]:
    signs = [(base or COLOURS[mark], look.sign(mark)) for mark in MARKS if mark in row.marks]
    return [*signs, (base, " " * (width - len(signs)))]


def _within(pieces: list[Piece], width: int) -> list[Piece]:
    """The pieces up to `width` columns: for terminals so narrow that not even the title has its room."""
    kept: list[Piece] = []
    for style, text in pieces:
        fitting = render.cut(text, width)
        width -= render.columns(fitting)
        if fitting:
            kept.append((style, fitting))
    return kept


def _preview(row: Row | None, look: Look, preview: str | None, width: int, height: int) -> list[list[Piece]]:
    """A heading, then the last prompt and the answer, in `height` lines."""
    if row is None:
        return [[("", "")]] * height
    used = ages.ago(row.updated, look.now)
    told = [
        row.id[:8],
        render.safe(row.machine),
        render.safe(row.place),
        used,
        render.safe(row.git_branch),
        render.safe(row.size),
        *row.marks,
    ]
    lines: list[list[Piece]] = [[("class:dim", render.cut(", ".join(filter(None, told)), width))]]
    if preview is None:
        lines.append([("class:dim", render.cut("reading …", width))])
    else:
        lines += _exchange(preview, width, height - 1)
    lines += [[("", "")]] * (height - len(lines))
    return lines[:height]


def _exchange(preview: str, width: int, height: int) -> list[list[Piece]]:
    """The prompt (lines that begin with "> ") in a third of the lines at most, the answer in the rest."""
    asked: list[str] = []
    answered: list[str] = []
    for line in preview.split("\n", 4 * height)[: 4 * height]:
        wrapped = wrap(render.safe(line[: 4 * width * height]).rstrip(), width, height)
        (asked if line.startswith("> ") and not answered else answered).extend(wrapped)
    asked = _shortened(asked, max(height // 3, height - len(answered), 1), width)
    answered = _shortened(answered, height - len(asked), width)
    return [[("ansigreen", line)] for line in asked] + [[("", line)] for line in answered]


def _shortened(lines: list[str], height: int, width: int) -> list[str]:
    if len(lines) <= height:
        return lines
    kept = lines[:height]
    if kept:
        kept[-1] = render.cut(kept[-1] + " …", width) if render.columns(kept[-1]) + 2 > width else kept[-1] + " …"
    return kept


def _legend(look: Look, width: int) -> list[Piece]:
    told = "  ".join([*(f"{look.sign(mark)} {mark}" for mark in look.marks)])
    if render.columns(told) + len(KEYS) + 2 <= width:
        told = f"{told}{' ' * (width - render.columns(told) - len(KEYS))}{KEYS}"
    return [("class:dim", render.cut(told or KEYS, width))]
