"""The censor: which spans of a text are redacted here, and by what marks they are known again. Finds by `finding`."""

from __future__ import annotations

from git_ccsync.errors import SecretFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from typing import Protocol

    from git_ccsync.privacy.finding import Hit

    class Finder(Protocol):
        """Another way to find secrets in a text."""

        def __call__(self, text: bytes, *, whole: bool) -> list[Hit]:
            """Where they are, and of what kind."""


#: What becomes of secrets (`ccsync.secrets`).
REDACT, BLOCK, WARN, OFF = "redact", "block", "warn", "off"
MODES = (REDACT, BLOCK, WARN, OFF)
#: What a marker begins with, behind its braces.
_MARKER = b"SECRET:"


class Span(Frozen):
    """A secret in a text: where, of what kind, its tag, and the name of the key that the tag was made with."""

    start: int
    end: int
    kind: bytes
    tag: bytes
    key: bytes


class Found(Frozen):
    """A value that was met: its kind, its tag, and how often."""

    kind: str
    tag: str
    times: int


class Censor:
    """Finds secrets and names them under one key; remembers what it met until that is taken.

    Not for more than one thread. Equal keys, modes and allowed tags give equal spans for equal text.
    """

    def __init__(
        self,
        key: bytes,
        mode: str = REDACT,
        *,
        allowed: Collection[str] = (),
        former: Sequence[bytes] = (),
        also: Finder | None = None,
    ) -> None:
        """KEY: 32 random bytes of this machine and branch. ALLOWED: tags of values that may be sent. FORMER: other keys
        that were in use here, for comparing. ALSO: what else finds secrets, in any order.
        """
        self._also = also
        self._key = key
        self._mode = mode
        self._allowed = frozenset(allowed)
        self._former = tuple(former)
        self._names: dict[bytes, bytes] = {}
        self._met: dict[tuple[str, str], int] = {}

    def spans(self, text: bytes, *, whole: bool = False) -> list[Span]:
        """The spans of TEXT to redact, in order and apart; on whole lines, each line's depend on that line alone.

        WHOLE: the text is one thing, and a secret may go over several lines. Raises SecretFound in mode "block".
        """
        if self._mode == OFF or not text:
            return []
        from git_ccsync.privacy import finding

        found = finding.find(text, whole=whole)
        if self._also:
            found = finding.joined(text, [*found, *self._also(text, whole=whole)])
        if found and _MARKER in text:
            found = _foreign(text, found)
        if not found:
            return []
        spans = [self._span(text, *hit) for hit in found]
        spans = [span for span in spans if span.tag.decode() not in self._allowed]
        self._count(spans)
        if spans and self._mode == BLOCK:
            raise SecretFound(tuple(dict.fromkeys((span.kind.decode(), span.tag.decode()) for span in spans)))
        return spans if self._mode == REDACT else []

    def fits(self, key: bytes, tag: bytes, text: bytes) -> bool:
        """Whether TEXT may be what TAG was made of. Under a key that is not here nothing can be told: true."""
        return all(self._tag(own, text) == tag for own in (self._key, *self._former) if self._name(own) == key)

    def taken(self) -> tuple[Found, ...]:
        """The values met since the last call (redacted, or in the other modes met), the first met first."""
        met, self._met = self._met, {}
        return tuple(Found(kind, tag, count) for (kind, tag), count in met.items())

    def _span(self, text: bytes, start: int, end: int, kind: str) -> Span:
        return Span(start, end, kind.encode(), self._tag(self._key, text[start:end]), self._name(self._key))

    def _count(self, spans: Sequence[Span]) -> None:
        for span in spans:
            value = span.kind.decode(), span.tag.decode()
            self._met[value] = self._met.get(value, 0) + 1

    def _tag(self, key: bytes, text: bytes) -> bytes:
        return _hmac(key, text)[:4].hex().encode()

    def _name(self, key: bytes) -> bytes:
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = name_of(key)
        return name


def name_of(key: bytes) -> bytes:
    """The name of a key in markers: says nothing of the key, and hardly two keys of one person's have the same."""
    return _hmac(key, b"git-ccsync redaction key")[:2].hex().encode()


def _foreign(text: bytes, found: list[Hit]) -> list[Hit]:
    """FOUND without what lies in a marker: where one was installed, it is text like any other, and calls itself a secret."""
    import re

    pattern = rb"\{\{=*SECRET:[a-z0-9-]{1,32}\.[0-9]{1,9}\.[0-9a-f]{8}\.[0-9a-f]{4}\}\}"
    markers = [match.span() for match in re.finditer(pattern, text)]
    out, at = [], 0
    for hit in found:
        while at < len(markers) and markers[at][1] < hit[1]:
            at += 1
        if at == len(markers) or hit[0] < markers[at][0]:
            out.append(hit)
    return out


def _hmac(key: bytes, text: bytes) -> bytes:
    """HMAC-SHA256. `hmac` and `hashlib` cost more than the rest where one value is redacted."""
    try:
        from _hashlib import hmac_digest
    except ImportError:
        import hmac

        return hmac.digest(key, text, "sha256")
    return hmac_digest(key, text, "sha256")
