"""The way back: what placeholders mean on one machine, put into text in one pass."""

from __future__ import annotations

from itertools import repeat

from git_ccsync.portable import grammar
from git_ccsync.portable.needle import CWD
from git_ccsync.portable.roots import expand, usable
from git_ccsync.portable.windows import from_slashes, is_windows

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.portable.roots import Root

#: Bodies that are remembered with their meaning; hostile text could bring any number of them.
_REMEMBERED = 512


class Expansion:
    """What each placeholder means where the roots are these; `session` may be empty."""

    def __init__(self, roots: Sequence[Root], session: bytes) -> None:
        self._session = session
        self._paths: dict[bytes, list[bytes]] = {}
        for root in roots:
            self._paths.setdefault(root.name, []).extend(map(usable, root.paths))
        self._known: dict[bytes, bytes] = {}

    def meaning(self, body: bytes) -> bytes | None:
        """What stands for {{BODY}} on this machine, or None if it means nothing here (and stays)."""
        if body == grammar.SESSION:
            return self._session or None
        read = grammar.read(body)
        path = self._path(read) if read else b""
        return expand(path, read.backslashes) if read and path else None

    def _path(self, read: grammar.Body) -> bytes:
        """The path that a placeholder names here; empty if it names none."""
        paths = self._paths.get(read.name, [])
        path = paths[read.alias - 1] if read.alias <= len(paths) else b""
        return path or next(filter(None, paths), b"")

    def put(self, pieces: list[bytes]) -> bytes:
        """The text that was split at `{{` into PIECES, with this machine's paths."""
        out = [pieces[0]]
        known = self._known
        add = out.append
        for body, closed, rest in map(bytes.partition, pieces[1:], repeat(b"}}")):
            if body in known and closed:
                add(known[body])
                add(rest)
            else:
                add(self._unusual(body + closed + rest))
        return b"".join(out)

    def put_plain(self, text: bytes, count: int) -> bytes | None:
        """TEXT with this machine's paths, if it holds COUNT times `{{`, each of them in a `{{NAME}}` that was met before;
        None otherwise, and where that is not known to be quicker than `put`.
        """
        if not count or not self._known or not grammar.is_long(text):
            return None
        parts = grammar.cut_plain(text)
        if len(parts) // 2 != count:
            return None
        try:
            parts[1::2] = map(self._known.__getitem__, parts[1::2])
        except KeyError:
            return None
        return b"".join(parts)

    def _unusual(self, piece: bytes) -> bytes:
        """What stands for `{{` + PIECE, whose body was not met before."""
        if piece[:1] == b"{":
            return b"{" + self._unusual(piece[1:])
        body, closed, rest = piece.partition(grammar.CLOSE)
        meaning = self.meaning(body) if closed else None
        if meaning is None:
            return grammar.unescape(piece)
        if len(self._known) < _REMEMBERED:
            self._known[body] = meaning
        return meaning + rest


class NativeExpansion(Expansion):
    """The same on a machine with Windows roots, where separators behind a placeholder may have to be turned back."""

    def put_plain(self, text: bytes, count: int) -> bytes | None:  # noqa: ARG002 -- what follows has to be looked at
        """None: what follows a placeholder has to be looked at."""
        return None

    def put(self, pieces: list[bytes]) -> bytes:
        """The text that was split at `{{` into PIECES, with this machine's paths."""
        out = [pieces[0]]
        before = pieces[0]
        owed = _NOTHING
        for piece in pieces[1:]:
            shifted = piece[:1] == b"{"
            body, closed, rest = piece[shifted:].partition(grammar.CLOSE)
            meaning = self.meaning(body) if closed else None
            if shifted:
                out.append(b"{")
            if meaning is None:
                before, owed = grammar.unescape(piece[shifted:]), _NOTHING
                out.append(before)
                continue
            if shifted or body != grammar.SESSION:
                owed = self._owed(body, native=before.endswith(CWD) and not shifted)
            before = rest
            rest, left = _turn(rest, owed)
            out.append(meaning if owed[0] != _NATIVE else meaning.replace(b"/", b"\\\\"))
            out.append(rest)
            owed = left
        return b"".join(out)

    def _owed(self, body: bytes, *, native: bool) -> tuple[int, int]:
        """What the text behind {{BODY}} needs."""
        read = grammar.read(body)
        if read is None or not is_windows(self._path(read)):
            return _NOTHING
        if read.backslashes > 0:
            return read.backslashes, read.turned
        return (_NATIVE, 1) if native and read.backslashes < 0 else _NOTHING


#: (backslashes, separators still to be turned); or, for the rest of a "cwd" value, (_NATIVE, 1).
_NATIVE = -1
_NOTHING = (0, 0)


def _turn(text: bytes, owed: tuple[int, int]) -> tuple[bytes, tuple[int, int]]:
    """TEXT with the separators that are owed turned back, and what is owed behind it."""
    backslashes, count = owed
    if backslashes == _NATIVE:
        inside, quote, behind = text.partition(b'"')
        return inside.replace(b"/", b"\\\\") + quote + behind, _NOTHING if quote else owed
    if not count:
        return text, _NOTHING
    text, count = from_slashes(text, backslashes, count)
    return text, (backslashes, count) if count else _NOTHING


def expansion(roots: Sequence[Root], session: bytes) -> Expansion:
    """The expansion for these roots: the quick one if no root is a Windows path."""
    native = any(is_windows(usable(path)) for root in roots for path in root.paths)
    return (NativeExpansion if native else Expansion)(roots, session)
