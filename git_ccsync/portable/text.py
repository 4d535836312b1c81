r"""Portable text: the translation of whole lines to placeholders and back.

The grammar of a placeholder, byte for byte:

    placeholder = "{{" body "}}"
    body        = name [ "@" alias ] [ ":" n "." k ]
    name        = [A-Z] [A-Z0-9_]*         at most 64 bytes
    alias       = number, 2 or more        which spelling of the root's path stood there; without it the first
    n           = number, 0 to 64          how many backslashes made one separator
    k           = number                   how many separators behind the root were turned into "/"
    number      = decimal, no leading zero, at most nine digits

* Of a run of opening braces the last two open the placeholder: `{{{HOME}}` is `{` and `{{HOME}}`. The first `}}` closes.
* **Look-alikes.** `{{`, any number of `=`, a *wide body*, `}}`: wide body = name [ ("@" | ":") [A-Za-z0-9_.:@-]* ], at
  most 128 bytes. On the way in each gets one `=` more (`{{REPO}}` to `{{=REPO}}`, `{{=REPO}}` to `{{==REPO}}`), on the
  way back one less. A wide body is wider than a body, so that placeholders of later versions are escaped today.
* `{{NAME}}` is the root's path in the JSON of the row: a POSIX path as a JSON string has it, a Windows path with "/".
  `n` says that it stood otherwise. On a Windows root: n backslashes for each separator (n = 1 plain, 2 in JSON, 4 in
  JSON inside JSON; 0: "/" where backslashes would be put), and the first k separators after the root, which were n
  backslashes too, are "/" in portable text. On a POSIX root, where only a path that JSON escapes differs: the path as
  it stands where one backslash is n backslashes (n = 1, 2, 4 or 8; k = 0).
* A machine whose root is POSIX leaves the "/" as they are; one whose root is on Windows turns k of them back. There a
  placeholder without n that directly follows `"cwd":"` is made native: it and the rest of the value get two
  backslashes for each separator.
* `{{SESSION}}` is the session's own id: 36 bytes, lower-case, no hex digit and no "-" beside it.
* `{{SECRET:kind.length.tag.key}}` is a span that was redacted before the line was translated: kind = [a-z0-9-]+, at most
  32 bytes; length = number, the bytes that stood there; tag = 8 and key = 4 lower-case hex digits: the first bytes of the
  HMAC-SHA256 of those bytes under the writer's key, and the name of that key. It stays as it is on every machine.
* `{{VERBATIM}}` at the start of a line: the rest of the line is the text itself. Elsewhere it means nothing.
* An alias that this machine does not have stands for its first spelling. A placeholder that means nothing here (no
  root of that name, a body of a later version) stays as it is.
* Nothing inside a span of `shield` is read or written; expansion is one pass.
"""

from __future__ import annotations

from git_ccsync.errors import SecretFound
from git_ccsync.portable import grammar, shield
from git_ccsync.portable.expansion import expansion
from git_ccsync.portable.needle import Needle, SessionNeedle, families
from git_ccsync.portable.redaction import Redacted, check, redact, sliced
from git_ccsync.portable.roots import spellings

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.portable.grammar import Secret
    from git_ccsync.portable.redaction import Censor
    from git_ccsync.portable.roots import Root

_HEX = b"0123456789abcdef"
#: How much of a text is looked at for `{{` of its own before it is believed to have none; the count tells in the end.
_GLANCE = 1 << 13
#: Measured: from 64 to 256 KiB is equally quick, and a fifth quicker than 1 MiB at once.
_SLICE = 120_000


class Codec:
    """One session's translation on one machine. Pure: equal arguments make equal text, no call depends on another."""

    def __init__(
        self,
        roots: Sequence[Root],
        session: str,
        former: Sequence[Root] = (),
        translate: bool = True,
        censor: Censor | None = None,
    ) -> None:
        """ROOTS of this machine in any order; SESSION is the id that {{SESSION}} stands for (none if it is no lower-case
        UUID); FORMER roots, once in use here, only count for `match`. TRANSLATE=False escapes look-alikes and no more.
        CENSOR takes secrets out of what becomes portable text.

        Raises Usage for a root's name that cannot be a placeholder's.
        """
        known = spellings(roots)
        self.former = tuple(former)
        self._roots, self._translate = roots, translate
        self._censor = censor
        # Text is escaped before roots are looked for; so is what looks like a placeholder in the path of one.
        looked_for = [item._replace(text=grammar.escape(item.text)) for item in known]
        self._families = families(looked_for) if translate else ()
        # No other root can add or take away a quote or a backslash before one, so that others cannot move a shield.
        self._moves_shields = any(b'"' in item.text or item.text.endswith(b"\\") for item in known)
        self._speak_of(session)

    def redacting(self) -> Codec:
        """The same with a censor that redacts what this one's blocks."""
        other = self._twin()
        other._censor = self._censor.redacting() if self._censor else None  # noqa: SLF001 -- its own class
        return other

    def _speak_of(self, session: str) -> None:
        own = _own(session)
        self._session: Needle | None = SessionNeedle(own, grammar.SESSION) if own and self._translate else None
        self._expansion = expansion(self._roots, own)

    def of(self, session: str) -> Codec:
        """The same for another session; what the roots' spellings cost is not paid again."""
        other = self._twin()
        other._speak_of(session)  # noqa: SLF001 -- its own class
        return other

    def _twin(self) -> Codec:
        twin = Codec.__new__(Codec)
        twin.__dict__.update(self.__dict__)
        return twin

    def portable(self, text: bytes, *, whole: bool = False) -> bytes:
        """TEXT (whole lines; any bytes; with `whole` a file that is one thing) with placeholders.

        `local` gives it back byte for byte, always, but for what the censor took out: there it has the markers.
        """
        return self.translated(self.redacted(text, whole=whole))

    def unredacted(self, text: bytes) -> bytes:
        """TEXT with placeholders and with its secrets: for comparing, and for what stays on this machine."""
        return self.translated(Redacted(text))

    def checked(self, text: bytes) -> bytes:
        """TEXT as it is: bytes that are to be stored whole and unchanged. Raises SecretInSigned where that cannot be."""
        if self._censor:
            check(text, self._censor)
        return text

    def checked_name(self, name: str, what: str) -> str:
        """NAME, of a file or of a directory, as it is. Raises SecretFound, which says that WHAT holds a secret."""
        try:
            self.checked(name.encode("utf-8", "surrogateescape"))
        except SecretFound as error:
            raise SecretFound(error.found, f" in {what}") from None
        return name

    def redacted(self, text: bytes, *, whole: bool = False) -> Redacted:
        """TEXT with a marker for each secret, and with this machine's paths. Raises SecretFound, SecretInSigned."""
        return redact(text, self._censor, whole=whole) if self._censor else Redacted(text)

    def redacted_title(self, title: str) -> str:
        """TITLE, or another short text for people, with a marker for each secret."""
        return self.redacted(title.encode("utf-8", "surrogatepass")).text.decode("utf-8", "surrogatepass")

    def translated(self, text: Redacted) -> bytes:
        """What `redacted` gave, with placeholders."""
        pieces = _slices(text.text)
        if not text.holes:
            return b"".join([self._portable(Redacted(piece)) for piece in pieces])
        return b"".join([self._portable(piece) for piece in sliced(text, pieces)])

    def fits(self, secret: Secret, text: bytes) -> bool:
        """Whether TEXT may be what SECRET was put in the place of, as far as this machine can tell."""
        return self._censor is None or self._censor.fits(secret.key, secret.tag, text)

    def local(self, text: bytes) -> bytes:
        """Portable TEXT (whole lines; any bytes) with this machine's paths."""
        return b"".join([self._local(piece) for piece in _slices(text)])

    def meaning(self, body: bytes) -> bytes | None:
        """What stands for {{BODY}} on this machine, or None if it means nothing here (and stays)."""
        return self._expansion.meaning(body)

    def _portable(self, text: Redacted) -> bytes:
        """As `portable`; text that does not come back as it was is halved, until the line is found that does not."""
        out = self._lawful(text)
        if out is not None:
            return out
        middle = _middle(text.text)
        if not middle:
            return grammar.MARKER + text.text
        first, second = sliced(text, (text.text[:middle], text.text[middle:]))
        return self._portable(first) + self._portable(second)

    def _local(self, text: bytes) -> bytes:
        if grammar.MARKER not in text:
            return self._expanded(text)
        return b"".join([self._local_line(line) for line in lines(text)])

    def _local_line(self, line: bytes) -> bytes:
        return line[len(grammar.MARKER) :] if line.startswith(grammar.MARKER) else self._expanded(line)

    def _expanded(self, text: bytes) -> bytes:
        pieces, kept = shield.part(text)
        put = self._expansion.put
        return shield.join([put(grammar.split(piece)) for piece in pieces], kept)

    def _lawful(self, text: Redacted) -> bytes | None:
        """TEXT with placeholders; None if it does not come back as it was."""
        pieces, kept = shield.part(text.text, text.holes)
        outs = []
        for piece in pieces:
            out = self._translated(piece)
            if out is None:
                return None
            outs.append(out)
        whole = shield.join(outs, kept)
        if text.holes or self._moves_shields:
            values = shield.values(text.text) if text.holes else kept
            if self._local(whole) != text.text or shield.values(whole) != values:
                return None
        return whole

    def _translated(self, text: bytes) -> bytes | None:
        """TEXT, without protected values, with placeholders; None if it does not come back as it was."""
        braces = text.find(grammar.OPEN, 0, _GLANCE) >= 0
        out, made = self._replaced(grammar.escape(text) if braces else text)
        back = None if braces else self._expansion.put_plain(out, made)
        if back is not None:
            return out if back == text else None
        pieces = grammar.split(out)
        if not braces and len(pieces) - 1 != made:  # it has `{{` of its own, farther on
            out, made = self._replaced(grammar.escape(text))
            pieces = grammar.split(out)
        return out if self._expansion.put(pieces) == text else None

    def _replaced(self, text: bytes) -> tuple[bytes, int]:
        """TEXT with placeholders for roots and the session, longest root first, and how many."""
        made = 0
        for prefix, branches in self._families:
            if prefix not in text:
                continue
            for common, needles in branches:
                if len(needles) > 1 and common not in text:
                    continue
                for needle in needles:
                    text, count = needle.replace(text)
                    made += count
        if self._session:
            text, count = self._session.replace(text)
            made += count
        return text, made


def _slices(text: bytes) -> list[bytes]:
    """TEXT cut at line ends near _SLICE bytes: small pieces stay in the processor's cache and in recycled memory."""
    if len(text) <= _SLICE:
        return [text]
    out = []
    at = 0
    while at < len(text):
        end = text.find(b"\n", at + _SLICE) + 1 or len(text)
        out.append(text[at:end])
        at = end
    return out


def lines(text: bytes) -> list[bytes]:
    r"""TEXT cut behind each `\n`; the last line may lack it."""
    cut = text.split(b"\n")
    last = cut.pop()
    return [line + b"\n" for line in cut] + ([last] if last else [])


def _middle(text: bytes) -> int:
    """A line's start near the middle of TEXT; 0 if it is one line."""
    half = len(text) // 2
    return text.rfind(b"\n", 0, half) + 1 or (text.find(b"\n", half, len(text) - 1) + 1)


def _own(session: str) -> bytes:
    """The id that {{SESSION}} stands for: empty unless it is a lower-case UUID, which cannot be taken for other syntax."""
    own = session.encode("utf-8", "replace")
    groups = [len(group) for group in own.split(b"-")]
    return own if groups == [8, 4, 4, 4, 12] and not own.translate(None, _HEX + b"-") else b""
