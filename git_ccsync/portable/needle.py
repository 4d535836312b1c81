"""Putting a placeholder in the place of one text, at C speed: split, judge the bytes beside each cut, join."""

from __future__ import annotations

from _operator import itemgetter

from git_ccsync.portable import boundary, windows

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.portable.roots import Spelling

    #: A text, and the needles that begin with it, the longest first.
    Family = tuple[bytes, tuple["Needle", ...]]

_HEAD = itemgetter(slice(1))
_TAIL = itemgetter(slice(-2, None))

CWD = b'"cwd":"'


class Needle:
    """A text that is looked for and the placeholder that takes its place between boundaries."""

    _comes_from = boundary.COMES_FROM
    _goes_on = boundary.GOES_ON

    def __init__(self, text: bytes, body: bytes) -> None:
        self.text = text
        self._body = body
        self._mark = b"{{%b}}" % body

    def replace(self, text: bytes) -> tuple[bytes, int]:
        """TEXT with placeholders, and how many."""
        pieces = text.split(self.text)
        cuts = len(pieces) - 1
        if not cuts:
            return text, 0
        whole = self._inside(pieces)
        if whole:
            pieces = self._mended(pieces, whole)
        return self._join(pieces), cuts - len(whole)

    def _join(self, pieces: list[bytes]) -> bytes:
        return self._mark.join(pieces)

    def _inside(self, pieces: list[bytes]) -> set[int]:
        """The cuts that lie inside a longer word or path; cut number i is the one before piece i.

        The bytes beside the cuts are gathered at C speed; most texts have few kinds of them, and none that forbids.
        """
        # Beside an empty piece stands the text itself once more, except at either end.
        first, last = self.text[:1], self.text[-2:]
        heads = {head for head in set(map(_HEAD, pieces)) if (head or first) in self._goes_on}
        tails = {tail for tail in set(map(_TAIL, pieces)) if not self._may_end(tail or last)}
        whole: set[int] = set()
        if heads:
            whole = {i for i, piece in enumerate(pieces) if piece[:1] in heads and not self._stops(piece)}
            if not pieces[-1]:
                whole.discard(len(pieces) - 1)
        if tails:
            near = [i for i, piece in enumerate(pieces) if piece[-2:] in tails]
            whole.update([i + 1 for i in near if not (boundary.opens(pieces[i]) if pieces[i] else i == 0)])
        whole.difference_update((0, len(pieces)))
        return whole

    def _stops(self, piece: bytes) -> bool:
        return piece[:1] == b"." and boundary.stops(piece[1:3] or self.text[:1])

    def _may_end(self, tail: bytes) -> bool:
        """Whether text that ends in these two bytes surely leaves off before the needle."""
        return tail[-1:] not in self._comes_from or tail in boundary.ESCAPES

    def _mended(self, pieces: list[bytes], whole: set[int]) -> list[bytes]:
        """PIECES with those cuts undone."""
        starts = [i for i in range(len(pieces)) if i not in whole]
        ends = [*starts[1:], len(pieces)]
        return [self.text.join(pieces[start:end]) for start, end in zip(starts, ends, strict=True)]


class SessionNeedle(Needle):
    """The session's own id, where it is a whole word: no hex digit and no '-' beside it."""

    _comes_from = _goes_on = boundary.WORD


class WindowsNeedle(Needle):
    """A Windows path with '/' between its names: recorded where the way back would otherwise make it native."""

    def _join(self, pieces: list[bytes]) -> bytes:
        out = [pieces[0]]
        for before, after in zip(pieces, pieces[1:], strict=False):
            out.append(b"{{%b:0.0}}" % self._body if before.endswith(CWD) else self._mark)
            out.append(after)
        return b"".join(out)


class BackslashNeedle(Needle):
    """A Windows path with N backslashes between its names; what follows it gets '/', and the placeholder counts them."""

    def __init__(self, text: bytes, body: bytes, backslashes: int) -> None:
        super().__init__(text, body)
        self._backslashes = backslashes

    def _join(self, pieces: list[bytes]) -> bytes:
        out = [pieces[0]]
        for piece in pieces[1:]:
            after, turned = windows.to_slashes(piece, self._backslashes)
            out.append(b"{{%b:%d.%d}}" % (self._body, self._backslashes, turned))
            out.append(after)
        return b"".join(out)


def _needle(spelling: Spelling) -> Needle:
    if spelling.backslashes:
        return BackslashNeedle(spelling.text, spelling.body, spelling.backslashes)
    return (WindowsNeedle if spelling.windows else Needle)(spelling.text, spelling.body)


def families(spellings: Sequence[Spelling]) -> tuple[tuple[bytes, tuple[Family, ...]], ...]:
    """SPELLINGS, those together that begin with the shortest of them, and among these again: where that text is not
    found, none of the others is. Whatever begins with another one comes before it.
    """
    return tuple((prefix, _branches(prefix, members)) for prefix, members in _together(spellings))


def _branches(prefix: bytes, members: Sequence[Spelling]) -> tuple[Family, ...]:
    """The members of a family that are longer than its prefix, again in families; the prefix itself comes last."""
    inner = _together([each for each in members if each.text != prefix])
    own = tuple(_needle(each) for each in members if each.text == prefix)
    return (*((text, tuple(map(_needle, found))) for text, found in inner), (prefix, own))


def _together(spellings: Sequence[Spelling]) -> list[tuple[bytes, list[Spelling]]]:
    """SPELLINGS by the shortest that they begin with; in all, the longest first."""
    made: dict[bytes, list[Spelling]] = {}
    for spelling in sorted(spellings, key=lambda item: (len(item.text), item.text)):
        prefix = next(filter(spelling.text.startswith, made), spelling.text)
        made.setdefault(prefix, []).insert(0, spelling)
    return sorted(made.items(), key=lambda item: -len(item[1][0].text))
