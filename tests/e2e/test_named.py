"""Names and forks that we make, seen by the real Claude Code; and Claude Code as the child of `new`."""

from __future__ import annotations

import signal
import subprocess
import time

from tests.e2e.stories import Desk, assert_at_home, listed
from tests.support.anthropic import Api, Stall, Text
from tests.support.machine import executable, run


def on_path(desk: Desk) -> dict[str, str]:
    """Claude Code's own environment, with `claude` on PATH."""
    link = desk.machine.home / ".local" / "bin" / "claude"
    link.symlink_to(desk.claude.program)
    return desk.claude.env


def test_a_fork_resumes_with_everything_and_the_original_is_apart(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = ours.ask("the first thing").session
    told = laptop.ok("fork", "--latest", "the other way")
    fork = told.out.split()[-1]
    assert ours.ask("down the fork", resume=fork).session == fork
    assert api.only("down the fork").said == ["the first thing", "answer to: the first thing", "down the fork"]
    ours.ask("down the main road", resume=session)
    assert "down the fork" not in api.only("down the main road").said
    laptop.ok("push")
    desktop.ok("pull")
    assert theirs.ask("still there?", resume="the other way").session == fork
    request = api.only("still there?")
    assert request.said[-3:-1] == ["down the fork", "answer to: down the fork"]
    assert_at_home(request, desktop, not_at=laptop)


def test_a_name_that_we_gave_is_claudes_own(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = ours.ask("hello").session
    laptop.ok("rename", session, "brand new name")
    assert ours.ask("by its name", resume="brand new name").session == session
    assert listed(laptop, session)["title"] == "brand new name"
    laptop.ok("push")
    desktop.ok("pull")
    assert theirs.ask("by its name there", resume="brand new name").session == session


def test_new_names_runs_and_pushes(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, _), (desktop, theirs) = desks
    env = on_path(desks[0])
    words = [*executable(), "new", "made by new", "--", "-p", "hello from new"]
    told = run(words, env, cwd=laptop.clone)
    assert told.out == "answer to: hello from new\n"
    (session,) = laptop.sessions()
    desktop.ok("pull")
    assert listed(desktop, session)["title"] == "made by new"
    assert theirs.ask("go on", resume="made by new").session == session


def test_ended_by_a_signal_it_is_pushed_all_the_same(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, _) = desks
    env = on_path(desks[0])
    api.on("never answered", [Text("half of"), Stall(), Text(" it")])
    words = [*executable(), "new", "cut short", "--", "-p", "never answered"]
    process = subprocess.Popen(words, env=env, cwd=laptop.clone, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    end = time.monotonic() + 60
    api.wait_for("never answered")
    while not any(laptop.sessions().values()):
        assert time.monotonic() < end
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, err
    assert not ours.live()
    desktop.ok("pull")
    assert len(desktop.sessions()) == 1
