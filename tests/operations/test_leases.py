"""Leases on two machines: taken with lines or by resume, given back, expired, pruned; two claims at once; dead holders."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from git_ccsync.claude import live
from git_ccsync.model import PushResult
from git_ccsync.operations import resume
from git_ccsync.operations.exchange import sending
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import refreshed
from git_ccsync.operations.unattended import deliver
from git_ccsync.state import held
from git_ccsync.store import lease
from tests.operations.stories import agree, in_step, sync_all
from tests.support.inside import inside, standing_on
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def here(machine: Machine) -> str:
    """The machine's id."""
    (state,) = (machine.clone / ".git" / "ccsync").iterdir()
    return state.name


def holder(world: World, session: Session) -> str:
    """The machine that the remote says holds the session, "" for none."""
    oid = world.branch().get(lease.path(session.id))
    return lease.load(world.blob(oid)).machine if oid else ""


def commits(world: World) -> int:
    return int(world.git("rev-list", "--count", "refs/ccsync/al"))


def opened(machine: Machine, session: Session, state: str = held.OPEN, pid: int = 0) -> None:
    """What a hook writes down; by default this test's process holds the session."""
    pid = pid or os.getpid()
    with standing_on(machine) as ws:
        held.put(ws.state, session.id, held.Held(state, pid, live.started(pid)))


def hold(machine: Machine, session: Session, *, over: bool = False) -> resume.Holding:
    with standing_on(machine) as ws:
        return resume.hold(ws, session.id, over=over)


def finish(machine: Machine, session: Session) -> PushResult:
    with standing_on(machine) as ws:
        return resume.finish(ws, session.id)


def states(machine: Machine) -> dict[str, str]:
    """How each lease stands for a machine."""
    found = json.loads(machine.ok("lease", "--json").out)["leases"]
    return {one["machine"]: one["state"] for one in found}


def dead_process() -> int:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


def test_hooks_take_it_with_lines_and_renew_it_without_a_word(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    opened(laptop, session)
    before = commits(world)
    inside(laptop, "push")
    assert not holder(world, session), "nothing was said yet"
    laptop.append(session)
    inside(laptop, "push")
    assert holder(world, session) == here(laptop)
    taken = world.branch()[lease.path(session.id)]
    for _ in range(2):
        laptop.append(session)
        inside(laptop, "push")
        inside(laptop, "push")
    assert world.branch()[lease.path(session.id)] == taken
    assert commits(world) == before + 4, "that it is open, and three times lines"
    opened(laptop, session, held.CLOSED)
    laptop.append(session)
    with standing_on(laptop) as ws:
        deliver.capture(ws, leases.END, session.id)
    inside(laptop, "push")
    assert not holder(world, session)
    assert commits(world) == before + 5


def test_what_is_not_open_by_hooks_has_no_lease(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    claude = laptop.run_claude(session.id)
    claude.append()
    laptop.ok("push")
    assert not holder(world, session)


def test_resume_takes_it_and_gives_it_back_with_the_lines(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    before = commits(world)
    assert hold(laptop, session).elsewhere == ()
    assert holder(world, session) == here(laptop)
    assert states(laptop) == {"laptop": "ours"}
    laptop.append(session)
    finish(laptop, session)
    assert not holder(world, session)
    assert commits(world) == before + 2
    inside(desktop, "pull")
    assert states(desktop) == {}
    agree(laptop, desktop)


def test_another_machine_sees_it_and_may_take_it_over(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    inside(desktop, "pull")
    assert states(desktop) == {"laptop": "held"}
    assert "open on laptop" in desktop.ok("list", "--open").out
    (other,) = hold(desktop, session).elsewhere
    assert (other.machine, other.leased) == ("laptop", True)
    assert other.since.endswith("Z")
    assert holder(world, session) == here(laptop)
    assert hold(desktop, session, over=True).elsewhere == ()
    assert holder(world, session) == here(desktop)
    assert "open on" not in desktop.ok("list").out
    laptop.append(session)
    finish(laptop, session)  # gives nothing back that is not its own
    assert holder(world, session) == here(desktop)
    finish(desktop, session)
    assert not holder(world, session)


def test_two_claims_at_once(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    with standing_on(desktop) as ws:
        desktops = ws
    hold(laptop, session)  # between the desktop's pull and its push
    with standing_on(desktop):
        done = resume.hold(desktops, session.id, over=False)
        assert [one.machine for one in done.elsewhere] == ["laptop"]
        assert not leases.holder(desktops, session.id), "the loser holds nothing"
    assert holder(world, session) == here(laptop)
    sync_all(laptop, desktop)


def test_taken_over_while_it_was_given_back(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    inside(desktop, "pull")
    with standing_on(desktop) as ws:
        desktops = ws
    finish(laptop, session)
    with standing_on(desktop):
        assert resume.hold(desktops, session.id, over=True).elsewhere == ()
    assert holder(world, session) == here(desktop)


def test_it_expires_by_the_observers_clock_and_lines_renew_it(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    desktop.git("config", "ccsync.leaseTtl", "0")
    assert states(desktop) == {}
    inside(desktop, "pull")
    assert states(desktop) == {"laptop": "expired"}
    desktop.git("config", "ccsync.leaseTtl", "1800")
    assert states(desktop) == {"laptop": "held"}
    with standing_on(desktop) as ws:
        first = leases._seen(ws)[session.id].seen
    laptop.append(session)
    inside(laptop, "push")
    inside(desktop, "pull")
    with standing_on(desktop) as ws:
        then = leases._seen(ws)[session.id].seen
    assert then.claim == first.claim
    assert then.at > first.at
    desktop.append(desktop.here(session.id))
    inside(desktop, "sync")
    with standing_on(desktop) as ws:
        assert leases._seen(ws)[session.id].seen.at == then.at, "our own lines are no sign of life of another"
    desktop.git("config", "ccsync.leaseTtl", "0")
    assert hold(desktop, session).elsewhere == ()
    assert holder(world, session) == here(desktop)


def test_a_dead_holder_hinders_nobody_here_and_is_swept_up_with_the_next_lines(
    laptop: Machine, desktop: Machine, world: World
) -> None:
    session, other = in_step(laptop, desktop), in_step(laptop, desktop, "another")
    hold(laptop, session)
    (laptop.clone / ".git" / "ccsync" / here(laptop) / "claims").unlink()
    assert states(laptop) == {"laptop": "dead"}
    before = commits(world)
    inside(laptop, "push")
    assert (commits(world), holder(world, session)) == (before, here(laptop)), "not for its own sake"
    laptop.append(other)
    inside(laptop, "push")
    assert not holder(world, session)


def test_a_crash_is_told_and_its_lease_goes_in_one_commit(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    opened(laptop, session)
    laptop.append(session)
    inside(laptop, "push")
    assert holder(world, session) == here(laptop)
    opened(laptop, session, pid=dead_process())
    before = commits(world)
    inside(laptop, "push")
    assert (commits(world), holder(world, session)) == (before + 1, "")


def test_a_lost_state_directory_loses_no_lease_of_a_living_session(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    claude = laptop.run_claude(session.id)
    (laptop.clone / ".git" / "ccsync" / here(laptop) / "claims").unlink()
    assert states(laptop) == {"laptop": "ours"}
    claude.stop()
    assert states(laptop) == {"laptop": "dead"}


def test_a_forgotten_machine_holds_nothing(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    inside(desktop, "pull")
    desktop.ok("machine", "forget", "laptop")
    inside(desktop, "push")
    assert not holder(world, session)


@pytest.mark.slow
def test_leases_of_machines_and_sessions_that_are_gone_are_pruned(
    laptop: Machine, desktop: Machine, world: World
) -> None:
    session = in_step(laptop, desktop)
    gone = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"
    with standing_on(laptop) as ws:

        def work(stage: sending.Stage) -> None:
            for name, machine in ((session.id, "f" * 16), (gone, "e" * 16)):
                data = lease.dump(lease.Lease(machine, "1" * 16))
                stage.draft.put(lease.path(name), stage.sink.add("blob", data))
            bad = stage.sink.add("blob", b"\xff\0")
            stage.draft.put("leases/not-an-id", bad)
            stage.commit(stage.tip, 0, 0, "odd")

        locking.locked(ws, False, work)
    inside(laptop, "push")
    inside(desktop, "pull")
    shown = json.loads(laptop.ok("lease", "--json").out)["leases"]
    assert {one["session"]: one["state"] for one in shown} == {session.id: "forgotten", gone: "lost"}
    assert hold(desktop, session).elsewhere == ()
    finish(desktop, session)
    told = laptop.ok("lease", "prune")
    assert told.out == f"pruned {gone[:8]}  (eeeeeeee, session gone)\n"
    assert [name for name in world.branch() if name.startswith("leases/")] == ["leases/not-an-id"]
    assert laptop.ok("lease", "prune").out == "nothing to prune\n"


def test_release_and_prune_refuse_what_is_not_theirs(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    assert laptop.ccsync("lease", "release", session.id[:8], status=1).err.startswith("error: nobody holds a lease on")
    hold(laptop, session)
    inside(desktop, "pull")
    assert desktop.ccsync("lease", "release", "fix bug", status=1).err == (
        "error: 'laptop' holds the lease, not this machine\n"
        f"hint: 'git ccsync resume --take-over {session.id[:8]}' takes it over\n"
    )
    assert "in force" in desktop.ccsync("lease", "prune", "fix bug", status=1).err
    assert desktop.ok("lease", "release").out == "nothing to release\n"
    assert "in force" in desktop.ok("lease").out
    assert (
        laptop.ok("lease", "release", "fix bug").out == f"released {session.id[:8]}  fix bug  (laptop, in use here)\n"
    )
    assert not holder(world, session)


def test_released_where_nobody_can_be_told(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    hold(laptop, session)
    away = world.remote.with_suffix(".away")
    world.remote.rename(away)
    told = laptop.ccsync("lease", "release", status=1)
    assert told.err.startswith("warning: ")
    assert told.err.endswith("; the next push tells the others\n")
    away.rename(world.remote)
    laptop.ok("push")
    assert not holder(world, session)


@pytest.mark.parametrize("action", [[], ["list"], ["release"], ["prune"]])
def test_before_init(world: World, action: list[str]) -> None:
    told = world.machine("laptop").ccsync("lease", *action, status=1)
    assert told.err.startswith("error: this repository does not carry sessions yet")


@pytest.mark.slow
def test_a_stale_view_of_refs_does_no_harm(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop)
    with standing_on(laptop) as ws:
        resume.hold(ws, session.id, over=False)
        resume.hold(ws, session.id, over=False)  # our own claim stands in nobody's way
        resume.finish(refreshed(ws), session.id)
    assert not holder(world, session)
    sync_all(laptop, desktop)
