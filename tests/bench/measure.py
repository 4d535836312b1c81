"""What one process costs: CPU seconds with all its children, wall seconds, its own peak memory. Linux and macOS."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """One process: CPU (user and system, with every child that it waited for) and wall time, in seconds."""

    cpu: float
    wall: float


class Comparison(NamedTuple):
    """A baseline and ours, each the median of its runs, and the median of the ratios of neighbouring runs."""

    baseline: float
    ours: float
    ratio: float


def run(words: Sequence[str], env: Mapping[str, str], cwd: Path, *, may_fail: bool = False) -> Cost:
    """Run a process to its end with stdout thrown away; raises with its stderr if it fails."""
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        pid = spawn(words, env, cwd, errors.fileno())
        _pid, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - started
        if status and not may_fail:
            errors.seek(0)
            raise RuntimeError(f"{' '.join(words)}: {os.waitstatus_to_exitcode(status)}\n{errors.read().decode()}")
    return Cost(usage.ru_utime + usage.ru_stime, wall)


def spawn(words: Sequence[str], env: Mapping[str, str], cwd: Path, stderr: int) -> int:
    """Start a process in `cwd`; its pid. posix_spawn, because fork costs more the larger this process is."""
    path = next(place for place in places(words[0], env) if os.access(place, os.X_OK))
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, stderr, 2),
    ]
    here = os.getcwd()
    os.chdir(cwd)
    try:
        return os.posix_spawn(path, words, env, file_actions=actions)
    finally:
        os.chdir(here)


def places(name: str, env: Mapping[str, str]) -> list[str]:
    """Where a command may lie."""
    return [name] if os.sep in name else [os.path.join(part, name) for part in env["PATH"].split(os.pathsep)]


def peak(words: Sequence[str], env: Mapping[str, str], cwd: Path) -> int:
    """Peak resident memory in bytes of the process itself (not its children), sampled until it ends; Linux only."""
    with tempfile.TemporaryFile() as errors:
        pid = spawn(words, env, cwd, errors.fileno())
        highest = 0
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            highest = max(highest, _high_water(pid))
            time.sleep(0.002)
    return highest


def _high_water(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = [row.split()[1] for row in text.splitlines() if row.startswith("VmHWM:")]
    return int(found[0]) * 1024 if found else 0


def interleave(baseline: Callable[[], float], ours: Callable[[], float], runs: int) -> Comparison:
    """A B A B …: what slows the computer down for a while slows both. The order within a pair alternates."""
    os.sync()  # what came before is written now, not while the first runs wait for the same disk
    first, second = [], []
    for number in range(runs):
        if number % 2:
            second.append(ours())
            first.append(baseline())
        else:
            first.append(baseline())
            second.append(ours())
    ratios = [mine / theirs for mine, theirs in zip(second, first, strict=True)]
    return Comparison(statistics.median(first), statistics.median(second), statistics.median(ratios))


def size(directory: Path) -> int:
    """Bytes of all files under a directory."""
    return sum(
        os.lstat(os.path.join(place, name)).st_size for place, _dirs, names in os.walk(directory) for name in names
    )
