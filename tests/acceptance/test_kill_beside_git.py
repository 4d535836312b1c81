"""kill -9 at any moment of ours: nothing of it is in the way of the user's own git, not even for a moment."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine, run
from tests.support.strace import Point, have_strace, kill_at
from tests.support.world import World

pytestmark = pytest.mark.skipif(not have_strace(), reason="strace is not here, or may not trace")

#: Under the lock; with objects half written; with all of them, before the ref moves; in a git of ours that moves a ref,
#: with its lock file in hand; while another one is started.
POINTS = (
    (Point("flock", 1, children=False), "push"),
    (Point("fsync", 1, children=False), "push"),
    (Point("rename", 1, children=False), "push"),
    (Point("rename", 2, children=True), "push"),
    (Point("unlink", 1, children=True), "pull"),
    (Point("wait4", 1, children=False), "pull"),
)


def users_git(machine: Machine, number: int) -> None:
    """What people do with git all day; each must end well."""
    (machine.clone / "file").write_text(f"{number}\n")
    for words in (
        ("add", "file"), ("commit", "-qm", f"work {number}"), ("fetch", "-q"), ("push", "-q", "origin", "HEAD"),
        ("branch", "topic"), ("pack-refs", "--all"), ("branch", "-qD", "topic"), ("config", "some.key", "value"),
        ("stash", "list"), ("gc", "-q", "--prune=now"), ("fsck", "--no-dangling"),
    ):  # fmt: skip
        done = run(["git", *words], machine.env, cwd=machine.clone, status=None)
        assert done.status == 0, (number, words, done)


@pytest.mark.slow
def test_nothing_of_ours_is_in_the_way_of_git(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = desktop.session("theirs")
    mine = laptop.session("mine")
    for number, (point, verb) in enumerate(POINTS):
        desktop.append(session)
        desktop.ok("push")
        laptop.append(mine)
        assert kill_at(laptop, [verb], point) != 0, point
        users_git(laptop, number)
    laptop.ok("sync")
    assert laptop.transcript(session.id).count(b"\n") == session.read().count(b"\n")
    assert world.stored(mine.id).count(b"\n") == mine.read().count(b"\n")
