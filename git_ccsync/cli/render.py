"""The only stdout, and the words on stderr: making foreign text safe, fitting it, writing it. Knows no values.

Everything that came from a transcript, a remote, a path or another machine passes through `safe` before it is shown.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from git_ccsync.model import Problem


def out(text: str) -> None:
    """One or more lines to stdout."""
    sys.stdout.write(text + "\n")


def raw(data: bytes) -> None:
    """Bytes to stdout as they are, for machines."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def note(text: str) -> None:
    """A line of chatter on stderr."""
    _err(text)


def warning(text: str) -> None:
    """`warning: …` on stderr, one line a line."""
    _prefixed("warning: ", text)


def error(text: str) -> None:
    """`error: …` on stderr."""
    _prefixed("error: ", text)


def problems(found: Iterable[Problem], where: str = "") -> bool:
    """Name what was left out, behind `where`. True if any of it is a failure: what is astray is a warning only."""
    failed = False
    hints: tuple[str, ...] = ()
    for one in found:
        (warning if one.stray else error)(f"{where}'{one.subject}': {one.reason}")
        failed = failed or not one.stray
        hints += one.hints
    if hints:
        from git_ccsync.cli.failure import hints_wanted

        for text in dict.fromkeys(hints if hints_wanted("Problems") else ()):
            hint(text)
    return failed


def fatal(text: str) -> None:
    """`fatal: …` on stderr."""
    _prefixed("fatal: ", text)


def hint(text: str) -> None:
    """`hint: …` on stderr. `failure.hints_wanted` says whether they are wanted."""
    _prefixed("hint: ", commands(text))


#: What this run's commands had behind `git ccsync`, and those that are proposed must have, too: "--home " or nothing.
given = ""


def commands(text: str) -> str:
    """`text`, in which commands are proposed, so that they work where this one did."""
    whole = text.replace("git ccsync ", f"git ccsync {given}")
    return whole.replace("--home --home", "--home") if given else text


def _prefixed(prefix: str, text: str) -> None:
    for line in text.split("\n"):
        _err(prefix + safe(line))


def _err(line: str) -> None:
    # What was said on stdout before must stand before it, where both go to one place.
    sys.stdout.flush()
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def safe(text: str | bytes) -> str:
    """`text` as one line that can do nothing to a terminal or to a reader's eyes.

    Control characters, line ends, bidirectional and invisible characters go; white space becomes a space; what is not
    text (bytes of another encoding) becomes U+FFFD. The two selectors that terminals disagree about, how wide they make
    the character before them, go as well.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not text.isascii():
        text = text.replace("\ufe0e", "").replace("\ufe0f", "")
    if text.isprintable():
        return text
    return "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace():
        return " "
    return "\ufffd" if "\ud800" <= char <= "\udfff" else ""


def columns(text: str) -> int:
    """How many terminal columns `text` takes: East Asian wide characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def _columns(char: str) -> int:
    if char < "\u0300":
        return 1
    import unicodedata

    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns, with … at its end if something was cut off."""
    if columns(text) <= width:
        return text
    if width < 1:
        return ""
    kept, used = [], 1
    for char in text:
        used += _columns(char)
        if used > width:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def pad(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with spaces up to `width` columns, on its left if `right`."""
    space = " " * (width - columns(text))
    return space + text if right else text + space


def is_terminal() -> bool:
    """True if a person reads stdout: a terminal, or git's pager before one."""
    return os.environ.get("GIT_PAGER_IN_USE") == "true" or os.isatty(1)


def width() -> int:
    """Columns of the terminal that stdout goes to; 0 if it goes elsewhere, where nothing is cut."""
    if not is_terminal():
        return 0
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    for number in (1, 2, 0):
        try:
            found = os.get_terminal_size(number).columns
        except (OSError, ValueError):
            continue
        if found > 0:
            return found
    return 80


#: Columns of a text that others beside it are left out for.
LEAST = 24


def table(
    rows: Iterable[Sequence[str]],
    *,
    flexible: int,
    right: Sequence[int] = (),
    spare: Sequence[int] = (),
    indent: str = "",
    paint: Mapping[int, Callable[[str], str]] | None = None,
) -> list[str]:
    """Lines of aligned columns two spaces apart; the column `flexible` is cut so that lines fit the terminal.

    Cells must be safe already. Columns named in `right` are aligned to the right, those in `paint` are coloured by
    their function; empty columns take no room. Those in `spare` are left out, one after the other, where the flexible
    one would be cut to less than LEAST.
    """
    cells = [list(row) for row in rows]
    if not cells:
        return []
    widths = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    limit = width()
    if limit:
        _squeeze(widths, flexible, spare, limit - len(indent))
    return [_row(row, widths, limit, indent, (right, paint or {})) for row in cells]


def _squeeze(widths: list[int], flexible: int, spare: Sequence[int], limit: int) -> None:
    """Make the columns fit into `limit`, as far as they can."""
    for number in (*spare, -1):
        room = limit - sum(size + 2 for at, size in enumerate(widths) if size and at != flexible)
        if room >= min(widths[flexible], LEAST) or number < 0:
            break
        widths[number] = 0
    widths[flexible] = min(widths[flexible], max(room, 12))


def _row(
    row: list[str],
    widths: list[int],
    limit: int,
    indent: str,
    shape: tuple[Sequence[int], Mapping[int, Callable[[str], str]]],
) -> str:
    right, paint = shape
    line, used = indent, len(indent)
    for number, cell in enumerate(row):
        if not widths[number]:
            continue
        gap = "  " if used > len(indent) else ""
        room = min(widths[number], max(limit - used - len(gap), 0)) if limit else widths[number]
        text = pad(cut(cell, room), room, right=number in right)
        used += len(gap) + columns(text)
        line += gap + (paint[number](text) if number in paint and cell else text)
    return line.rstrip()


def count(number: int, noun: str) -> str:
    """`1 session`, `2 sessions`, `1,234 lines`."""
    plural = "es" if noun.endswith(("ch", "x")) else "s"
    return f"{number:,} {noun}{'' if number == 1 else plural}"


_UNITS = ((10**3, "kB"), (10**6, "MB"), (10**9, "GB"))


def size(number: int) -> str:
    """Bytes for people: `0 bytes`, `1.5 kB`, `12 MB`."""
    if number < 1000:
        return count(number, "byte")
    fitting = [(number / step, unit) for step, unit in _UNITS if number / step < 999.5 or step == _UNITS[-1][0]]
    value, unit = fitting[0]
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:,.0f} {unit}"


def home(path: str) -> str:
    """A path for people: safe, with ~ for the home directory."""
    top = os.environ.get("HOME", "").rstrip("/")
    if top and (path == top or path.startswith(top + "/")):
        path = "~" + path[len(top) :]
    return safe(path)
