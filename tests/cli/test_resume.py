"""`resume` at a terminal: what is asked, what an answer leads to, the picker, and the short functions."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.tmux import Tmux, needs_tmux
from tests.support import wrapped
from tests.support.events import launcher
from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World


@pytest.fixture
def desktop(world: World) -> Machine:
    for machine in world.initialised("desktop", "laptop"):
        wrapped.install(machine, world.directory / f"{machine.name}-bin")
    return world.machines["desktop"]


@pytest.fixture
def left_open(desktop: Machine) -> Session:
    """A session that the laptop has open."""
    laptop = desktop.world.machines["laptop"]
    session = laptop.session("fix bug")
    laptop.run_claude(session.id).append()
    laptop.ok("push")
    return session


def starts(machine: Machine) -> list[list[str]]:
    path = Path(machine.env["CLAUDE_LOG"])
    return [json.loads(line)["args"] for line in path.read_text().splitlines()] if path.exists() else []


def at(machine: Machine, *args: str, **env: str) -> Terminal:
    words = [*executable(), "resume", *args]
    return Terminal(words, {**machine.env, "TERM": "xterm", "GIT_TERMINAL_PROMPT": "1", **env}, cwd=machine.clone)


def test_a_session_that_is_open_elsewhere_is_asked_about(desktop: Machine, left_open: Session) -> None:
    with at(desktop, "--latest") as terminal:
        screen = terminal.wait_for(r"take it over\? \[y/N\] ")
        assert "'fix bug' was left open on laptop, last used " in screen
        assert "  > question 3: why does " in screen
        assert "  answer 3: look at " in screen
        terminal.type("\n")
        status, screen = terminal.finish()
    assert status == 1
    assert "error: 'fix bug' was not resumed\nhint: --fork goes on with a copy" in screen
    assert starts(desktop) == []
    with at(desktop, "--latest") as terminal:
        terminal.wait_for(r"take it over\? ")
        terminal.type("y\n")
        status, screen = terminal.finish()
    assert status == 0, screen
    assert starts(desktop) == [["--resume", left_open.id]]


@pytest.mark.slow
def test_lines_by_a_machine_not_seen_before_are_asked_about_once(desktop: Machine, world: World) -> None:
    laptop = world.machines["laptop"]
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    stranger = world.machine("stranger")
    stranger.init()
    stranger.ok("pull")
    stranger.append(stranger.here(session.id))
    stranger.session("another")
    stranger.session("a third")
    stranger.ok("push")
    assert "warning: machine 'stranger' was not seen on this branch before" in desktop.ok("pull").err
    said = "warning: '{}' has lines by machine 'stranger', not seen on this branch before"
    with at(desktop, session.id) as terminal:
        screen = terminal.wait_for(r"do you know them, and go on\? \[y/N\] ")
        assert said.format("fix bug") in screen
        assert "  answer " in screen
        terminal.type("\n")
        assert terminal.finish()[0] == 1
    assert starts(desktop) == []
    assert said.format("another") in desktop.ccsync("resume", "another").err  # nobody can be asked: it is told
    with at(desktop, session.id) as terminal:
        terminal.wait_for(r"do you know them, and go on\? ")
        terminal.type("y\n")
        assert terminal.finish()[0] == 0
    assert "not seen" not in desktop.ok("resume", "a third").err
    assert len(starts(desktop)) == 3


@pytest.mark.parametrize(("answer", "status"), [("\n", 0), ("n\n", 1)])
def test_offline_one_is_asked(desktop: Machine, world: World, answer: str, status: int) -> None:
    session = desktop.session("fix bug")
    desktop.ok("push")
    world.remote.rename(world.remote.with_suffix(".away"))
    with at(desktop, "--latest") as terminal:
        terminal.wait_for(r"go on with what is on this disk\? \[Y/n\] ")
        terminal.type(answer)
        assert terminal.finish()[0] == status
    assert starts(desktop) == ([["--resume", session.id]] if not status else [])


def test_a_hostile_title_does_nothing_to_the_terminal(desktop: Machine, world: World) -> None:
    laptop = world.machines["laptop"]
    session = laptop.session("\x1b]0;owned\x07 \u202e evil")
    laptop.run_claude(session.id).append()
    laptop.ok("push")
    told = desktop.ccsync("resume", "--latest", status=1)
    assert "was left open on laptop" in told.err
    assert not {"\x1b", "\x07", "\u202e"} & set(told.err)


@needs_tmux
def test_the_picker(desktop: Machine, world: World) -> None:
    for title in ("first", "second", "third"):
        world.now += 60
        desktop.session(title)
    desktop.ok("push")
    env = {**desktop.env, "GIT_TERMINAL_PROMPT": "1", "CLAUDE_DOES": "print('claude is up', flush=True)"}
    with Tmux([*executable(), "resume"], env, cwd=desktop.clone) as tmux:
        tmux.wait_for("^> .*third")
        tmux.type("sec")
        tmux.wait_for("^> .*second")
        tmux.keys("Enter")
        tmux.wait_for("claude is up")
    chosen = next(name for name, text in desktop.sessions().items() if b"second" in text)
    assert starts(desktop) == [["--resume", chosen]]


@needs_tmux
def test_the_picker_over_all_repositories(desktop: Machine, world: World) -> None:
    desktop.session("in the app")
    desktop.ok("push")
    other = desktop.clone.parent / "other"
    desktop.git("clone", "-q", str(world.remote), str(other))
    desktop.ok("init", "--yes", "--branch", "other", cwd=other)
    world.now += 60
    mine = desktop.session("over there", cwd=other)
    env = {
        **desktop.env,
        "GIT_TERMINAL_PROMPT": "1",
        "CLAUDE_DOES": "print('claude is up in', os.getcwd()[-5:], flush=True)",
    }
    words = [*executable(), "resume", "--all"]
    with Tmux(words, env, cwd=desktop.home, columns=120) as tmux:
        tmux.wait_for("^> .*over there.*other")
        tmux.wait_for("in the app")
        tmux.wait_for("answer 2: look")
        tmux.keys("Enter")
        tmux.wait_for("claude is up in other")
    assert starts(desktop) == [["--resume", mine.id]]


def test_without_a_terminal_to_draw_on_there_is_no_picker(desktop: Machine) -> None:
    desktop.session("fix bug")
    with at(desktop, TERM="dumb") as terminal:
        status, screen = terminal.finish()
    assert status == 1
    assert "error: which session?" in screen


@pytest.mark.slow
def test_the_short_functions(desktop: Machine, world: World) -> None:
    session = desktop.session("fix bug")
    launcher(desktop)
    shell = 'eval "$(git ccsync completion bash --aliases)"; cr && crf -- --model opus'
    subprocess.run(["bash", "-c", shell], env=desktop.env, cwd=desktop.clone, check=True, capture_output=True)
    first, second = starts(desktop)
    assert first == ["--resume", session.id]
    assert second[0] == "--resume"
    assert second[1] != session.id
    assert second[2:] == ["--model", "opus"]
    assert world.stored(second[1])
