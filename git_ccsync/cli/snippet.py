"""A piece of a long text around what was found in it, on one line of a given width. Pure: no terminal, no session."""

from __future__ import annotations

from git_ccsync.cli import render
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.operations.searching.search_words import Span

#: Columns of a snippet where nothing bounds it.
FREE = 160
#: At most so many places of a text stand on its line, and each has at least so many columns.
PLACES, LEAST = 3, 24
GAP = " … "


def plain(text: str) -> str:
    """Any text as one safe line, runs of white space as one space."""
    return render.safe(" ".join(text.split())) if not text.isprintable() or "  " in text else text


def snippet(text: str, spans: Sequence[Span], width: int, paint: Callable[[str], str] = str) -> str:
    """A line of at most `width` columns with the first place of each word in `text`, every hit in it painted.

    Words that stand far apart have a window each. `spans` are in order.
    """
    most = max(1, min(PLACES, width // LEAST, len({span.word for span in spans})))
    starts = list(_windows(spans, most, width))
    if not starts:
        return render.cut(plain(text[: width * 4]), width)
    each = (width - len(GAP) * (len(starts) - 1)) // len(starts)
    return GAP.join(_window(text, spans[start:], each, paint) for start in starts)


def _windows(spans: Sequence[Span], most: int, width: int) -> Iterator[int]:
    """Numbers of the spans with which windows begin: the first place of a word that no window before shows."""
    told: set[int] = set()
    reach, count = -1, 0
    for number, span in enumerate(spans):
        if span.end <= reach:
            told.add(span.word)
        elif span.word not in told and count < most:
            yield number
            told.add(span.word)
            reach, count = span.start + width // (2 * most), count + 1


def _window(text: str, spans: Sequence[Span], width: int, paint: Callable[[str], str]) -> str:
    """One window: the first span, and what stands before and behind it as far as there is room."""
    at = spans[0].start
    before = _inner(text[max(0, at - 4 * width) : at]).lstrip()
    behind = render.columns(plain(text[at : at + 4 * width]))
    hit = render.columns(plain(text[at : min(spans[0].end, at + width)]))
    left = max(min(render.columns(before), max(width - behind, min(width // 3, width - hit))), 0)
    return tail(before, left, more=at > 4 * width) + _painted(text, spans, width - left, paint)


def _painted(text: str, spans: Sequence[Span], width: int, paint: Callable[[str], str]) -> str:
    """The text from the first span on in at most `width` columns, all spans painted."""
    pieces: list[tuple[str, bool]] = []
    at = spans[0].start
    limit = at + 4 * width
    for span in spans:
        if at < span.end and span.start < limit:  # not inside the one before
            pieces += ((text[at : span.start], False), (text[max(at, span.start) : min(span.end, limit)], True))
            at = min(span.end, limit)
    pieces.append((text[at : max(at, limit)].rstrip(), False))
    return _fitted([(_inner(piece), wanted) for piece, wanted in pieces if piece], width, paint)


def _fitted(pieces: Sequence[tuple[str, bool]], width: int, paint: Callable[[str], str]) -> str:
    """Safe pieces one behind the other in at most `width` columns, some painted."""
    shown, left = "", width
    total = sum(render.columns(piece) for piece, _ in pieces)
    for piece, wanted in pieces:
        size = render.columns(piece)
        # What is cut ends in …, for which there must be room: so the last piece that fits whole leaves one column.
        whole = size < left or size == left == total
        fitting = piece if whole else render.cut(piece + "…" * (size <= left), left)
        shown += paint(fitting) if wanted and fitting else fitting
        left -= render.columns(fitting)
        total -= size
        if not whole:
            break
    return shown


def _inner(text: str) -> str:
    """`plain`, but space at either end stays."""
    body = plain(text)
    left = " " if text[:1].isspace() and body[:1] != " " else ""
    right = " " if text[-1:].isspace() and body.strip() and body[-1:] != " " else ""
    return left + body + right


def tail(text: str, width: int, *, more: bool = False) -> str:
    """The end of `text` in at most `width` columns, with … in front if something was cut off, or there is `more`."""
    if render.columns(text) <= width - more:
        return "…" + text if more and width else text
    kept, used = [], 1
    for char in reversed(text):
        used += render.columns(char)
        if used > width:
            break
        kept.append(char)
    return ("…" + "".join(reversed(kept)).lstrip()) if width else ""
