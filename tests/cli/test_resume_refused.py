"""`resume` where nobody can be asked: who has the session, since when, and what was said last."""

from __future__ import annotations

from tests.support import wrapped
from tests.support.world import World


def test_what_was_said_last_is_told_where_nobody_can_be_asked(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        wrapped.install(machine, world.directory / f"{machine.name}-bin")
        machine.init()
    session = laptop.session("fix bug")
    laptop.run_claude(session.id).append()
    laptop.ok("push")
    told = desktop.ccsync("resume", "--latest", status=1).err.splitlines()
    asked, error, hint = told[-4], told[-2], told[-1]
    assert "what was said last:" in told
    assert asked.startswith("  > ")
    assert error.startswith("error: 'fix bug' was left open on laptop, last used ")
    assert hint == "hint: end it there first, or take it over with --take-over"
