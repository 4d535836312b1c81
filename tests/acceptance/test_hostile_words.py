"""Words of somebody who means harm, everywhere where a branch has words: no verb lets them write on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.attacker import BLOB, TREE, Attacker

if TYPE_CHECKING:
    from tests.support.machine import Machine
    from tests.support.world import World

ID = "aaaaaaaa-1111-4222-8333-444444444444"
EVIL = "bbbbbbbb-1111-4222-8333-444444444444"
MACHINE = "00000000000000aa"
#: Escapes of terminals, in seven bits and in eight; what turns or hides text; line ends.
BAD = "x\x1b]0;owned\x07\x1b[31m\u202eevil\u2066\x9b31m\x7f\u200b\r\nfatal: no"
FORBIDDEN = {*map(chr, range(32)), *map(chr, range(0x7F, 0xA0)), *"\u202e\u2066\u200b"} - set("\n\t")
FIELDS = (
    *("title", "directory", "worktree", "created", "origin", "git_branch", "git_commit", "claude_version", "parent"),
    "suffix",
)
ROWS = (
    {"type": "user", "uuid": f"u1{BAD}", "message": {"role": "user", "content": f"hi {BAD}"}, "cwd": "{{REPO}}"}
    | {"gitBranch": BAD, "version": BAD, "timestamp": "2026-11-21T10:57:01.522Z"},
    {"type": "assistant", "uuid": "u2", "parentUuid": f"u1{BAD}", "timestamp": "2026-11-21T10:57:02.522Z"}
    | {"message": {"role": "assistant", "model": BAD, "content": [
        {"type": "text", "text": f"answer {BAD}"},
        {"type": "tool_use", "name": BAD, "input": {"command": BAD, "file_path": BAD}},
    ]}},
    {"type": "custom-title", "customTitle": BAD, "sessionId": "{{SESSION}}"},
    {"type": "summary", "summary": BAD, "leafUuid": "u2"},
)  # fmt: skip


def quoted(text: str) -> str:
    """A string of TOML."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text) + '"'


@pytest.fixture
def desktop(world: World) -> Machine:
    """A machine whose branch on the remote somebody else wrote all over."""
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session("good", id=ID)
    laptop.ok("push")
    desktop.ok("pull")
    evil = Attacker(world)
    meta = "".join(f"{key} = {quoted(BAD)}\n" for key in FIELDS)
    meta += f'updated = "2026-11-21T10:57:01.522Z"\nmachine = "{MACHINE}"\nlines = 3\nmessages = 2\ndirty = true\n'
    rows = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS) + f"raw {BAD}\n".encode()
    machine = f'name = {quoted(BAD)}\nos = {quoted(BAD)}\nopen = ["{EVIL}"]\nunfinished = ["{EVIL}"]\n'
    machine += f"[placeholders]\n{quoted(BAD)} = {quoted(BAD)}\n"
    evil.push(
        evil.session(
            EVIL, evil.meta(meta.encode()), evil.transcript(evil.blob(rows)),
            evil.side("tool-results%2F%1B%5B31m.txt", evil.blob(b"x")), (BLOB, "handoff", evil.blob(BAD.encode())),
            (BLOB, "odd\x1b[31m", evil.blob(b"")),
        ),
        (TREE, "machines", evil.tree(*evil.entries("refs/ccsync/al:machines"), (BLOB, MACHINE, evil.blob(machine.encode())))),
        (TREE, "leases", evil.tree((BLOB, EVIL, evil.blob(f'machine = "{MACHINE}"\nclaim = {quoted(BAD)}\n'.encode())))),
        (TREE, "memory", evil.tree((BLOB, "a\x1b[31m.md", evil.blob(BAD.encode())), (BLOB, "MEMORY.md", evil.blob(BAD.encode())))),
        (BLOB, "root\x1b[31m\u202e", evil.blob(b"")), message=f"ccsync: {BAD}\n\nMachine: {BAD}",
    )  # fmt: skip
    return desktop


#: What is looked at every day; the rest takes longer.
SHORT = (["pull", "-v"], ["list"], ["list", "--json"], ["status"], ["show", EVIL], ["log"], ["tasks"], ["verify"])
LONG = (
    ["pull", "--json"], ["list", "--porcelain"], ["list", "--machine", "x"], ["status", "--json"],
    ["status", "--porcelain"], ["show", EVIL, "--json"], ["log", "--json"], ["log", EVIL], ["search", "evil"],
    ["search", "evil", "--json"], ["search", "owned"], ["tasks", "--json"], ["handoff", EVIL], ["machine", "list"],
    ["machine", "list", "--json"], ["lease"], ["lease", "--json"], ["verify", "--json"], ["doctor"], ["doctor", "--json"],
    ["resume", EVIL], ["restore", EVIL], ["rename", EVIL, "new"], ["fork", EVIL], ["undo"], ["undo", "--list"],
    ["secrets"], ["push", "-v"], ["sync", "-v"], ["placeholder"], ["export", EVIL, "-o", "x.ccsync"],
    ["import", "x.ccsync"], ["complete", "sessions", ""], ["complete", "machines", ""], ["purge", EVIL], ["rm", EVIL],
    ["verify", "--repair"], ["gc"],
)  # fmt: skip


@pytest.mark.parametrize(
    "verbs", [SHORT, pytest.param((["pull"], *LONG), marks=pytest.mark.slow)], ids=["short", "all"]
)
def test_no_verb_lets_foreign_words_write_on_the_terminal(desktop: Machine, verbs: tuple[list[str], ...]) -> None:
    met = 0
    for words in verbs:
        told = desktop.ccsync(*words)
        assert not FORBIDDEN & set(told.out + told.err), (words, told)
        assert "unexpected error" not in told.err, (words, told)
        assert not any(line.startswith("fatal: no") for line in told.err.splitlines()), (words, told)
        met += "owned" in told.out + told.err
    assert met > 4, "it was not shown at all"
