"""The table of `run.py --secrets`: what the redaction finds, what it takes for a secret and is none, and how fast it is."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.bench.corpus import Corpus
from tests.bench.secrets_corpus import CWD, START, clean, mix, samples
from tests.bench.secrets_score import Engine, Score, hostile, score, throughput

SIZE = 30 << 20
#: Promised in the issue: at least as many MB/s.
MUST = 50.0


def main(engine: Engine | None, *, quick: bool = False) -> int:
    """Judge the engine and print; 1 if there is none or if it is slower than promised."""
    if engine is None:
        print("there is no redaction to measure")
        return 1
    seen = score(engine, samples(), clean())
    print(heading(engine, seen))
    below("kind", seen.by("kind"))
    below("place", seen.by("carrier"))
    below("phrase", seen.by("phrase"))
    alarms(seen)
    return speeds(engine, SIZE // 10 if quick else SIZE)


def heading(engine: Engine, seen: Score) -> str:
    """The sums."""
    rows = [
        ("kinds", f"{len(seen.by('kind'))}"),
        ("samples", f"{len(seen.samples):,}"),
        ("recall", f"{seen.recall:.2%}"),
        ("kinds found always", f"{sum(count == found for count, found in seen.by('kind').values())}"),
        ("clean texts", f"{len(seen.clean):,}"),
        ("false alarms in 1,000", f"{seen.alarms_per_thousand:.1f}"),
        ("rows no longer JSON", f"{len(seen.broken)}"),
        ("bytes replaced for each of a secret", f"{seen.excess:.2f}"),
    ]
    return "\n".join([f"secrets, judged: {engine.name}", *(f"  {name:38} {value:>10}" for name, value in rows)])


def below(title: str, counts: dict[str, tuple[int, int]]) -> None:
    """The rows that are not found always, the worst first."""
    worst = sorted(((found / count, name, count) for name, (count, found) in counts.items() if found < count))
    print(f"\n{f'recall by {title}':40} {'samples':>8} {'recall':>8}\n{'-' * 58}")
    for share, name, count in worst:
        print(f"{name:40} {count:>8} {share:>8.1%}")
    print(f"{f'the other {len(counts) - len(worst)}':40} {'':8} {1:>8.1%}")


def alarms(seen: Score) -> None:
    """The families of clean lines with an alarm, and one of them each."""
    print(f"\n{'false alarms by family':40} {'texts':>8} {'alarms':>8}\n{'-' * 58}")
    for family, (count, wrong) in sorted(seen.families().items(), key=lambda row: -row[1][1]):
        if wrong:
            example = min((each.text for each in seen.alarms if each.family == family), key=len)
            print(f"{family:40} {count:>8} {wrong:>8}   {example[:90].decode(errors='replace')!r}")


def speeds(engine: Engine, size: int) -> int:
    """MB/s on three kinds of text and on the slowest hostile line; 1 if the mix is below what is promised."""
    print(f"\n{'throughput, CPU':40} {'MB/s':>8} {'must':>8}\n{'-' * 58}")
    texts: dict[str, Callable[[], float]] = {
        "transcripts alone": lambda: throughput(engine, Corpus(CWD, 5).rows("s", size // 3, start=START)),
        "clean lines alone, dense with words": lambda: throughput(
            engine, (each.text for each in clean(2 * size // 50_000))
        ),
        f"mix of {size >> 20} MB": lambda: throughput(engine, mix(size)),
    }
    speed = 0.0
    for name, measure in texts.items():
        speed = max(measure() for _ in range(3))
        print(f"{name:40} {speed:>8.0f} {f'{MUST:.0f}' if name.startswith('mix') else '':>8}", flush=True)
    slowest, piece = min(one_line(engine, piece, line) for piece, line in hostile().items())
    print(f"{f'slowest hostile line of 1 MB, of {piece!r}':40} {slowest:>8.1f}")
    return int(speed < MUST)


def one_line(engine: Engine, piece: str, line: bytes) -> tuple[float, str]:
    """(MB/s, piece) of one line."""
    started = time.process_time()
    engine.redact(line)
    return len(line) / 1e6 / max(time.process_time() - started, 1e-9), piece
