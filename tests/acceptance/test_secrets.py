"""Secrets stay on the machine that has them, wherever a session keeps them, and both machines go on with the session."""

from __future__ import annotations

import json
import random
import shutil
import string
from pathlib import Path

import pytest

from tests.support import unpack
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.transcript import SIGNATURE, Transcript
from tests.support.world import World

LETTERS = string.ascii_letters + string.digits
SECTIONS = ("Task", "Done", "In progress", "Next steps", "Files", "Prompt to continue")


class Secrets:
    """Makes secrets of known forms, and remembers them."""

    def __init__(self) -> None:
        self.random, self.made = random.Random(3), list[bytes]()

    def pieces(self) -> list[bytes]:
        """All of them, and the beginning of each: titles are cut."""
        return [*self.made, *(one[:14] for one in self.made)]

    def token(self) -> str:
        """A GitHub token."""
        text = "ghp_" + "".join(self.random.choices(LETTERS, k=36))
        self.made.append(text.encode())
        return text

    def key(self) -> str:
        """The body of a private key, a few lines."""
        lines = ["".join(self.random.choices(LETTERS, k=64)) for _ in range(6)]
        self.made += [line.encode() for line in lines]
        return "-----BEGIN PRIVATE KEY-----\n" + "\n".join(lines) + "\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


def talk(machine: Machine, session: Session, text: str) -> bytes:
    """One more prompt and its answer; the bytes."""
    here = machine.here(session.id)
    return here.write(here.rows.exchange(text))


def sessions(world: World) -> set[str]:
    return {path.split("/")[3] for path in world.branch() if path.startswith("sessions/")}


def forget(machine: Machine) -> None:
    """From now on every line has to be compared."""
    for found in machine.clone.glob(".git/ccsync/*/index"):
        found.unlink()


def in_step(machine: Machine) -> None:
    """Nothing is to be done here, also for one who has to compare every line."""
    forget(machine)
    assert machine.ok("push").out == "Everything up-to-date\n"
    assert machine.ok("pull").out == "Already up to date.\n"


@pytest.mark.slow
@pytest.mark.real
def test_nothing_goes_round_it(world: World, secrets: Secrets, tmp_path: Path) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session = laptop.session(lines=b"")
    rows, made = session.rows, secrets.token
    session.write(rows.user(f"first prompt {made()}") + rows.tool("/x/.env", f"A=1\nTOKEN={made()}\n{secrets.key()}"))
    session.write(rows.bookkeeping(prompt=made()) + rows.title(f"named {made()}"))
    session.write(rows.user("cut " + "x" * 150 + " " + made()))
    sub = session.subagent()
    sub.write_bytes(sub.read_bytes() + Transcript(session.id, session.cwd, start=rows.clock).user(f"sub {made()}"))
    session.tool_result("b1", f"output {made()}\n{secrets.key()}end\n".encode())
    session.side("subagents/agent-a1b2c3d.meta.json", json.dumps({"description": made()}).encode())
    unnamed = laptop.session(lines=2)
    unnamed.side("custom-title.json", json.dumps({"customTitle": "y" * 180 + " " + made()}).encode())
    laptop.init()
    laptop.ok("push")
    desktop.init()
    desktop.ok("pull")
    laptop.ok("rename", session.id, f"renamed {made()}")
    laptop.ok("fork", session.id, f"forked {made()}")
    script = tmp_path / "summarize"
    text = "".join(f"## {name}\n\n{secrets.key() if name == 'Files' else made()}\n\n" for name in SECTIONS)
    script.write_text(f"#!/bin/sh\ncat <<'END'\n{text}END\n")
    script.chmod(0o755)
    laptop.git("config", "ccsync.summarizer", str(script))
    laptop.ok("handoff", session.id, "--write")
    talk(laptop, session, "ours " + made())
    laptop.here(session.id).write(laptop.here(session.id).rows.title("z" * 100 + f" copy {made()}"))
    talk(desktop, session, "theirs")
    desktop.ok("push")
    laptop.ok("sync")
    running = laptop.run_claude(unnamed.id)
    desktop.ok("pull")
    talk(desktop, unnamed, "theirs")
    desktop.ok("push")
    laptop.ok("pull")
    talk(laptop, unnamed, f"while it runs {made()}")
    laptop.ok("push")
    running.stop()
    laptop.ok("sync")
    assert len(sessions(world)) == 5, "two copies were made"
    assert unpack.search(world.remote, secrets.pieces()) == []
    assert any(b"{{SECRET:" in content for _, content in unpack.objects(world.remote))
    everything = b"".join(laptop.files().values())
    desktop.ok("pull")
    assert not [one for one in secrets.pieces() if one in b"".join(desktop.files().values())]
    assert secrets.made[0] in everything


def test_the_keys_are_kept_in_the_machine_alone(world: World, secrets: Secrets) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    talk(laptop, session, secrets.token())
    laptop.ok("push")
    (path,) = (laptop.home / ".local/state/git-ccsync/redaction").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    word, branch, key = path.read_text().split()
    assert (word, branch, len(key)) == ("key", "al", 64)
    assert unpack.search(world.remote, [bytes.fromhex(key), key.encode()]) == []
    assert unpack.search(laptop.clone / ".git", [bytes.fromhex(key), key.encode(), *secrets.made]) == []


def test_a_push_says_what_it_left_out(world: World, secrets: Secrets) -> None:
    (laptop,) = world.initialised("laptop")
    one, other = laptop.session("one"), laptop.session("other")
    token = secrets.token()
    talk(laptop, one, f"{token} and {secrets.token()}")
    talk(laptop, other, f"{token} and {secrets.token()}")
    assert laptop.ok("push", "-n").out.endswith("\nwould redact 3 values in 2 sessions\n")
    done = laptop.ok("push")
    assert done.out.endswith("\nredacted 3 values in 2 sessions\n")
    assert done.err == ""
    talk(laptop, one, token)
    assert json.loads(laptop.ok("push", "--json").out)["redacted"] == {"values": 1, "sessions": 1}
    talk(laptop, one, token)
    assert "redacted\t1\t1\n" in laptop.ok("push", "--porcelain").out
    talk(laptop, one, token)
    laptop.ok("pull")
    assert "redacted 1 value in 1 session\n" in laptop.ok("push").out, "what a pull took in is told by the push"
    talk(laptop, one, "nothing")
    assert "redacted" not in laptop.ok("push").out


def test_the_own_file_keeps_it_and_others_get_the_marker(world: World, secrets: Secrets) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    ours = talk(laptop, session, secrets.token())
    laptop.ok("push")
    desktop.ok("pull")
    assert b"{{SECRET:github-token.40." in desktop.transcript(session.id)
    theirs = talk(desktop, session, "seen")
    desktop.ok("push")
    before = laptop.transcript(session.id)
    laptop.ok("pull")
    after = laptop.transcript(session.id)
    assert ours in before
    assert after.startswith(before)
    assert after.count(b"\n") == before.count(b"\n") + theirs.count(b"\n")
    for machine in (laptop, desktop, laptop):
        in_step(machine)
    assert sessions(world) == {session.id}


def test_what_claude_code_writes_again_and_again_is_stored_once(world: World, secrets: Secrets) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    laptop.run_claude(session.id)
    talk(desktop, session, "there")
    desktop.ok("push")
    session.write(session.rows.bookkeeping(prompt=secrets.token()))
    laptop.ok("sync")
    stored = world.stored(session.id)
    assert stored.count(b"{{SECRET:github-token") == 1
    forget(laptop)
    laptop.ok("sync")
    desktop.ok("pull")
    talk(desktop, session, "there again")
    desktop.ok("push")
    forget(laptop)
    laptop.ok("sync")
    assert world.stored(session.id).count(b"{{SECRET:github-token") == 1
    assert sessions(world) == {session.id}


def lose_state(machine: Machine) -> None:
    shutil.rmtree(machine.home / ".local/state/git-ccsync")


def redact_from_now_on(machine: Machine) -> None:
    machine.git("config", "ccsync.secrets", "redact")


def redact_no_more(machine: Machine) -> None:
    machine.git("config", "ccsync.secrets", "off")


@pytest.mark.slow
@pytest.mark.parametrize("first", ["redact", "off"])
@pytest.mark.parametrize("change", [lose_state, redact_from_now_on, redact_no_more], ids=lambda f: f.__name__)
def test_a_change_makes_no_divergence(world: World, secrets: Secrets, first: str, change: object) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    token = secrets.token()
    talk(laptop, session, f"use {token}, yes {token}")
    session.write(session.rows.bookkeeping(prompt=token))
    session.tool_result("b1", f"{token}\n{secrets.key()}".encode())
    laptop.git("config", "ccsync.secrets", first)
    laptop.ok("push")
    desktop.ok("pull")
    talk(desktop, session, f"there {secrets.token()} and {token}")
    desktop.ok("push")
    change(laptop)  # type: ignore[operator]
    (laptop.path(session.id).with_suffix("") / "tool-results/b1.txt").touch()
    laptop.ok("pull")
    in_step(laptop)
    talk(laptop, session, f"here {token}")
    laptop.ok("push")
    desktop.ok("pull")
    talk(desktop, session, "there again")
    desktop.ok("sync")
    laptop.ok("sync")
    for machine in (laptop, desktop):
        in_step(machine)
    assert sessions(world) == {session.id}
    assert token.encode() in (laptop.path(session.id).with_suffix("") / "tool-results/b1.txt").read_bytes()
    assert not [path for path in world.branch() if "%2Fb1.txt." in path or "b1.txt.laptop" in path]


def test_copies_share_what_they_have_in_common(world: World, secrets: Secrets) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    token = secrets.token()
    talk(laptop, session, token)
    laptop.ok("push")
    desktop.ok("pull")
    talk(laptop, session, f"ours {token}")
    talk(desktop, session, f"theirs {secrets.token()}")
    for machine in (desktop, laptop, desktop, laptop):
        machine.ok("sync")
    (copy,) = sessions(world) - {session.id}
    tree = world.branch()
    first = [tree[f"sessions/{one[0]}/{one[1]}/{one}/transcript/0000/00"] for one in (session.id, copy)]
    assert first[0] == first[1]
    assert token.encode() in laptop.transcript(copy), "what was written here stays as it was"
    assert laptop.transcript(session.id).count(token.encode()) == 1
    for machine in (laptop, desktop):
        in_step(machine)


def test_block_leaves_out_the_session_alone(world: World, secrets: Secrets) -> None:
    (laptop,) = world.initialised("laptop")
    bad, good = laptop.session("bad"), laptop.session("good")
    talk(laptop, bad, secrets.token())
    laptop.git("config", "ccsync.secrets", "block")
    done = laptop.ccsync("push", status=1)
    assert sessions(world) == {good.id}
    where, tag = done.err.splitlines()[0].rsplit(" ", 1)
    assert where == f"error: '{bad.path}': holds a secret: github-token"
    assert len(tag) == 8
    assert done.err.splitlines()[1:] == [
        "hint: 'git ccsync secrets allow TAG' sends a value as it is from now on",
        "hint: 'git config ccsync.secrets warn' sends all of them",
    ]
    assert laptop.ccsync("push", status=1).err == done.err, "it is told each time"
    laptop.git("config", "ccsync.secrets", "redact")
    laptop.ok("push")
    assert sessions(world) == {good.id, bad.id}


def test_warn_sends_it_and_says_so(world: World, secrets: Secrets) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    talk(laptop, session, secrets.token())
    laptop.git("config", "ccsync.secrets", "warn")
    done = laptop.ok("push")
    assert done.err.startswith("warning: secrets are sent as they are, since 'ccsync.secrets' is 'warn': github-token ")
    assert "redacted" not in done.out
    assert secrets.made[0] in world.stored(session.id)


def test_off_says_once_that_nobody_looks(world: World, secrets: Secrets) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    talk(laptop, session, secrets.token())
    laptop.git("config", "ccsync.secrets", "off")
    laptop.init()
    assert laptop.ok("push").err == "warning: contents are not checked for secrets\n"
    talk(laptop, session, "more")
    assert laptop.ok("push").err == ""


def test_a_word_that_means_nothing_sends_nothing(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("fix bug")
    laptop.git("config", "ccsync.secrets", "Redakt")
    done = laptop.ccsync("push", status=129)
    assert done.err.startswith("error: 'Redakt' is no value of 'ccsync.secrets'\n")
    assert not sessions(world)


@pytest.mark.parametrize("mode", ["redact", "block"])
def test_a_signed_block_is_not_touched(world: World, secrets: Secrets, mode: str) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    session.write(session.rows.signed(f"so it is {secrets.token()}"))
    laptop.git("config", "ccsync.secrets", mode)
    done = laptop.ccsync("push", status=1)
    assert "github-token" in done.err
    assert "hint: 'git ccsync secrets allow TAG'" in done.err
    assert secrets.made[0].decode() not in done.err
    assert unpack.search(world.remote, secrets.made) == []
    laptop.git("config", "ccsync.secrets", "warn")
    laptop.ok("push")
    assert SIGNATURE.encode() in world.stored(session.id)


@pytest.mark.parametrize("encode", ["utf-16", "latin-1"])
def test_bytes_that_are_no_text_are_left_out(world: World, secrets: Secrets, encode: str) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    session.tool_result("good", b"\0 nothing here")
    session.tool_result("b1", f"\0 {secrets.token()}\n".encode(encode))
    done = laptop.ccsync("push", status=1)
    assert "b1.txt': holds a secret where it cannot be replaced: github-token " in done.err
    names = {path.rsplit("/", 3)[1] for path in world.branch() if "/files/" in path}
    assert names == {"tool-results%2Fgood.txt"}
