"""What a placeholder looks like: reading, escaping and unescaping its text. Nothing here knows a root or a machine."""

from __future__ import annotations

from git_ccsync.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Splitter = Callable[[bytes], list[bytes]]

UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = b"0123456789"
NAME = UPPER + DIGITS + b"_"
#: What may follow the name in a placeholder of this version or of one to come.
DETAIL = NAME + b"abcdefghijklmnopqrstuvwxyz.:@-"

OPEN = b"{{"
CLOSE = b"}}"
SESSION = b"SESSION"
VERBATIM = b"VERBATIM"
#: Stands before a line that is stored as it is.
MARKER = OPEN + VERBATIM + CLOSE
SECRET = b"SECRET"
#: Names that no root may have.
RESERVED = frozenset((SESSION, VERBATIM, SECRET))
#: What the marker of a redacted span begins with.
REDACTED = OPEN + SECRET + b":"

#: The longest text between the braces, without '='; what is longer is ordinary text.
LONGEST = 128
#: More backslashes than this for one separator are not believed (a hostile number must not cost memory).
MOST_BACKSLASHES = 64


class Body(Frozen):
    """The text between the braces, understood: {{name@alias:backslashes.turned}}; backslashes is -1 where absent."""

    name: bytes
    alias: int
    backslashes: int
    turned: int


class Secret(Frozen):
    """What a marker says of the span that was redacted: {{SECRET:kind.length.tag.key}}. `length` in bytes; `tag` is the
    fingerprint of the span under the key that `key` names.
    """

    kind: bytes
    length: int
    tag: bytes
    key: bytes


def is_name(text: bytes) -> bool:
    """Whether a root may be called so: a capital, then capitals, digits and '_'."""
    return 0 < len(text) <= LONGEST // 2 and text[0] in UPPER and not text.translate(None, NAME)


def is_body(text: bytes) -> bool:
    """Whether TEXT, found between double braces, makes a placeholder of this version or of one to come."""
    if not text or len(text) > LONGEST or text[0] not in UPPER or text.translate(None, DETAIL):
        return False
    name = text.replace(b":", b"@").partition(b"@")[0]
    return not name.translate(None, NAME)


def _number(text: bytes) -> int:
    """A decimal number of at most nine digits as it is written here, without leading zeros; -1 for anything else."""
    if not text.isdigit() or len(text) > 9 or (text[0] == 0x30 and len(text) > 1):
        return -1
    return int(text)


def read(text: bytes) -> Body | None:
    """The parts of a body that this version understands; None for all others (they stay as they are)."""
    if not is_body(text):
        return None
    head, spelled, counts = text.partition(b":")
    name, aliased, number = head.partition(b"@")
    alias = _number(number) if aliased else 1
    if alias < 1 or (aliased and alias == 1):
        return None
    if not spelled:
        return Body(name, alias, -1, 0)
    backslashes, dot, turned = counts.partition(b".")
    body = Body(name, alias, _number(backslashes), _number(turned))
    good = dot and 0 <= body.backslashes <= MOST_BACKSLASHES and body.turned >= 0
    return body if good else None


_KIND = b"abcdefghijklmnopqrstuvwxyz0123456789-"
_HEX = b"0123456789abcdef"


def read_secret(text: bytes) -> Secret | None:
    """The parts of a marker's body, None if TEXT is none."""
    name, colon, rest = text.partition(b":")
    fields = rest.split(b".")
    if name != SECRET or not colon or len(fields) != 4:
        return None
    secret = Secret(fields[0], _number(fields[1]), fields[2], fields[3])
    named = 0 < len(secret.kind) <= 32 and not secret.kind.translate(None, _KIND)
    hexes = (len(secret.tag), len(secret.key)) == (8, 4) and not (secret.tag + secret.key).translate(None, _HEX)
    return secret if named and hexes and secret.length > 0 else None


def mark(secret: Secret) -> bytes:
    """The marker that stands for a redacted span."""
    return REDACTED + b"%b.%d.%b.%b" % secret + CLOSE


def escape(text: bytes) -> bytes:
    """TEXT with one '=' more in everything that looks like a placeholder: `{{X}}` to `{{=X}}`, `{{=X}}` to `{{==X}}`."""
    pieces = text.split(OPEN)
    out = [pieces[0]]
    for piece in pieces[1:]:
        # Of a run of braces the last two open a placeholder: `{{{X}}` is `{` and `{{X}}`.
        shifted = piece[:1] == b"{"
        inner = piece[1:] if shifted else piece
        body, closed, _ = inner.partition(CLOSE)
        if closed and is_body(body.lstrip(b"=")):
            out.append(b"{{{=" if shifted else b"{{=")
            out.append(inner)
        else:
            out.append(OPEN)
            out.append(piece)
    return b"".join(out)


def unescape(piece: bytes) -> bytes:
    """`{{` + PIECE with one '=' less if that is an escaped look-alike; as it is otherwise."""
    body, closed, _ = piece.partition(CLOSE)
    if closed and body[:1] == b"=" and is_body(body.lstrip(b"=")):
        return OPEN + piece[1:]
    return OPEN + piece


def parts(text: bytes) -> list[bytes]:
    """TEXT cut at its placeholders: literal, body, literal, …, literal; escapes are taken off the literals.

    Markers that were met as text, `{{=SECRET:…}}`, are cut out too, their bodies with the `=`. For judging single lines;
    TEXT holds no protected span.
    """
    out: list[bytes] = []
    literal: list[bytes] = []
    first, *pieces = text.split(OPEN)
    literal.append(first)
    for found in pieces:
        piece = found
        if found[:1] == b"{":
            literal.append(b"{")
            piece = piece[1:]
        body, closed, rest = piece.partition(CLOSE)
        if closed and (is_body(body) or (body[:1] == b"=" and read_secret(body[1:]))):
            out.append(b"".join(literal))
            out.append(body)
            literal = [rest]
        else:
            literal.append(unescape(piece))
    out.append(b"".join(literal))
    return out


#: From this size on the import of `re` pays: it finds two equal bytes twice as fast as bytes.find (measured: 2.7 against
#: 1.1 GB/s on transcripts, which are full of single braces).
_LONG = 1 << 16
_open: list[Splitter] = []
_plain: list[Splitter] = []


def split(text: bytes) -> list[bytes]:
    """TEXT split at each `{{`, from the left, never overlapping."""
    if len(text) < _LONG:
        return text.split(OPEN)
    if not _open:
        import re

        _open.append(re.compile(rb"\{\{").split)
    return _open[0](text)


def cut_plain(text: bytes) -> list[bytes]:
    """TEXT cut at each `{{`, from the left: literal, body, literal, …, where a body is that of `{{NAME}}`, None for any other
    `{{`. In one pass: a cut at each `{{` that is taken apart afterwards costs twice as much.
    """
    if not _plain:
        import re

        _plain.append(re.compile(rb"\{\{(?:([A-Z][A-Z0-9_]*)\}\})?").split)
    return _plain[0](text)


def is_long(text: bytes) -> bool:
    """Whether TEXT is worth the import of `re`."""
    return len(text) >= _LONG
