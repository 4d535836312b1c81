"""`show`: a conversation for people, its lines for programs, what sets a copy apart; nothing foreign reaches the terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess

import pytest

from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World


@pytest.fixture
def told(world: World) -> tuple[Machine, Session]:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix the parser", lines=1)
    rows = session.rows
    failed = {"type": "tool_result", "is_error": True, "content": "boom\nbang"}
    run = {"type": "tool_use", "name": "Bash", "input": {"description": "tests", "command": "make\nmake test"}}
    session.write(
        rows.tool("/etc/hosts", "one\ntwo\n")
        + rows.signed("hm, what\nelse")
        + rows.user("evil \x1b[31mred\u202e\x07\nsecond\tline")
        + rows.assistant(run)
        + rows.row("user", message={"role": "user", "content": [failed]})
        + rows.user("not said", isMeta=True)
        + rows.huge(2_000_000)
        + b"no row\n\n"
        + rows.row("system", subtype="compact_boundary")
        + rows.bookkeeping("fix the parser")
    )
    return laptop, session


READABLE = """\
session {id}
Title:    fix the parser
Machine:  laptop, git branch main
Used:     {used}, 8 messages, 2.0 MB
State:    new

user  {when}
question 1: why does {clone}/src/main.py fail?

assistant  {when}
answer 1: look at {clone}/src/main.py, line 1
  ● Read(/etc/hosts)
    2 lines
  ✻ hm, what …

done

user  {when}
evil [31mred
second  line

assistant  {when}
  ● Bash(make …)
    failed: boom …
  — a row of {size} bytes
  — a line that is no row
  — what was said before was summed up here
"""


def test_a_conversation_is_readable(told: tuple[Machine, Session]) -> None:
    laptop, session = told
    shown = laptop.ok("show", session.id[:8]).out
    used = shown.split("Used:     ")[1].split(",")[0]
    when = "11-21 14:57"  # the rows lie on both sides of a minute, now and then
    shown = re.sub(r"^(user|assistant)  .*$", rf"\1  {when}", shown, flags=re.MULTILINE)
    size = next(line.split()[4] for line in shown.splitlines() if "— a row of" in line)
    assert shown == READABLE.format(id=session.id, used=used, when=when, clone=laptop.clone, size=size)


def test_raw_is_the_transcript(told: tuple[Machine, Session]) -> None:
    laptop, session = told
    for _ in range(2):
        done = subprocess.run(
            [*executable(), "show", "--raw", session.id],
            env=laptop.env,
            cwd=laptop.clone,
            capture_output=True,
            check=True,
        )
        assert done.stdout == session.read()
        laptop.ok("push")
        session.write(b'{"torn')
        session.path.write_bytes(session.read().removesuffix(b'{"torn'))


def test_raw_on_a_terminal_can_do_nothing_to_it(told: tuple[Machine, Session]) -> None:
    laptop, _ = told
    other = laptop.session("evil", lines=b'{"type":"user","message":{"content":"\x1b]0;evil\x07"}}\n')
    leader, follower = pty.openpty()
    env = laptop.env | {"GIT_PAGER": "cat", "TERM": "xterm"}
    subprocess.run([*executable(), "show", "--raw", other.id], env=env, cwd=laptop.clone, stdout=follower, check=True)
    os.close(follower)
    written = os.read(leader, 100_000)
    os.close(leader)
    assert b"evil" in written
    assert b"\x1b" not in written
    assert b"\x07" not in written


def test_a_session_that_is_not_here_is_shown_with_this_machines_paths(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("old", age=90 * 86_400)
    laptop.ok("push")
    desktop.ok("pull")
    assert desktop.sessions() == {}
    shown = desktop.ok("show", "old").out
    assert f"why does {desktop.clone}/src/main.py fail?" in shown
    raw = desktop.ok("show", "--raw", session.id).out.encode()
    assert raw.replace(str(desktop.clone).encode(), str(laptop.clone).encode()) == session.read()
    known = json.loads(desktop.ok("show", "--json", "old").out)
    assert (known["version"], known["id"], known["state"], known["origin"]) == (1, session.id, "not-here", "laptop")


def test_a_copy_is_set_against_its_original(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug", lines=1)
    laptop.ok("push")
    desktop.ok("pull")
    alone = desktop.ccsync("show", "--diff", session.id)
    assert (alone.status, alone.err.split("\n")[0]) == (1, f"error: '{session.id[:8]}' is no copy and has none")
    for machine, text in ((laptop, "from the laptop"), (desktop, "from the desktop")):
        here = machine.here(session.id)
        here.write(here.rows.user(text))
    laptop.ok("push")
    desktop.ok("sync")
    copy = "fix bug (from desktop)"
    shown = desktop.ok("show", "--diff", copy).out
    assert desktop.ok("show", "--diff", "fix bug").out == shown
    lines = [line for line in shown.splitlines() if not line[2:].startswith("user  ")]
    assert [line[:4] + line.split("  ", 1)[1] if line[:3] in ("---", "+++") else line for line in lines] == [
        "--- fix bug  (laptop)",
        "- from the laptop",
        f"+++ {copy}  (desktop)",
        "+ from the desktop",
    ]


def test_a_reader_who_leaves_early_is_no_trouble(told: tuple[Machine, Session]) -> None:
    laptop, session = told
    words = [*executable(), "show", "--raw", session.id]
    with subprocess.Popen(
        words, env=laptop.env, cwd=laptop.clone, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == b""
    assert process.returncode == 141
