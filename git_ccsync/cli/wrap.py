"""Text in lines of a given width, broken at spaces where there are any. Pure: takes safe text, writes nothing."""

from __future__ import annotations

from git_ccsync.cli import render


def wrap(text: str, width: int, most: int) -> list[str]:
    """`text` in lines of at most `width` columns; at most `most` + 1 lines, what is behind them is left out."""
    if width < 2:
        return []
    lines: list[str] = []
    while render.columns(text) > width and len(lines) <= most:
        end = _fitting(text, width)
        space = text.rfind(" ", 1, end + 1)
        end = space if space > end // 2 else end
        lines.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*lines, text] if len(lines) <= most else lines


def hang(text: str, width: int, indent: int = -1) -> list[str]:
    """All of `text` in lines of at most `width` columns (0 for any), those behind the first one `indent` spaces further in
    (default: as far as the first).
    """
    if not width or render.columns(text) <= width:
        return [text]
    if indent < 0:
        indent = len(text) - len(text.lstrip(" "))
    margin = " " * (indent if width - indent >= max(indent, 2) else 0)
    first, body = text[: len(margin)], text[len(margin) :]
    lines = wrap(body, width - len(margin), len(body)) or [body]
    return [first + lines[0], *(margin + line for line in lines[1:])]


def _fitting(text: str, width: int) -> int:
    """How many characters of `text` fit into `width` columns, at least one."""
    used = 0
    for number, char in enumerate(text[: width + 1]):
        used += render.columns(char)
        if used > width:
            return max(number, 1)
    return min(len(text), width)
