"""Putting placeholders in the place of roots: spellings that begin alike are found in one pass over the text."""

from __future__ import annotations

from git_ccsync.portable import boundary, windows

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.portable.roots import Spelling

_CWD = b'"cwd":"'


class Family:
    """Spellings that all begin with the shortest of them, which is what the text is split at."""

    def __init__(self, shortest: Spelling) -> None:
        self.prefix = shortest.text
        self._members = [(b"", shortest)]

    def takes(self, other: Spelling) -> bool:
        """Add OTHER if it begins as this family does and a split at the prefix cannot cut it elsewhere too."""
        if not other.text.startswith(self.prefix):
            return False
        suffix = other.text[len(self.prefix) :]
        if other.text.count(self.prefix) > 1 or self.prefix in other.text[1:]:
            return False
        self._members.insert(0, (suffix, other))
        return True

    @property
    def longest(self) -> int:
        """The length of the longest spelling."""
        return max(len(spelling.text) for _, spelling in self._members)

    def replace(self, text: bytes) -> bytes:
        """TEXT with placeholders; the longest spelling that stands between boundaries wins."""
        pieces = text.split(self.prefix)
        if len(pieces) == 1:
            return text
        before = pieces[0]
        out = [before]
        first = True
        for piece in pieces[1:]:
            if boundary.opens(before if before or first else self.prefix):
                self._put(out, before, piece)
            else:
                out.append(self.prefix)
                out.append(piece)
            before = piece
            first = False
        return b"".join(out)

    def _put(self, out: list[bytes], before: bytes, piece: bytes) -> None:
        """Append the placeholder for the prefix and what PIECE adds to it, and the rest of PIECE."""
        for suffix, spelling in self._members:
            if piece.startswith(suffix) and piece[len(suffix) : len(suffix) + 1] not in _GOES_ON:
                body, rest = _written(spelling, before, piece[len(suffix) :])
                out.append(b"{{%b}}" % body)
                out.append(rest)
                return
        out.append(self.prefix)
        out.append(piece)


_GOES_ON = frozenset(bytes((byte,)) for byte in boundary.GOES_ON)


def _written(spelling: Spelling, before: bytes, rest: bytes) -> tuple[bytes, bytes]:
    """The placeholder's body and the text after it."""
    if spelling.backslashes:
        rest, turned = windows.to_slashes(rest, spelling.backslashes)
        return b"%b:%d.%d" % (spelling.body, spelling.backslashes, turned), rest
    if spelling.windows and before.endswith(_CWD):
        return spelling.body + b":0.0", rest  # else the way back would make it native
    return spelling.body, rest


def families(spellings: Sequence[Spelling]) -> tuple[Family, ...]:
    """SPELLINGS (in any order) in as few families as possible, those with the longest member first."""
    made: list[Family] = []
    for spelling in sorted(spellings, key=lambda item: (len(item.text), item.text)):
        if not any(family.takes(spelling) for family in made):
            made.append(Family(spelling))
    made.sort(key=lambda family: family.longest, reverse=True)
    return tuple(made)
