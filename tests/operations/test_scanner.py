"""Another scanner is asked beside our own rules, sealed off; what it finds is redacted, and its trouble is a warning."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.acceptance.test_secrets import in_step, talk
from tests.support import unpack
from tests.support.machine import Machine
from tests.support.world import World

WORD = "correct horse battery"
#: Finds WORD wherever it stands, and writes down how it was called.
FAKE = """#!/usr/bin/env python3
import json, os, sys
text = sys.stdin.buffer.read().decode("utf-8", "replace")
with open(os.environ["HOME"] + "/called", "a") as file:
    file.write(json.dumps([sys.argv[1:], os.getcwd(), sorted(os.environ)]) + "\\n")
found = [{"RuleID": "x", "Secret": WORD}] if WORD in text else []
with open(sys.argv[sys.argv.index("--report-path") + 1], "w") as report:
    json.dump(found, report)
""".replace("WORD", repr(WORD))


@pytest.fixture
def laptop(world: World) -> Machine:
    (made,) = world.initialised("laptop")
    return made


def install(machine: Machine, tmp_path: Path, text: str, name: str = "gitleaks") -> str:
    """PATH with such a program on it, and its name in the configuration."""
    place = tmp_path / "bin"
    place.mkdir()
    (place / name).write_text(text)
    (place / name).chmod(0o755)
    machine.git("config", "ccsync.secretsScanner", name)
    return f"{place}{os.pathsep}{machine.env['PATH']}"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gitleaks", "betterleaks"])
def test_what_it_finds_is_redacted(world: World, laptop: Machine, tmp_path: Path, name: str) -> None:
    session = laptop.session("fix bug")
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    talk(laptop, session, f"the word is {WORD}, {WORD}; {token}")
    session.tool_result("b1", f"a\n{WORD}\n".encode())
    path = install(laptop, tmp_path, FAKE, name)
    scanned = laptop.ok("secrets", "scan", PATH=path).out
    assert scanned.count(name) == 2
    done = laptop.ok("push", PATH=path)
    assert done.out.endswith("\nredacted 2 values in 1 session\n")
    assert done.err == ""
    assert unpack.search(world.remote, [WORD.encode(), token.encode()]) == []
    assert world.stored(session.id).count(b"{{SECRET:%b.21." % name.encode()) == 2
    laptop.git("config", "--unset", "ccsync.secretsScanner")
    in_step(laptop)
    calls = (laptop.home / "called").read_text()
    assert '["stdin", "--no-banner"' in calls
    assert "git-ccsync/scanner" in calls
    assert "GIT_" not in calls
    assert WORD not in calls


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("#!/bin/sh\nexit 3\n", "it ended with 3"),
        ("#!/bin/sh\ncat >/dev/null; echo no json\n", "its report cannot be read"),
        ("", ""),
    ],
)
def test_its_trouble_is_a_warning(world: World, laptop: Machine, tmp_path: Path, text: str, why: str) -> None:
    session = laptop.session("fix bug")
    token = "ghp_" + "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    talk(laptop, session, token)
    path = install(laptop, tmp_path, text or "#!/bin/sh\n")
    if not text:
        (tmp_path / "bin/gitleaks").unlink()
        why = "it is not on PATH"
    done = laptop.ok("push", PATH=path)
    assert done.err == f"warning: 'gitleaks' did not look for secrets: {why}; our own rules did\n"
    assert done.out.endswith("\nredacted 1 value in 1 session\n")
    assert unpack.search(world.remote, [token.encode()]) == []


def test_another_program_is_not_run(laptop: Machine) -> None:
    laptop.session("fix bug")
    laptop.git("config", "ccsync.secretsScanner", "sh")
    done = laptop.ccsync("push", status=129)
    assert done.err.startswith("error: 'sh' is no value of 'ccsync.secretsScanner'\n")
