"""One row of a transcript, read tolerantly from its bytes: type, string fields, timestamps. Pure.

What a row's top level says is mostly told by its first and last few hundred bytes; only what these leave open is
parsed as JSON. Quotes inside JSON strings are escaped, so `"type":"` in the bytes is always a real key; what has to be
found out is only whether it belongs to the row itself or to an object inside.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: Rows longer than this are judged by their bytes alone, never parsed.
PARSE_CAP = 1 << 20

_scan: list[Callable[[str, int], tuple[object, int]]] = []


def loads(data: bytes) -> object:
    """The JSON value in `data`, None if there is none. Bytes that are no UTF-8 come as surrogate escapes.

    The C scanner of `_json` is used directly: importing `json` costs 6 ms, and this runs inside hooks.
    """
    if not _scan:
        _scan.append(_scanner())
    text = data.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n").decode("utf-8", "surrogateescape")
    try:
        value, end = _scan[0](text, 0)
    except (ValueError, StopIteration, RecursionError, OverflowError, SystemError):
        return None  # SystemError: CPython up to 3.12 has no words for bad JSON while `json.decoder` is not loaded
    return value if end == len(text) else None


def _scanner() -> Callable[[str, int], tuple[object, int]]:
    try:
        from _json import make_scanner
    except ImportError:
        from json import JSONDecoder

        return JSONDecoder().raw_decode
    return make_scanner(_Rules())  # type: ignore[arg-type]


class _Rules:
    """What json.JSONDecoder() tells the scanner."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float

    def __init__(self) -> None:
        self.memo: dict[str, str] = {}


def parse(data: bytes, start: int, end: int, cap: int = PARSE_CAP) -> dict[str, object]:
    """The row data[start:end] as an object; {} if it is none or longer than `cap`."""
    if end - start > cap:
        return {}
    value = loads(data[start:end])
    return value if isinstance(value, dict) else {}


def field(data: bytes, key: bytes, start: int, end: int) -> str:
    """The string at `key` on the top level of the row data[start:end], "" if there is none."""
    needle = b'"%b":"' % key
    at = data.find(needle, start, end)
    if at >= 0 and data[start] == 0x7B:
        if data.find(b"{", start + 1, at) >= 0:
            at = _behind_objects(data, needle, at, end)
        begin = at + len(needle)
        close = data.find(b'"', begin, end) if at >= 0 else -1
        if close >= 0 and data.find(b"\\", begin, close) < 0:
            return data[begin:close].decode("utf-8", "surrogateescape")
    elif at < 0 and data.find(b'"%b"' % key, start, end) < 0:
        return ""
    value = parse(data, start, end).get(key.decode())
    return value if isinstance(value, str) else ""


def _behind_objects(data: bytes, needle: bytes, at: int, end: int) -> int:
    """Where the last needle stands, if nothing but the row itself is closed behind it; else -1."""
    at = data.rfind(needle, at, end)
    return at if data[end - 1] == 0x7D and data.find(b"}", at, end - 1) < 0 else -1


def row_type(data: bytes, start: int, end: int) -> str:
    """The row's type; "" if it has none."""
    return field(data, b"type", start, end)


def seconds(stamp: str) -> float | None:
    """Seconds since 1970 of a timestamp such as `2026-11-21T10:57:01.522Z` (always UTC); None if it is none."""
    if len(stamp) < 20 or stamp[-1] != "Z" or stamp[4] + stamp[7] + stamp[10] + stamp[13] + stamp[16] != "--T::":
        return None
    pieces = (stamp[0:4], stamp[5:7], stamp[8:10], stamp[11:13], stamp[14:16], stamp[17:19])
    fraction = stamp[20:-1] if stamp[19] == "." else ""
    digits = "".join(pieces) + fraction
    if not (digits.isascii() and digits.isdecimal()) or (len(stamp) > 20 and not fraction):
        return None
    year, month, day, hour, minute, second = map(int, pieces)
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 25 and minute < 60 and second < 61):
        return None
    # Days since 1970 in the proleptic Gregorian calendar, with the year starting in March.
    year, month = (year, month - 3) if month > 2 else (year - 1, month + 9)
    days = year * 365 + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1 - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second + (float("0." + fraction) if fraction else 0.0)
