"""What a terminal shows, as an SVG: windows of text in the 16 colours, light or dark as the reader has it. Runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from wcwidth import wcwidth

#: Columns of a window, and the size of a character in pixels.
COLUMNS, ADVANCE, LINE, FONT = 80, 7.8, 18, 13
MARGIN, BAR, GAP = 12, 26, 14
NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
#: text, window, frame, then red green yellow blue magenta cyan: each readable on the window.
LIGHT = ("#1f2328", "#ffffff", "#d1d9e0", "#c21f2b", "#116329", "#845306", "#0550ae", "#8250df", "#0f6670")
DARK = ("#e6edf3", "#0d1117", "#3d444d", "#ff7b72", "#7ee787", "#e3b341", "#79c0ff", "#d2a8ff", "#6fdde4")


class Window(NamedTuple):
    """A window: what stands in its bar, and its rows as a terminal was told to paint them."""

    title: str
    rows: list[str]


class Piece(NamedTuple):
    """Characters from a column on, all in one style: a set of "bold", "dim", "reverse" and names of colours."""

    column: int
    text: str
    style: frozenset[str]
    width: int


def draw(windows: list[Window]) -> str:
    """The whole picture."""
    width = round(2 * MARGIN + COLUMNS * ADVANCE)
    top, drawn = 0, []
    for window in windows:
        drawn += _window(window, top, width)
        top += _height(window) + GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {width + 2} {top - GAP + 2}" width="{width + 2}">'
    return "\n".join([head, f"<style>{_style()}</style>", *drawn, "</svg>", ""])


def words(picture: str) -> str:
    """What a picture says."""
    root = ET.fromstring(picture)
    return " ".join(text for node in root if not node.tag.endswith("style") for text in node.itertext())


def _style() -> str:
    """Colours by name, for a light page and a dark one."""
    font = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
    fixed = f"text{{font:{FONT}px {font};white-space:pre}}.bold{{font-weight:bold}}.dim{{fill-opacity:.65}}"
    return f"{fixed}{_colours(LIGHT)}@media(prefers-color-scheme:dark){{{_colours(DARK)}}}"


def _colours(palette: tuple[str, ...]) -> str:
    text, back, frame, *colours = palette
    rules = [f"text,.bar{{fill:{text}}}", f".window{{fill:{back};stroke:{frame}}}", f".line{{stroke:{frame}}}"]
    rules += [f".reverse{{fill:{back}}}"]
    rules += [f".{name}{{fill:{colour}}}" for name, colour in zip(NAMES[1:], colours, strict=False)]
    return "".join(rules)


def _height(window: Window) -> int:
    return BAR + 2 * MARGIN + LINE * len(window.rows) - 6


def _window(window: Window, top: int, width: int) -> Iterator[str]:
    yield f'<rect class="window" x="0" y="{top}" width="{width}" height="{_height(window)}" rx="8"/>'
    yield f'<path class="line" d="M0 {top + BAR}h{width}"/>'
    yield f'<text class="dim" x="{width / 2:g}" y="{top + 18}" text-anchor="middle">{escape(window.title)}</text>'
    style: frozenset[str] = frozenset()
    for number, row in enumerate(window.rows):
        pieces, style = read(row, style)
        yield from _row(pieces, top + BAR + MARGIN + LINE * number)


def _row(pieces: list[Piece], top: int) -> Iterator[str]:
    for piece in pieces:
        if "reverse" in piece.style:
            left, size = MARGIN + piece.column * ADVANCE, piece.width * ADVANCE
            yield f'<rect class="bar" x="{left:g}" y="{top}" width="{size:g}" height="{LINE}"/>'
    shown = "".join(_span(chunk) for piece in pieces for chunk in _chunks(piece))
    if shown:
        yield f'<text y="{top + 13}">{shown}</text>'


def _span(piece: Piece) -> str:
    """One piece at its column, as wide as its columns are, whatever font is there."""
    kind = f' class="{" ".join(sorted(piece.style))}"' if piece.style else ""
    size = f' textLength="{piece.width * ADVANCE:g}"' if piece.width > 1 else ""
    return f'<tspan x="{MARGIN + piece.column * ADVANCE:g}"{size}{kind}>{escape(piece.text)}</tspan>'


def _chunks(piece: Piece) -> Iterator[Piece]:
    """Words that stand one space apart; wide characters alone, because fonts have them in other widths."""
    for found in re.finditer(r"[!-~]+(?: [!-~]+)*|[^ ]", piece.text):
        before = columns(piece.text[: found.start()])
        yield Piece(piece.column + before, found[0], piece.style, columns(found[0]))


def columns(text: str) -> int:
    """How many columns a text takes."""
    return sum(max(wcwidth(char), 0) for char in text)


def read(row: str, style: frozenset[str]) -> tuple[list[Piece], frozenset[str]]:
    """The pieces of a painted row that begins in `style`, and the style at its end."""
    pieces, column = [], 0
    for number, part in enumerate(re.split(r"\x1b\[([0-9;]*)m", row)):
        if number % 2:
            for code in part.split(";"):
                style = _changed(style, int(code or 0))
        elif part:
            pieces.append(Piece(column, part, style, columns(part)))
            column += columns(part)
    return pieces, style


def _changed(style: frozenset[str], code: int) -> frozenset[str]:
    attributes = {1: "bold", 2: "dim", 7: "reverse"}
    if code in attributes:
        return style | {attributes[code]}
    if code == 0:
        return frozenset()
    if code == 39 or 30 <= code < 38:
        return (style - set(NAMES)) | ({NAMES[code - 30]} if code < 38 else set())
    assert code in (22, 27, 49), f"a colour that is not drawn: {code}"
    return style - ({"bold", "dim"} if code == 22 else {"reverse"} if code == 27 else set())
