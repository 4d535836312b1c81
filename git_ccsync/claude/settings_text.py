"""The text of a JSON file, changed at one place and nowhere else: members and elements put in and taken out as bytes.

Pure. Order, indentation, line ends, a byte order mark, duplicate keys and the spelling of everything that is not ours stay
as they are, because nothing is ever parsed to be written again.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
_OPEN, _CLOSE = b"{[", b"}]"


class Span(Frozen):
    """One value in the text: [start, end). Of a member, `key` is its name and `begin` where that name starts."""

    start: int
    end: int
    key: str = ""
    begin: int = 0


class Style(Frozen):
    """How a file is written: its line end ("" for all on one line), one step of indentation, what stands behind a colon
    and behind a comma on one line; and how many steps deep what is to be written lies.
    """

    newline: str
    indent: str
    colon: str
    comma: str
    level: int = 0

    def deeper(self, steps: int = 1) -> Style:
        """The same, so many steps further in."""
        return self._replace(level=self.level + steps)


class Insertion(Frozen):
    """`text` was put in at `at`, counted in the text as it was before."""

    at: int
    text: bytes


def root(text: bytes) -> Span:
    """The one object that the file is. BadData for anything else, said in words that fit behind the file's name."""
    from git_ccsync.claude.rows import loads

    value = loads(text)
    if value is None:
        raise BadData("is not valid JSON")
    if not isinstance(value, dict):
        raise BadData("is not a JSON object")
    start = text.index(b"{")
    return Span(start, text.rindex(b"}") + 1)


def members(text: bytes, span: Span) -> list[Span]:
    """The members of the object at `span`, in order; their spans are of the values."""
    return list(_entries(text, span, named=True))


def elements(text: bytes, span: Span) -> list[Span]:
    """The elements of the array at `span`."""
    return list(_entries(text, span, named=False))


def _entries(text: bytes, span: Span, *, named: bool) -> Iterator[Span]:
    at = _skip(text, span.start + 1)
    while at < span.end - 1:
        begin, key = at, ""
        if named:
            end = _value_end(text, at)
            key = _string(text[at:end])
            at = _skip(text, _skip(text, end) + 1)  # the colon
        end = _value_end(text, at)
        yield Span(at, end, key, begin)
        at = _skip(text, end)
        if text[at : at + 1] != b",":
            break
        at = _skip(text, at + 1)


def value(text: bytes, span: Span) -> object:
    """What stands there, as Python has it."""
    from git_ccsync.claude.rows import loads

    return loads(text[span.start : span.end])


def _string(text: bytes) -> str:
    from git_ccsync.claude.rows import loads

    found = loads(b"[" + text + b"]")
    return found[0] if isinstance(found, list) and found and isinstance(found[0], str) else ""


def _skip(text: bytes, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _value_end(text: bytes, at: int) -> int:
    """Where the value that starts at `at` ends; the text is known to be valid."""
    first = text[at : at + 1]
    if first == b'"':
        return _string_end(text, at)
    if first not in (b"{", b"["):
        while at < len(text) and text[at] not in b",]}" and text[at] not in _SPACE:
            at += 1
        return at
    depth = 0
    while True:
        byte = text[at]
        if byte == 0x22:
            at = _string_end(text, at)
            continue
        depth += (byte in _OPEN) - (byte in _CLOSE)
        at += 1
        if not depth:
            return at


def _string_end(text: bytes, at: int) -> int:
    at += 1
    while text[at] != 0x22:
        at += 2 if text[at] == 0x5C else 1
    return at + 1


def style(text: bytes) -> Style:
    """How the file is written, told by its root object; git's own manner of two spaces where it does not say."""
    colon = " " if b'": ' in text or b'":' not in text else ""
    comma = " " if b", " in text or b"," not in text else ""
    span = root(text) if text.strip(_SPACE + BOM) else Span(0, 0)
    inside = text[span.start + 1 : _skip(text, span.start + 1)]
    if b"\n" not in inside:
        alone = not text[span.start + 1 : max(span.start + 1, span.end - 1)].strip()
        return Style(_newline(text) if alone else "", "  ", colon if not alone else " ", comma)
    indent = inside.rpartition(b"\n")[2].decode()
    return Style(_newline(text), indent or "  ", colon, comma)


def _newline(text: bytes) -> str:
    return "\r\n" if b"\r\n" in text else "\n"


def dump(item: object, style: Style) -> str:
    """`item` as JSON text in the file's style; its first line is not indented."""
    import json

    if not isinstance(item, (dict, list)) or not item:
        return json.dumps(item, ensure_ascii=False)
    opened, closed = "{}" if isinstance(item, dict) else "[]"
    if isinstance(item, dict):
        parts = [f"{json.dumps(key)}:{style.colon}{dump(each, style.deeper())}" for key, each in item.items()]
    else:
        parts = [dump(each, style.deeper()) for each in item]
    if not style.newline:
        return opened + f",{style.comma}".join(parts) + closed
    edge = style.newline + style.indent * style.level
    return opened + f"{edge}{style.indent}" + f",{edge}{style.indent}".join(parts) + edge + closed


def into_object(text: bytes, span: Span, key: str, item: object, style: Style) -> Insertion:
    """`"key": item` as the last member of the object at `span`, which stands `style.level` steps deep."""
    entries = members(text, span)
    head = f'"{key}":{style.colon}'
    return _behind(text, entries[-2:], head, item, style) if entries else _first(span, head, item, style)


def into_array(text: bytes, span: Span, item: object, style: Style) -> Insertion:
    """`item` as the last element of the array at `span`, which stands `style.level` steps deep."""
    entries = elements(text, span)
    return _behind(text, entries[-2:], "", item, style) if entries else _first(span, "", item, style)


def _first(span: Span, head: str, item: object, style: Style) -> Insertion:
    edge = style.newline + style.indent * style.level if style.newline else ""
    step = style.indent if edge else ""
    return Insertion(span.start + 1, f"{edge}{step}{head}{dump(item, style.deeper())}{edge}".encode())


def _behind(text: bytes, entries: Sequence[Span], head: str, item: object, style: Style) -> Insertion:
    """Behind the last of `entries`, on a line of its own if that has one."""
    last = entries[-1]
    begin = last.begin or last.start
    lead = text[_before(text, begin) : begin].decode("ascii")
    if "\n" in lead:
        # Its indentation need not be a whole number of the file's steps, so ours is made from it.
        body = dump(item, style._replace(level=0)).replace(style.newline, lead) if style.newline else _flat(item, style)
        return Insertion(last.end, f",{lead}{head}{body}".encode())
    gap = lead if len(entries) > 1 else style.comma
    return Insertion(last.end, f",{gap}{head}{_flat(item, style)}".encode())


def _flat(item: object, style: Style) -> str:
    return dump(item, style._replace(newline=""))


def _before(text: bytes, at: int) -> int:
    """Where the white space before `at` begins."""
    while at > 0 and text[at - 1] in _SPACE:
        at -= 1
    return at


def insert(text: bytes, insertion: Insertion) -> bytes:
    """The text with it."""
    return text[: insertion.at] + insertion.text + text[insertion.at :]


def without(text: bytes, entries: Sequence[Span], number: int) -> bytes:
    """The text without one of the members or elements of a container, and without the comma that held it there."""
    entry = entries[number]
    begin = entry.begin or entry.start
    if number:
        return text[: entries[number - 1].end] + text[entry.end :]
    if len(entries) > 1:
        return text[:begin] + text[entries[1].begin or entries[1].start :]
    return text[: _before(text, begin)] + text[_skip(text, entry.end) :]
