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
* `{{VERBATIM}}` at the start of a line: the rest of the line is the text itself. Elsewhere it means nothing.
* An alias that this machine does not have stands for its first spelling. A placeholder that means nothing here (no
  root of that name, a body of a later version) stays as it is.
* Nothing inside a span of `shield` is read or written; expansion is one pass.
"""

from __future__ import annotations

from git_ccsync.portable import boundary, grammar, shield
from git_ccsync.portable.family import families
from git_ccsync.portable.roots import Root, expand, spellings, usable
from git_ccsync.portable.windows import from_slashes, is_windows

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HEX = b"0123456789abcdef"
_CWD = b'"cwd":"'
#: Bodies that are remembered with their meaning; hostile text could bring any number of them.
_REMEMBERED = 512


class Codec:
    """One session's translation on one machine. Pure: equal arguments make equal text, no call depends on another."""

    def __init__(
        self, roots: Sequence[Root], session: str, former: Sequence[Root] = (), translate: bool = True
    ) -> None:
        """ROOTS of this machine in any order; SESSION is the id that {{SESSION}} stands for (none if it is no lower-case
        UUID); FORMER roots, once in use here, only count for `match`. TRANSLATE=False escapes look-alikes and no more.

        Raises Usage for a root's name that cannot be a placeholder's.
        """
        self.former = tuple(former)
        self.session = _own(session)
        self._translate = translate
        known = spellings(roots)
        self._families = families(known) if translate else ()
        self._paths: dict[bytes, tuple[bytes, ...]] = {}
        for root in roots:
            if any(map(usable, root.paths)):
                self._paths.setdefault(root.name, tuple(map(usable, root.paths)))
        self._windows = any(is_windows(path) for paths in self._paths.values() for path in paths)
        self._known: dict[bytes, bytes] = {}

    def portable(self, text: bytes) -> bytes:
        """TEXT (whole lines; any bytes) with placeholders. `local` gives it back byte for byte, always."""
        out = _outside(text, self._replace)
        if self.local(out) == text:
            return out
        if b"\n" in text[:-1]:
            return b"".join([self.portable(line) for line in lines(text)])
        return grammar.MARKER + text

    def local(self, text: bytes) -> bytes:
        """Portable TEXT (whole lines; any bytes) with this machine's paths."""
        if grammar.MARKER not in text:
            return _outside(text, self._expand)
        return b"".join([self._local_line(line) for line in lines(text)])

    def _local_line(self, line: bytes) -> bytes:
        if line.startswith(grammar.MARKER):
            return line[len(grammar.MARKER) :]
        return _outside(line, self._expand)

    def meaning(self, body: bytes) -> bytes | None:
        """What stands for {{BODY}} on this machine, or None if it means nothing here (and stays)."""
        if body == grammar.SESSION:
            return self.session or None
        read = grammar.read(body)
        if read is None:
            return None
        paths = self._paths.get(read.name, ())
        path = paths[read.alias - 1] if read.alias <= len(paths) else b""
        path = path or next(filter(None, paths), b"")
        return expand(path, read.backslashes) if path else None

    # ------------------------------------------------------------------ to portable text

    def _replace(self, text: bytes) -> bytes:
        """TEXT without protected spans, with placeholders."""
        if grammar.OPEN in text:
            text = grammar.escape(text)
        for family in self._families:
            text = family.replace(text)
        return self._hide_session(text) if self.session and self._translate else text

    def _hide_session(self, text: bytes) -> bytes:
        pieces = text.split(self.session)
        out = [pieces[0]]
        for before, after in zip(pieces, pieces[1:], strict=False):
            alone = boundary.stands_alone(before if before or len(out) == 1 else self.session, after or b"")
            out.append(b"{{SESSION}}" if alone else self.session)
            out.append(after)
        return b"".join(out)

    # ------------------------------------------------------------------ back

    def _expand(self, text: bytes) -> bytes:
        """TEXT without protected spans, with this machine's paths: one pass, left to right."""
        pieces = text.split(grammar.OPEN)
        if len(pieces) == 1:
            return text
        if self._windows:
            return self._expand_windows(pieces)
        out = [pieces[0]]
        known = self._known
        for piece in pieces[1:]:
            body, closed, rest = piece.partition(grammar.CLOSE)
            if closed and body in known:
                out.append(known[body])
                out.append(rest)
            else:
                out.append(self._unusual(piece))
        return b"".join(out)

    def _unusual(self, piece: bytes) -> bytes:
        """What stands for `{{` + PIECE, of a body that was not met before."""
        if piece[:1] == b"{":
            return b"{" + self._unusual(piece[1:])
        body, closed, rest = piece.partition(grammar.CLOSE)
        if closed and body[:1] == b"=" and grammar.is_body(body.lstrip(b"=")):
            return grammar.OPEN + piece[1:]
        meaning = self.meaning(body) if closed else None
        if meaning is None:
            return grammar.OPEN + piece
        if len(self._known) < _REMEMBERED:
            self._known[body] = meaning
        return meaning + rest

    def _expand_windows(self, pieces: list[bytes]) -> bytes:
        """As `_expand`, where separators behind a placeholder may have to be turned back."""
        out = [pieces[0]]
        before = pieces[0]
        backslashes = owed = 0
        native = False
        for piece in pieces[1:]:
            if piece[:1] == b"{":
                out.append(b"{")
                piece = piece[1:]
                owed, native, before = 0, False, b"{"
            body, closed, rest = piece.partition(grammar.CLOSE)
            meaning = self.meaning(body) if closed else None
            if meaning is None:
                owed, native = 0, False
                before = self._unusual(piece)
                out.append(before)
                continue
            if body != grammar.SESSION:
                read = grammar.read(body)
                assert read is not None
                owed, native = 0, False
                if read.backslashes > 0 and is_windows(meaning):
                    backslashes, owed = read.backslashes, read.turned
                elif read.backslashes < 0 and is_windows(meaning) and before.endswith(_CWD):
                    meaning, native = meaning.replace(b"/", b"\\\\"), True
            out.append(meaning)
            before = rest
            if native:
                inside, quote, behind = rest.partition(b'"')
                rest = inside.replace(b"/", b"\\\\") + quote + behind
                native = not quote
            elif owed:
                rest, owed = from_slashes(rest, backslashes, owed)
            out.append(rest)
        return b"".join(out)


def lines(text: bytes) -> list[bytes]:
    r"""TEXT cut behind each `\n`; the last line may lack it."""
    cut = text.split(b"\n")
    last = cut.pop()
    return [line + b"\n" for line in cut] + ([last] if last else [])


def _own(session: str) -> bytes:
    """The id that {{SESSION}} stands for: empty unless it is a lower-case UUID, which cannot be taken for other syntax."""
    own = session.encode("utf-8", "replace")
    groups = [len(group) for group in own.split(b"-")]
    return own if groups == [8, 4, 4, 4, 12] and not own.translate(None, _HEX + b"-") else b""


def _outside(text: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """TEXT with CHANGE made to all but the protected spans."""
    spans = shield.spans(text)
    if not spans:
        return change(text)
    out = []
    at = 0
    for start, end in spans:
        out.append(change(text[at:start]))
        out.append(text[start:end])
        at = end
    out.append(change(text[at:]))
    return b"".join(out)
