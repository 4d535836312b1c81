"""What a push committed before it was refused is told by the push that sends it: counts, secrets, and in between."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from git_ccsync.errors import Refused
from git_ccsync.operations.unattended import deliver
from tests.cli.terminal import Terminal
from tests.support.inside import standing_on
from tests.support.machine import Machine, executable
from tests.support.world import World

SECRET = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hI6"


def bare(world: World, name: str) -> str:
    """Another bare repository beside the remote."""
    path = world.remote.with_name(name)
    subprocess.run(["git", "init", "-q", "--bare", str(path)], env=world.environment, check=True)
    return str(path)


def told(machine: Machine, *command: str) -> list[str]:
    """What a push says of sessions and in sum; where it went aside."""
    return machine.ok(*command).out.splitlines()[1 if "-n" in command else 2 :]


def by_hand(machine: Machine) -> None:
    refused = machine.ccsync("push")
    assert refused.status == 1
    assert "leads to" in refused.err


def by_hooks(machine: Machine) -> None:
    with standing_on(machine) as ws, pytest.raises(Refused, match="leads to"):
        deliver.push_new(ws)


@pytest.mark.slow
@pytest.mark.parametrize("push", [by_hand, by_hooks])
def test_a_push_that_was_refused_elsewhere_leaves_all_to_be_told(world: World, push: Callable[[Machine], None]) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("sent before")
    laptop.ok("push")
    waits = laptop.session(f"with {SECRET} in it")
    laptop.git("remote", "set-url", "origin", bare(world, "other.git"))
    for _ in range(2):  # the second one has nothing to capture, and is no less refused
        push(laptop)
    laptop.git("remote", "set-url", "origin", str(world.remote))
    assert "  1 session to push (8 lines, " in laptop.ok("status").out
    planned = told(laptop, "push", "-n")
    assert planned[0].startswith(f"  new  {waits.id[:8]}")
    assert planned[0].endswith("  8 lines")
    assert planned[1].startswith("1 session, 8 lines, ")
    assert planned[2:] == ["would redact 1 value in 1 session"]
    assert told(laptop, "push", "-v") == [*planned[:2], "redacted 1 value in 1 session"]
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_hooks_follow_a_remote_to_where_somebody_agreed_to(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("sent before")
    laptop.ok("push")
    laptop.git("remote", "set-url", "origin", bare(world, "other.git"))
    laptop.ok("init", "--yes")
    laptop.ok("push")
    laptop.git("remote", "set-url", "origin", str(world.remote))
    laptop.append(session)
    with standing_on(laptop) as ws:
        assert deliver.push_new(ws).sent
    assert world.stored(session.id).count(b"\n") == 13
    assert "to push" not in laptop.ok("status").out
    assert laptop.git("rev-parse", "refs/ccsync-remotes/origin/al") == world.git("rev-parse", "refs/ccsync/al")
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_what_was_never_looked_at_is_told_as_the_remote_says_that_it_stood(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("sent before")
    laptop.ok("push")
    away = world.remote.with_name("away")
    world.remote.rename(away)
    waits = laptop.session("waits")
    assert laptop.ccsync("push").status == 128
    away.rename(world.remote)
    laptop.git("update-ref", "-d", "refs/ccsync-remotes/origin/al")
    lines = told(laptop, "push", "-v")
    assert lines[0].startswith(f"  new  {waits.id[:8]}")
    assert lines[1].startswith("1 session, 8 lines, ")
    assert len(lines) == 2


def test_what_is_sent_to_another_directory_at_once_is_told(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("one")
    laptop.ok("push")
    two, other = laptop.session(f"two, {SECRET}"), bare(world, "other.git")
    env = {**laptop.env, "TERM": "xterm", "GIT_TERMINAL_PROMPT": "1"}
    with Terminal([*executable(), "push", "-v", other], env, cwd=laptop.clone) as terminal:
        terminal.wait_for(r"there\? \[Y/n\] $")
        terminal.type("y\n")
        status, screen = terminal.finish()
    assert status == 0
    assert f"  new  {two.id[:8]}" in screen
    assert "\n2 sessions, 16 lines, " in screen
    assert "\nredacted 1 value in 1 session" in screen
