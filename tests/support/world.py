"""A world: a bare remote and machines with different home, clone path and Claude directory, around real processes.

    laptop = world.machine("laptop"); session = laptop.session("fix bug"); laptop.init(); laptop.ok("push")

Every machine is another path under another home, so every test crosses a translation.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.support import initialised, template
from tests.support.machine import Machine, run
from tests.support.seal import DATE, sealed_environment
from tests.support.server import Server
from tests.support.sshd import Sshd

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: (home, clone) of the machines in order of their making, if the test does not choose; relative to the machine's directory.
LAYOUTS = (
    ("home/al", "home/al/work/app"),
    ("Users/alan", "Users/alan/src/the app"),
    ("srv/b", "srv/b/code/app_main"),
    ("root", "opt/app"),
)


class World:
    """One bare remote at `remote` with one commit, and machines by name. A context manager: leaving stops what it started.

    `real`: every command is a Python of its own, started by the launcher (see `spare`). `encrypted`: the first machine that
    is initialised encrypts the branch, and lets the others in. `upkeep` as in `sealed_environment`.
    """

    def __init__(self, directory: Path, *, real: bool = False, encrypted: bool = False, upkeep: bool = False) -> None:
        self.directory, self.real, self.encrypted, self.upkeep = directory, real, encrypted, upkeep
        self.first: Machine | None = None
        self.machines: dict[str, Machine] = {}
        self.random = random.Random(7)
        self.now = float(int(time.time())) - 3600
        self._closers: list[object] = []
        self.environment = sealed_environment(directory / "server" / "home", upkeep=upkeep)
        self.remote = directory / "server" / "app.git"
        self._make_remote()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        while self._closers:
            self._closers.pop().stop()  # type: ignore[attr-defined]

    def stops(self, started: object) -> None:
        """Remember something with a `stop()` method; it is stopped when the world ends."""
        self._closers.append(started)

    def machine(
        self,
        name: str,
        *,
        home: str = "",
        clone: str = "",
        claude: str = "",
        url: str = "",
        email: str = "al@example.com",
    ) -> Machine:
        """A new machine with a clone. Paths are absolute or relative to the machine's own directory; `claude` becomes
        CLAUDE_CONFIG_DIR, and `url` is what it clones from (the bare remote's path)."""
        base = self.directory / name
        made = self._place(name, home=home, clone=clone, claude=claude, email=email)
        made.clone.parent.mkdir(parents=True, exist_ok=True)
        if url or not template.fits(self.remote):
            # A plain local clone would hard-link every object of the remote, also those that nobody asked for.
            run(["git", "clone", "-q", "--no-local", url or str(self.remote), str(made.clone)], made.env, cwd=base)
        else:
            template.clone(made.clone, str(self.remote))
        return made

    def initialised(self, *names: str) -> tuple[Machine, ...]:
        """The first machines of this world, each as after its `init()`, in this order; `real` worlds run it, others
        write down what it left when it ran in another world. For tests that are about something else."""
        assert not self.machines, "only in a world without machines is known what init would find"
        if not self.real:
            initialised.put(_initialised(names), self.directory)
            return tuple(self._place(name) for name in names)
        machines = tuple(map(self.machine, names))
        for machine in machines:
            machine.init()
        return machines

    def _place(
        self, name: str, *, home: str = "", clone: str = "", claude: str = "", email: str = "al@example.com"
    ) -> Machine:
        base, layout = self.directory / name, LAYOUTS[len(self.machines) % len(LAYOUTS)]
        made = self.machines[name] = Machine(
            self,
            name,
            home=base / (home or layout[0]),
            clone=base / (clone or layout[1]),
            claude=claude and base / claude,
            email=email,
        )
        return made

    def git(self, *args: str, input: bytes = b"") -> str:
        """git in the bare remote; its output without the last newline."""
        return run(["git", *args], self.environment, cwd=self.remote, input=input).out.rstrip("\n")

    def branch(self, ref: str = "refs/ccsync/al") -> dict[str, str]:
        """Every blob of a branch on the remote: path to object id; empty if there is no such branch."""
        listing = subprocess.run(
            ["git", "ls-tree", "-r", "-z", ref], cwd=self.remote, env=self.environment, capture_output=True, check=False
        ).stdout
        rows = [row.split(b"\t", 1) for row in listing.split(b"\0") if row]
        return {name.decode(): facts.split()[2].decode() for facts, name in rows}

    def blob(self, oid: str) -> bytes:
        """The content of one object on the remote."""
        return b"".join(self.blobs([oid]))

    def blobs(self, oids: Sequence[str]) -> Iterator[bytes]:
        """The contents of objects on the remote, from one process."""
        words, asked = ["git", "cat-file", "--batch", "--buffer"], "".join(f"{oid}\n" for oid in oids)
        done = subprocess.run(
            words, input=asked.encode(), cwd=self.remote, env=self.environment, capture_output=True, check=True
        )
        at = 0
        for oid in oids:
            head = done.stdout[at : done.stdout.index(b"\n", at)]
            assert head.startswith(f"{oid} blob ".encode()), head
            at += len(head) + 1
            size = int(head.split()[2])
            yield done.stdout[at : at + size]
            at += size + 1

    def stored(self, session: str, ref: str = "refs/ccsync/al") -> bytes:
        """A session's transcript as it lies on the remote: its segments joined, portable text."""
        prefix = f"sessions/{session[0]}/{session[1]}/{session}/transcript/"
        parts = [(path, oid) for path, oid in self.branch(ref).items() if path.startswith(prefix)]
        parts.sort(key=lambda part: [int(number) for number in part[0][len(prefix) :].split("/")])
        return b"".join(self.blobs([oid for _path, oid in parts])) if parts else b""

    def keep(self) -> None:
        """Remember the whole world as it is now, for `restore`."""
        subprocess.run(["cp", "-a", str(self.directory), f"{self.directory}.kept"], check=True)

    def restore(self) -> None:
        """Put the whole world back as it was when it was kept: same paths, same times, other inodes."""
        for _ in range(50):
            # What a killed command left running may still write: once more, then.
            if subprocess.run(["rm", "-rf", str(self.directory)], capture_output=True, check=False).returncode == 0:
                break
        subprocess.run(["cp", "-a", f"{self.directory}.kept", str(self.directory)], check=True)

    def http(self) -> Server:
        """A smart-HTTP server of everything beside the bare remote ("app.git"); stopped with the world."""
        started = Server(self.remote.parent, self.remote.parent / "http-home")
        self.stops(started)
        return started

    def ssh(self) -> Sshd:
        """An ssh server; stopped with the world."""
        started = Sshd(self.directory / "sshd")
        self.stops(started)
        return started

    def _make_remote(self) -> None:
        self.remote.parent.mkdir(parents=True, exist_ok=True)
        self.environment |= {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}
        template.remote(self.remote, upkeep=self.upkeep)


@cache
def _initialised(names: tuple[str, ...]) -> initialised.Kept:
    place = Path(tempfile.mkdtemp(prefix="ccsync-initialised-", dir=template.PLACE))
    try:
        with World(place / "world") as world:
            for name in names:
                world.machine(name).init()
            return initialised.keep(world.directory)
    finally:
        shutil.rmtree(place, ignore_errors=True)
