"""What is told where a remote does not do its part: in git's words where it locks its ref, and no longer than it helps."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine
from tests.support.world import World


def test_a_lock_that_was_left_on_the_remote_is_told_in_gits_words(world: World, laptop: Machine) -> None:
    laptop.session("fix bug")
    lock = world.remote / "refs/ccsync/al.lock"
    lock.write_bytes(b"")
    refused = laptop.ccsync("push", status=128)
    fatal = next(line for line in refused.err.splitlines() if line.startswith("fatal: "))
    assert fatal.startswith(
        "fatal: 'origin' rejects the push although nothing has moved there: cannot lock ref 'refs/ccsync/al'"
    )
    assert fatal.endswith("/refs/ccsync/al.lock': File exists")
    assert refused.err.count("File exists") == 1
    assert "remote: Another git process" in refused.err
    lock.unlink()
    assert "1 session" in laptop.ok("push").out


@pytest.mark.slow
def test_init_tells_it_too(world: World) -> None:
    lock = world.remote / "refs/ccsync/al.lock"
    lock.parent.mkdir(parents=True)
    lock.write_bytes(b"")
    refused = world.machine("laptop").ccsync("init", "--yes", status=128)
    assert "nothing has moved there: cannot lock ref 'refs/ccsync/al'" in refused.err


#: Somebody is faster, five times.
FASTER = """#!/bin/sh
echo x >> faster; test $(wc -l < faster) -gt 5 && exit 0
git update-ref "$1" $(git -c user.name=b -c user.email=b@c commit-tree -p "$2" -m "ccsync: faster" "$2^{tree}")
"""


@pytest.mark.slow
def test_where_somebody_was_faster_each_time_it_goes_on(world: World, laptop: Machine) -> None:
    hook = world.remote / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(FASTER)
    hook.chmod(0o755)
    laptop.session("fix bug")
    assert "1 session" in laptop.ok("push").out
    assert world.git("log", "--format=%s", "refs/ccsync/al").count("faster") == 5


def test_what_git_thinks_of_our_options_is_not_shown(world: World, laptop: Machine) -> None:
    laptop.git("remote", "set-url", "origin", str(world.directory / "nowhere.git"))
    failed = laptop.ccsync("pull", status=128)
    assert "nowhere.git" in failed.err
    assert "warning" not in failed.err
