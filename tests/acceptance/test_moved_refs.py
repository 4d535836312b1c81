"""Refs moved by hand, by another branch's init, by a remote that forgot: what is on disk still gets where it belongs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World

REF = "refs/ccsync/al"


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session]:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop, session


def there(world: World, branch: str = "al") -> str:
    return world.git("ls-tree", "-r", "--name-only", f"refs/ccsync/{branch}")


def test_another_branch_gets_every_session(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    laptop.init("--branch", "zz")
    laptop.ok("push")
    assert session.id in there(world, "zz")


def test_a_deleted_remote_branch_is_sent_again(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    world.git("update-ref", "-d", REF)
    assert "gone from the remote" in laptop.ok("pull").err
    laptop.ok("push")
    assert session.id in there(world)


def test_a_deleted_local_branch_begins_where_the_remote_stands(
    pair: tuple[Machine, Machine, Session], world: World
) -> None:
    laptop, desktop, session = pair
    root = world.git("rev-list", "--max-parents=0", REF)
    laptop.git("update-ref", "-d", REF)
    laptop.append(session)
    laptop.ok("push")
    assert world.git("rev-list", "--max-parents=0", REF) == root
    desktop.ok("pull")
    assert desktop.transcript(session.id).count(b"\n") == session.read().count(b"\n")


def test_lines_captured_before_a_ref_went_back_are_sent(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, desktop, session = pair
    laptop.append(session)
    world.remote.rename(world.remote.with_name("away.git"))
    assert laptop.ccsync("push").status == 128
    laptop.git("update-ref", REF, f"{REF}~1")
    world.remote.with_name("away.git").rename(world.remote)
    laptop.ok("push")
    desktop.ok("pull")
    assert desktop.transcript(session.id).count(b"\n") == session.read().count(b"\n")


def test_a_renamed_remote_is_no_directory(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, session = pair
    laptop.append(session)
    laptop.git("remote", "rename", "origin", "up")
    for verb in ("push", "pull", "sync"):
        assert "there is no remote named 'origin'" in laptop.ccsync(verb, status=1).err
    assert not (laptop.clone / "origin").exists()


def test_a_remote_that_leads_elsewhere_is_another_place(
    pair: tuple[Machine, Machine, Session], world: World, tmp_path: Path
) -> None:
    """What was seen at its former place says nothing of the new one; sessions go there only after a new agreement."""
    laptop, _, session = pair
    other = tmp_path / "other.git"
    world.git("init", "-q", "--bare", str(other))
    laptop.git("remote", "set-url", "origin", str(other))
    assert "1 session to push" in laptop.ok("status").out
    pulled = laptop.ok("pull")
    missing = "warning: 'origin' has no branch 'al'\n"
    assert pulled.err == f"warning: 'origin' leads to '{other}' now\n{missing}"
    assert laptop.ok("pull").err == missing
    refused = laptop.ccsync("push", status=1).err
    assert f"'origin' leads to '{other}' now, and nobody agreed to send sessions there" in refused
    laptop.init()
    assert laptop.ok("push").err == ""
    assert world.git("--git-dir", str(other), "rev-parse", REF) == laptop.git("rev-parse", REF)
    laptop.append(session)
    laptop.ok("push")
    laptop.git("remote", "set-url", "origin", str(world.remote))
    assert laptop.ok("pull").err == f"warning: 'origin' leads to '{world.remote}' now\n"
    assert laptop.ok("push").err == ""
    assert world.stored(session.id).count(b"\n") == session.read().count(b"\n")


def test_init_joins_a_branch_with_another_beginning(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    commit = world.git("commit-tree", f"{REF}^{{tree}}", "-m", "root")
    world.git("update-ref", REF, commit)
    laptop.append(session)
    assert "another beginning" in laptop.ccsync("sync", status=1).err
    held = laptop.git("rev-parse", REF)
    assert "another beginning" in laptop.ccsync("init", "--yes", status=1).err
    assert laptop.git("rev-parse", REF) == held
    with Terminal(
        [*executable(), "init"], {**laptop.env, "TERM": "xterm", "GIT_TERMINAL_PROMPT": "1"}, cwd=laptop.clone
    ) as terminal:
        terminal.wait_for("are both yours")
        terminal.type("y\n")
        terminal.wait_for("let Claude Code")
        terminal.type("n\n")
        assert terminal.finish()[0] == 0
    laptop.ok("sync")
    assert world.git("rev-list", "--max-parents=0", REF) == commit
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_a_truncated_file_sends_nothing(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, session = pair
    whole = session.read()
    session.path.write_bytes(whole[:-300])
    assert laptop.ok("push").out == "Everything up-to-date\n"
    laptop.ok("pull")
    assert session.read() == whole
