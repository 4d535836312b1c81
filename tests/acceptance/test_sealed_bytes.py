"""What a push of an encrypted branch sends: the new segment and the folders above it, whatever the session holds already."""

from __future__ import annotations

import subprocess

from tests.support.machine import Machine
from tests.support.world import World


def sent(machine: Machine) -> int:
    """How many objects git would send of the branch's newest commit, by the walk that `git push` makes."""
    asked = b"refs/ccsync/al\n^refs/ccsync/al^\n"
    words = ["git", "pack-objects", "--revs", "--thin", "--sparse", "--stdout", "-q"]
    pack = subprocess.run(
        words, input=asked, cwd=machine.clone, env=machine.env, capture_output=True, check=True
    ).stdout
    return int.from_bytes(pack[8:12], "big")


def test_no_push_sends_again_what_is_there(world: World) -> None:
    """Git's sparse walk goes by the names of folders: where these changed with what is below, all of it went again."""
    machine = world.machine("laptop")
    machine.init("--encrypt")
    session = machine.session("fix bug", lines=20)
    counts = []
    for _ in range(4):
        machine.append(session, lines=20)
        machine.ok("push")
        counts.append(sent(machine))
    assert counts[1:] == counts[1:2] * 3
    assert counts[1] < 12
