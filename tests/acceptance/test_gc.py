"""gc: our loose objects and packs become few packs, in the background or on request; nobody else's are touched, a kill heals."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.strace import Point, have_strace, kill_at, points
from tests.support.world import World

#: Calls between which one of the two files of a pack is there.
HALVES = [Point("rename", 3, children=False), Point("unlink", 2, children=False)]


def objects(machine: Machine) -> Path:
    return machine.clone / ".git" / "objects"


def loose(machine: Machine) -> set[str]:
    return {path.parent.name + path.name for path in objects(machine).glob("[0-9a-f][0-9a-f]/*")}


def packs(machine: Machine) -> set[str]:
    return {path.stem for path in objects(machine).glob("pack/pack-*.idx")}


def contents(machine: Machine, name: str) -> list[str]:
    rows = machine.git("verify-pack", "-v", str(objects(machine) / "pack" / f"{name}.idx")).splitlines()
    return [row[:40] for row in rows if re.match(r"[0-9a-f]{40} ", row)]


def ours(machine: Machine) -> set[str]:
    return set(machine.git("rev-list", "--objects", "--no-object-names", "refs/ccsync/al").split())


def pushed(world: World) -> Machine:
    """A laptop with two pushes of its own and, of its user's, a loose object that nothing names."""
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    laptop.ok("push")
    (laptop.clone / "mine").write_text("not to be touched")
    laptop.git("hash-object", "-w", "mine")
    return laptop


def sound(machine: Machine) -> None:
    machine.git("fsck", "--strict", "--no-dangling", "--connectivity-only")
    machine.git("fsck", "--no-dangling")


def count(machine: Machine, number: int) -> None:
    """Let this machine believe that so much has gathered."""
    (marks,) = machine.clone.glob(".git/ccsync/*/marks")
    marks.write_text(marks.read_text() + f"loose\t{number}\n")


def counted(machine: Machine) -> int:
    (marks,) = machine.clone.glob(".git/ccsync/*/marks")
    return [int(line.split("\t")[1]) for line in marks.read_text().splitlines() if line.startswith("loose\t")][-1]


def test_on_request_and_nothing_that_is_not_ours(world: World) -> None:
    laptop = pushed(world)
    before, mine, sessions = packs(laptop), loose(laptop) - ours(laptop), world.branch()
    said = laptop.ok("gc").out
    assert re.fullmatch(r"packed \d\d loose objects; now 1 pack, .*\n", said)
    assert loose(laptop) == mine
    assert len(mine) == 1
    assert before < packs(laptop)
    assert laptop.ok("gc").out.startswith("nothing to pack; 1 pack, ")
    sound(laptop)
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    laptop.ok("push")
    assert world.branch() != sessions
    assert len(loose(laptop)) > len(mine)


def test_behind_a_push_once_enough_has_gathered(world: World) -> None:
    laptop = pushed(world)
    assert 15 < counted(laptop) < 40
    mine = loose(laptop) - ours(laptop)
    count(laptop, 639)
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    laptop.ok("push")
    end = time.monotonic() + 20
    while (loose(laptop) != mine or counted(laptop)) and time.monotonic() < end:
        time.sleep(0.02)
    assert loose(laptop) == mine
    assert counted(laptop) == 0
    sound(laptop)


def test_commits_that_were_replaced_are_packed_too(world: World) -> None:
    laptop, desktop = pushed(world), world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    desktop.session("elsewhere")
    desktop.ok("push")
    laptop.session("meanwhile")
    laptop.ok("push")  # rejected, fetched, replayed
    replaced = set(laptop.git("rev-list", "-g", "--all").split()) - ours(laptop)
    assert replaced & loose(laptop)
    laptop.ok("gc")
    assert not replaced & loose(laptop)
    sound(laptop)


def test_packs_that_came_over_the_network_are_ours_and_the_users_are_not(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init()
    desktop.init()
    desktop.git("config", "fetch.unpackLimit", "1")
    desktop.git("commit", "-q", "--allow-empty", "-m", "mine")
    desktop.git("repack", "-q")
    users = {name for name in packs(desktop) if not set(contents(desktop, name)) <= ours(desktop)}
    assert len(users) == 2  # one of them holds objects of ours, too
    session = laptop.session("fix bug")
    for _ in range(3):
        laptop.append(session)
        laptop.ok("push")
        desktop.ok("pull")
    assert len(packs(desktop) - users) > 2
    desktop.ok("gc")
    assert users < packs(desktop)
    assert len(packs(desktop) - users) == 1
    sound(desktop)
    assert session.id in desktop.ok("list").out or desktop.transcript(session.id)


def test_a_partial_clone_keeps_telling_what_may_be_fetched_again(world: World) -> None:
    world.git("config", "uploadpack.allowFilter", "true")
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init()
    laptop.session("fix bug")
    shutil.rmtree(desktop.clone)
    subprocess.run(
        ["git", "clone", "-q", "--filter=blob:none", f"file://{world.remote}", str(desktop.clone)],
        env=desktop.env, check=True,
    )  # fmt: skip
    desktop.init()
    before = packs(desktop)
    for _ in range(3):
        laptop.append(laptop.here(next(iter(laptop.sessions()))))
        laptop.ok("push")
        desktop.ok("pull")
    came = packs(desktop) - before
    assert len(came) > 2
    for name in came:  # as git marks them where the remote has a name of its own
        (objects(desktop) / "pack" / f"{name}.promisor").touch()
    desktop.ok("gc")
    (made,) = {name for name in packs(desktop) - before if (objects(desktop) / "pack" / f"{name}.promisor").exists()}
    assert (objects(desktop) / "pack" / f"{made}.promisor").exists()
    assert not came & packs(desktop)
    desktop.git("fsck", "--no-dangling")


def test_what_is_borrowed_stays_where_it_is(world: World) -> None:
    laptop = pushed(world)
    borrowed = loose(laptop)
    second = laptop.clone.with_name("second")
    laptop.git("clone", "-q", "--shared", str(laptop.clone), str(second))
    laptop.git("remote", "set-url", "origin", str(world.remote), cwd=second)
    laptop.ok("init", "--yes", cwd=second)
    laptop.ok("gc", cwd=second)
    assert loose(laptop) == borrowed


def test_a_pack_that_is_to_stay_stays(world: World) -> None:
    laptop = pushed(world)
    laptop.ok("gc")
    (kept,) = {name for name in packs(laptop) if set(contents(laptop, name)) <= ours(laptop)}
    (objects(laptop) / "pack" / f"{kept}.keep").touch()
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    laptop.ok("push")
    laptop.ok("gc")
    assert kept in packs(laptop)
    (laptop.clone / ".git" / "gc.pid").write_text("1 elsewhere")
    refused = laptop.ccsync("gc")
    assert refused.status == 128
    assert "git's own gc is at work" in refused.err


def test_beside_gits_own_gc(world: World) -> None:
    laptop = pushed(world)
    for _ in range(3):
        laptop.append(laptop.here(next(iter(laptop.sessions()))))
        laptop.ok("push")
        running = subprocess.Popen(["git", "gc", "-q", "--prune=now"], cwd=laptop.clone, env=laptop.env)
        assert laptop.ccsync("gc").status in (0, 128)
        assert running.wait() == 0
        sound(laptop)


@pytest.mark.slow
@pytest.mark.skipif(not have_strace(), reason="strace is not here, or may not trace")
def test_a_kill_heals(world: World, pytestconfig: pytest.Config) -> None:
    """With two packs to be merged and loose objects: at every call all that our refs lead to can be read."""
    laptop = pushed(world)
    laptop.ok("gc")
    laptop.session("more")
    laptop.ok("push")
    wanted, mine = ours(laptop), loose(laptop) - ours(laptop)
    world.keep()
    found = points(laptop, ("gc",), world.directory.with_name("traces"))
    assert len(found) > 40
    halves = [point for point in found if point in HALVES]  # of a pack that is shown, and of one that goes
    assert len(halves) == len(HALVES)
    full = pytestconfig.getoption("--full-sweep")
    for point in found if full else (*halves, *random.Random(5).sample(found, 4)):
        heals(laptop, point, wanted, mine)
        world.restore()


def heals(laptop: Machine, point: Point, wanted: set[str], mine: set[str]) -> None:
    kill_at(laptop, ["gc"], point)
    assert ours(laptop) == wanted, point
    sound(laptop)
    laptop.ok("gc")
    sound(laptop)
    assert loose(laptop) == mine, point
    assert not [path for path in objects(laptop).glob("pack/*.pack") if not path.with_suffix(".idx").exists()], point
