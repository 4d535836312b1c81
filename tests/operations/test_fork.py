"""`fork`: the same past under another id, sharing what is stored; the original does not move."""

from __future__ import annotations

import json

import pytest

from tests.cli.tmux import Tmux, needs_tmux
from tests.operations.stories import agree, belongs, copy_of, in_step, sync_all
from tests.support.machine import Machine, executable
from tests.support.world import World


def segments(world: World, session: str) -> list[str]:
    top = f"sessions/{session[0]}/{session[1]}/{session}/transcript/"
    return [oid for path, oid in sorted(world.branch().items()) if path.startswith(top)]


def test_a_fork_has_every_line_and_a_title_of_its_own(laptop: Machine, desktop: Machine, world: World) -> None:
    session = in_step(laptop, desktop, lines=3)
    own = laptop.append(session)  # not pushed yet
    before = laptop.transcript(session.id)
    told = laptop.ok("fork", session.id[:8])
    fork = copy_of(laptop, session.id)
    assert told.out == f"forked {session.id[:8]} as {fork[:8]}  fix bug (fork)\nclaude --resume {fork}\n"
    assert laptop.transcript(session.id) == before
    assert before.endswith(own)
    text = laptop.transcript(fork)
    title = {"type": "custom-title", "customTitle": "fix bug (fork)", "sessionId": fork}
    assert (
        text
        == before.replace(session.id.encode(), fork.encode())
        + json.dumps(title, separators=(",", ":")).encode()
        + b"\n"
    )
    assert belongs(text, fork)
    assert laptop.path(fork).parent == laptop.path(session.id).parent
    laptop.ok("push")
    assert segments(world, fork)[:-1] == segments(world, session.id)
    desktop.ok("pull")
    agree(laptop, desktop)


def test_both_go_on_by_themselves(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.ok("fork", session.id, "other way")
    fork = copy_of(laptop, session.id)
    laptop.append(laptop.here(fork))
    laptop.append(session)
    sync_all(laptop, desktop)
    desktop.append(desktop.here(fork))
    sync_all(desktop, laptop)
    assert set(laptop.sessions()) == {session.id, fork}
    agree(laptop, desktop)
    told = json.loads(desktop.ok("list", "--json").out)["sessions"]
    assert {one["id"]: (one["title"], one["parent"], one["state"]) for one in told} == {
        session.id: ("fix bug", "", "here"),
        fork: ("other way", session.id, "here"),
    }


def test_a_divergence_of_the_original_is_not_taken_for_the_fork(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.ok("fork", session.id)
    fork = copy_of(laptop, session.id)
    laptop.append(session)
    laptop.ok("push")
    desktop.append(session)
    sync_all(desktop, laptop)
    assert len(laptop.sessions()) == 3
    assert fork in desktop.sessions()
    agree(laptop, desktop)


def test_side_files_come_along(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    session.subagent()
    session.tool_result()
    laptop.ok("push")
    desktop.ok("pull")
    desktop.ok("fork", "--latest")
    fork = copy_of(desktop, session.id)
    names = {
        str(path.relative_to(desktop.path(fork).with_suffix("")))
        for path in desktop.path(fork).with_suffix("").rglob("*.*")
    }
    assert names == {"subagents/agent-a1b2c3d.jsonl", "subagents/agent-a1b2c3d.meta.json", "tool-results/b1.txt"}
    assert f"{desktop.path(fork).with_suffix('')}/tool-results/b1.txt".encode() in desktop.transcript(fork)


def test_a_running_session_is_forked_as_it_is_so_far(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    claude = laptop.run_claude(session.id)
    claude.append()
    before = session.read()
    laptop.ok("fork", "--latest", "second try")
    fork = copy_of(laptop, session.id)
    assert session.read() == before
    assert laptop.transcript(fork).startswith(before.replace(session.id.encode(), fork.encode()))


def test_claude_continues_the_fork_next(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("fork", session.id)
    fork = copy_of(laptop, session.id)
    assert laptop.path(fork).stat().st_mtime > session.path.stat().st_mtime


def test_one_that_is_not_here(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("status", "--fetch")
    desktop.ok("fork", session.id)
    (fork,) = desktop.sessions()
    assert fork != session.id
    assert str(desktop.clone).encode() in desktop.transcript(fork)


def test_latest_takes_a_name_alone(laptop: Machine) -> None:
    laptop.session("old", age=1000)
    new = laptop.session("new")
    assert laptop.ok("fork", "--latest", "other").out.startswith(f"forked {new.id[:8]} as ")
    told = laptop.ccsync("fork", "--latest", new.id, "other")
    assert (told.status, told.out) == (129, "")
    assert "--latest is a session already" in told.err


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (("nothing",), 1, "no session 'nothing'"),
        ((), 129, "which session?"),
        (("fix bug", " "), 129, "a title needs a letter"),
    ],
)
def test_what_cannot_be(laptop: Machine, args: tuple[str, ...], status: int, message: str) -> None:
    laptop.session("fix bug")
    told = laptop.ccsync("fork", *args)
    assert (told.status, told.out) == (status, "")
    assert message in told.err
    assert len(laptop.sessions()) == 1


def test_before_init(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    assert laptop.ccsync("fork", "--latest").status == 1


@needs_tmux
def test_at_a_terminal_one_is_picked(laptop: Machine) -> None:
    laptop.session("other", age=2000)
    session = laptop.session("fix bug", age=1000)
    env = {**laptop.env, "GIT_TERMINAL_PROMPT": "1"}
    with Tmux([*executable(), "fork"], env, cwd=laptop.clone) as tmux:
        tmux.wait_for("> question 2: why does")
        tmux.wait_for("^answer 2: look at")
        tmux.type("question 1 fix")  # its first prompt, read beside
        tmux.wait_for("1/2")
        tmux.keys("Enter")
        tmux.wait_for(f"forked {session.id[:8]} as")
        tmux.wait_for("ENDED 0")
    assert len(laptop.sessions()) == 3
    with Tmux([*executable(), "fork"], env, cwd=laptop.clone) as tmux:
        tmux.wait_for("3/3")
        tmux.keys("Escape")
        tmux.wait_for("ENDED 130")
    assert len(laptop.sessions()) == 3
