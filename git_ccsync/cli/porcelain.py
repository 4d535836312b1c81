"""Output for programs: `--porcelain=v1`, `-z` and `--json`. Its forms are kept from version to version.

A record is a line of fields with a tab between them, its kind first (git-ccsync(1), MACHINE OUTPUT). A path is always
the last field: quoted as git quotes it, or, with -z, as it is, the record ending in NUL. No other field can hold
a tab or a line end. JSON is one object with "version": 1; the names are those of the values in `model`.
"""

from __future__ import annotations

import os

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSION = 1

_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}


class Path(str):
    """A field that is a path on this disk."""

    __slots__ = ()


def records(rows: Iterable[Sequence[object]], *, z: bool) -> None:
    """Write each row as one record. Fields are str, int, bool (1 or 0) or Path."""
    end = b"\0" if z else b"\n"
    for row in rows:
        render.raw(b"\t".join([_field(value, z) for value in row]) + end)


def _field(value: object, z: bool) -> bytes:
    if isinstance(value, Path):
        return os.fsencode(value) if z else quote(value).encode("ascii")
    if isinstance(value, bool):
        value = int(value)
    return render.safe(str(value)).encode("utf-8", "replace")


def quote(path: str) -> str:
    """A path as git's quote.c shows it: as it is if it is plain, else in double quotes with escapes."""
    data = os.fsencode(path)
    if all(32 <= byte < 127 and byte not in (34, 92) for byte in data):
        return path
    return '"' + "".join(map(_escape, data)) + '"'


def _escape(byte: int) -> str:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"


def document(value: object) -> None:
    """Write one JSON object: `value` (a Frozen or a dict) with "version" in front."""
    import json

    body = plain(value)
    assert isinstance(body, dict)
    # ASCII alone: escapes keep control and bidirectional characters from the terminal.
    render.out(json.dumps({"version": VERSION, **body}, indent=2))


def plain(value: object) -> object:
    """A value of `model` as JSON has it: Frozen to object, tuple to array, bytes to text."""
    if hasattr(value, "_asdict"):
        return {name: plain(field) for name, field in value._asdict().items()}
    if isinstance(value, dict):
        return {str(name): plain(field) for name, field in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value
