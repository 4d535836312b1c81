"""Claude Code clears away what is old. That is no deletion for us: the branch keeps it, and restore brings it back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from tests.e2e.stories import Desk, listed
from tests.support.anthropic import Api, Stall, Text

DAY = 86_400


def clean_up(desk: Desk, api: Api, path: Path) -> None:
    """Let Claude Code run until it has cleared a session away: it begins with that after five seconds."""
    api.on("a long one", [Stall(), Text("at last")])
    with desk.claude.start("a long one") as running:
        try:
            wait_until_gone(path)
        finally:
            api.resume.set()
            running.communicate()


def wait_until_gone(path: Path) -> None:
    """Wait for a file to be removed."""
    end = time.monotonic() + 30
    while path.exists():
        assert time.monotonic() < end, f"{path} is still there"
        time.sleep(0.05)


def test_what_claude_clears_away_comes_back_on_demand(desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, claude = desks[0]
    session = claude.ask("long ago").session
    laptop.ok("push")
    old = time.time() - 40 * DAY
    os.utime(laptop.path(session), (old, old))
    clean_up(desks[0], api, laptop.path(session))

    laptop.ok("sync")
    assert session not in laptop.sessions()
    assert listed(laptop, session)["state"] == "removed"
    laptop.ok("restore", session[:8])
    assert time.time() - laptop.path(session).stat().st_mtime < 29 * DAY
    claude.ask("still there?", resume=session)
    assert api.only("still there?").said == ["long ago", "answer to: long ago", "still there?"]
