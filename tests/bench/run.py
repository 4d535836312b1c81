"""Measures git-ccsync's speed and prints the table: baseline, ours, ratio, and what was promised. Needs only the package.

python3 tests/bench/run.py [--quick] [--runs N] [--only WORD]... [--keep]
python3 tests/bench/run.py --encrypted [as above]  each row on an encrypted branch, against the same on a plain one
python3 tests/bench/run.py --secrets [--quick]      what redaction finds, its false alarms, its MB/s
python3 tests/bench/run.py --six-months [--full]    what half a year of use leaves in a repository
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import hooks, rows, rows_search, secrets_adapter, secrets_table
from tests.bench.measure import Comparison
from tests.bench.rows import Row
from tests.bench.stage import Stage

PASS = "python -c pass"

TABLE = (
    Row("first push of 300 MB, objects only (CPU)", "git add + commit", "s", "0.16", 0.65, 0.30, partial(rows.first_push, offline=True)),
    Row("first push, whole (CPU)", "git add + commit + push", "s", "0.18", 0.32, 0.25, partial(rows.first_push, offline=False)),
    Row("the same with redaction on (CPU)", "itself without", "s", "", 2.5, 1.5, rows.redacting),
    Row("hook's own time, not set up", PASS, "ms", "0.9", 1.5, 1.2, hooks.not_set_up),
    Row("hook's own time, a prompt without news", PASS, "ms", "0.9", 1.5, 1.2, hooks.quiet_prompt),
    Row("hook's own time, a prompt that looks itself", PASS, "ms", "", 3, 2.5, hooks.prompt_that_looks),
    Row("hook's own time, the end of an answer", PASS, "ms", "0.9", 3, 1.5, hooks.stop),
    Row("no-op push", PASS, "ms", "0.9", 2.3, 1.5, rows.quiet_push),
    Row("append 1 line to a 50 MB session and push", "git push of one small blob", "ms", "1.6", 3, 2.2, rows.append_and_push),
    Row("… bytes shipped, and the remote's growth", "the line", "B", "", 20_000, 5_000, rows.append_bytes, "ours"),
    Row("first pull (CPU)", "git fetch, fsck on", "s", "1.2", 1.7, 1.3, rows.first_pull),
    Row("incremental pull", "git fetch of one commit", "ms", "1.6", 3, 2, rows.next_pull),
    Row("status, 300 sessions", PASS, "ms", "1.1", 2, 1.5, partial(rows.status, sessions=300)),
    Row("status, 10,000 sessions", PASS, "ms", "3.8", 6.5, 5, partial(rows.status, sessions=10_000)),
    Row("TAB over 3,000 sessions", PASS, "ms", "", 0.100, 0.050, rows.tab, "ours"),
    Row("search of 300 MB, a rare word", "git grep of the same blobs", "s", "1.0", 2, 1.5, partial(rows_search.search, word=rows_search.RARE)),
    Row("search of 300 MB, a word in most rows", "git grep of the same blobs", "s", "", 12, 8, partial(rows_search.search, word=rows_search.COMMON)),
    Row("search of 300 MB, a word in all keys", "git grep of the same blobs", "s", "", 10, 6, partial(rows_search.search, word=rows_search.KEY)),
    *(Row("search of 300 MB, a rare word, against rg", "rg on the files", "s", "", 20, 10, partial(rows_search.search, word=rows_search.RARE, against="rg")) for _ in [0] if shutil.which("rg")),
    Row("bytes shipped over a session's life", "zlib -1 of the bytes", "kB", "1.0", 1.10, 1.05, rows.life_bytes),
    Row("peak memory, 200 MB session", "the interpreter's own", "MB", "", 64 << 20, 32 << 20, rows.memory, "ours"),
)  # fmt: skip

#: What a row may take on an encrypted branch, in times of the same on a plain one.
MORE = 1.5
ENCRYPTED = f"{'operation':44} {'plain':>12} {'encrypted':>12} {'times':>7}  must {MORE}\n{'-' * 96}"
SCALE = {"s": 1.0, "ms": 1e3, "B": 1.0, "kB": 1e-3, "MB": 1 / (1 << 20)}


def main() -> int:
    """Measure the rows that were asked for; the status is 1 if one of them misses its "must"."""
    options = arguments()
    if options.secrets:
        return secrets_table.main(secrets_adapter.engine(), quick=options.quick)
    if options.six_months:
        from tests.bench import six_months

        return six_months.main(full=options.full)
    wanted = [row for row in TABLE if not options.only or any(word in row.name for word in options.only)]
    if options.encrypted:
        wanted = [row for row in wanted if row.baseline != "itself without" and not row.name.startswith("search")]
    started, missed = time.monotonic(), 0
    print(ENCRYPTED if options.encrypted else heading())
    directory = Path(tempfile.mkdtemp(prefix="ccsync-bench-"))
    try:
        for number, row in enumerate(wanted):
            os.sync()  # what the row before has written is not to be paid by this one's
            if options.encrypted:
                missed += compare(row, directory / str(number), options)
            else:
                missed += show(row, measure(row, directory / str(number), options))
    finally:
        if not options.keep:
            # rm, not shutil: it takes read-only object files and is not slowed by 10,000 small ones.
            os.spawnlp(os.P_WAIT, "rm", "rm", "-rf", str(directory))
    print(f"\n{len(wanted) - missed} of {len(wanted)} rows meet their must; {time.monotonic() - started:.0f} s")
    return 1 if missed else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="a tenth of the data, fewer runs: shows that the rows work"
    )
    parser.add_argument(
        "--runs", type=int, default=0, help="pairs of a short row (default 15); long rows take at most 3"
    )
    parser.add_argument("--only", action="append", default=[], metavar="WORD", help="rows whose name contains WORD")
    parser.add_argument("--encrypted", action="store_true", help="each row on an encrypted branch and on a plain one")
    parser.add_argument("--secrets", action="store_true", help="judge the redaction on the labelled corpus instead")
    parser.add_argument("--six-months", action="store_true", help="half a year of use: loose objects, packs, size")
    parser.add_argument("--full", action="store_true", help="all of its 52,000 pushes instead of a twentieth")
    parser.add_argument("--keep", action="store_true", help="leave the worlds to look at")
    return parser.parse_args()


def measure(
    row: Row, directory: Path, options: argparse.Namespace, *, encrypted: bool = False
) -> Comparison | Exception:
    """One row on a stage of its own; an error is a row that says so, and the others go on."""
    directory.mkdir(parents=True)
    stage = Stage(directory, scale=0.1 if options.quick else 1.0, encrypted=encrypted)
    try:
        return row.measure(stage, options.runs or (5 if options.quick else 15))
    except (RuntimeError, AssertionError, OSError) as error:
        return error
    finally:
        stage.close()
        if not options.keep:
            os.spawnlp(os.P_WAIT, "rm", "rm", "-rf", str(directory))


def heading() -> str:
    """The table's head."""
    names = f"{'baseline':>12} {'ours':>12} {'ratio':>7} {'floor':>6} {'must':>9} {'aim':>9}  {'meets':7}  against"
    return f"{'operation':44} {names}\n{'-' * 140}"


def show(row: Row, seen: Comparison | Exception) -> bool:
    """Print one row; true if it misses its must."""
    if isinstance(seen, Exception):
        print(f"{row.name:44} failed: {seen}", flush=True)
        return True
    value = seen.ours if row.bound == "ours" else seen.ratio
    verdict = "aim" if value <= row.aim else "must" if value <= row.must else "MISSED"
    bounds = [limit(row, bound) for bound in (row.must, row.aim)]
    digits = 2 if row.unit == "s" else 1
    sides = [f"{side * SCALE[row.unit]:.{digits}f} {row.unit}" for side in (seen.baseline, seen.ours)]
    ratio = "" if row.bound == "ours" else f"{seen.ratio:.2f}"
    numbers = f"{sides[0]:>12} {sides[1]:>12} {ratio:>7} {row.floor:>6} {bounds[0]:>9} {bounds[1]:>9}"
    print(f"{row.name:44} {numbers}  {verdict:7}  {row.baseline}", flush=True)
    return verdict == "MISSED"


def compare(row: Row, directory: Path, options: argparse.Namespace) -> bool:
    """Measure one row plain and encrypted, each against the row's baseline in the same minute, and print both; true if the
    encrypted one takes more than its must.
    """
    sides: list[float] = []
    absolute = row.bound == "ours" or "CPU" in row.name
    for encrypted in (False, True):
        seen = measure(row, directory / str(encrypted), options, encrypted=encrypted)
        if isinstance(seen, Exception):
            print(f"{row.name:44} failed: {seen}", flush=True)
            return True
        # The baseline of a pull is another one on an encrypted branch: CPU stands for itself, only time needs its measure.
        sides.append(seen.ours * SCALE[row.unit] if absolute else seen.ratio)
    unit = f" {row.unit}" if absolute else ""
    shown = [f"{side:.2f}{unit}" for side in sides]
    more = sides[1] / sides[0]
    print(
        f"{row.name:44} {shown[0]:>12} {shown[1]:>12} {more:>7.2f}  {'must' if more <= MORE else 'MISSED'}", flush=True
    )
    return more > MORE


def limit(row: Row, bound: float) -> str:
    """A bound as the table shows it."""
    return f"{bound * SCALE[row.unit]:.0f} {row.unit}" if row.bound == "ours" else f"{bound:.2f}"


if __name__ == "__main__":
    sys.exit(main())
