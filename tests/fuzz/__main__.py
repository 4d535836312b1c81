"""`python -m tests.fuzz [TARGET …] [--seconds N] [--seed N]`: with atheris where it is installed and one target is named, else
with mutations of good inputs. What breaks a law is kept in `.cache/fuzz/`, and named; run it again by giving the file.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fuzz import branches, texts
from tests.fuzz.target import mutated

if TYPE_CHECKING:
    from tests.fuzz.target import Target

TARGETS = {one.name: one for one in (*branches.TARGETS, *branches.SEALED, *texts.TARGETS)}
KEPT = Path(".cache/fuzz")
#: Limits of one input of at most 64 KiB: seconds, and bytes of memory for all.
SLOW, MEMORY = 5.0, 1 << 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; or a kept file")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() & 0xFFFFFF)
    asked = parser.parse_args()
    kept = [Path(word) for word in asked.targets if word not in TARGETS]
    if unknown := [str(path) for path in kept if path.name.rpartition("-")[0] not in TARGETS]:
        parser.error(f"there is no target {', '.join(unknown)}")
    for path in kept:
        TARGETS[path.name.rpartition("-")[0]].check(path.read_bytes())
    chosen = [TARGETS[word] for word in asked.targets if word in TARGETS] or ([] if kept else list(TARGETS.values()))
    if len(chosen) == 1 and _atheris(chosen[0], asked.seconds):
        return 0
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, hard))
    broken = [one for one in chosen if _run(one, asked.seconds, random.Random(asked.seed))]
    return int(bool(broken))


def _atheris(target: Target, seconds: float) -> bool:
    """Coverage-guided, if that can be had."""
    try:
        import atheris
    except ImportError:
        return False
    atheris.instrument_all()
    seeds = KEPT / f"seeds-{target.name}"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (seeds / str(number)).write_bytes(seed)
    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", f"-timeout={SLOW:g}", str(seeds)], target.check)
    atheris.Fuzz()
    return True


def _run(target: Target, seconds: float, chance: random.Random) -> bool:
    """True if some bytes broke the law."""
    end, count, pool = time.monotonic() + seconds, 0, list(target.seeds)
    while time.monotonic() < end:
        data = mutated(chance.choice(pool), target.words, chance)
        if chance.random() < 0.02:  # a chain of edits goes farther than one
            pool = [*pool[-200:], data, *target.seeds]
        began = time.monotonic()
        try:
            target.check(data)
            assert time.monotonic() - began < SLOW, "it took too long"
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
            KEPT.mkdir(parents=True, exist_ok=True)
            path = KEPT / f"{target.name}-{hashlib.sha1(data).hexdigest()[:8]}"
            path.write_bytes(data)
            print(f"{target.name}: {type(error).__name__}: {error} ({path})")
            return True
        count += 1
    print(f"{target.name}: {count:,} inputs: {target.law}")
    return False


if __name__ == "__main__":
    sys.exit(main())
