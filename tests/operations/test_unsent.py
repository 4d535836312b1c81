"""What a push that failed has committed is told by the push that sends it."""

from __future__ import annotations

import os
import re

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


def test_the_copies_of_a_push_are_named_and_counted_as_what_was_sent(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    sessions = [laptop.session(f"look at {laptop.clone}/x.py"), laptop.session("cut short"), laptop.session("deleted")]
    laptop.ok("push")
    desktop.ok("pull")
    os.rename(world.remote, world.remote.with_name("away"))
    for one in sessions:
        laptop.append(one, 1)
        desktop.append(one, 2)
    assert desktop.ccsync("push").status == 128
    os.rename(world.remote.with_name("away"), world.remote)
    laptop.ok("push")
    _, cut, gone = (desktop.path(one.id) for one in sessions)
    cut.write_bytes(cut.read_bytes()[:700])
    gone.unlink()
    desktop.append(desktop.session("another"), 1)
    _, _, *told, total = desktop.ok("push", "-v").out.splitlines()
    lines = {
        cells[2]: (cells[0], int(cells[3].split()[0]))
        for cells in (re.split(" {2,}", f"{one.strip()}") for one in told)
    }
    titles = (f"look at {desktop.clone}/x.py", "cut short", "deleted")
    copy = ("copy", 1 + len(desktop.append(desktop.session("as much as these"), 2).splitlines()))
    assert lines == {
        "another": lines["another"],
        **dict.fromkeys((f"{title} (from desktop)" for title in titles), copy),
    }
    assert total.startswith(f"4 sessions, {sum(number for _, number in lines.values())} lines, ")
