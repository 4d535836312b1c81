"""The labelled corpus that the redaction rules are judged by: samples with secrets, clean lines, and a mix to time.

Everything follows from the seed; nothing is real and nothing comes from outside. Whoever writes rules does not write here:
a corpus that was made to fit the rules measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.corpus import Corpus
from tests.bench.secrets_carriers import CARRIERS
from tests.bench.secrets_contexts import Carrier, draw_around, phrases
from tests.bench.secrets_draw import Draw, Value, table
from tests.bench.secrets_files import DOCUMENTS, one_of
from tests.bench.secrets_keys import KEYS, Maker, token
from tests.bench.secrets_tokens import NAMED, own
from tests.support.transcript import Transcript

CWD = "/home/al/src/app"
START = 1767322800.0
#: Samples of one kind: every phrase that can hold it comes about twice, and every carrier at least once.
SAMPLES = 48
#: Clean lines of one family.
LINES = 80


class Sample(NamedTuple):
    """Lines that hold a secret: `secrets` are its parts as they are spelled in `text`, each of them at least once."""

    kind: str
    phrase: str
    carrier: str
    text: bytes
    secrets: tuple[bytes, ...]


class Clean(NamedTuple):
    """Lines that hold none."""

    family: str
    carrier: str
    text: bytes


class Kind(NamedTuple):
    """How a credential of this kind looks, and what it is called; "" for a document, which stands for itself."""

    name: str
    make: Maker
    variable: str
    own: bool


def kinds() -> list[Kind]:
    """All kinds, in a fixed order."""
    found = [Kind(name, one_of(forms), variable, own=True) for name, variable, forms in own()]
    found.append(Kind("jwt", token, "AUTH_JWT", own=True))
    found += [Kind(name, one_of(forms), variable, own=False) for name, variable, forms in NAMED]
    return found + [Kind(name, make, "", own=False) for name, make in (*KEYS, *DOCUMENTS)]


def samples(count: int = SAMPLES, seed: int = 1) -> Iterator[Sample]:
    """`count` samples of every kind, each with a value of its own."""
    for place, kind in enumerate(kinds()):
        draw = Draw(f"{seed} {kind.name}")
        for number in range(count):
            yield sample(kind, number, place, draw)


def sample(kind: Kind, number: int, place: int, draw: Draw) -> Sample:
    """The sample of that number; each kind begins with another carrier, so that over all kinds every pair comes together."""
    value = kind.make(draw)
    carrier = CARRIERS[(number * 5 + number // len(CARRIERS) + place) % len(CARRIERS)]
    phrase, text = phrased(kind, value, number)
    made = Transcript(draw.uuid(), CWD, start=START + number)
    around = text.rstrip("\n") if phrase == "document" else draw_around(draw, text)
    return Sample(kind.name, phrase, carrier.name, carrier.make(around, made), spelled(carrier, value))


def phrased(kind: Kind, value: Value, number: int) -> tuple[str, str]:
    """(phrase's name, text)."""
    if not kind.variable:
        return "document", value.text
    possible = phrases(kind.variable, value.text, own=kind.own)
    return possible[number % len(possible)]


def spelled(carrier: Carrier, value: Value) -> tuple[bytes, ...]:
    """The secrets as the carrier writes them."""
    return tuple(form for secret in value.secrets for form in carrier.spell(secret))


def clean(count: int = LINES, seed: int = 1) -> Iterator[Clean]:
    """`count` clean texts of every family: every other one as it is, the rest in transcript rows."""
    for family, patterns in families():
        draw = Draw(f"{seed} {family}")
        for number in range(count):
            text = draw.fill(patterns[number % len(patterns)])
            carrier = CARRIERS[number // 2 % len(CARRIERS) if number % 2 else 0]
            made = Transcript(draw.uuid(), CWD, start=START + number)
            yield Clean(family, carrier.name, carrier.make(text, made))


def families() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(name, patterns) of every family of clean lines."""
    return table("secrets_clean_data.txt") + table("secrets_clean_talk.txt")


def mix(size: int, seed: int = 1) -> Iterator[bytes]:
    """About `size` bytes of lines as a project has them: mostly code and chat, a tenth clean texts, now and then a secret."""
    draw = Draw(f"mix {seed}")
    dangerous = [line for each in clean(seed=seed + 1) for line in each.text.splitlines(keepends=True)]
    secret = [line for each in samples(2, seed + 1) for line in each.text.splitlines(keepends=True)]
    total = 0
    for number, row in enumerate(Corpus(CWD, seed).rows(draw.uuid(), size, start=START)):
        lines = [row, *draw.random.choices(dangerous, k=4)]
        if number % 50 == 0:
            lines.append(draw.pick(secret))
        total += sum(map(len, lines))
        yield from lines
        if total >= size:
            return
