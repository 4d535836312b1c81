"""Hooks with real processes: nobody waits, nothing is lost, nothing is said but what a person must know."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.events import Events, launcher, until
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def ready(world: World) -> tuple[Machine, Session, Events]:
    """A machine that was set up, with one session that was pushed."""
    (machine,) = world.initialised("laptop")
    session = machine.session("fix bug")
    machine.ok("push")
    machine.git("config", "ccsync.pushInterval", "0")
    return machine, session, Events(machine, session)


def arrived(world: World, session: Session) -> bool:
    """Whether every line of the transcript is on the remote."""
    return world.stored(session.id).count(b"\n") == session.read().count(b"\n")


def commits(world: World) -> list[str]:
    return world.git("log", "--format=%s", "refs/ccsync/al").splitlines()


def said(world: World) -> list[str]:
    """What the branch says of its machines."""
    found = [oid for path, oid in world.branch().items() if path.startswith("machines/")]
    return [blob.decode() for blob in world.blobs(found)]


def test_a_turn_is_pushed_behind_the_hook(world: World) -> None:
    machine, session, events = ready(world)
    machine.append(session)
    assert events.fire("Stop").out == ""
    until(lambda: arrived(world, session))


def test_the_hooks_that_auto_installs_do_it(world: World) -> None:
    machine, session, events = ready(world)
    program = launcher(machine)
    subprocess.run([str(program), "auto", "on"], env=machine.env, cwd=machine.home, check=True, capture_output=True)
    hooks = json.loads((machine.claude / "settings.json").read_bytes())["hooks"]
    assert sorted(hooks) == ["SessionEnd", "SessionStart", "Stop", "UserPromptSubmit"]
    machine.append(session)
    for event, (group,) in hooks.items():
        (hook,) = group["hooks"]
        done = subprocess.run(
            ["sh", "-c", hook["command"]], input=events.data(event, reason="other"), env=events.env(),
            cwd=machine.clone, capture_output=True, check=True,
        )  # fmt: skip
        assert (done.stdout, done.stderr) == (b"", b"")
    until(lambda: arrived(world, session))
    shown = subprocess.run([str(program), "auto"], env=machine.env, cwd=machine.clone, capture_output=True, check=True)
    assert b"user settings     on" in shown.stdout
    assert b"last event  SessionEnd" in shown.stdout


def test_many_turns_are_few_pushes_and_all_lines_arrive(world: World) -> None:
    machine, session, events = ready(world)
    machine.git("config", "ccsync.pushInterval", "2")
    before, began = len(commits(world)), time.monotonic()
    for _ in range(12):
        machine.append(session)
        events.fire("Stop")
    until(lambda: arrived(world, session))
    assert len(commits(world)) - before <= 3 + (time.monotonic() - began) / 2  # with a handoff; at once, and every 2 s


@pytest.mark.slow
def test_pushes_keep_apart_but_the_end_of_a_session_does_not_wait(world: World) -> None:
    machine, session, events = ready(world)
    machine.git("config", "ccsync.pushInterval", "40")
    machine.append(session)
    events.fire("Stop")
    until(lambda: arrived(world, session))
    for _ in range(6):
        machine.append(session)
        events.fire("Stop")

    def waiting() -> int:
        listing = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
        return listing.count(f"{events.program} hook Stop\n")

    until(lambda: waiting() <= 2)  # one stays as helper, one waits
    time.sleep(1)
    assert waiting()
    assert not arrived(world, session)
    events.fire("SessionEnd", reason="prompt_input_exit")
    until(lambda: arrived(world, session), patience=20)


def test_the_end_of_a_session_is_pushed_though_everything_around_dies(world: World) -> None:
    machine, session, events = ready(world)
    machine.append(session)
    (machine.home / "event").write_bytes(events.data("SessionEnd", reason="other"))
    line = f'"{events.program}" hook SessionEnd <"$HOME/event"; echo over; sleep 60'
    shell = subprocess.Popen(
        ["sh", "-c", line], env=events.env(), cwd=machine.clone, stdout=subprocess.PIPE, start_new_session=True
    )
    assert shell.stdout
    assert shell.stdout.readline() == b"over\n"
    os.killpg(shell.pid, signal.SIGKILL)
    assert shell.stdout.read() == b""  # nobody else holds the pipe
    shell.wait()
    shell.stdout.close()
    events.stop()
    until(lambda: arrived(world, session))


class Silent:
    """A remote that takes connections and never says a word."""

    def __init__(self) -> None:
        self._socket = self._held = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/app.git"

    def accepted(self) -> None:
        """Wait until somebody hangs on it."""
        self._socket.settimeout(20)
        self._held = self._socket.accept()[0]

    def stop(self) -> None:
        self._socket.close()
        self._held.close()


@pytest.mark.slow
def test_a_remote_that_never_answers_costs_nobody_anything(world: World) -> None:
    machine, session, events = ready(world)
    silent = Silent()
    world.stops(silent)
    machine.git("config", "ccsync.stallLimit", "15")
    agreed = events.state / "consent"
    fields = agreed.read_text().rstrip("\n").split("\t")
    agreed.write_text(agreed.read_text() + "\t".join([silent.url.removesuffix(".git"), *fields[1:]]) + "\n")
    machine.git("remote", "set-url", "origin", silent.url)
    for _ in range(5):
        events.fire("UserPromptSubmit", prompt="go on")
        machine.append(session)
        events.fire("Stop")
    silent.accepted()
    # The network hangs, and nothing of ours holds the lock meanwhile: the end of the session is committed at once.
    machine.append(session)
    before = machine.git("rev-list", "--count", "refs/ccsync/al")
    events.fire("SessionEnd", reason="prompt_input_exit")
    until(lambda: machine.git("rev-list", "--count", "refs/ccsync/al") != before, patience=12)
    until(lambda: "push" in events.trouble(), patience=90)
    assert not arrived(world, session)
    machine.git("remote", "set-url", "origin", str(world.remote))
    events.fire("SessionStart", source="resume")
    until(lambda: arrived(world, session))


def test_where_nothing_was_set_up_nothing_happens(world: World) -> None:
    machine = world.machine("laptop")
    events = Events(machine, machine.session("fix bug"))
    before = sorted(path for path in machine.home.parent.rglob("*") if ".tmp" not in path.parts)
    for event in ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd"):
        assert events.fire(event).out == ""
    assert sorted(path for path in machine.home.parent.rglob("*") if ".tmp" not in path.parts) == before
    assert world.branch() == {}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\0\xff", b"[]", b'"x"', b"{}", b'{"session_id": 7, "cwd": ["x"]}', b"x" * (1 << 21)]
)
def test_whatever_stands_on_stdin_the_status_is_0(world: World, text: bytes) -> None:
    _, _, events = ready(world)
    for event in ("UserPromptSubmit", "Nonsense", "SessionEnd"):
        assert events.fire(event, input=text).out == ""


@pytest.mark.parametrize("name", ["../../../escape", "A" * 36, "", "/etc/passwd"])
def test_a_session_id_is_no_path(world: World, name: str) -> None:
    _, _, events = ready(world)
    events.fire("UserPromptSubmit", session_id=name)
    assert not (events.state / "auto" / "sessions").exists()


def test_a_run_of_our_own_has_no_hooks(world: World) -> None:
    machine, session, events = ready(world)
    machine.append(session)
    events.fire("Stop", env={"GIT_CCSYNC_NO_HOOKS": "1"})
    assert not (events.state / "auto").exists()


def test_another_machine_went_on_and_the_prompt_says_so_once(world: World) -> None:
    machine, session, events = ready(world)
    events.fire("SessionStart", source="startup")
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    assert events.fire("UserPromptSubmit").out == ""
    desktop.append(desktop.here(session.id), 2)
    desktop.ok("push")
    assert events.fire("UserPromptSubmit").out == ""  # nothing was fetched yet, and no prompt waits for that
    machine.ok("status", "--fetch")
    told = events.fire("UserPromptSubmit").out
    message = json.loads(told)["systemMessage"]
    assert message.startswith("desktop went on ")
    assert message.endswith(" ago; /exit and run git ccsync resume")
    assert list(json.loads(told)) == ["systemMessage"]
    assert events.fire("UserPromptSubmit").out == ""
    desktop.append(desktop.here(session.id), 1)
    desktop.ok("push")
    machine.ok("status", "--fetch")
    assert "desktop" in events.fire("UserPromptSubmit").out


@pytest.mark.slow
def test_our_own_lines_are_no_news(world: World) -> None:
    machine, session, events = ready(world)
    desktop = world.machine("desktop")
    other = desktop.session("another")
    desktop.init()
    desktop.ok("sync")
    for _ in range(3):
        machine.append(session)
        machine.ok("sync")
        assert events.fire("UserPromptSubmit").out == ""
        desktop.append(other)
        desktop.ok("sync")
        assert events.fire("UserPromptSubmit").out == ""


@pytest.mark.slow
def test_a_start_brings_what_others_did_but_not_into_the_session_that_starts(world: World) -> None:
    machine, session, events = ready(world)
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    other = desktop.session("made on the desktop")
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    before = session.read()
    events.fire("SessionStart", source="resume")
    until(lambda: other.id in machine.sessions())
    assert session.read() == before
    events.fire("SessionEnd", reason="prompt_input_exit")
    events.stop()
    until(lambda: len(session.read()) > len(before))


@pytest.mark.slow
def test_open_closed_and_left(world: World) -> None:
    machine, session, events = ready(world)
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    events.fire("SessionStart", source="startup")
    machine.append(session)
    events.fire("Stop")
    until(lambda: f'open = ["{session.id}"]' in "".join(said(world)))
    desktop.ok("pull")
    assert session.id[:8] in desktop.ok("list", "--open").out
    assert "1 session open elsewhere" in desktop.ok("status").out
    events.fire("SessionEnd", reason="prompt_input_exit")
    until(lambda: all(session.id not in text for text in said(world)))
    desktop.ok("pull")
    assert session.id[:8] not in desktop.ccsync("list", "--open").out


@pytest.mark.slow
@pytest.mark.parametrize("how", ["other", "kill"])
def test_a_session_that_nobody_closed_is_unfinished(world: World, how: str) -> None:
    machine, session, events = ready(world)
    events.fire("SessionStart", source="startup")
    machine.append(session)
    events.fire("Stop")
    until(lambda: f'open = ["{session.id}"]' in "".join(said(world)))
    if how == "other":
        events.fire("SessionEnd", reason="other")
    events.stop()
    until(lambda: f'unfinished = ["{session.id}"]' in "".join(said(world)))
    assert "open = []" in "".join(said(world))
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    assert session.id[:8] in desktop.ok("list", "--open").out
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    machine.ok("pull")
    machine.append(machine.session("something else"))
    machine.ok("push")
    assert all(session.id not in text for text in said(world))


def test_a_run_without_a_person_ends_by_itself(world: World) -> None:
    machine, session, events = ready(world)
    events.fire("SessionStart", source="startup")
    machine.append(session)
    events.fire("SessionEnd", reason="other", env={"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"})
    until(lambda: arrived(world, session))
    assert "open = []\nunfinished = []" in "".join(said(world))


@pytest.mark.slow
def test_a_start_and_an_end_make_no_commits_of_their_own_but_the_last(world: World) -> None:
    machine, session, events = ready(world)
    machine.git("config", "ccsync.handoffInterval", "0")
    before = commits(world)
    events.fire("SessionStart", source="startup")
    events.fire("UserPromptSubmit")
    events.fire("Stop")
    until((events.state / "auto" / "fetched").exists)
    time.sleep(1)
    assert commits(world) == before
    assert machine.git("log", "--format=%s", "refs/ccsync/al").splitlines() == before
    assert arrived(world, session)


def test_nobody_is_asked_and_nothing_goes_where_nobody_agreed_to(world: World) -> None:
    machine, session, events = ready(world)
    (world.directory / "other.git").mkdir()
    world.git("init", "-q", "--bare", str(world.directory / "other.git"))
    machine.git("remote", "set-url", "origin", str(world.directory / "other.git"))
    machine.append(session)
    events.fire("Stop")
    until(events.trouble)
    assert "nobody agreed to send sessions there" in events.trouble()
    assert not subprocess.run(
        ["git", "for-each-ref"], cwd=world.directory / "other.git", capture_output=True, check=True
    ).stdout
    shown = machine.ok("auto", "status")
    assert "trouble     push" in shown.out
    assert "nobody agreed" in shown.out


@pytest.mark.slow
def test_a_backlog_arrives_by_hooks_alone(world: World) -> None:
    machine, session, events = ready(world)
    machine.git("config", "ccsync.sliceSize", "1m")
    for number in range(6):
        machine.session(f"old {number}", lines=400)
    away = Path(f"{world.remote}.away")
    world.remote.rename(away)
    machine.append(session)
    events.fire("Stop")
    until(events.trouble)
    away.rename(world.remote)
    events.fire("SessionStart", source="startup")
    until(lambda: all(arrived(world, machine.here(name)) for name in machine.sessions()))


@pytest.mark.parametrize("words", [(), ("",), ("Stop", "more"), ("--no-such-option",), ("\udcff",)])
def test_a_hook_ends_well_whatever_its_words(world: World, words: tuple[str, ...]) -> None:
    done = world.machine("laptop").ok("hook", *words)
    assert (done.out, done.err) == ("", "")
