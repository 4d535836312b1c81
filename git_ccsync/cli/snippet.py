"""A piece of a long text around what was found in it, on one line of a given width. Pure: no terminal, no session."""

from __future__ import annotations

from git_ccsync.cli import render
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.operations.search_words import Span

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
    windows = list(_windows(spans, max(1, min(PLACES, width // LEAST)), width))
    if not windows:
        return render.cut(plain(text[: width * 4]), width)
    each = (width - len(GAP) * (len(windows) - 1)) // len(windows)
    return GAP.join(_window(text, window, each, paint) for window in windows)


def _windows(spans: Sequence[Span], most: int, width: int) -> Iterator[list[Span]]:
    """Groups of spans that stand near each other; each begins with the first place of another word."""
    told: set[int] = set()
    group: list[Span] = []
    near = width // (2 * most)
    count = 0
    for span in spans:
        if group and span.end - group[0].start <= near:
            group.append(span)
            told.add(span.word)
        elif span.word not in told and count < most:
            if group:
                yield group
            group, count = [span], count + 1
            told.add(span.word)
    if group:
        yield group


def _window(text: str, spans: Sequence[Span], width: int, paint: Callable[[str], str]) -> str:
    """One window: the spans, and what stands before and behind them as far as there is room."""
    at, last = spans[0].start, spans[-1].end
    before = plain(" " + text[max(0, at - 4 * width) : at]) if at else ""
    behind = plain(text[last : last + 4 * width] + " ") if last < len(text) else ""
    before, behind = before.lstrip() if at <= 4 * width else before, behind.rstrip()
    middle, used = _middle(text, spans, width, paint)
    room = width - used
    right = min(render.columns(behind), max(room - min(render.columns(before), room // 3), 0))
    left = room - right
    return tail(before, left, more=at > 4 * width) + middle + render.cut(behind, right)


def _middle(text: str, spans: Sequence[Span], width: int, paint: Callable[[str], str]) -> tuple[str, int]:
    """From the first span to the last, painted, and its columns; at most `width`."""
    shown, used, at = "", 0, spans[0].start
    for span in spans:
        if span.end <= at:  # one word inside another
            continue
        start = max(span.start, at)
        for piece, wanted in ((text[at:start], False), (text[start : span.end], True)):
            fitting = render.cut(_inner(piece[: 4 * width + 1]), width - used)
            used += render.columns(fitting)
            shown += paint(fitting) if wanted and fitting else fitting
        at = span.end
    return shown, used


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
