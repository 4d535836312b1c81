"""While Claude Code runs, its file is its own; what came meanwhile arrives after it has ended, however it ends."""

from __future__ import annotations

import json

from tests.e2e.stories import Desk, assert_at_home, listed
from tests.support.anthropic import Api, Stall, Text
from tests.support.machine import Machine


def carried(desks: tuple[Desk, Desk]) -> str:
    """A session that both have, begun on the laptop."""
    (laptop, ours), (desktop, _) = desks
    session = ours.ask("the beginning").session
    laptop.ok("push")
    desktop.ok("pull")
    return session


def state(machine: Machine, session: str) -> list[str]:
    """The words of a session's state."""
    return str(listed(machine, session)["state"]).split()


def test_a_running_session_is_left_alone_until_it_ends(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = carried(desks)
    with ours.typed(resume=session) as window:
        assert window.session == session
        theirs.ask("on the desktop", resume=session)
        desktop.ok("push")
        before = laptop.transcript(session)
        laptop.ok("pull")
        assert laptop.transcript(session) == before
        assert "live" in state(laptop, session)
        window.leave()
    laptop.ok("pull")
    ours.ask("at last", resume=session)
    request = api.only("at last")
    assert request.said[-3:] == ["on the desktop", "answer to: on the desktop", "at last"]
    assert_at_home(request, laptop, not_at=desktop)


def test_both_speak_while_it_runs(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = carried(desks)
    with ours.typed(resume=session) as window:
        theirs.ask("on the desktop", resume=session)
        desktop.ok("push")
        window.say("in the window")
        laptop.ok("sync")
        window.say("and once more")
        laptop.ok("sync")
        assert api.only("once more").said[-3:] == ["in the window", "answer to: in the window", "and once more"]
        window.leave()
    laptop.ok("sync")
    laptop.ok("sync")
    desktop.ok("sync")
    (copy,) = laptop.sessions().keys() - {session}
    assert desktop.sessions().keys() == laptop.sessions().keys()
    for machine, claude in desks:
        claude.ask(f"original, {machine.name}", resume=session)
        said = api.only(f"original, {machine.name}").said
        assert said[-3:-1] == ["on the desktop", "answer to: on the desktop"]
        claude.ask(f"copy, {machine.name}", resume=copy)
        said = api.only(f"copy, {machine.name}").said
        assert said[-5:-1] == [
            "in the window", "answer to: in the window", "and once more", "answer to: and once more",
        ]  # fmt: skip


def test_a_killed_claude_leaves_nothing_that_hinders(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = carried(desks)
    api.on("never answered", [Text("half of"), Stall(), Text(" it")])
    with ours.typed(resume=session) as window:
        window.send("never answered")
        api.wait_for("never answered")
        window.kill()
    assert ours.live()
    laptop.ok("push")
    desktop.ok("pull")
    theirs.ask("on the desktop", resume=session)
    assert api.only("on the desktop").said[:2] == ["the beginning", "answer to: the beginning"]
    desktop.ok("push")
    laptop.ok("pull")
    assert "live" not in state(laptop, session)
    assert json.loads(laptop.ok("status", "--json").out)["in_step"] is True
    ours.ask("healed", resume=session)
    assert api.only("healed").said[-3:] == ["on the desktop", "answer to: on the desktop", "healed"]
