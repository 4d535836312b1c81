"""Worlds whose branch is encrypted with a key that the test knows, without any of the ceremony by which people get there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from git_ccsync.operations.run.stage import Stage
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks
from tests.support.inside import standing_on

if TYPE_CHECKING:
    from git_ccsync.model import Keyring
    from tests.support.machine import Machine

RING = keyring.single(1, b"\7" * 32)


def encrypt(first: Machine, *others: Machine, ring: Keyring = RING) -> None:
    """Encrypt the branch of machines after their `init`; all have the key then, and the remote has the first one's."""
    first.ok("pull")
    with standing_on(first) as ws, Stage(ws) as stage:
        stage.seal_with(ring)
        stage.commit(stage.tip, 0, 0, "encrypt")
        stage.landing.settle()
        stage.save()
        keyring.save(ws.here.state, stage.marks, ring)
    first.ok("push")
    for machine in others:
        give(machine, ring)
        machine.ok("pull")


def give(machine: Machine, ring: Keyring = RING) -> None:
    """Let a machine have these keys."""
    with standing_on(machine) as ws:
        keyring.save(ws.here.state, Marks(ws.state), ring)
