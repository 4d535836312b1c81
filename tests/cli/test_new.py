"""`new`, and Claude Code as a child at a terminal: names, exit statuses, signals, a terminal that goes away, the push."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.cli.tmux import Tmux, needs_tmux
from tests.support import wrapped
from tests.support.machine import Machine, executable
from tests.support.world import World

STAY = "talk('hello')\nprint('claude is up', flush=True)\nwhile True: signal.pause()"


@pytest.fixture
def laptop(world: World) -> Machine:
    (made,) = world.initialised("laptop")
    wrapped.install(made, world.directory / "bin")
    return made


def log(machine: Machine) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(machine.env["CLAUDE_LOG"]).read_text().splitlines()]


def pushed(world: World) -> bytes:
    """Every stored line on the remote."""
    names = [path.split("/")[3] for path in world.branch() if path.endswith("/meta")]
    return b"".join(world.stored(name) for name in names)


def titles(machine: Machine) -> list[str]:
    return [one["title"] for one in json.loads(machine.ok("list", "--json").out)["sessions"]]


def test_the_session_has_its_name_and_is_pushed(laptop: Machine, world: World) -> None:
    below = laptop.clone / "sub"
    below.mkdir()
    told = laptop.ok("new", "fix the login", "--", "--model", "opus", cwd=below)
    (start,) = log(laptop)
    assert start["args"] == ["-n", "fix the login", "--model", "opus"]
    assert start["cwd"] == str(below)
    assert titles(laptop) == ["fix the login"]
    assert b"hello" in pushed(world)
    assert "pushed 1 session, " in told.err
    assert told.out == ""


def test_claude_gets_the_users_umask(laptop: Machine) -> None:
    before = os.umask(0o027)
    try:
        laptop.ok("new", "x")
    finally:
        os.umask(before)
    assert log(laptop)[0]["umask"] == 0o027


def test_a_claude_that_cannot_name_sessions_leaves_it_to_us(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init()
    laptop.session("other")
    wrapped.install(laptop, world.directory / "bin", knows_names=False)
    laptop.ok("new", "日本 fix")
    assert log(laptop)[0]["args"] == []
    assert sorted(titles(laptop)) == ["other", "日本 fix"]
    assert "日本 fix".encode() in pushed(world)
    laptop.ok("new", "nothing is said", CLAUDE_DOES="")
    assert "nothing is said" not in titles(laptop)


def test_what_claude_knows_is_asked_once(laptop: Machine, world: World) -> None:
    laptop.ok("new", "one")
    help_ = world.directory / "bin" / "claude"
    text, stat = help_.read_text(), help_.stat()
    broken = text.replace("-n, --name", "-x, --xame")
    help_.write_text(broken)
    os.utime(help_, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    laptop.ok("new", "two")
    assert log(laptop)[1]["args"] == ["-n", "two"]
    os.utime(help_)
    laptop.ok("new", "three")
    assert log(laptop)[2]["args"] == []


@pytest.mark.parametrize(
    ("does", "status"),
    [("sys.exit(0)", 0), ("talk('x'); sys.exit(7)", 7), ("talk('x'); os.kill(os.getpid(), signal.SIGKILL)", 137)],
)
def test_claudes_status_is_ours(laptop: Machine, world: World, does: str, status: int) -> None:
    assert laptop.ccsync("new", "x", CLAUDE_DOES=does).status == status
    assert bool(pushed(world)) == ("talk" in does)


def test_no_push(laptop: Machine, world: World) -> None:
    told = laptop.ok("new", "--no-push", "x")
    assert (told.out, told.err) == ("", "")
    assert not pushed(world)
    assert titles(laptop) == ["x"]


def test_a_push_that_fails_is_a_warning(laptop: Machine, world: World) -> None:
    world.remote.rename(world.remote.with_suffix(".away"))
    told = laptop.ccsync("new", "x", CLAUDE_DOES="talk('x'); sys.exit(3)")
    assert told.status == 3
    assert told.err.startswith("warning: ")
    assert "warning: the session is on this disk; 'git ccsync push' sends it\n" in told.err
    assert "Traceback" not in told.err


def test_before_init(world: World) -> None:
    laptop = world.machine("laptop")
    wrapped.install(laptop, world.directory / "bin")
    told = laptop.ccsync("new", "x")
    assert told.status == 1
    assert not Path(laptop.env["CLAUDE_LOG"]).exists()
    laptop.ok("new", "x", "--no-push")
    assert len(laptop.sessions()) == 1


def test_without_claude(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init()
    told = laptop.ccsync("new", "x", PATH=str(Path(laptop.env.get("PATH", "")).parent / "nowhere") + ":/usr/bin:/bin")
    assert told.status == 1
    assert told.err.startswith("error: 'claude' is not on PATH\nhint: ")


def started(laptop: Machine, *, group: bool = True) -> subprocess.Popen[bytes]:
    """`new` without a terminal, its Claude Code up and waiting."""
    env = laptop.env | {"CLAUDE_DOES": STAY}
    process = subprocess.Popen(
        [*executable(), "new", "x"], env=env, cwd=laptop.clone, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=group,
    )  # fmt: skip
    assert process.stdout
    assert process.stdout.readline() == b"claude is up\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_reaches_claude_and_its_session_is_pushed(
    laptop: Machine, world: World, number: signal.Signals
) -> None:
    process = started(laptop)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number, err
    assert log(laptop)[1] == {"signal": number.name}
    assert b"a last word" in pushed(world)


def test_an_interrupt_that_claude_survives_ends_nothing(laptop: Machine, world: World) -> None:
    process = started(laptop)
    process.send_signal(signal.SIGINT)
    end = time.monotonic() + 20
    while len(log(laptop)) < 2:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert [line["signal"] for line in log(laptop)[1:]] == ["SIGINT", "SIGTERM"]
    assert b"a last word" in pushed(world)


def test_a_terminal_that_goes_away(laptop: Machine, world: World) -> None:
    env = laptop.env | {"CLAUDE_DOES": STAY, "TERM": "xterm"}
    terminal = Terminal([*executable(), "new", "x"], env, cwd=laptop.clone)
    terminal.wait_for("claude is up")
    os.close(terminal._fd)  # the window is closed
    _, raw = os.waitpid(terminal.pid, 0)
    assert os.waitstatus_to_exitcode(raw) == 128 + signal.SIGHUP
    assert {"signal": "SIGHUP"} in log(laptop)
    assert b"a last word" in pushed(world)


def test_the_interrupt_key_is_claudes(laptop: Machine, world: World) -> None:
    env = laptop.env | {"CLAUDE_DOES": STAY, "TERM": "xterm"}
    with Terminal([*executable(), "new", "x"], env, cwd=laptop.clone) as terminal:
        terminal.wait_for("claude is up")
        terminal.type("\x03")
        end = time.monotonic() + 20
        while len(log(laptop)) < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        os.kill(terminal.pid, signal.SIGTERM)
        status, _ = terminal.finish()
    assert status == 143
    assert [line["signal"] for line in log(laptop)[1:]] == ["SIGINT", "SIGTERM"], "the key was heard once"


@needs_tmux
@pytest.mark.skipif(sys.platform != "linux", reason="job control is looked at through a shell in tmux")
def test_stopping_and_going_on(laptop: Machine, world: World) -> None:
    does = (
        "talk('hello')\nprint('claude is up', flush=True)\n"
        "for line in sys.stdin:\n"
        "    if line == 'stop\\n': os.kill(os.getpid(), signal.SIGSTOP)\n"
        "    if line == 'end\\n': print('heard END', flush=True); finish(0)\n"
    )
    env = {**laptop.env, "CLAUDE_DOES": does, "PS1": "READY> "}
    with Tmux(["bash", "--norc", "-i"], env, cwd=laptop.clone) as tmux:
        tmux.wait_for("READY>")
        tmux.type(f"clear; {shlex.join([*executable(), 'new', 'x'])}")
        tmux.keys("Enter")
        tmux.wait_for("claude is up")
        tmux.type("stop")  # Claude Code reads ^Z as a key, and stops itself alone
        tmux.keys("Enter")
        tmux.wait_for("Stopped")
        tmux.wait_for("^READY>$")
        tmux.type("fg")
        tmux.keys("Enter")
        # The shell shows the command that goes on; before that, the terminal may still be as the shell's own editor had it.
        tmux.wait_for("^READY> fg\n.")
        tmux.type("end")
        tmux.keys("Enter")
        tmux.wait_for("heard END")
        tmux.wait_for("pushed 1 session")
    assert b"a last word" in pushed(world)
