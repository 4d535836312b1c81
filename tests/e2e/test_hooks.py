"""The hooks of `auto on` in the real Claude Code: a day in which nobody types a command of ours."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.e2e.stories import Desk, assert_at_home
from tests.support.anthropic import Api
from tests.support.events import processes, until
from tests.support.world import World


def switch_on(*desks: Desk) -> None:
    """`auto on` as its user would type it, and pushes without pauses."""
    for desk in desks:
        ccsync(desk, "auto", "on", "--no-command")
        desk.machine.git("config", "ccsync.pushInterval", "0")


def ccsync(desk: Desk, *args: str) -> str:
    program = desk.machine.home / ".local" / "bin" / "git-ccsync"
    words = [str(program), *args]
    done = subprocess.run(
        words, env=desk.claude.env, cwd=desk.machine.clone, capture_output=True, text=True, check=True
    )
    return done.stdout


def said(world: World) -> str:
    """What the branch says of its machines."""
    return "".join(world.blob(oid).decode() for path, oid in world.branch().items() if path.startswith("machines/"))


def arrived(world: World, desk: Desk, session: str) -> bool:
    """Whether all that lies on the machine is on the branch."""
    return world.stored(session).count(b"\n") == desk.machine.transcript(session).count(b"\n")


def troubles(desk: Desk) -> str:
    found = Path(desk.machine.clone / ".git" / "ccsync").glob("*/auto/trouble")
    lines = "".join(path.read_text() for path in found).splitlines()
    return "\n".join(line for line in lines if "not checked for secrets" not in line)


def test_a_session_goes_on_elsewhere_without_a_command(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, desktop = desks
    switch_on(*desks)
    session = laptop.claude.ask("the beginning").session
    until(lambda: arrived(world, laptop, session))
    desktop.claude.ask("something else")  # its start brings what there is
    until(lambda: session in desktop.machine.sessions())
    desktop.claude.ask("go on", resume=session)
    request = api.only("go on")
    assert request.said == ["the beginning", "answer to: the beginning", "go on"]
    assert_at_home(request, desktop.machine, not_at=laptop.machine)
    until(lambda: arrived(world, desktop, session))
    assert troubles(laptop) + troubles(desktop) == ""


def test_nothing_of_ours_reaches_the_model(desks: tuple[Desk, Desk], api: Api) -> None:
    switch_on(*desks)
    with desks[0].claude.stream() as stream:
        for prompt in ("one", "two", "three"):
            stream.say(prompt)
    body = json.dumps(api.only("three").body).lower()
    assert "ccsync" not in body
    assert "sessionend" not in body
    assert "async" not in body.partition("answer to: one")[2]


def test_left_with_exit_it_is_closed_and_killed_it_is_unfinished(world: World, desks: tuple[Desk, Desk]) -> None:
    laptop, desktop = desks
    switch_on(*desks)
    with laptop.claude.typed() as window:
        window.say("one")
        first = window.session
        until(lambda: f'open = ["{first}"]' in said(world))
        window.leave()
    until(lambda: first not in said(world) and arrived(world, laptop, first))
    with laptop.claude.typed(resume=first) as window:
        window.say("two")
        until(lambda: f'open = ["{first}"]' in said(world))
        window.kill()
    until(lambda: f'unfinished = ["{first}"]' in said(world))
    desktop.machine.ok("pull")
    assert first[:8] in desktop.machine.ok("list", "--open").out
    desktop.claude.ask("three", resume=first)
    until(lambda: arrived(world, desktop, first))
    laptop.claude.ask("of another session")
    until(lambda: b"three" in laptop.machine.transcript(first) and 'unfinished = ["' not in said(world))
    until(lambda: not processes(laptop.machine) and not processes(desktop.machine))


def test_the_open_window_tells_that_another_machine_went_on(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, desktop = desks
    switch_on(*desks)
    with laptop.claude.typed() as window:
        window.say("one")
        session = window.session
        until(lambda: b"answer to: one" in world.stored(session))
        desktop.machine.ok("pull")
        desktop.claude.ask("two, elsewhere", resume=session)
        until(lambda: arrived(world, desktop, session))
        laptop.machine.ok("status", "--fetch")  # what the helper does every two minutes
        window.send("three")
        window.until(lambda: window.shows("desktop went on"), "nothing was said")
        window.leave()
    until(lambda: len(laptop.machine.sessions()) == 2)
    assert "desktop went on" not in json.dumps(api.only("three").body)


def test_two_windows_in_one_repository(world: World, desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, _ = desks
    switch_on(laptop)
    with laptop.claude.typed() as one, laptop.claude.typed() as other:
        for number in range(3):
            one.say(f"one {number}")
            other.say(f"other {number}")
        left, killed = one.session, other.session
        until(lambda: f"open = {json.dumps(sorted((left, killed)))}" in said(world))
        one.leave()
        until(lambda: f'open = ["{killed}"]' in said(world) and arrived(world, laptop, left))
        other.send("other 3")
        other.until(lambda: bool(api.asked("other 3")), "never asked")
        other.kill()
    until(lambda: f'open = []\nunfinished = ["{killed}"]' in said(world) and arrived(world, laptop, killed))
    until(lambda: not processes(laptop.machine))
    assert json.loads(ccsync(laptop, "status", "--json"))["in_step"] is True
    assert [row["id"] for row in json.loads(ccsync(laptop, "tasks", "--json"))["tasks"]] == [killed]
    assert troubles(laptop) == ""
