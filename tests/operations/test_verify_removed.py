"""A row of bookkeeping that was taken out of a transcript in place: `verify` says no more of it than a push does."""

from __future__ import annotations

import pytest

from tests.operations.test_titles import naming, typed, written
from tests.support.machine import Machine

WELL = "nothing is wrong; "


@pytest.mark.slow
def test_what_is_in_step_all_the_same_is_no_fault(laptop: Machine, desktop: Machine) -> None:
    texts = [typed(laptop, str(number)) for number in range(4)]
    session = written(laptop, texts[0] + naming("custom-title", "given") + b"".join(texts[1:]))
    laptop.ok("push")
    desktop.ok("pull")
    path = desktop.path(session.id)
    lines = path.read_bytes().splitlines(True)
    path.write_bytes(b"".join(lines[:1] + lines[2:]))
    assert desktop.ok("sync").out.splitlines()[-1] == "Already up to date."
    assert WELL in desktop.ok("verify").out
    desktop.here(session.id).write(typed(desktop, "4"))
    desktop.ok("sync")
    assert WELL in desktop.ok("verify").out
    laptop.ok("sync")
    session.write(typed(laptop, "5") + typed(laptop, "6"))
    laptop.ok("push")
    claude = desktop.run_claude(session.id)
    desktop.ok("pull")
    claude.stop()
    assert WELL in desktop.ok("verify").out  # the branch has more by now than was ever here
    desktop.ok("pull")
    assert WELL in desktop.ok("verify").out
    whole = path.read_bytes()
    assert [line.count(b'"content": "5"') for line in whole.splitlines()][-2:] == [1, 0]
    path.write_bytes(b"".join(whole.splitlines(True)[:-2]))
    told = desktop.ccsync("verify")
    assert (told.status, "cut-short" in told.out, "stale-index" in told.out) == (1, True, False)
