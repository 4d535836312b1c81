"""Half a year of use, pushed in this process: 20 sessions a week, 3 MB each, 100 pushes each; another machine pulls.

It says how many loose objects and packs git ever saw, whether `git gc --auto` woke, and what all that takes on the disk
against the zlib of the transcripts. By default a twentieth of the weeks; --full does all 52,000 pushes (an hour).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import uuid
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.corpus import Corpus
from tests.bench.stage import Stage
from tests.support.session import Session

if TYPE_CHECKING:
    from tests.support.machine import Machine

SESSIONS, PUSHES, STEP = 520, 100, 30_000
SCALE = 20
#: The half year ends today: reflogs are shortened by their dates.
DAYS, WEEKLY = 182, 20
#: Pushes between two pulls of the other machine, and between two looks of git's own at whether a gc is due.
PULL, AUTO = 50, 100
MUST = 1.2


class User:
    """One machine, worked in by this process; what git saw of its object directory at the worst."""

    def __init__(self, machine: Machine) -> None:
        self.machine, self.most_loose, self.most_packs, self.woke, self.gcs = machine, 0, 0, 0, 0
        self.objects = machine.clone / ".git" / "objects"

    def enter(self) -> None:
        """Be this machine's user from here on."""
        os.environ.clear()
        os.environ.update(self.machine.env)
        os.chdir(self.machine.clone)

    def push(self) -> None:
        """One push, and what comes behind it."""
        from git_ccsync.operations import push
        from git_ccsync.operations.run import workspace

        self.enter()
        ws = workspace.open_workspace(".")
        push.push(ws)
        self._behind(ws)

    def pull(self) -> None:
        """One pull, and what comes behind it."""
        from git_ccsync.operations import pull
        from git_ccsync.operations.run import workspace

        self.enter()
        ws = workspace.open_workspace(".")
        pull.pull(ws)
        self._behind(ws)

    def week_passes(self) -> None:
        """What is done once a week is due again."""
        from git_ccsync.operations.run import workspace
        from git_ccsync.state.marks import Marks

        self.enter()
        Marks(workspace.open_workspace(".").state).set(expired="0")

    def tend(self) -> None:
        """What comes behind 64 pushes."""
        from git_ccsync.operations.run import upkeep, workspace

        self.enter()
        upkeep.tend(workspace.open_workspace("."))

    def _behind(self, ws: object) -> None:
        from git_ccsync.operations.run import upkeep

        self.most_loose = max(
            self.most_loose, 256 * len(os.listdir(self.objects / "17")) if (self.objects / "17").exists() else 0
        )
        self.most_packs = max(
            self.most_packs, sum(name.endswith(".pack") for name in os.listdir(self.objects / "pack"))
        )
        if upkeep.due(ws.state):  # type: ignore[attr-defined]
            self.most_loose = max(
                self.most_loose, sum(len(os.listdir(one)) for one in self.objects.glob("[0-9a-f][0-9a-f]"))
            )
            upkeep.tend(ws)  # type: ignore[arg-type]
            self.gcs += 1

    def auto(self) -> None:
        """What every `git fetch` and `git commit` of the user's does."""
        env = self.machine.env | {"GIT_TRACE": "1"}
        done = subprocess.run(["git", "gc", "--auto"], cwd=self.machine.clone, env=env, capture_output=True, check=True)
        self.woke += b"Auto packing" in done.stderr

    def told(self, name: str) -> str:
        """A line of the result."""
        packs = sum(name.endswith(".pack") for name in os.listdir(self.objects / "pack"))
        worst = f"{self.most_loose:,} loose objects and {self.most_packs} packs at most (git wakes at 6,700 and 50)"
        return f"{name:8} {worst}; packed {self.gcs} times, {packs} packs now; gc --auto woke {self.woke} times"


def main(*, full: bool) -> int:
    """Run it; 1 if the promise is not kept."""
    sessions = SESSIONS if full else SESSIONS // SCALE
    print(f"{sessions} sessions of {PUSHES} pushes: {'all of' if full else f'1/{SCALE} of'} six months", flush=True)
    directory = Path(tempfile.mkdtemp(prefix="ccsync-months-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    before, home = dict(os.environ), os.getcwd()
    try:
        return _run(Stage(directory, scale=1), sessions)
    finally:
        os.chdir(home)
        os.environ.update(before)
        shutil.rmtree(directory, ignore_errors=True)


def _run(stage: Stage, sessions: int) -> int:
    world = stage.world("months")
    world.git("config", "gc.auto", "0")  # the remote's own business
    laptop, desktop = User(world.machine("laptop")), User(world.machine("desktop"))
    laptop.machine.init()
    desktop.machine.init()
    empty = disk(laptop.machine)
    corpus, raw, packed, fast, began = Corpus(str(laptop.machine.clone), 1), 0, 0, 0, time.monotonic()
    for number in range(sessions):
        when = world.now - DAYS * 86400 * (1 - number / sessions)
        data = session(laptop, desktop, corpus, when, weekly=number % max(1, WEEKLY * sessions // SESSIONS) == 0)
        raw, packed, fast = raw + len(data), packed + len(zlib.compress(data)), fast + len(zlib.compress(data, 1))
        if number % 20 == 19:
            print(f"  {number + 1} sessions, {time.monotonic() - began:.0f} s", flush=True)
    pushes = sessions * PUSHES
    print(f"{pushes:,} pushes of {raw / pushes / 1e3:.1f} kB, {1e3 * (time.monotonic() - began) / pushes:.0f} ms each")
    if sessions < SESSIONS:  # what waits for the next packing weighs as much as in the whole half year
        laptop.tend()
    objects, logs, state = (now - then for now, then in zip(disk(laptop.machine), empty, strict=True))
    ratio = (objects + logs) / packed
    print(laptop.told("laptop"), desktop.told("desktop"), sep="\n")
    print(
        f"objects {objects / 1e6:.1f} MB, reflogs {logs / 1e6:.1f} MB; state of a size that is bounded {state / 1e6:.1f} MB"
    )
    print(f"{ratio:.3f} × zlib of the transcripts (must: {MUST}); {(objects + logs) / fast:.3f} × zlib -1")
    kept = ratio <= MUST and not laptop.woke + desktop.woke and max(laptop.most_loose, desktop.most_loose) < 6700
    return int(not kept)


def session(laptop: User, desktop: User, corpus: Corpus, start: float, *, weekly: bool) -> bytes:
    """One session, a push for each of its parts; its transcript."""
    machine = laptop.machine
    if weekly:
        laptop.week_passes()
    made = Session(machine.claude, str(uuid.UUID(bytes=os.urandom(16), version=4)), str(machine.clone), start=start)
    made.path.parent.mkdir(parents=True, exist_ok=True)
    for part in range(PUSHES):
        laptop.machine.env["GIT_COMMITTER_DATE"] = f"{int(start) + part * 60} +0000"
        with made.path.open("ab") as file:
            file.write(b"".join(corpus.rows(made.id, STEP * 9 // 10, start=start + part)))
        laptop.push()
        if part % PULL == PULL - 1:
            desktop.pull()
    laptop.auto()
    desktop.auto()
    return made.path.read_bytes()


def disk(machine: Machine) -> tuple[int, int, int]:
    """Bytes of the object directory, of the reflogs, and of our state."""
    git = machine.clone / ".git"
    return size(git / "objects"), size(git / "logs"), size(git / "ccsync")


def size(top: Path) -> int:
    """Bytes of all files below."""
    return sum(path.stat().st_size for path in top.rglob("*") if path.is_file())
