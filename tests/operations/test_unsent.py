"""What a push that failed has committed is told by the push that sends it."""

from __future__ import annotations

import os

from tests.support.world import World


def test_what_waited_is_told_with_what_is_new(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    old = laptop.session("waits")
    os.rename(world.remote, world.remote.with_name("away"))
    assert laptop.ccsync("push").status == 128
    os.rename(world.remote.with_name("away"), world.remote)
    planned = laptop.ok("push", "-n").out
    assert planned == f"Would push to {world.remote}\n  new  {old.id[:8]}  waits  8 lines\n1 session, 8 lines, 2.0 kB\n"
    assert laptop.ok("push", "-n", "--porcelain").out.startswith("to\twould-push\t")
    assert laptop.ok("sync", "-n", "-z").out.split("\0")[1].startswith("to\twould-push\t")
    laptop.append(old, 1)
    new = laptop.session("comes along", lines=1)
    told = laptop.ok("push", "-v").out.splitlines()
    assert told[-1].startswith("2 sessions, 19 lines, ")
    assert {(line.split()[1], line.split("  ")[-1]) for line in told[2:-1]} == {
        (old.id[:8], "13 lines"),
        (new.id[:8], " 6 lines"),
    }
    assert laptop.ok("push", "-n").out == "Everything up-to-date\n"
