"""Old sessions on the branch (thousands, with --full-sweep) cost a new machine nothing; what it deleted stays away."""

from __future__ import annotations

import pytest

from tests.support.world import World

DAY = 86_400


@pytest.mark.slow
def test_old_sessions_stay_on_the_branch(world: World, pytestconfig: pytest.Config) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    for number in range(3000 if pytestconfig.getoption("--full-sweep") else 700):
        laptop.session(f"session {number}", lines=1, age=40 * DAY if number >= 200 else number * 60)
    laptop.ok("push")
    desktop.ok("pull")
    installed = desktop.sessions()
    assert len(installed) == 200

    gone = sorted(installed)[:50]
    for name in gone:
        desktop.path(name).unlink()
    before = {str(path): path.stat().st_mtime_ns for path in desktop.claude.rglob("*")}
    for _ in range(3):
        desktop.ok("pull")
    assert {str(path): path.stat().st_mtime_ns for path in desktop.claude.rglob("*")} == before

    desktop.ok("restore", gone[0])
    assert desktop.transcript(gone[0]) == installed[gone[0]]
    assert len(desktop.sessions()) == 151
    old = next(name for name in laptop.sessions() if name not in installed)
    desktop.ok("restore", old)
    assert len(desktop.transcript(old).splitlines()) == len(laptop.transcript(old).splitlines())
    desktop.ok("pull")
    assert len(desktop.sessions()) == 152
