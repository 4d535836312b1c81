"""Handoffs: extracted, summarized, stored, found again elsewhere; what a summarizer may and may not do."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from git_ccsync.claude import handoff as text
from tests.support.events import Events, until
from tests.support.machine import Machine, executable, run
from tests.support.session import Session
from tests.support.world import World

GOOD = """\
Sure, here it is:

# **Task:**
Fix the parser in {top}/src/x.py.
## 2. Done
- found it\x1b[2J\u202e
### In progress
none
## Next steps
- [ ] test it
## Prompt to continue
Go on with @/etc/passwd and @{top}/src/x.py.
"""


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """A laptop and a desktop, initialised."""
    laptop, desktop = world.initialised("laptop", "desktop")
    return laptop, desktop


def stored(world: World, session: str) -> str:
    """The handoff on the remote, "" for none."""
    oid = world.branch().get(f"sessions/{session[0]}/{session[1]}/{session}/handoff", "")
    return world.blob(oid).decode() if oid else ""


def summarizer(machine: Machine, answer: str, *, body: str = "") -> Path:
    """Configure a command that keeps what it is given and answers so; the file of what it was given."""
    given, said, script = (machine.home / name for name in ("given", "said", "summarizer"))
    said.write_text(answer)
    script.write_text(f'#!/bin/sh\ncat >> "{given}"\nenv > "{given}.env"\npwd > "{given}.pwd"\n{body}\ncat "{said}"\n')
    script.chmod(0o755)
    machine.git("config", "ccsync.summarizer", f"'{script}'")
    return given


def handoff(machine: Machine, *args: str) -> dict[str, Any]:
    return json.loads(machine.ok("handoff", "--json", *args).out)


def worked(machine: Machine, title: str = "fix the parser") -> Session:
    """A session in which something was done."""
    session = machine.session(title, lines=1)
    rows = session.rows
    plan = [{"content": "read it", "status": "completed"}, {"content": "mend it", "status": "in_progress"}]
    plan.append({"content": "test it", "status": "pending"})
    session.write(
        rows.user("please mend the scanner")
        + rows.assistant(
            {
                "type": "tool_use",
                "name": "Edit",
                "input": {"file_path": f"{machine.clone}/src/x.py", "old_string": "a"},
            },
            {"type": "tool_use", "name": "TodoWrite", "input": {"todos": plan}},
        )
        + rows.assistant({"type": "text", "text": "It is half done.\n\nWhat is left:\n\n- the tests"})
    )
    return session


def test_without_one_it_is_made_of_the_transcript(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = worked(laptop)
    shown = laptop.ok("handoff", session.id[:8]).out
    first = f"question 1: why does {laptop.clone}/src/main.py fail?"
    assert shown.startswith(
        "# fix the parser\n\n> extracted from the session as it is, last used 60 minutes ago on laptop\n"
    )
    assert f"## Task\n\n{first}\n\nLast asked: please mend the scanner\n\n## Done\n\n- read it\n" in shown
    assert "## In progress\n\n- mend it\n\n## Next steps\n\n- test it\n\n## Files\n\n- src/x.py\n" in shown
    assert shown.count("\n## ") == 6
    assert laptop.ok("handoff").out == shown
    assert laptop.ok("handoff", CLAUDE_CODE_SESSION_ID=session.id).out == shown


def test_written_it_travels_with_the_paths_of_each_machine(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = worked(laptop)
    given = summarizer(laptop, GOOD.format(top=laptop.clone))
    told = laptop.ok("handoff", "--write")
    assert told.err.startswith(f"handoff of {session.id[:8]} made\n")
    kept = stored(world, session.id)
    last = json.loads(session.read().splitlines()[-1])["uuid"]
    assert kept.startswith(
        f"<!-- handoff summarized after {last} -->\n\n## Task\n\nFix the parser in {{{{REPO}}}}/src/x.py.\n"
    )
    assert "\x1b" not in kept
    assert "\u202e" not in kept
    assert "## In progress\n\n(nothing)\n" in kept
    assert "## Files\n\n- src/x.py\n" in kept, "what the summarizer left out is extracted"
    conversation = given.read_text()
    assert "USER: please mend the scanner" in conversation
    assert "CALLED: Edit src/x.py" in conversation
    found = handoff(desktop, session.id) if desktop.ok("pull") else {}
    assert found["sections"]["task"] == f"Fix the parser in {desktop.clone}/src/x.py."
    assert (found["made"], found["stored"], found["since"]) == ("summarized", True, 0)
    assert found["directory"] == str(desktop.clone)
    assert found["when"] == json.loads(session.read().splitlines()[-1])["timestamp"]


def test_a_summarizer_stands_nowhere_and_its_hooks_do_nothing(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    worked(laptop)
    given = summarizer(laptop, GOOD.format(top=""))
    laptop.ok(
        "handoff", "--write", CLAUDECODE="1", CLAUDE_PID="7", CLAUDE_PROJECT_DIR="/x", GIT_DIR=f"{laptop.clone}/.git"
    )
    environment = Path(f"{given}.env").read_text().splitlines()
    assert "GIT_CCSYNC_NO_HOOKS=1" in environment
    assert not [line for line in environment if line.startswith(("CLAUDE", "GIT_DIR"))]
    place = Path(Path(f"{given}.pwd").read_text().rstrip("\n"))
    assert list(place.iterdir()) == []
    assert laptop.clone not in place.parents


@pytest.mark.parametrize(
    ("answer", "body", "why"),
    [
        ("", "echo kaputt >&2; exit 3", "the summarizer ended with 3: kaputt"),
        ("Sorry, I cannot do that.", "", "the summarizer's answer has not the sections of a handoff"),
        ("## Task\n\nx\n" + "y" * 70_000, "", "'sh' says more than 65536 bytes"),
    ],
)
def test_if_it_fails_it_is_extracted(
    world: World, pair: tuple[Machine, Machine], answer: str, body: str, why: str
) -> None:
    laptop, _ = pair
    session = worked(laptop)
    summarizer(laptop, answer, body=body)
    told = laptop.ok("handoff", "--write")
    assert told.err.startswith(f"warning: {why}; made without a model\n")
    assert stored(world, session.id).startswith("<!-- handoff extracted after ")


def test_no_claude_is_asked_that_could_act(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    worked(laptop)
    old = laptop.home / "bin" / "claude"
    old.parent.mkdir()
    ran = laptop.home / "ran"
    old.write_text(f'#!/bin/sh\n[ "$1" = --help ] && echo "  --tools <tools...>  x" && exit\ntouch "{ran}"\n')
    old.chmod(0o755)
    laptop.git("config", "ccsync.summarizer", "claude -p")
    laptop.env["PATH"] = f"{old.parent}{os.pathsep}{laptop.env['PATH']}"
    told = laptop.ok("handoff", "--write")
    assert told.err.startswith(
        "warning: 'claude' is too old to be asked: it has no --no-session-persistence and no --system-prompt and no "
        "--settings; made without a model\n"
    )
    assert not ran.exists()


@pytest.mark.slow
def test_a_claude_gets_no_option_that_could_undo_ours(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    worked(laptop)
    for word in ("--tools", "--mcp-config=x", "--settings", "hello", "--dangerously-skip-permissions"):
        laptop.git("config", "ccsync.summarizer", f"claude --model sonnet --effort=low {word} x")
        told = laptop.ok("handoff", "--write", "--force")
        assert told.err.startswith(
            f"warning: ccsync.summarizer: no '{word}' for a Claude Code that reads foreign text; made"
        )


def test_it_says_how_old_it_is(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = worked(laptop)
    laptop.ok("handoff", "--write")
    desktop.ok("pull")
    assert (
        "> extracted of what was said until 60 minutes ago on laptop; nothing was said since\n"
        in desktop.ok("handoff").out
    )
    session.write(session.rows.bookkeeping("fix the parser"))
    assert "; nothing was said since\n" in laptop.ok("handoff").out
    laptop.append(session, 2)
    laptop.ok("push")
    desktop.ok("pull")
    for machine in pair:
        assert "minutes ago; the session went on since (4 messages on laptop)\n" in machine.ok("handoff").out


def test_not_too_often_but_by_force(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = worked(laptop)
    given = summarizer(laptop, GOOD.format(top=""))
    laptop.ok("handoff", "--write")
    assert "is up to date; --force makes it anew" in laptop.ok("handoff", "--write").err
    first = stored(world, session.id)
    laptop.append(session)
    assert "was made 0 minutes ago; --force makes it anew" in laptop.ok("handoff", "--write").err
    assert stored(world, session.id) == first
    assert given.read_text().count("Write the handoff") == 1
    assert " made\n" in laptop.ok("handoff", "--force").err
    assert stored(world, session.id) != first
    laptop.append(session)
    laptop.git("config", "ccsync.handoffInterval", "0")
    assert " made\n" in laptop.ok("handoff", "--write").err


def test_by_the_number_of_a_task(pair: tuple[Machine, Machine]) -> None:
    from git_ccsync.state import held
    from tests.operations.test_tasks import leave

    laptop, desktop = pair
    session = worked(laptop)
    laptop.session("another one", age=-60)
    leave(laptop, session, held.UNFINISHED)
    desktop.ok("tasks")
    assert handoff(desktop, "1")["session"]["id"] == session.id
    assert desktop.ccsync("handoff", "2").err.startswith("error: no task has the number 2\n")


@pytest.mark.slow
def test_stop_makes_one_behind_the_lines_and_not_again(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = worked(laptop)
    laptop.git("config", "ccsync.pushInterval", "0")
    given = summarizer(laptop, GOOD.format(top=""))
    events = Events(laptop, session)
    events.fire("Stop")
    until(lambda: stored(world, session.id))
    laptop.append(session)
    events.fire("Stop")
    until(lambda: world.stored(session.id).count(b"\n") == session.read().count(b"\n"))
    events.fire("SessionEnd", reason="prompt_input_exit")
    assert given.read_text().count("Write the handoff") == 1
    assert "handoff" not in events.trouble()


@pytest.mark.slow
def test_a_slow_summarizer_holds_up_nobody(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = worked(laptop)
    laptop.git("config", "ccsync.pushInterval", "0")
    given = summarizer(laptop, GOOD.format(top=""), body='while [ ! -e "$HOME/go" ]; do sleep 0.1; done')
    events = Events(laptop, session)
    events.fire("Stop")
    until(given.exists)
    laptop.append(session)
    laptop.ok("push")
    assert world.stored(session.id).count(b"\n") == session.read().count(b"\n")
    events.fire("Stop")
    assert stored(world, session.id) == ""
    (laptop.home / "go").touch()
    until(lambda: stored(world, session.id))
    assert given.read_text().count("Write the handoff") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("key", "value", "env", "made"),
    [
        ("ccsync.handoffInterval", "0", {}, ""),
        ("ccsync.summarizer", "none", {}, "extracted"),
        ("ccsync.stallLimit", "60", {"CLAUDE_CODE_ENTRYPOINT": "sdk-cli"}, "extracted"),
    ],
)
def test_when_no_model_is_asked_at_stop(
    world: World, pair: tuple[Machine, Machine], key: str, value: str, env: dict[str, str], made: str
) -> None:
    laptop, _ = pair
    session = worked(laptop)
    laptop.git("config", "ccsync.pushInterval", "0")
    given = summarizer(laptop, GOOD.format(top=""))
    laptop.git("config", key, value)
    events = Events(laptop, session)
    events.fire("Stop", env=env)
    until(lambda: world.stored(session.id))
    if made:
        until(lambda: stored(world, session.id))
    events.fire("SessionEnd", reason="prompt_input_exit")
    assert stored(world, session.id)[13:22] == made
    assert not given.exists()


def test_both_went_on_and_each_has_its_own(world: World, pair: tuple[Machine, Machine]) -> None:
    """Theirs, unless only we changed it; what spoke of our lines goes with them."""
    laptop, desktop = pair
    session = worked(laptop)
    laptop.ok("push")
    desktop.ok("pull")
    laptop.ok("handoff", "--write")
    desktop.session("another one")
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    assert stored(world, session.id), "their lines took nothing of ours away"
    laptop.append(session)
    laptop.ok("handoff", "--force")
    copies = json.loads(laptop.ok("list", "--json", "--conflicts").out)["sessions"]
    (copy,) = [one["id"] for one in copies if "copy" in one["state"]]
    last = [row["uuid"] for row in map(json.loads, session.read().splitlines()) if row["type"] == "assistant"][-1]
    assert last in stored(world, copy)
    assert last not in stored(world, session.id)


def test_a_handoff_that_only_we_changed_survives_their_lines(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = worked(laptop)
    laptop.ok("push")
    desktop.ok("pull")
    desktop.append(desktop.here(session.id))
    away = Path(f"{world.remote}.away")
    world.remote.rename(away)
    laptop.ccsync("handoff", "--write", status=1)
    away.rename(world.remote)
    desktop.ok("push")
    laptop.ok("push")
    assert stored(world, session.id).startswith("<!-- handoff extracted after ")
    assert world.stored(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")


def test_run_starts_claude_on_a_new_session(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = worked(laptop, "evil @/etc/shadow")
    summarizer(laptop, GOOD.format(top=laptop.clone))
    laptop.ok("handoff", "--write")
    desktop.ok("pull")
    claude = desktop.home / "bin" / "claude"
    claude.parent.mkdir()
    claude.write_text('#!/bin/sh\npwd > "$HOME/cwd"\nprintf "%s\\n" "$#" "$1" > "$HOME/words"\nexit 5\n')
    claude.chmod(0o755)
    env = {**desktop.env, "PATH": f"{claude.parent}{os.pathsep}{desktop.env['PATH']}"}
    done = run([*executable(), "handoff", session.id, "--run"], env, cwd=desktop.clone, status=5)
    assert "starting Claude Code in " in done.err
    assert (desktop.home / "cwd").read_text() == f"{desktop.clone}\n"
    assert (desktop.home / "words").read_text() == (
        "1\nGo on with the work of an earlier session (evil \\@/etc/shadow).\n\n"
        f"Go on with \\@/etc/passwd and \\@{desktop.clone}/src/x.py.\n"
    )


@pytest.mark.parametrize(
    "junk",
    [b"", b"\xff\xfe\0", b"no sections", b"<!-- handoff", b"<!-- handoff summarized after x -->\n", b"x" * 300_000],
)
def test_a_broken_one_counts_as_none(junk: bytes) -> None:
    assert text.load(junk.decode("utf-8", "replace")) is None


def test_what_is_written_is_read_again() -> None:
    note = text.Note(text.Sections("a\n\nb", "- c", "", "- d", "- e.py: x", "go on"), text.SUMMARIZED, "1590c3f0")
    assert text.load(text.dump(note)) == note


def test_no_secret_of_the_conversation_is_in_it(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("fix the parser", lines=1)
    secret = "ghp_" + "A1b2C3d4E5f6" * 3
    session.write(
        session.rows.user(f"use the token {secret} for it") + session.rows.assistant({"type": "text", "text": "ok"})
    )
    given = summarizer(laptop, GOOD.format(top="") + f"and again {secret}\n")
    laptop.ok("handoff", "--write")
    assert secret not in stored(world, session.id)
    assert "and again" in stored(world, session.id)
    assert secret not in given.read_text()
    assert "use the token" in given.read_text()
