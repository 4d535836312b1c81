"""Sessions that somebody took off the branch by an ordinary commit: what lies on a disk is sent again."""

from __future__ import annotations

from tests.operations.stories import in_step
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

BRANCH = "refs/ccsync/al"


def wiped(world: World, *, keep: str = "") -> None:
    """A commit on the remote's branch, on top of all, that has no session any more."""
    rows = world.git("ls-tree", BRANCH).split("\n")
    listing = "\n".join(row for row in rows if not row.endswith("\tsessions"))
    if keep:
        blob = world.git("hash-object", "-w", "--stdin", input=b"who = 'x'\n")
        folder = world.git("mktree", input=f"100644 blob {blob}\t{keep}\n".encode())
        listing += f"\n040000 tree {folder}\tpurged"
    tree = world.git("mktree", input=f"{listing}\n".encode())
    commit = world.git("-c", "user.name=x", "-c", "user.email=x@y", "commit-tree", tree, "-p", BRANCH, "-m", "wipe")
    world.git("update-ref", BRANCH, commit)


def whole(laptop: Machine) -> Session:
    session = laptop.session("fix bug")
    session.side("subagents/agent-1.jsonl", b'{"type":"user"}\n')
    laptop.ok("push")
    return session


def test_a_pull_tells_and_the_next_push_sends_them_again(world: World, laptop: Machine) -> None:
    session = whole(laptop)
    stored = world.branch()
    wiped(world)
    pulled = laptop.ok("pull")
    assert pulled.err.endswith(
        f"warning: 1 session was taken off '{BRANCH}' without a word; "
        "the next push sends again what lies on this disk\n"
    )
    assert "1 session to push" in laptop.ok("status").out
    assert laptop.ok("push").out.endswith("1 session, 8 lines, 2.0 kB\n")
    assert world.stored(session.id)
    assert world.branch().keys() == stored.keys()
    assert "in step" in laptop.ok("status").out


def test_a_push_sends_them_again_at_once(world: World, laptop: Machine) -> None:
    old = whole(laptop)
    wiped(world)
    new = laptop.session("another")
    laptop.ok("push")
    assert world.stored(old.id)
    assert world.stored(new.id)
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_a_branch_moved_behind_our_back_is_looked_at(world: World, laptop: Machine) -> None:
    session = whole(laptop)
    wiped(world)
    laptop.git("fetch", "-q", "origin", f"+{BRANCH}:{BRANCH}", f"+{BRANCH}:refs/ccsync-remotes/origin/al")
    laptop.ok("push")
    assert world.stored(session.id)


def test_what_was_purged_and_what_is_on_no_disk_stays_away(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    wiped(world, keep=session.id)
    assert "taken off" not in laptop.ok("pull").err
    laptop.ok("push")
    assert not world.stored(session.id)
    desktop.path(session.id).unlink()
    desktop.ok("sync")
    assert not world.stored(session.id)
