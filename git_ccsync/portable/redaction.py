"""Taking secrets out of text: markers in their places. What a secret is, a censor says; this room only cuts."""

from __future__ import annotations

from git_ccsync.errors import SecretInSigned
from git_ccsync.frozen import Frozen
from git_ccsync.portable import grammar, shield

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Protocol

    class Censor(Protocol):
        """What finds secrets. Equal text gives equal spans; on whole lines, a line's do not depend on other lines."""

        def spans(self, text: bytes, *, whole: bool = False) -> Sequence[Span]:
            """The spans of TEXT to redact, in order, never overlapping, without line ends if not `whole`; all of a
            file that is one thing if `whole`. May raise SecretFound.
            """

        def fits(self, key: bytes, tag: bytes, text: bytes) -> bool:
            """Whether TEXT may be what TAG was made of under the key named KEY; true if that is not known here."""

        def redacting(self) -> Censor:
            """The same censor, but one that never raises SecretFound."""


class Span(Frozen):
    """A secret in a text, and what its marker tells: kind and tag, and the name of the tag's key."""

    start: int
    end: int
    kind: bytes
    tag: bytes
    key: bytes


class Redacted(Frozen):
    """Text with markers in the place of its secrets, and where the markers stand. They are no text: nothing in them is
    translated.
    """

    text: bytes
    holes: tuple[tuple[int, int], ...] = ()


def redact(text: bytes, censor: Censor, *, whole: bool = False) -> Redacted:
    """TEXT without what CENSOR finds in it. Raises SecretInSigned for a find in a signed or encoded value."""
    spans = censor.spans(text, whole=whole)
    if not spans:
        return Redacted(text)
    _refuse(spans, shield.spans(text))
    at = length = 0
    out: list[bytes] = []
    holes: list[tuple[int, int]] = []
    for span in spans:
        marker = grammar.mark(grammar.Secret(span.kind, span.end - span.start, span.tag, span.key))
        out += (text[at : span.start], marker)
        length += span.start - at + len(marker)
        holes.append((length - len(marker), length))
        at = span.end
    out.append(text[at:])
    return Redacted(b"".join(out), tuple(holes))


def check(text: bytes, censor: Censor) -> None:
    """Raises SecretInSigned if CENSOR finds anything in TEXT, also where it stands in two bytes a letter (UTF-16)."""
    for form in (text, text.replace(b"\0", b"")):
        spans = censor.spans(form, whole=True)
        if spans:
            raise SecretInSigned(tuple(dict.fromkeys((span.kind.decode(), span.tag.decode()) for span in spans)))


def _refuse(spans: Sequence[Span], protected: Sequence[tuple[int, int]]) -> None:
    free = set(shield.apart([span[:2] for span in spans], protected)) if protected else None
    if free is not None:
        bound = [(span.kind.decode(), span.tag.decode()) for span in spans if span[:2] not in free]
        if bound:
            raise SecretInSigned(tuple(dict.fromkeys(bound)))


def sliced(text: Redacted, pieces: Iterable[bytes]) -> list[Redacted]:
    """PIECES, which are together the text of TEXT and are cut outside its markers, each with its own holes."""
    out: list[Redacted] = []
    start, holes = 0, list(reversed(text.holes))
    for piece in pieces:
        end = start + len(piece)
        own: list[tuple[int, int]] = []
        while holes and holes[-1][0] < end:
            low, high = holes.pop()
            own.append((low - start, high - start))
        out.append(Redacted(piece, tuple(own)))
        start = end
    return out
