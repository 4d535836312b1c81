"""Judges a detector or a redactor on the corpus: recall by kind, carrier and phrase, false alarms, broken JSON, MB/s.

Knows no rules: an engine is any function from bytes to the spans that it takes for secrets, or to the bytes without them.
A secret counts as found only if none of its bytes is left where it stands.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tests.bench.secrets_corpus import Clean, Sample

Span = tuple[int, int]
Find = Callable[[bytes], Sequence[Span]]
#: What stands in place of a span when the result's JSON is checked.
MARK = b"[secret]"
#: A piece of a secret of this length, left behind by a redactor, gives it away.
PIECE = 8
#: Bytes handed over at once when the throughput is measured, as a push reads them.
BLOCK = 1 << 20


class Engine(NamedTuple):
    """What is judged: `redact` gives the bytes that may leave; `find`, if there is one, the spans that are replaced."""

    name: str
    redact: Callable[[bytes], bytes]
    find: Find | None = None

    def hits(self, text: bytes) -> bool:
        """Whether anything in the text is taken for a secret."""
        return bool(self.find(text)) if self.find else self.redact(text) != text


class Miss(NamedTuple):
    """A sample of which something survived; `left` of its secrets, all of them or a part."""

    sample: Sample
    left: int


class Score(NamedTuple):
    """What came out. `alarms` are clean texts with a hit, `broken` the samples whose rows are no JSON any more."""

    samples: list[Sample]
    misses: list[Miss]
    broken: list[Sample]
    clean: list[Clean]
    alarms: list[Clean]
    excess: float

    @property
    def recall(self) -> float:
        """Share of the samples of which nothing survived."""
        return 1 - len(self.misses) / len(self.samples)

    @property
    def alarms_per_thousand(self) -> float:
        """False alarms in 1,000 clean texts."""
        return 1000 * len(self.alarms) / len(self.clean)

    def by(self, field: str) -> dict[str, tuple[int, int]]:
        """(samples, found) for every value of a field of Sample."""
        every = Counter(getattr(sample, field) for sample in self.samples)
        missed = Counter(getattr(miss.sample, field) for miss in self.misses)
        return {name: (count, count - missed[name]) for name, count in every.items()}

    def families(self) -> dict[str, tuple[int, int]]:
        """(texts, alarms) for every family of clean lines."""
        alarms = Counter(each.family for each in self.alarms)
        return {name: (count, alarms[name]) for name, count in Counter(each.family for each in self.clean).items()}


def from_find(name: str, find: Find) -> Engine:
    """An engine of a function that gives spans."""
    return Engine(name, lambda text: replaced(text, find(text)), find)


def score(engine: Engine, samples: Iterable[Sample], clean: Iterable[Clean]) -> Score:
    """Run the engine over the whole corpus."""
    every, lines = list(samples), list(clean)
    misses, broken, sizes = [], [], [0, 0]
    for sample in every:
        labelled = [list(places(sample.text, secret)) for secret in sample.secrets]
        if engine.find:
            spans = merged(engine.find(sample.text))
            output = replaced(sample.text, spans)
            left = sum(not all(covered(place, spans) for place in each) for each in labelled)
            sizes = [sizes[0] + total(spans), sizes[1] + total(merged([place for each in labelled for place in each]))]
        else:
            output = engine.redact(sample.text)
            left = sum(in_pieces(secret, output) for secret in sample.secrets)
        if left:
            misses.append(Miss(sample, left))
        if is_json(sample.text) and not is_json(output):
            broken.append(sample)
    alarms = [each for each in lines if engine.hits(each.text)]
    return Score(every, misses, broken, lines, alarms, sizes[0] / sizes[1] if sizes[1] else 0.0)


def total(spans: Iterable[Span]) -> int:
    """Bytes in the spans."""
    return sum(end - start for start, end in spans)


def in_pieces(secret: bytes, output: bytes) -> bool:
    """Whether a piece of the secret is in the output."""
    size = min(PIECE, len(secret))
    return any(secret[at : at + size] in output for at in range(len(secret) - size + 1))


def places(text: bytes, secret: bytes) -> Iterable[Span]:
    """Every occurrence of the secret."""
    at = text.find(secret)
    while at >= 0:
        yield at, at + len(secret)
        at = text.find(secret, at + 1)


def covered(place: Span, spans: Sequence[Span]) -> bool:
    """Whether one of the merged spans holds the whole place."""
    return any(start <= place[0] and place[1] <= end for start, end in spans)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Spans in order; those that touch become one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def replaced(text: bytes, spans: Sequence[Span]) -> bytes:
    """The text with a mark in place of each span."""
    parts, at = [], 0
    for start, end in merged(spans):
        parts += [text[at:start], MARK]
        at = end
    return b"".join([*parts, text[at:]])


def is_json(text: bytes) -> bool:
    """Whether every line of it is a JSON object."""
    try:
        return all(isinstance(json.loads(line), dict) for line in text.splitlines() if line)
    except ValueError:
        return False


def throughput(engine: Engine, lines: Iterable[bytes]) -> float:
    """MB/s of CPU time over the lines, handed over in blocks of whole lines."""
    blocks = list(in_blocks(lines))
    started = time.process_time()
    for block in blocks:
        engine.redact(block)
    return sum(map(len, blocks)) / 1e6 / max(time.process_time() - started, 1e-9)


def in_blocks(lines: Iterable[bytes]) -> Iterable[bytes]:
    """Whole lines, joined until there is about a block of them."""
    held, size = [], 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def hostile(size: int = 1 << 20) -> dict[str, bytes]:
    """Lines that are made to be slow: one piece that rules wait for, again and again, and never what should follow."""
    dashes = b"-" * 5 + b"BEGIN "
    pieces = [
        b"a",
        b"A",
        b"0",
        b"-",
        b"\\",
        b'\\"',
        b"://",
        b"a://a:",
        b"eyJ",
        b"eyJa.",
        dashes,
        b"sk-",
        b"password",
        b"password=",
    ]
    pieces += [
        b"token: ",
        b"AKIA",
        b"ghp_",
        b"=",
        b" ",
        b"\\n",
        b"@",
        b"a:a@",
        b"_",
        b"Bearer ",
        b"key=\\\\",
        b"AccountKey=",
        b"xoxb-1-",
    ]
    return {piece.decode(): (piece * (size // len(piece) + 1))[:size] + b"\n" for piece in pieces}
