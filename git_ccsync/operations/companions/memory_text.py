"""One memory file between this disk and the branch: its lines here, each with the portable line that stands for it.

What the branch has already keeps the form that it has there, and what lies here keeps its own, secrets and spelling: so a
moved repository, a new rule of redaction or another machine's marker is no change.
"""

from __future__ import annotations

from git_ccsync.errors import SecretFound, SecretInSigned
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.portable import grammar, match
from git_ccsync.portable.redaction import Redacted, sliced

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.portable.text import Codec

#: So many comparisons by pattern are made for one file; what is left counts as new.
_LOOKS = 20_000


def units(codec: Codec, data: bytes, known: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """`data` as (portable line, the same here), without line ends between them; a secret of several lines is in one unit.

    `known` are portable texts that the branch has. Raises SecretInSigned; and SecretFound, where secrets block, unless
    the branch has each of them as a marker already.
    """
    texts = tuple(known)
    try:
        return _units(codec, data, texts)
    except SecretInSigned:
        raise
    except SecretFound as error:
        return _units(codec.redacting(), data, texts, error)


def _units(
    codec: Codec, data: bytes, known: Iterable[bytes], blocked: SecretFound | None = None
) -> list[tuple[bytes, bytes]]:
    """As `units`; raises `blocked`, if that is given, for a secret that is not in `known`."""
    redacted = codec.redacted(data, whole=True)
    pieces = sliced(redacted, _split(redacted.text))
    lines = _local_lines(data, pieces)
    if lines is None:
        if blocked:
            raise blocked
        return [(codec.translated(redacted), data)]
    stored = list(dict.fromkeys(line for text in known for line in text.split(b"\n")))
    exact = {codec.local(line): line for line in reversed(stored)}
    loose = [line for line in stored if grammar.OPEN in line]
    left = _LOOKS
    out = []
    for piece, line in zip(pieces, lines, strict=True):
        there = exact.get(line)
        if there is None and b"\n" not in line and left > 0:
            left -= len(loose)
            there = next((one for one in loose if match.in_step(codec, one, line)), None)
        out.append((_chomped(codec.translated(piece)) if there is None else there, line))
        if blocked and piece.holes and out[-1][0] not in stored:
            raise blocked
    return out


def stored(found: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The portable text of a file's units."""
    return b"\n".join([unit[0] for unit in found])


def local(codec: Codec, text: bytes, found: Sequence[tuple[bytes, bytes]]) -> bytes:
    """The portable `text` as it is to lie here; lines of the file that lies here now (`found`) stay as they are."""
    here = dict(found)
    return b"\n".join([here[line] if line in here else codec.local(line) for line in text.split(b"\n")])


def _split(text: bytes) -> list[bytes]:
    """Lines with their ends; the last one, without, is there even if it is empty."""
    cut = text.split(b"\n")
    return [line + b"\n" for line in cut[:-1]] + cut[-1:]


def _chomped(line: bytes) -> bytes:
    return line[:-1] if line.endswith(b"\n") else line


def _local_lines(data: bytes, pieces: Sequence[Redacted]) -> list[bytes] | None:
    """What stands in `data` for each piece of its redacted form; None if that cannot be told."""
    out = []
    at = 0
    for piece in pieces:
        length = len(piece.text)
        for start, end in piece.holes:
            secret = grammar.read_secret(piece.text[start + len(grammar.OPEN) : end - len(grammar.CLOSE)])
            if secret is None:
                return None
            length += secret.length - (end - start)
        out.append(_chomped(data[at : at + length]))
        at += length
    return out if at == len(data) else None
