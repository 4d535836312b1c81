"""The title rows of conflict copies: the row at the fork, and the suffix of later ones. Pure, on portable lines."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TYPE = b'"type":"custom-title"'
_KEY = b'"customTitle":"'


def fork_row(title: str) -> bytes:
    """The custom-title row that stands at the fork of a copy."""
    import json

    text = json.dumps(title, ensure_ascii=False).encode("utf-8", "replace")
    return b'{"type":"custom-title","customTitle":' + text + b',"sessionId":"{{SESSION}}"}\n'


def suffixed(row: bytes, suffix: str) -> bytes:
    """A custom-title row with the copy's suffix; any other row, an empty title or one that has it, unchanged.

    A suffix begins with a space, which no JSON escape holds: a value that ends with its bytes ends with it.
    """
    return _edit(row, lambda value, end: value if not value or value.endswith(end) else value + end, suffix)


def plain(row: bytes, suffix: str) -> bytes:
    """A custom-title row without the copy's suffix; the other way round of `suffixed`."""
    return _edit(row, lambda value, end: value.removesuffix(end), suffix)


def suffixed_text(text: bytes, suffix: str) -> bytes:
    """`suffixed` on every line of a block."""
    if not suffix or _TYPE not in text:
        return text
    return b"\n".join(suffixed(row, suffix) for row in text.split(b"\n"))


def _edit(row: bytes, change: Callable[[bytes, bytes], bytes], suffix: str) -> bytes:
    if not suffix or _TYPE not in row[:200]:
        return row
    import json

    start = row.find(_KEY) + len(_KEY)
    end = start
    while start >= len(_KEY) and end < len(row) and row[end] != 0x22:
        end += 2 if row[end] == 0x5C else 1
    if start < len(_KEY) or end >= len(row):
        return row
    tail = json.dumps(suffix, ensure_ascii=False).encode("utf-8", "replace")[1:-1]
    return row[:start] + change(row[start:end], tail) + row[end:]


def without_fork(rows: Iterator[bytes], fork: int) -> Iterator[bytes]:
    """The rows without the one at index `fork` (nothing left out if `fork` is negative)."""
    return (row for number, row in enumerate(rows) if number != fork)
