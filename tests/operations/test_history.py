"""The history of prompts between machines: a union, in order of time, only ever appended to."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from tests.operations.stories import everything, sync_all
from tests.support.inside import inside, killed_at
from tests.support.machine import Machine

SECRET = "ghp_" + "h7Kq2LmPzX9vBt4NwYc8RdJs5FgQa1Eu3oTi"


@pytest.fixture(autouse=True)
def on(laptop: Machine, desktop: Machine) -> None:
    for machine in (laptop, desktop):
        machine.git("config", "ccsync.promptHistory", "true")


def typed(machine: Machine, text: str, at: int, *, project: Path | str = "", **more: object) -> bytes:
    """A prompt is typed, as Claude Code writes it down."""
    row = {
        "display": text,
        "pastedContents": {},
        "timestamp": 1_763_000_000_000 + at,
        "project": str(project or machine.clone),
        "sessionId": str(uuid.UUID(int=at)),
        **more,
    }
    data = json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    path = machine.claude / "history.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(data)
    return data


def rows(machine: Machine) -> list[dict[str, object]]:
    path = machine.claude / "history.jsonl"
    return [json.loads(row) for row in path.read_bytes().splitlines()] if path.exists() else []


def texts(machine: Machine) -> list[object]:
    return [row["display"] for row in rows(machine)]


def test_prompts_meet_in_order_of_time(laptop: Machine, desktop: Machine) -> None:
    mine = typed(laptop, f"fix {laptop.clone}/x", 10) + typed(laptop, "two", 30)
    typed(laptop, "elsewhere", 20, project="/srv/other")
    typed(desktop, "three", 20)
    assert inside(laptop, "push").prompts == 2
    assert inside(desktop, "pull").prompts == 2
    assert texts(desktop) == ["three", f"fix {desktop.clone}/x", "two"]
    assert [row["project"] for row in rows(desktop)] == [str(desktop.clone)] * 3
    inside(desktop, "push")
    inside(laptop, "pull")
    assert (laptop.claude / "history.jsonl").read_bytes().startswith(mine)
    assert texts(laptop) == [f"fix {laptop.clone}/x", "two", "elsewhere", "three"]
    before = everything(laptop), everything(desktop)
    sync_all(laptop, desktop)
    assert (everything(laptop), everything(desktop)) == before
    assert inside(laptop, "push").up_to_date


@pytest.mark.slow
def test_nothing_comes_twice_whatever_is_lost(laptop: Machine, desktop: Machine) -> None:
    for number in range(3):
        typed(laptop, f"laptop {number}", number)
        typed(desktop, f"desktop {number}", 100 + number)
        sync_all(laptop, desktop)
        for machine, name in ((laptop, "history"), (desktop, "index"), (laptop, "index")):
            for path in machine.clone.glob(f".git/ccsync/*/{name}"):
                path.unlink()
    sync_all(laptop, desktop)
    for machine in (laptop, desktop):
        assert sorted(map(str, texts(machine))) == sorted(f"{n} {i}" for n in ("laptop", "desktop") for i in range(3))
    laptop.git("update-ref", "-d", "refs/ccsync/al")
    sync_all(laptop, desktop)
    assert len(rows(laptop)) == len(rows(desktop)) == 6


def test_it_is_for_those_who_want_it(laptop: Machine, desktop: Machine) -> None:
    laptop.git("config", "--unset", "ccsync.promptHistory")
    typed(laptop, "mine", 1)
    sync_all(laptop, desktop)
    assert not [path for path in laptop.world.branch() if path.startswith("history/")]
    typed(desktop, "yours", 2)
    sync_all(desktop, laptop)
    assert texts(laptop) == ["mine"]


def test_secrets_and_large_pastes_stay(laptop: Machine, desktop: Machine) -> None:
    paste = {"1": {"id": 1, "type": "text", "content": "x" * 70_000}}
    typed(laptop, f"use {SECRET}", 1)
    typed(laptop, "[Pasted text #1]", 2, pastedContents=paste)
    typed(laptop, "small", 3, pastedContents={"1": {"id": 1, "type": "text", "content": "a paste"}})
    pushed = inside(laptop, "push")
    assert (pushed.prompts, pushed.redacted.values, pushed.redacted.sessions) == (2, 1, 0)
    inside(desktop, "pull")
    first, second = rows(desktop)
    assert str(first["display"]).startswith("use {{SECRET:")
    assert second["pastedContents"] == {"1": {"id": 1, "type": "text", "content": "a paste"}}
    sync_all(desktop, laptop)
    assert len(rows(laptop)) == 3
    laptop.git("config", "ccsync.secrets", "block")
    typed(laptop, f"again {SECRET}", 4)
    typed(laptop, "fine", 5)
    pushed = inside(laptop, "push")
    assert pushed.prompts == 1
    assert "holds a secret" in pushed.problems[0].reason


def test_what_a_branch_says_of_other_projects_is_not_believed(laptop: Machine, desktop: Machine) -> None:
    typed(laptop, "mine", 1)
    inside(laptop, "push")
    world = laptop.world
    (path,) = [path for path in world.branch() if path.startswith("history/")]
    good = world.blob(world.branch()[path])
    bad = [
        good.replace(b"{{REPO}}", b"/srv/other").replace(b"mine", b"evil").replace(b'0001"', b'0002"'),
        good.replace(b"{{REPO}}", b"{{REPO}}/../..").replace(b"mine", b"evil").replace(b'0001"', b'0003"'),
        b'{"project":"{{REPO}}","display":1,"timestamp":1}\n',
        b'{"project":"{{REPO}}","display":"evil","timestamp":1e400}\n',
        b"[" * 50_000 + b'"project"\n',
        b"\xff\xfe not a row\n",
    ]
    blob = world.git("hash-object", "-w", "--stdin", input=b"".join([*bad, good]))
    group = world.git("mktree", input=f"100644 blob {blob}\t00".encode())
    file = world.git("mktree", input=f"040000 tree {group}\t0000".encode())
    top = world.git("mktree", input=f"040000 tree {file}\t0123456789abcdef-00000000\n100644 blob {blob}\todd".encode())
    kept = [row for row in world.git("ls-tree", "refs/ccsync/al").split("\n") if not row.endswith("\thistory")]
    root = world.git("mktree", input="\n".join([*kept, f"040000 tree {top}\thistory"]).encode())
    world.git("update-ref", "refs/ccsync/al", world.git("commit-tree", "-p", "refs/ccsync/al", "-m", "evil", root))
    inside(desktop, "pull")
    assert texts(desktop) == ["mine"]


def test_a_torn_row_stays_and_a_running_claude_goes_on(laptop: Machine, desktop: Machine) -> None:
    typed(laptop, "mine", 1)
    inside(laptop, "push")
    typed(desktop, "yours", 2)
    path = desktop.claude / "history.jsonl"
    with path.open("ab") as file:
        file.write(b'{"display":"to')
    before = path.stat().st_ino
    inside(desktop, "pull")
    typed(desktop, "more", 3)
    assert path.read_bytes().split(b"\n")[1] == b'{"display":"to'
    assert path.stat().st_ino == before
    sync_all(desktop, laptop)
    assert texts(laptop) == ["mine", "yours", "more"]


@pytest.mark.slow
def test_a_kill_anywhere_doubles_nothing(laptop: Machine, desktop: Machine) -> None:
    number, running = 0, True
    while running:
        typed(laptop, f"laptop {number}", number)
        typed(desktop, f"desktop {number}", 1000 + number)
        inside(laptop, "sync")
        running = killed_at(desktop, "sync", number)
        number += 8
    sync_all(laptop, desktop)
    for machine in (laptop, desktop):
        found = texts(machine)
        assert len(found) == len(set(found)) == number // 4


def test_two_clones_of_one_machine_have_files_of_their_own(laptop: Machine, desktop: Machine) -> None:
    other = laptop.clone.parent / "second"
    laptop.git("clone", "-q", str(laptop.world.remote), str(other))
    laptop.ok("init", "--yes", cwd=other)
    laptop.git("config", "ccsync.promptHistory", "true", cwd=other)
    typed(laptop, "first", 1)
    typed(laptop, "second", 2, project=other)
    laptop.ok("push")
    laptop.ok("push", cwd=other)
    inside(desktop, "pull")
    assert texts(desktop) == ["first", "second"]
    assert len({path.split("/")[1] for path in laptop.world.branch() if path.startswith("history/")}) == 2


def test_a_second_directory_of_claudes_gets_them_too(laptop: Machine, desktop: Machine) -> None:
    typed(laptop, "mine", 1)
    laptop.ok("push")
    other = laptop.home / "other"
    laptop.ok("sync", CLAUDE_CONFIG_DIR=str(other))
    assert [json.loads(row)["display"] for row in (other / "history.jsonl").read_bytes().splitlines()] == ["mine"]
    before = everything(laptop)
    laptop.ok("sync")
    laptop.ok("sync", CLAUDE_CONFIG_DIR=str(other))
    assert everything(laptop) == before
    assert texts(laptop) == ["mine"]
