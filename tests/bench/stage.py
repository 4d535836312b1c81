"""The worlds that the rows are measured in: machines with corpora, and their state kept aside so that a first push can be
made again and again. Knows no row."""

from __future__ import annotations

import os
import shutil
import sys
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

from tests.bench.corpus import Corpus
from tests.bench.measure import Cost, run
from tests.support.machine import Machine, executable
from tests.support.seal import sealed_environment
from tests.support.session import Session
from tests.support.world import World


class Kept:
    """Copies of files and directories, to be put back as they were (also: absent)."""

    def __init__(self, store: Path, *paths: Path) -> None:
        self._pairs = [(path, store / str(number)) for number, path in enumerate(paths)]
        store.mkdir(parents=True)
        for path, copy in self._pairs:
            if path.exists():
                shutil.copytree(path, copy, symlinks=True)

    def restore(self) -> None:
        """Put everything back."""
        for path, copy in self._pairs:
            shutil.rmtree(path, ignore_errors=True)
            if copy.exists():
                shutil.copytree(copy, path, symlinks=True)


class Stage:
    """A temporary directory full of worlds, all of them `encrypted` or none; `plain` is an environment for git and python.
    Git is set as it comes, its upkeep (`git maintenance run --auto` behind a fetch and a push) included, on both sides.
    """

    def __init__(self, directory: Path, *, scale: float, encrypted: bool = False) -> None:
        self.directory, self.scale, self.encrypted = directory, scale, encrypted
        self.plain = sealed_environment(directory / "plain", upkeep=True)
        self._worlds: dict[str, World] = {}

    def close(self) -> None:
        """Stop servers; the directory is the caller's."""
        for world in self._worlds.values():
            world.__exit__()

    def world(self, name: str) -> World:
        """A new world."""
        self._worlds[name] = World(self.directory / name, encrypted=self.encrypted, upkeep=True)
        return self._worlds[name]

    def bytes(self, megabytes: float) -> int:
        """A size, made smaller by --quick."""
        return int(megabytes * self.scale * (1 << 20))

    def python(self) -> float:
        """Wall seconds of `python -c pass`: the measure of all short commands."""
        return run([sys.executable, "-c", "pass"], self.plain, self.directory).wall

    def git(self, *args: str, cwd: Path) -> Cost:
        """A git command of a baseline."""
        return run(["git", *args], self.plain, cwd)


def ours(machine: Machine, *args: str, may_fail: bool = False) -> Cost:
    """One `git ccsync ARGS` as a user starts it: by git, if the launcher is installed; else by this interpreter."""
    words = ["git", "ccsync"] if len(executable()) == 1 else executable()
    return run([*words, *args], as_a_user(machine), machine.clone, may_fail=may_fail)


def as_a_user(machine: Machine) -> dict[str, str]:
    """The machine's environment, with the compiled modules kept that the seal of the tests forbids; they are there before
    anything is measured, as they are for whoever runs a command a second time.
    """
    env = {name: value for name, value in machine.env.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept = machine.home / ".cache" / "git-ccsync"
    if len(executable()) == 1 and not kept.exists():
        run([*executable(), "--version"], env, machine.home)
        until = time.monotonic() + 10
        while not list(kept.glob("modules-*[0-9]")) and time.monotonic() < until:
            time.sleep(0.05)
    return env


def fill(machine: Machine, sizes: Sequence[int], *, seed: int = 1, largest: int = 60_000) -> list[Session]:
    """Write a session of each size in bytes; the newest lines are minutes old, so every session counts as recent."""
    corpus = Corpus(str(machine.clone), seed)
    made = []
    for number, size in enumerate(sizes):
        name = str(uuid.UUID(int=(seed << 64) + number * 0x0123456789ABCDEF0123, version=4))
        session = Session(machine.claude, name, str(machine.clone), start=machine.world.now)
        rows = corpus.rows(name, size, start=machine.world.now, largest=largest)
        session.write(b"".join(rows))
        made.append(session)
    return made


def add_line(machine: Machine, session: Session, corpus: Corpus) -> None:
    """One more small row, written now."""
    with session.path.open("ab") as file:
        file.write(corpus.row(session.id, start=machine.world.now))


def state_of(machine: Machine) -> Sequence[Path]:
    """Everything of a machine that a push or pull may change, but the Claude directory."""
    state = machine.home / ".local"
    return [machine.clone / ".git", state, machine.home / ".config", machine.home / ".cache", machine.world.remote]


def link_tree(source: Path, target: Path) -> None:
    """The same files under another directory, without copying a byte."""
    shutil.copytree(source, target, copy_function=os.link)
