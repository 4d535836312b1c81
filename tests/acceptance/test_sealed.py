"""Encrypted branches as users live with them: the verbs, and what a remote, unpacked, gives away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.sealed import encrypt

if TYPE_CHECKING:
    from tests.support.machine import Machine
    from tests.support.world import World


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines with an encrypted branch."""
    laptop, desktop = world.initialised("laptop", "desktop")
    encrypt(laptop, desktop)
    return laptop, desktop


def test_a_session_travels_goes_on_and_comes_back(world, pair):
    laptop, desktop = pair
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    assert str(desktop.clone).encode() in desktop.transcript(session.id)
    desktop.append(session)
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n") > 4
    assert "in step" in laptop.ok("status").out
    assert "fix bug" in desktop.ok("list").out
