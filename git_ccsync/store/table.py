"""The small files of a branch as tables: canonical TOML, written and read without a parser that costs 12 ms. Pure.

What is not canonical is TOML all the same, and read as such as long as it is short: its parser takes the square of the
length for a key of many dots.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    Value = str | int | bool | tuple[str, ...] | dict[str, str]

#: Bytes that a small file may have, judged before content is read (gitformat-ccsync(5), LIMITS).
SMALL_CAP = 256 << 10
#: Characters of one that is not in the canonical form.
ODD_CAP = 8 << 10
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def dump(values: Mapping[str, Value]) -> bytes:
    """Canonical TOML of a flat table (tables of strings last), as the format's examples show it."""
    lines: list[str] = []
    tables: list[str] = []
    for key, value in values.items():
        if isinstance(value, dict):
            if value:
                tables += ["", f"[{key}]", *(f"{_key(k)} = {_quote(v)}" for k, v in sorted(value.items()))]
        else:
            lines.append(f"{key} = {_value(value)}")
    return "".join(f"{line}\n" for line in [*lines, *tables]).encode("utf-8", "replace")


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quote(value)
    return "[" + ", ".join(_quote(item) for item in value) + "]"


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _quote(key)


def _quote(text: str) -> str:
    if text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(_escape(c) for c in text) + '"'


def _escape(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def load(data: bytes, what: str) -> dict[str, object]:
    """The table in `data`; BadData, which names it `what`, for anything else."""
    if len(data) > SMALL_CAP:
        raise BadData(f"{what} is larger than {SMALL_CAP} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadData(f"{what} is not UTF-8") from None
    quick = _canonical(text)
    if quick is not None:
        return quick
    if len(text) > ODD_CAP:
        raise BadData(f"{what} is not in the form of its kind")
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raise BadData(f"{what} is not TOML") from None


def _canonical(text: str) -> dict[str, object] | None:
    """What `dump` writes; None for anything else."""
    found: dict[str, object] = {}
    table = found
    for line in text.split("\n"):
        if not line:
            continue
        if line[0] == "[" and line[-1] == "]" and line[1:-1].isidentifier() and line[1:-1] not in found:
            found[line[1:-1]] = table = {}
            continue
        key, rest = _before(line)
        value = _parsed(rest) if key is not None and key not in table else None
        if key is None or value is None:
            return None
        table[key] = value
    return found


def _before(line: str) -> tuple[str | None, str]:
    """The key of a line, None for no such line, and what stands behind its ` = `."""
    if line[0] == '"':
        key, end = _string(line, 0)
        return (key, line[end + 3 :]) if line.startswith(" = ", end) else (None, "")
    word, equals, rest = line.partition(" = ")
    bare = equals and word.replace("-", "_").isidentifier()
    return (word if bare or (equals and word.replace("-", "").isalnum()) else None), rest


def _parsed(text: str) -> object:
    """A value, None for what is none of ours."""
    if text[:1] == '"':
        value, end = _string(text, 0)
        return value if end == len(text) else None
    if text.isdecimal() and text.isascii() and (text == "0" or text[0] != "0") and len(text) < 19:
        return int(text)
    if text in ("true", "false"):
        return text == "true"
    return _items(text) if text[:1] == "[" and text[-1:] == "]" else None


def _items(text: str) -> list[str] | None:
    items: list[str] = []
    at, end = 1, len(text) - 1
    while at < end:
        if text[at] != '"':
            return None
        item, at = _string(text, at)
        if item is None or (at != end and not text.startswith(', "', at)):
            return None
        items.append(item)
        at += 2 if at != end else 0
    return items


def _string(text: str, at: int) -> tuple[str | None, int]:
    """The string that begins at `at`, and where it has ended; (None, 0) if that is no string."""
    pieces: list[str] = []
    at += 1
    while (end := text.find('"', at)) >= 0:
        slash = text.find("\\", at, end)
        if slash < 0:
            pieces.append(text[at:end])
            return "".join(pieces), end + 1
        pieces.append(text[at:slash])
        kind = text[slash + 1]
        size = {"u": 4, "U": 8}.get(kind, 0)
        char = _character(text[slash + 2 : slash + 2 + size]) if size else _ESCAPES.get(kind)
        if char is None:
            break
        pieces.append(char)
        at = slash + 2 + size
    return None, 0


def _character(digits: str) -> str | None:
    try:
        code = int(digits, 16) if digits.isalnum() and digits.isascii() else -1
    except ValueError:
        return None
    return chr(code) if 0 <= code < 0xD800 or 0xE000 <= code < 0x110000 else None
