"""Several people on one remote, each on a branch of their own, some with two machines, for a week of work drawn by lot.

Whoever acts, only that person's branch moves; nothing of one is on another's branch, disk or in another's clone; and every
line that was ever written is on its writer's branch or disk.
"""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from tests.support.events import Events, processes, until
from tests.support.opening import check_opens

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.support.machine import Machine
    from tests.support.session import Session
    from tests.support.world import World

#: Who has which machines.
SIX = {
    "al": ("al-laptop", "al-desktop"),
    "bea": ("bea-laptop",),
    "carol": ("carol-laptop", "carol-server"),
    "dave": ("dave-box",),
    "erin": ("erin-mac", "erin-vm"),
    "frank": ("frank-pad",),
}
TWO = {"al": ("al-laptop", "al-desktop"), "bea": ("bea-laptop",)}
#: What is done how often, in a hundred.
WEIGHTS = {
    "write": 40, "begin": 8, "push": 15, "pull": 10, "sync": 12, "gc": 3, "rm": 3, "undo": 3, "restore": 2, "hook": 2, "list": 2,
}  # fmt: skip


class Person:
    """One person: a branch, machines, and the ids of all rows that were ever written, by session."""

    def __init__(self, world: World, name: str, machines: tuple[str, ...], *, sealed: bool) -> None:
        self.name, self.ref = name, f"refs/ccsync/{name}"
        self.machines = [world.machine(machine, email=f"{name}@example.com") for machine in machines]
        first, *others = self.machines
        first.init("--branch", name, *(["--encrypt"] if sealed else []))
        for machine in others:
            machine.init("--branch", name)
            if sealed:
                first.ok("key", "approve", "--yes")
                machine.ok("pull")
        self.rows: set[bytes] = set()
        self.sessions: set[str] = set()


class Team:
    """People at work: `act` lets one of them do one thing, and looks at what must hold after it."""

    def __init__(self, world: World, people: dict[str, tuple[str, ...]], seed: int, *, sealed: bool = False) -> None:
        self.world, self.random, self.sealed = world, random.Random(seed), sealed
        self.people = {name: Person(world, name, machines, sealed=sealed) for name, machines in people.items()}
        self.tips, self.story = self.refs(), list[str]()

    def refs(self) -> dict[str, str]:
        """Where each branch stands on the remote."""
        listing = self.world.git("for-each-ref", "--format=%(refname) %(objectname)", "refs/ccsync")
        return dict(line.split(" ") for line in listing.splitlines())

    def act(self) -> None:
        """Somebody does something."""
        person = self.random.choice(list(self.people.values()))
        machine = self.random.choice(person.machines)
        (what,) = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        done: Callable[[Person, Machine], None] = getattr(self, what, None) or self._verb(what)
        self.story.append(f"{what} on {machine.name}")
        done(person, machine)
        self.check_refs(person)

    def _verb(self, verb: str) -> Callable[[Person, Machine], None]:
        def run(_person: Person, machine: Machine) -> None:
            machine.ok(verb)

        return run

    def begin(self, person: Person, machine: Machine) -> None:
        """A new session."""
        made = machine.session(f"{person.name}'s work", lines=1)
        person.sessions.add(made.id)
        person.rows |= rows(made.read())

    def write(self, person: Person, machine: Machine) -> None:
        """A session goes on, perhaps one that another machine of the same person has gone on with, too."""
        here = sorted(machine.sessions())
        if not here:
            self.begin(person, machine)
            return
        person.rows |= rows(machine.append(machine.here(self.random.choice(here))))

    def _some(self, machine: Machine) -> str:
        return self.random.choice(sorted(machine.sessions()) or [""])

    def rm(self, _person: Person, machine: Machine) -> None:
        """A session is taken off, if there is one; its machine may refuse."""
        if name := self._some(machine):
            assert machine.ccsync("rm", name).status in (0, 1)

    def restore(self, person: Person, machine: Machine) -> None:
        """A session comes back."""
        if person.sessions:
            machine.ccsync("restore", self.random.choice(sorted(person.sessions)))

    def undo(self, _person: Person, machine: Machine) -> None:
        """The last thing is taken back, if that can be."""
        assert machine.ccsync("undo").status in (0, 1)

    def hook(self, _person: Person, machine: Machine) -> None:
        """Claude Code ends, and its hook pushes."""
        if name := self._some(machine):
            events = Events(machine, machine.here(name))
            events.fire("SessionEnd", reason="prompt_input_exit")
            until(lambda: not processes(machine))
            events.stop()

    def check_refs(self, actor: Person) -> None:
        """Nobody but the actor's own branch has moved."""
        before, self.tips = self.tips, self.refs()
        assert set(self.tips) == {person.ref for person in self.people.values()}
        assert {ref for ref in before if self.tips[ref] != before[ref]} <= {actor.ref}

    def settle(self) -> None:
        """The week is over: everybody syncs, until all of a person's machines have all of it."""
        for person in self.people.values():
            for machine in (*person.machines, *person.machines):
                machine.ok("sync")
            self.check_refs(person)

    def check(self, *, settled: bool = False) -> None:
        """Nothing is mixed, and nothing lost; once all is `settled`, every line is on the branch."""
        for person in self.people.values():
            sent = rows(b"\n".join(self._sent(person)))
            kept = rows(b"\n".join(self._kept(person, held_only=settled)))
            assert not person.rows - sent - kept, self._told(f"{person.name} lost lines")
            assert sent | kept <= person.rows, self._told(f"{person.name} has lines of others")
            authors = set(self.world.git("log", "--format=%ae", person.ref).splitlines())
            assert authors == {f"{person.name}@example.com"}
            for machine in person.machines:
                self._check_clone(person, machine)

    def _sent(self, person: Person) -> list[bytes]:
        """What is on the branch; of an encrypted one, as it reads on the owner's machine once that has it."""
        if self.sealed:
            machine = person.machines[0]
            machine.ok("pull")
            known = {name for words in ((), ("--removed",)) for name in listed(machine, *words)}
            return [machine.ok("show", "--raw", name).out.encode() for name in sorted(known)]
        blobs = {oid for path, oid in self.world.branch(person.ref).items() if "/transcript/" in path}
        return list(self.world.blobs(sorted(blobs)))

    def _kept(self, person: Person, *, held_only: bool) -> list[bytes]:
        """What is on the disks and waits on local branches; or as much of it as is not to be sent: what `undo` holds back, and
        what `rm` took off that had never been sent.
        """
        branch = self.world.branch(person.ref) if held_only else {}
        sent = {path.split("/")[3] for path in branch if path.startswith("sessions/")}
        thrown = [path for machine in person.machines for path in trashed(machine) if path.name[:36] not in sent]
        found = [path.read_bytes() for path in thrown]
        for machine in person.machines:
            held = {name for name, state in listed(machine).items() if "held" in state}
            found += [data for name, data in machine.sessions().items() if not held_only or name in held]
            if not held_only:
                found.append(machine.git("grep", "-hI", '"uuid"', person.ref, "--", "sessions/", status=None).encode())
        return found

    def _told(self, what: str) -> str:
        return f"{what}, after {', '.join(self.story)}"

    def _check_clone(self, person: Person, machine: Machine) -> None:
        """Nobody else's branch was downloaded, and no session has two files."""
        refs = machine.git("for-each-ref", "--format=%(refname)", "refs/ccsync", "refs/ccsync-remotes").split()
        assert {ref.rpartition("/")[2] for ref in refs} == {person.name}
        others = [other.ref for other in self.people.values() if other is not person]
        for ref in others:
            assert machine.git("cat-file", "-t", self.tips[ref], status=None) == ""
        for session in machine.sessions():
            machine.path(session)


def listed(machine: Machine, *words: str) -> dict[str, str]:
    """The sessions that `list` knows, with their states."""
    found = json.loads(machine.ccsync("list", "--json", *words).out)["sessions"]
    return {one["id"]: one["state"] for one in found}


def trashed(machine: Machine) -> list[Path]:
    """Where `rm` puts a session that was never sent, and install what it exchanges."""
    top = machine.home / ".local" / "state" / "git-ccsync" / "trash"
    return [path for path in sorted(top.rglob("*")) if path.is_file()]


def rows(data: bytes) -> set[bytes]:
    """The ids of the rows of a transcript."""
    return {part.split(b'"', 1)[0] for part in data.split(b'"uuid":"')[1:]}


def hand_over(team: Team, giver: Person, taker: Person) -> Session:
    """One session goes from one to another, who goes on with it."""
    session = team.random.choice(sorted(giver.machines[0].sessions()))
    giver.machines[0].ok("push")
    team.check_refs(giver)
    machine = taker.machines[0]
    before = set(machine.sessions())
    if team.sealed:
        refused = machine.ccsync("list", "--branch", giver.name, status=1).err
        (key,) = [line.split()[-1] for line in refused.splitlines() if "git ccsync key add" in line]
        giver.machines[0].ok("key", "add", key)
        team.check_refs(giver)
    machine.ok("list", "--branch", giver.name)
    machine.ok("pull", "--branch", giver.name, "--session", session)
    (copy,) = set(machine.sessions()) - before
    assert check_opens(machine.path(copy), machine.clone) == len(rows(giver.machines[0].transcript(session)))
    taken = rows(machine.transcript(copy))
    taker.rows |= taken | rows(machine.append(machine.here(copy)))
    machine.ok("push")
    team.check_refs(taker)
    for other in taker.machines[1:]:
        other.ok("pull")
        check_opens(other.path(copy), other.clone)
    assert f"from {giver.name}/" in machine.ok("list").out
    return machine.here(copy)


@pytest.mark.slow
def test_two_people_for_an_hour(world: World) -> None:
    team = Team(world, TWO, 5)
    for person in team.people.values():
        team.begin(person, person.machines[0])
    for _ in range(10):
        team.act()
    team.settle()
    hand_over(team, team.people["bea"], team.people["al"])
    team.check(settled=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_six_people_for_a_week(world: World, seed: int) -> None:
    team = Team(world, SIX, seed)
    for _day in range(7):
        for _ in range(45):
            team.act()
        team.check()
    team.settle()
    hand_over(team, team.people["carol"], team.people["frank"])
    hand_over(team, team.people["al"], team.people["erin"])
    team.check(settled=True)


@pytest.mark.slow
def test_six_people_for_a_day_on_encrypted_branches(world: World) -> None:
    pytest.importorskip("pyrage")
    team = Team(world, SIX, 3, sealed=True)
    for _ in range(60):
        team.act()
    team.check()
    team.settle()
    hand_over(team, team.people["carol"], team.people["frank"])
    team.check(settled=True)
