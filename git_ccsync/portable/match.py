"""Whether two lines are the same line, judged in local space. Pure, like all of this room; lines, not files.

A line was stored by some machine with some roots; what lies on this disk may have been written with others (a moved
repository, a root added since). Neither may look like a divergence.
"""

from __future__ import annotations

from git_ccsync.portable import grammar, shield
from git_ccsync.portable.roots import expand, usable
from git_ccsync.portable.text import lines
from git_ccsync.portable.windows import from_slashes, is_windows

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.portable.grammar import Secret
    from git_ccsync.portable.text import Codec

#: The longest path that a placeholder is believed to stand over, and how many ends of it are tried.
_LONGEST_PATH = 4096
_ENDS = 32


def in_step(codec: Codec, stored: bytes, local: bytes) -> bool:
    """Whether the STORED portable line and the LOCAL line of this disk are the same line (DESIGN section 5)."""
    if codec.local(stored) == local:  # by the first law this also holds where LOCAL's portable text is STORED
        return True
    return _Pattern(codec, _parts(stored), local).holds()


def same(codec: Codec, a: bytes, b: bytes) -> bool:
    """Whether two stored lines are the same line in local space."""
    if a == b:
        return True
    return in_step(codec, a, codec.local(b)) or in_step(codec, b, codec.local(a))


def _parts(stored: bytes) -> list[bytes]:
    """Literal, body, literal, …, literal; protected spans, and a verbatim line but for its markers, are literals."""
    if grammar.MARKER not in stored:
        return _line_parts(stored)
    out = [b""]
    for line in lines(stored):
        first, *rest = _verbatim_parts(line) if line.startswith(grammar.MARKER) else _line_parts(line)
        out[-1] += first
        out.extend(rest)
    return out


def _line_parts(stored: bytes) -> list[bytes]:
    out = [b""]
    at = 0
    for start, end in [*shield.spans(stored), (len(stored), len(stored))]:
        first, *rest = grammar.parts(stored[at:start])
        out[-1] += first
        out.extend(rest)
        out[-1] += stored[start:end]
        at = end
    return out


def _verbatim_parts(line: bytes) -> list[bytes]:
    """A line that was stored as it is: only secrets were taken out of it."""
    first, *pieces = line[len(grammar.MARKER) :].split(grammar.OPEN)
    out = [first]
    for piece in pieces:
        body, closed, rest = piece.partition(grammar.CLOSE)
        if closed and grammar.read_secret(body):
            out += (body, rest)
        else:
            out[-1] += grammar.OPEN + piece
    return out


class _Pattern:
    """The literals agree, and each placeholder stands over one absolute path or itself, and each marker over one span of
    its length or itself; one text for one placeholder.
    """

    def __init__(self, codec: Codec, parts: list[bytes], local: bytes) -> None:
        self._codec = codec
        self._literals = parts[0::2]
        self._bodies = parts[1::2]
        self._local = local
        self._steps = 1000 + 8 * len(parts)

    def holds(self) -> bool:
        """Try the possible texts in turn, depth first; a hostile line ends at a bounded number of steps."""
        if not self._bodies or not self._local.startswith(self._literals[0]):
            return False
        bound: dict[bytes, bytes] = {}
        open_choices = [self._choices(0, len(self._literals[0]), bound)]
        added: list[bytes] = []
        while open_choices:
            self._steps -= 1
            if self._steps < 0:
                return False
            depth = len(open_choices) - 1
            key = _key(self._bodies[depth])
            if len(added) > depth:
                bound.pop(added.pop(), None)
            choice = next(open_choices[-1], None)
            if choice is None:
                open_choices.pop()
                continue
            text, end = choice
            added.append(b"" if key in bound else key)
            bound.setdefault(key, text)
            if depth + 1 == len(self._bodies):
                if end == len(self._local):
                    return True
                continue
            open_choices.append(self._choices(depth + 1, end, bound))
        return False

    def _choices(self, index: int, at: int, bound: dict[bytes, bytes]) -> Iterator[tuple[bytes, int]]:
        """Texts that placeholder INDEX may stand over at AT, each with the place behind the literal that follows."""
        body = self._bodies[index]
        held = bound.get(_key(body))
        texts = [held] if held is not None else self._known(body)
        for text in dict.fromkeys(texts):
            if self._local.startswith(text, at):
                for literal in self._after(index, text):
                    if self._local.startswith(literal, at + len(text)):
                        yield text, at + len(text) + len(literal)
        secret = grammar.read_secret(body.lstrip(b"="))
        if held is None and secret:
            yield from self._spans(index, at, secret)
        elif held is None and body != grammar.SESSION:
            yield from self._paths(index, at, frozenset(texts))

    def _known(self, body: bytes) -> list[bytes]:
        """Itself, its meaning here, and what its roots once were here."""
        texts = [grammar.OPEN + body.removeprefix(b"=") + grammar.CLOSE]
        meaning = self._codec.meaning(body)
        if meaning is not None:
            texts.append(meaning)
        read = grammar.read(body)
        for root in self._codec.former if read else ():
            if read and root.name == read.name:
                texts.extend(expand(path, read.backslashes) for path in map(usable, root.paths) if path)
        return texts

    def _after(self, index: int, text: bytes) -> list[bytes]:
        """The literal behind placeholder INDEX, which stands over TEXT: as stored, and with its separators turned back."""
        literal = self._literals[index + 1]
        read = grammar.read(self._bodies[index])
        if read and read.backslashes > 0 and read.turned and is_windows(text):
            return [from_slashes(literal, read.backslashes, read.turned)[0], literal]
        inside, quote, behind = literal.partition(b'"')
        native = inside.replace(b"/", b"\\\\") + quote + behind  # the rest of a "cwd" value
        return [literal, native] if is_windows(text) and native != literal else [literal]

    def _paths(self, index: int, at: int, known: frozenset[bytes]) -> Iterator[tuple[bytes, int]]:
        """Absolute paths at AT, shortest first."""
        head = self._local[at : at + _LONGEST_PATH]
        if head.startswith(b"/"):
            head = head.split(b"\\", 1)[0]
        elif not is_windows(head):
            return
        head = head.split(b'"', 1)[0].split(b"\n", 1)[0]
        for literal in self._after(index, head):
            limit = at + len(head) + len(literal)
            end = self._local.find(literal, at + 2, limit)
            for _ in range(_ENDS):
                if end < 0:
                    break
                text = self._local[at:end]
                if usable(text) == text and text not in known:
                    yield text, end + len(literal)
                end = self._local.find(literal, end + 1, limit)

    def _spans(self, index: int, at: int, secret: Secret) -> Iterator[tuple[bytes, int]]:
        """The span at AT that the marker of SECRET may stand over."""
        end = self._stretch(at, secret.length)
        text = self._local[at:end]
        if end < 0 or not self._fits(secret, text):
            return
        for literal in self._after(index, text):
            if self._local.startswith(literal, end):
                yield text, end + len(literal)

    def _stretch(self, at: int, length: int) -> int:
        """Where a span from AT ends that was LENGTH bytes long before what is a marker in it was redacted; -1: nowhere."""
        while length > 0:
            mark = self._local.find(grammar.REDACTED, at, at + length + len(grammar.REDACTED) - 1)
            if mark < 0:
                return at + length if at + length <= len(self._local) else -1
            close = self._local.find(grammar.CLOSE, mark, mark + grammar.LONGEST)
            inner = grammar.read_secret(self._local[mark + len(grammar.OPEN) : close]) if close >= 0 else None
            behind = close + len(grammar.CLOSE) if inner else mark + len(grammar.REDACTED)
            length -= mark - at + (inner.length if inner else len(grammar.REDACTED))
            at = behind
        return at if length == 0 else -1

    def _fits(self, secret: Secret, text: bytes) -> bool:
        """Whether SECRET's marker may stand over TEXT: by its tag, where the key is at hand and TEXT has it all."""
        if grammar.REDACTED not in text:
            return self._codec.fits(secret, text)
        other = grammar.read_secret(text[len(grammar.OPEN) : -len(grammar.CLOSE)])
        return other is None or other.key != secret.key or other.tag == secret.tag


def _key(body: bytes) -> bytes:
    """What must stand over the same text: a body without its count of turned separators; all of a marker's."""
    return body if body.lstrip(b"=").startswith(grammar.SECRET + b":") else body.partition(b".")[0]
