"""From what is looked for to bytes that a stored row holds for certain, if it holds that. Pure.

Readable text and stored text differ: JSON escapes quotes, backslashes and control characters, this machine's paths and the
session's id are placeholders, and case may not count. What none of this can touch is the same in both: the longest such
piece is looked for, at the speed of C, and what has it is read. To be wrong here is to miss something, so: when in doubt,
a shorter piece.
"""

from __future__ import annotations

import re

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.portable import boundary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    Test = Callable[[bytes, int, int], int]

#: A piece that is shorter says little: one with letters of other scripts, in both their cases, says more.
_SHORT = 3
_ESCAPED = frozenset('"\\{')
_ID = re.compile(r"[0-9a-f-]+", re.IGNORECASE)
_WHOLE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GOES_ON = frozenset(byte.decode("latin-1") for byte in boundary.GOES_ON if byte < b"\x80")


class Needle(Frozen):
    """Text that must be there; `both` if its letters beyond ASCII may have either case, which takes an expression."""

    word: str
    both: bool

    @property
    def extended(self) -> bool:
        """Whether it must be said as an expression."""
        return self.both and not self.word.isascii()

    def text(self, extended: bool) -> bytes:
        """The bytes, or an extended regular expression (of POSIX and of `re`) for them."""
        if not extended:
            return self.word.encode()
        return b"".join(_either(char) if self.both else _escaped(char) for char in self.word)


def _either(char: str) -> bytes:
    forms = _forms(char)
    return _escaped(char) if len(forms) == 1 else b"(" + b"|".join(form.encode() for form in forms) + b")"


def _forms(char: str) -> list[str]:
    """The character in both cases, if it is none of ASCII, for which case is ignored anyway."""
    found = dict.fromkeys((char, char.lower(), char.upper(), char.title()))
    return [char] if char.isascii() else [form for form in found if len(form) == 1]


def _escaped(char: str) -> bytes:
    return (b"\\" if char in ".[]()*+?^$|{}\\" else b"") + char.encode()


def needles(texts: Sequence[str], paths: Sequence[str], ignored: bool) -> tuple[Needle, ...]:
    """For texts of which one must be there: what a stored row then holds one of; () if nothing can be said.

    `paths` are directories that have placeholders, `ignored` is true where case does not count.
    """
    found = [_needle(text, paths, ignored) for text in texts]
    return tuple(needle for needle in found if needle) if found and all(found) else ()


def _needle(text: str, paths: Sequence[str], ignored: bool) -> Needle | None:
    pieces = list(_pieces(text, _covered(text, paths, ignored)))
    if not ignored:
        best = max(pieces, key=_size, default="")
        return Needle(best, both=False) if best else None
    plain = max((part for piece in pieces for part in _caseless(piece)), key=_size, default="")
    if _size(plain) >= _SHORT or all(piece.isascii() for piece in pieces):
        return Needle(plain, both=False) if plain else None
    return Needle(max(pieces, key=_size), both=True)


def _size(text: str) -> int:
    return len(text.encode())


def _pieces(text: str, covered: set[int]) -> Iterator[str]:
    """The pieces of `text` that are stored as they are."""
    piece = ""
    for at, char in enumerate(text):
        if (
            at in covered
            or char in _ESCAPED
            or char.isspace()
            or not (char.isprintable() or char > "\xa0")
            or _lone(char)
        ):
            yield piece
            piece = ""
        else:
            piece += char
    yield piece


def _lone(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


def _caseless(piece: str) -> Iterator[str]:
    """The parts of which ASCII folding alone makes the only other spelling."""
    part = ""
    for char in piece:
        if char.isascii() or (char.lower() == char == char.upper()):
            part += char
        else:
            yield part
            part = ""
    yield part


def _covered(text: str, paths: Sequence[str], ignored: bool) -> set[int]:
    """Places in `text` over which a placeholder could stand."""
    folded = text.lower() if ignored else text
    found: set[int] = set()
    if len(folded) != len(text):  # a few capitals become two letters
        return set(range(len(text)))
    for path in paths:
        found.update(_over(folded, path.lower() if ignored else path))
    for match in _WHOLE_ID.finditer(text):
        found.update(range(*match.span()))
    for match in _ID.finditer(text):
        # The end or the beginning of an id at the text's own; all of the text would be a part of an id, which is not told.
        if (match.start() == 0) != (match.end() == len(text)):
            found.update(range(*match.span()))
    return found


def _over(text: str, path: str) -> Iterator[int]:
    """Places where all of `path`, its end at the text's beginning or its beginning at the text's end, may stand."""
    at = text.find(path)
    while at >= 0:
        yield from range(at, at + len(path))
        at = text.find(path, at + 1)
    longest = min(len(text), len(path)) - 1
    for length in range(1, longest + 1):
        if (text[length] not in _GOES_ON or text[length] == ".") and path.endswith(text[:length]):
            yield from range(length)
        if path.startswith(text[-length:]):
            yield from range(len(text) - length, len(text))


def required(pattern: str) -> tuple[str, ...]:
    """Texts of which one is in everything that the expression matches; () if none can be told."""
    try:
        from re import _parser  # type: ignore[attr-defined]

        return _best(_parser.parse(pattern))
    except Exception:  # noqa: BLE001 -- the parser is the library's own affair, and this only makes it quicker
        return ()


def _best(parsed: Iterable[Any]) -> tuple[str, ...]:
    """The most telling of what must be there."""
    return max(_runs(parsed), key=lambda group: min(map(len, group), default=0), default=())


def _runs(parsed: Iterable[Any]) -> Iterator[tuple[str, ...]]:
    run = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            run += chr(argument)
            continue
        if name == "AT":  # takes no room
            continue
        yield (run,)
        run = ""
        if name == "SUBPATTERN" and not argument[1]:  # no flags of its own
            yield _best(argument[3])
        elif name.endswith("_REPEAT") and argument[0]:
            yield _best(argument[2])
        elif name == "BRANCH":
            yield _each([_best(branch) for branch in argument[1]])
    yield (run,)


def _each(groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    """One of every group, if each has any."""
    sound = all(group and all(group) for group in groups)
    return tuple(text for group in groups for text in group) if sound else ()
