"""Going through a JSON object piece by piece: small values whole, one long text in pieces. Knows no field of any format."""

from __future__ import annotations

from git_ccsync.errors import BadData

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Source(Protocol):
        """As much of an open binary file as is needed here."""

        def read(self, size: int = -1, /) -> bytes:
            """As a file's."""

        def seek(self, at: int, whence: int = 0, /) -> int:
            """As a file's."""

        def tell(self) -> int:
            """As a file's."""


#: So much is read at a time, and of a long text held, unless one line is longer.
CHUNK = 1 << 20
#: The longest line of a transcript that is carried; it is held in memory, some five times.
LINE_CAP = 256 << 20
_SPACE = b" \t\r\n"
CUT = "it ends in the middle: it was cut short, or has not arrived whole yet"


class Memory:
    """Bytes as a file to be read."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def seek(self, at: int, _whence: int = 0, /) -> int:
        """As a file's, from the start alone."""
        self._at = at
        return at

    def tell(self) -> int:
        """As a file's."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """As a file's."""
        data = self._data[self._at :] if size < 0 else self._data[self._at : self._at + size]
        self._at += len(data)
        return data


class Scanner:
    """A rolling window over an open file, from where that stands."""

    def __init__(self, file: Source) -> None:
        self._file = file
        self._data, self._at = b"", 0
        self._start = file.tell()

    @property
    def position(self) -> int:
        """Where in the file the next byte is."""
        return self._start + self._at

    def skip(self, mark: bytes) -> None:
        """Pass over `mark`, if it comes next."""
        while len(self._data) < self._at + len(mark) and self._more():
            pass
        if self._data.startswith(mark, self._at):
            self._at += len(mark)

    def peek(self) -> bytes:
        """The next byte that is no white space, b"" at the end of the file."""
        while True:
            rest = self._data[self._at : self._at + 256].lstrip(_SPACE)
            if rest:
                self._at = self._data.index(rest[:1], self._at)
                return rest[:1]
            self._at = min(self._at + 256, len(self._data))
            if self._at == len(self._data) and not self._more():
                return b""

    def expect(self, mark: bytes, otherwise: str = "it is no JSON text") -> None:
        """Pass over the byte `mark`, which must come next. BadData with `otherwise` if something else does."""
        found = self.peek()
        if found != mark:
            raise BadData(otherwise if found else CUT)
        self._at += 1

    def value(self, cap: int) -> object:
        """The JSON value that comes next, of at most `cap` bytes. BadData if it is none, or longer."""
        import json

        if not self.peek():
            raise BadData(CUT)
        while (end := _end(self._data, self._at)) < 0:
            if len(self._data) - self._at > cap:
                raise BadData("a field of it is too long")
            if not self._more():
                raise BadData(CUT)
        raw, self._at = self._data[self._at : end], end
        try:
            return json.loads(raw.decode())
        except (ValueError, RecursionError):
            raise BadData("it is no JSON text") from None

    def pieces(self) -> Iterator[bytes]:
        """The JSON text that goes on here, as it stands and without its last quote, in pieces that end behind an escaped
        line end (the last one may not).
        """
        while True:
            window = self._data[self._at :]
            plain = _plain(window)
            end = plain.find(b'"')
            if end >= 0:
                self._at += end + 1
                yield window[:end]
                return
            cut = plain.rfind(b"\\n") + 2
            if cut > 1:
                self._at += cut
                yield window[:cut]
            elif len(window) > LINE_CAP:
                raise BadData("a line of its transcript is too long")
            if not self._more():
                raise BadData(CUT)

    def _more(self) -> bool:
        """Read on; False at the end. The more is held, the more is read, so that nothing is gone through too often."""
        rest = self._data[self._at :]
        new = self._file.read(max(CHUNK, len(rest)))
        self._start += self._at
        self._data, self._at = rest + new, 0
        return bool(new)


def _plain(text: bytes) -> bytes:
    r"""`text`, just as long, without `\\` and `\"`: then a quote is the end, and `\n` a line end."""
    return text.replace(b"\\\\", b"..").replace(b'\\"', b"..")


def _end(data: bytes, start: int) -> int:
    """Where the JSON value that begins at `start` ends, -1 if that is not in `data`."""
    import re

    depth = 0
    for match in re.finditer(rb'"[^"]*"|[\[\]{},"]', _plain(data[start:])):
        mark = match.group()[:1]
        if mark == b'"':
            if len(match.group()) == 1:
                return -1
            if not depth:
                return start + match.end()
        elif mark in b"[{":
            depth += 1
        elif not depth:
            return start + match.start()
        elif mark in b"]}":
            depth -= 1
            if not depth:
                return start + match.end()
    return -1


def decoded(raw: bytes) -> tuple[bytes, bool]:
    """A piece of JSON text as the bytes that it means, and whether U+FFFD had to be put for half a character. BadData."""
    import json

    try:
        text = json.loads('"' + raw.decode() + '"')
    except ValueError:
        raise BadData("its transcript is no JSON text") from None
    try:
        return str(text).encode(), False
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text).encode(), True
