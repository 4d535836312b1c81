"""`restore`: what the branch has comes back, whole, without the network, and nothing that is here is made shorter."""

from __future__ import annotations

import json
import time

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World

DAY = 86_400


@pytest.fixture
def desk(world: World) -> tuple[Machine, Session, Session]:
    """A desktop that has pulled one session and left another, idle for long, on the branch; the remote is gone."""
    laptop, desktop = world.initialised("laptop", "desktop")
    young, old = laptop.session("young"), laptop.session("old", age=90 * DAY)
    old.subagent()
    laptop.ok("push")
    desktop.ok("pull")
    world.remote.rename(world.remote.with_suffix(".away"))
    return desktop, young, old


def test_a_removed_session_comes_back_with_its_bytes(desk: tuple[Machine, Session, Session]) -> None:
    desktop, young, _ = desk
    before = desktop.transcript(young.id)
    desktop.path(young.id).unlink()
    told = desktop.ok("restore", young.id[:8])
    assert told.out == f"restored {young.id[:8]}  young  (8 lines)\nclaude --resume {young.id}\n"
    assert desktop.transcript(young.id) == before
    assert json.loads(desktop.ok("status", "--json").out)["in_step"] is True


def test_an_idle_session_comes_with_side_files_and_is_kept_for_another_month(
    desk: tuple[Machine, Session, Session],
) -> None:
    desktop, _, old = desk
    desktop.ok("restore", "old")
    path = desktop.path(old.id)
    assert abs(path.stat().st_mtime - time.time()) < 60
    names = {item.name for item in (path.with_suffix("") / "subagents").iterdir()}
    assert names == {"agent-a1b2c3d.jsonl", "agent-a1b2c3d.meta.json"}
    assert str(desktop.clone).encode() in path.read_bytes()


def test_what_is_here_stays_and_gets_what_it_lacks(desk: tuple[Machine, Session, Session]) -> None:
    desktop, young, _ = desk
    path, whole = desktop.path(young.id), desktop.transcript(young.id)
    assert desktop.ok("restore", young.id).out.startswith(f"{young.id[:8]} is here already: ~/")
    path.write_bytes(whole[: whole.index(b"\n") + 1])
    desktop.ok("restore", young.id)
    assert path.read_bytes() == whole
    own = desktop.append(young)
    desktop.ok("restore", young.id)
    assert path.read_bytes() == whole + own


def test_an_older_version_is_a_session_of_its_own(desk: tuple[Machine, Session, Session], world: World) -> None:
    desktop, young, _ = desk
    then, whole = desktop.git("rev-parse", "refs/ccsync/al"), desktop.transcript(young.id)
    world.remote.with_suffix(".away").rename(world.remote)
    desktop.append(young)
    desktop.ok("push")
    now = desktop.transcript(young.id)
    told = desktop.ok("restore", young.id, "--at", then[:10])
    assert desktop.transcript(young.id) == now
    (made,) = set(desktop.sessions()) - {young.id}
    assert f"as it was at {then[:7]}, as a session of its own: {young.id[:8]} stays as it is" in told.out
    text = desktop.transcript(made)
    assert text.startswith(whole.replace(young.id.encode(), made.encode()))
    (row,) = text.splitlines()[len(whole.splitlines()) :]
    assert json.loads(row) == {"type": "custom-title", "customTitle": f"young (at {then[:7]})", "sessionId": made}
    again = desktop.ok("restore", young.id, "--at", then)
    assert again.out.startswith(f"{made[:8]} is here already")
    desktop.ok("push")
    path = f"sessions/{young.id[0]}/{young.id[1]}/{young.id}/transcript/0000/00"
    copied = f"sessions/{made[0]}/{made[1]}/{made}/transcript/0000/00"
    assert world.branch()[path] == world.branch()[copied]
    assert desktop.ok("push").out == "Everything up-to-date\n"
    desktop.append(desktop.here(made))
    grown = desktop.transcript(made)
    desktop.ok("push")
    desktop.path(made).unlink()
    desktop.ok("restore", young.id, "--at", then)
    assert desktop.transcript(made) == grown


def test_an_older_version_does_not_take_up_a_later_divergence(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    then = desktop.git("rev-parse", "refs/ccsync/al")
    desktop.append(session)
    desktop.ok("push")
    desktop.ok("restore", session.id, "--at", then)
    desktop.ok("push")
    laptop.append(session)
    laptop.ok("sync")
    titles = {one["title"] for one in json.loads(laptop.ok("list", "--json").out)["sessions"]}
    assert titles == {"fix bug", f"fix bug (at {then[:7]})", "fix bug (from laptop)"}


def test_a_version_with_nothing_added_since_is_the_session_itself(desk: tuple[Machine, Session, Session]) -> None:
    desktop, _, old = desk
    desktop.ok("restore", old.id, "--at", "refs/ccsync/al")
    assert desktop.path(old.id)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("nothing",), "no session 'nothing'"),
        (("young", "--at", "nonsense"), "no commit 'nonsense' here"),
        (("young", "--at=--all"), "no commit '--all' here"),
        (("young", "--at", "HEAD"), "is not in commit"),
    ],
)
def test_what_is_not_there(desk: tuple[Machine, Session, Session], args: tuple[str, ...], message: str) -> None:
    told = desk[0].ccsync("restore", *args)
    assert told.status == 1
    assert message in told.err


def test_an_id_in_another_project_is_not_installed_twice(desk: tuple[Machine, Session, Session]) -> None:
    desktop, young, _ = desk
    path = desktop.path(young.id)
    other = desktop.claude / "projects" / "-else" / path.name
    other.parent.mkdir()
    path.rename(other)
    told = desktop.ccsync("restore", young.id)
    assert (told.status, told.out) == (1, "")
    assert "already in" in told.err
    assert desktop.path(young.id) == other


def test_without_a_session_they_are_listed_or_offered(desk: tuple[Machine, Session, Session]) -> None:
    desktop, young, old = desk
    told = desktop.ok("restore")
    assert [line.split()[0] for line in told.out.splitlines()] == ["ID", old.id[:8]]
    env = desktop.env | {"GIT_TERMINAL_PROMPT": "1", "TERM": "xterm"}
    with Terminal([*executable(), "restore"], env, cwd=desktop.clone) as terminal:
        terminal.wait_for("restore which")
        terminal.type("1\n")
        assert terminal.finish()[0] == 0
    assert set(desktop.sessions()) == {young.id, old.id}
    done = desktop.ccsync("restore")
    assert (done.status, done.err) == (1, "error: nothing to restore: every session of the branch is on this disk\n")


def test_what_was_fetched_and_not_merged_is_merged_first(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session("one")
    laptop.ok("push")
    desktop.session("mine")
    desktop.ok("sync")
    two = laptop.session("two")
    laptop.ok("push")
    desktop.ok("status", "--fetch")
    world.remote.rename(world.remote.with_suffix(".away"))
    desktop.ok("restore", "two")
    assert two.id in desktop.sessions()
