"""Stored rows with this machine's paths, and where those paths stand: for those who look for words in them. Pure."""

from __future__ import annotations

from git_ccsync.portable import grammar, shield

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.portable.text import Codec

#: Around each path that a placeholder stood for: U+FDD0 and U+FDD1, which Unicode keeps out of texts.
START, END = "\ufdd0", "\ufdd1"
_START, _END = START.encode(), END.encode()
#: Bodies that are remembered with their paths; hostile text could bring any number of them.
_REMEMBERED = 512


class Marker:
    """Puts marked paths into the stored rows of one session."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._known: dict[bytes, bytes] = {}

    def mark(self, row: bytes) -> bytes:
        """A stored ROW as `codec.local` has it, each path that came for a placeholder between START and END.

        Behind a Windows path separators stay "/".
        """
        if row.startswith(grammar.MARKER):
            return row[len(grammar.MARKER) :]
        pieces, kept = shield.part(row)
        return shield.join([self._put(grammar.split(piece)) for piece in pieces], kept)

    def portable(self, row: bytes) -> bytes:
        """A row of this machine as it is stored, but with its secrets: it is only looked at."""
        return self._codec.unredacted(row)

    def _put(self, pieces: list[bytes]) -> bytes:
        out = [pieces[0]]
        for piece in pieces[1:]:
            body, _, rest = piece.partition(grammar.CLOSE)
            path = self._known.get(body)
            out += (path, rest) if path else (self._unusual(piece),)
        return b"".join(out)

    def _unusual(self, piece: bytes) -> bytes:
        """What stands for `{{` + PIECE, whose body was not met before."""
        if piece[:1] == b"{":  # of a run of braces the last two open the placeholder
            return b"{" + self._unusual(piece[1:])
        body, closed, rest = piece.partition(grammar.CLOSE)
        meaning = self._codec.meaning(body) if closed else None
        if meaning is None:
            return grammar.unescape(piece)
        path = b"%b%b%b" % (_START, meaning, _END)
        if len(self._known) < _REMEMBERED:
            self._known[body] = path
        return path + rest


def unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """TEXT without the marks, and where in it each marked path begins and ends, in order."""
    if START not in text:
        return text, []
    first, *pieces = text.split(START)
    out, spans, at = [first], [], len(first)
    for piece in pieces:
        path, _, rest = piece.partition(END)
        rest = rest.replace(END, "")
        spans.append((at, at + len(path)))
        out += (path, rest)
        at += len(path) + len(rest)
    return "".join(out).replace(END, ""), spans
