"""A model of people at three machines: they write, their disks forget, they push, pull and sync, and processes die.

What must hold whatever they do: no row that was ever captured, or that still lies on a disk, is lost from the branch;
after everybody has synced, all have the same sessions and lines; syncing once more changes nothing.

`CCSYNC_MODEL=N` runs N stories instead of the everyday few.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.support.inside import inside, killed_at
from tests.support.machine import Machine
from tests.support.world import World

pytestmark = pytest.mark.slow

NAMES = ("laptop", "desktop", "tower")
STORIES = int(os.environ.get("CCSYNC_MODEL", "0"))
UUID = re.compile(rb'"uuid":"([^"]+)"')
#: Claude Code takes at most this many rows out of a file in place before git-ccsync calls it a divergence.
REMOVABLE = 4


class Ground:
    """One world with three machines that are set up, put back to that for every story."""

    def __init__(self, directory: Path) -> None:
        self.world = World(directory / "world")
        self.machines = [self.world.machine(name) for name in NAMES]
        for machine in self.machines:
            for hook in (machine.clone / ".git" / "hooks").glob("*"):
                hook.unlink()
            machine.init()
        self.world.keep()

    def fresh(self) -> list[Machine]:
        self.world.restore()
        self.world.random.seed(7)
        return self.machines


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = Ground(tmp_path_factory.mktemp("model"))
    with made.world:
        yield made


def rows(data: bytes) -> list[bytes]:
    """The whole lines that are rows; what an interrupted write left is none."""
    return [line for line in data.split(b"\n")[:-1] if _is_row(line)]


def _is_row(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


class People(RuleBasedStateMachine):
    """The story. `captured` are the ids of rows that some verb saw; `gone` which sessions a disk lost on purpose."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.machines = self.ground.fresh()
        self.count = 0
        self.captured: set[bytes] = set()
        self.gone: dict[str, set[str]] = {name: set() for name in NAMES}
        self.removed: dict[tuple[str, str], set[bytes]] = {}
        self.damaged: set[str] = set()

    # --- who and what

    def pick(self, who: int, which: int) -> tuple[Machine, Path] | None:
        machine = self.machines[who % len(self.machines)]
        found = sorted(machine.claude.glob("projects/*/*.jsonl"))
        return (machine, found[which % len(found)]) if found else None

    def add(self, machine: Machine, path: Path, data: bytes) -> None:
        """As Claude Code appends: a torn last line gets its newline first."""
        held = path.read_bytes()
        if held and not held.endswith(b"\n"):
            data = b"\n" + data
        self.put(path, held + data)

    def put(self, path: Path, data: bytes) -> None:
        """The file's bytes, written in place, with a time stamp that no other write here has."""
        self.count += 1
        with path.open("r+b") as file:
            file.write(data)
            file.truncate()
        stamp = time.time() - 3000 + self.count
        os.utime(path, (stamp, stamp))

    def on_disk(self, machine: Machine) -> set[bytes]:
        return set(UUID.findall(b"\n".join(b"\n".join(rows(data)) for data in machine.sessions().values())))

    who = st.integers(0, 2)
    which = st.integers(0, 3)

    # --- people write

    @initialize()
    def begin(self) -> None:
        self.machines[0].session("first", lines=2)
        for machine in self.machines:
            self.verb(machine, "sync")

    @rule(who=who)
    def new(self, who: int) -> None:
        if sum(len(machine.sessions()) for machine in self.machines) < 12:
            self.count += 1
            self.machines[who].session(f"title {self.count}", lines=1)

    @rule(who=who, which=which, lines=st.integers(1, 2))
    def talk(self, who: int, which: int, lines: int) -> None:
        if found := self.pick(who, which):
            machine, path = found
            self.count += 1
            more = machine.here(path.stem).rows
            more.clock, more.cwd = more.clock + self.count, str(machine.clone)
            self.add(
                machine, path, b"".join(more.exchange(f"talk {self.count}") for _ in range(lines)) + more.bookkeeping()
            )

    @rule(who=who, which=which)
    def keep_books(self, who: int, which: int) -> None:
        """Only bookkeeping: a title, and the block that is written at each exit."""
        if found := self.pick(who, which):
            machine, path = found
            self.count += 1
            self.add(machine, path, machine.here(path.stem).rows.bookkeeping(f"title {self.count}"))

    @rule(who=who, which=which)
    def repeat_the_tail(self, who: int, which: int) -> None:
        """Claude Code writes its last block once more."""
        if found := self.pick(who, which):
            machine, path = found
            block = [line for line in rows(path.read_bytes())[-4:] if b'"uuid"' not in line]
            self.add(machine, path, b"".join(line + b"\n" for line in block))

    @rule(who=who, which=which, place=st.integers(0, 5))
    def take_a_row_out(self, who: int, which: int, place: int) -> None:
        if found := self.pick(who, which):
            machine, path = found
            taken = self.removed.setdefault((machine.name, path.stem), set())
            held = path.read_bytes().split(b"\n")
            talk = [number for number, line in enumerate(held[:-3]) if UUID.search(line)]
            if len(taken) < REMOVABLE and place < len(talk) and self.is_captured(held[talk[place]]):
                taken |= set(UUID.findall(held.pop(talk[place])))
                self.put(path, b"\n".join(held))
                self.damaged.add(machine.name)

    def is_captured(self, line: bytes) -> bool:
        return set(UUID.findall(line)) <= self.captured

    # --- disks forget

    @rule(who=who, which=which, share=st.integers(0, 9))
    def truncate(self, who: int, which: int, share: int) -> None:
        if found := self.pick(who, which):
            data = found[1].read_bytes()
            self.put(found[1], data[: len(data) * share // 10])
            self.damaged.add(found[0].name)

    @rule(who=who, which=which)
    def delete(self, who: int, which: int) -> None:
        if found := self.pick(who, which):
            found[1].unlink()
            self.gone[found[0].name].add(found[1].stem)

    @rule(who=who)
    def lose_the_index(self, who: int) -> None:
        for path in self.machines[who].clone.glob(".git/ccsync/*/index"):
            path.unlink()

    @rule(who=who)
    def lose_the_state(self, who: int) -> None:
        """What the home directory kept of us; the machine takes up its id from the repository again."""
        shutil.rmtree(self.machines[who].home / ".local" / "state", ignore_errors=True)

    # --- verbs

    def verb(self, machine: Machine, verb: str) -> None:
        seen = self.on_disk(machine)
        result = inside(machine, verb)
        problems = result.pull.problems + result.push.problems if verb == "sync" else result.problems
        assert not problems
        self.captured |= seen

    @rule(who=who, verb=st.sampled_from(["push", "pull", "sync", "sync"]))
    def run(self, who: int, verb: str) -> None:
        self.verb(self.machines[who], verb)

    @rule(who=who, verb=st.sampled_from(["push", "pull", "sync"]), number=st.integers(0, 80))
    def crash(self, who: int, verb: str, number: int) -> None:
        machine = self.machines[who]
        seen = self.on_disk(machine)
        if killed_at(machine, verb, number):
            assert seen <= self.on_disk(machine) | self.on_branches(), "a killed run lost rows"
        else:
            self.captured |= seen

    # --- what must hold

    def on_branches(self) -> set[bytes]:
        found: set[bytes] = set()
        for place in (self.ground.world.remote, *(machine.clone for machine in self.machines)):
            found |= ids(list(branch_text(place).values()))
        return found

    def teardown(self) -> None:
        wanted = self.captured.union(*(self.on_disk(machine) for machine in self.machines))
        for machine in self.machines * (3 if self.damaged else 2):
            self.verb(machine, "sync")
        stored = branch_text(self.ground.world.remote)
        lost = wanted - ids(list(stored.values()))
        assert not lost, f"{len(lost)} rows lost"
        self.all_agree(stored)
        before = [everything(machine) for machine in self.machines]
        for machine in self.machines:
            self.verb(machine, "sync")
        assert [everything(machine) for machine in self.machines] == before

    def all_agree(self, stored: dict[str, bytes]) -> None:
        for machine in self.machines:
            held = machine.sessions()
            assert {name for name, data in held.items() if ids(rows(data))} <= stored.keys()
            assert stored.keys() - held.keys() <= self.gone[machine.name], machine.name
            for name, data in held.items():
                if name not in stored:
                    continue
                mine, theirs = portable(machine, name, data), rows(stored[name])
                if machine.name not in self.damaged:
                    assert mine == theirs, f"{name} on {machine.name}"
                    continue
                rest = iter(theirs)
                assert all(row in rest for row in mine), f"{name} on {machine.name}"
                assert len(ids(theirs) - ids(mine)) <= REMOVABLE


def ids(lines: list[bytes]) -> set[bytes]:
    """The ids of the rows that have one."""
    return set(UUID.findall(b"\n".join(lines)))


def portable(machine: Machine, session: str, data: bytes) -> list[bytes]:
    """A machine's rows in portable text, in the simplest way."""
    for path, name in ((machine.clone, b"{{REPO}}"), (machine.home, b"{{HOME}}"), (session, b"{{SESSION}}")):
        data = data.replace(os.fsencode(path), name)
    return rows(data)


def branch_text(place: Path) -> dict[str, bytes]:
    """The transcript of every session on the branch in the repository at `place`."""
    listing = git(place, "ls-tree", "-r", "refs/ccsync/al", "sessions/").splitlines()
    found = [line.split(b"\t") for line in listing if b"/transcript/" in line]
    found.sort(key=lambda pair: _place(pair[1]))
    answer = git(place, "cat-file", "--batch", input=b"".join(facts.split()[2] + b"\n" for facts, _ in found))
    texts: dict[str, bytes] = {}
    for _, name in found:
        head, _, answer = answer.partition(b"\n")
        size = int(head.split()[2])
        session = name.decode().split("/")[3]
        texts[session] = texts.get(session, b"") + answer[:size]
        answer = answer[size + 1 :]
    return texts


def _place(path: bytes) -> tuple[str, int, int]:
    *_, session, _, group, number = path.decode().split("/")
    return session, int(group), int(number)


def git(place: Path, *args: str, input: bytes = b"") -> bytes:
    return subprocess.run(["git", *args], cwd=place, input=input, capture_output=True, check=True).stdout


def everything(machine: Machine) -> object:
    """What a sync could change."""
    times = {str(path): path.stat().st_mtime_ns for path in machine.claude.rglob("*") if path.is_file()}
    return machine.files(), times, machine.git("for-each-ref"), machine.world.git("for-each-ref")


def test_no_row_is_lost_and_all_agree(ground: Ground) -> None:
    class Story(People):
        pass

    Story.ground = ground
    run_state_machine_as_test(
        Story,
        settings=settings(
            max_examples=STORIES or 9,
            stateful_step_count=24 if STORIES else 16,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            derandomize=not STORIES,
            phases=(Phase.generate,),  # a story is short enough to read, and shrinking one takes minutes
        ),
    )
