"""Subagents' transcripts that went on here and there: each disk has theirs under the name, and the other's beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_ccsync.claude import install_exchange
from tests.operations.conftest import set_up
from tests.operations.stories import ids, sync_all
from tests.support.inside import inside, killed_at
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.transcript import subagent

NAME = "subagents/agent-a1b2c3d.jsonl"
BESIDE = f"{NAME}.desktop"


def sides(machine: Machine, session: str) -> dict[str, bytes]:
    """The subagents' transcripts of a session on a machine, with a name in place of its clone."""
    top = machine.path(session).with_suffix("")
    found = {str(path.relative_to(top)): path for path in top.rglob("*.jsonl*") if path.is_file()}
    return {name: path.read_bytes().replace(os.fsencode(machine.clone), b"{{REPO}}") for name, path in found.items()}


def more(machine: Machine, session: str, seed: float = 1, extra: bytes = b"") -> bytes:
    """A subagent's transcript goes on, and last with `extra`."""
    data = subagent(session, f"{machine.name}{seed}", str(machine.clone), 1, start=seed) + extra
    path = machine.path(session).with_suffix("") / NAME
    with path.open("ab") as file:
        file.write(data)
    os.utime(path, (path.stat().st_mtime - 100 + seed,) * 2)
    return data.replace(os.fsencode(machine.clone), b"{{REPO}}")


@pytest.fixture
def session(laptop: Machine, desktop: Machine) -> Session:
    made = laptop.session("fix bug")
    made.subagent()
    sync_all(laptop, desktop, times=1)
    return made


def stored(machine: Machine) -> dict[str, str]:
    """What the branch has of sessions: path to object id."""
    return {path: oid for path, oid in machine.world.branch().items() if path.startswith("sessions/")}


@pytest.mark.slow
def test_both_versions_are_on_every_disk(laptop: Machine, desktop: Machine, session: Session) -> None:
    """Also what is added later, on either side; and one more divergence replaces nothing of the first."""
    before = sides(laptop, session.id)[NAME]
    here, there = more(laptop, session.id), more(desktop, session.id)
    sync_all(laptop, desktop)
    assert sides(laptop, session.id) == sides(desktop, session.id) == {NAME: before + here, BESIDE: before + there}
    here += more(laptop, session.id, 2)
    sync_all(laptop, desktop)
    here += more(desktop, session.id, 3)
    sync_all(desktop, laptop)
    expected = {NAME: before + here, BESIDE: before + there}
    assert sides(laptop, session.id) == sides(desktop, session.id) == expected
    mine, again = more(laptop, session.id, 4), more(desktop, session.id, 5)
    sync_all(laptop, desktop)
    expected |= {NAME: before + here + mine, f"{BESIDE}.2": before + here + again}
    third = set_up(laptop.world, "third")
    inside(third, "pull")
    state = laptop.files(), desktop.files(), stored(laptop)
    for machine in (laptop, desktop):
        for index in machine.clone.glob(".git/ccsync/*/index"):
            index.unlink()
    sync_all(laptop, desktop)
    assert (laptop.files(), desktop.files(), stored(laptop)) == state
    assert [sides(machine, session.id) for machine in (laptop, desktop, third)] == [expected] * 3
    assert desktop.ok("verify").status == 0


def test_what_only_this_disk_may_have_goes_into_the_file_beside(
    laptop: Machine, desktop: Machine, session: Session
) -> None:
    """A secret, which the branch has not; and of a replaced file nothing is lost but its name."""
    secret = b'{"type":"user","uuid":"s1","message":{"role":"user","content":"ghp_%s"}}\n' % (b"A1b2C3d4E5f6" * 3)
    more(laptop, session.id)
    more(desktop, session.id, extra=secret)
    was = (desktop.path(session.id).with_suffix("") / NAME).read_bytes()
    sync_all(laptop, desktop)
    assert secret not in sides(laptop, session.id)[BESIDE]
    assert (desktop.path(session.id).with_suffix("") / BESIDE).read_bytes() == was
    assert was in [path.read_bytes() for path in trash(desktop)]
    inside(desktop, "push")
    assert desktop.ok("verify").status == 0


def trash(machine: Machine) -> list[Path]:
    return [path for path in machine.home.glob(".local/state/git-ccsync/**/trash/*") if path.is_file()]


def test_a_live_sessions_subagents_are_left_alone(laptop: Machine, desktop: Machine, session: Session) -> None:
    """It goes on beside theirs, and is exchanged by the first pull after its end, though nothing new came."""
    before = sides(laptop, session.id)[NAME]
    here, there = more(laptop, session.id), more(desktop, session.id)
    claude = desktop.run_claude(session.id)
    sync_all(laptop, desktop)
    there += more(desktop, session.id, 2)
    sync_all(desktop, laptop)
    assert sides(desktop, session.id) == {NAME: before + there}
    assert sides(laptop, session.id) == {NAME: before + here, BESIDE: before + there}
    claude.stop()
    inside(desktop, "pull")
    assert sides(desktop, session.id) == sides(laptop, session.id)


def test_a_row_that_comes_at_the_very_moment_is_kept(
    laptop: Machine, desktop: Machine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that has the replaced file still open: its row goes behind those that it follows."""
    late, exchange = b'{"type":"user","uuid":"late"}\n', install_exchange.exchange

    def meanwhile(path: str, *args: object, **options: object) -> install_exchange.Kept:
        kept = exchange(path, *args, **options)
        with open(kept.path, "ab") as file:
            file.write(late)
        return kept._replace(grown=len(late))

    more(laptop, session.id)
    more(desktop, session.id)
    monkeypatch.setattr("git_ccsync.claude.install.exchange", meanwhile)
    inside(laptop, "push")
    inside(desktop, "pull")
    monkeypatch.undo()
    sync_all(desktop, laptop)
    assert sides(desktop, session.id)[BESIDE].endswith(late)
    assert sides(laptop, session.id) == sides(desktop, session.id)
    assert sides(desktop, session.id).keys() == {NAME, BESIDE}


def test_rows_in_another_order_are_no_divergence(laptop: Machine, desktop: Machine, session: Session) -> None:
    """A row of bookkeeping that moved behind theirs: the disk gets theirs all the same."""
    mode = b'{"type":"mode","mode":"normal","sessionId":"%s"}\n' % session.id.encode()
    here = more(laptop, session.id)
    path = desktop.path(session.id).with_suffix("") / NAME
    path.write_bytes(path.read_bytes() + mode)
    os.utime(path, (path.stat().st_mtime - 100,) * 2)
    sync_all(laptop, desktop)
    assert sides(desktop, session.id).keys() == {NAME}
    assert here in sides(desktop, session.id)[NAME]
    assert sides(desktop, session.id) == sides(laptop, session.id)


@pytest.mark.slow
def test_a_kill_anywhere_loses_no_line(
    laptop: Machine, desktop: Machine, session: Session, pytestconfig: pytest.Config
) -> None:
    here, there = more(laptop, session.id), more(desktop, session.id)
    inside(laptop, "push")
    laptop.world.keep()
    sync_all(desktop, laptop)
    expected = sides(desktop, session.id)
    for number in range(0, 90, 1 if pytestconfig.getoption("--full-sweep") else 13):
        laptop.world.restore()
        if not killed_at(desktop, "pull", number):
            break
        rows = ids(*sides(desktop, session.id).values())
        assert {*ids(there)} <= {*rows}, number
        sync_all(desktop, laptop)
        assert sides(desktop, session.id) == sides(laptop, session.id) == expected, number
    assert {*ids(here, there)} <= {*ids(*expected.values())}
