"""`search`: what is found where, once, with this machine's paths; what cannot be read stops nothing else."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from git_ccsync.store.format import MAX_SEGMENT
from tests.support.events import until
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def found(machine: Machine, *args: str, status: int = 0) -> list[dict[str, object]]:
    """The matches that --json tells of, each with its session's id and title."""
    told = json.loads(machine.ccsync("search", "--json", *args, status=status).out)
    assert told["version"] == 1
    return [{"id": one["id"], "title": one["title"], **match} for one in told["sessions"] for match in one["matches"]]


def texts(machine: Machine, *args: str) -> list[tuple[object, object]]:
    """(role, text) of all matches."""
    matches = found(machine, *args)
    return [(match["role"], match["text"]) for match in matches]


def say(session: Session, *rows: bytes) -> Session:
    session.write(b"".join(rows))
    return session


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session("first")
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop


def test_sessions_that_are_not_here_are_searched_with_this_machines_paths(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    old = laptop.session("login flow", age=90 * 86_400)
    say(old, old.rows.tool(f"{laptop.clone}/src/parser.py", "def walrus():\n    pass\n"))
    laptop.ok("push")
    desktop.ok("pull")
    assert old.id not in desktop.sessions()
    assert texts(desktop, "WALRUS", "-i") == [("tool", "def walrus():\n    pass\n")]
    assert texts(desktop, f"{desktop.clone}/src/parser.py") == [("tool", f"Read\n{desktop.clone}/src/parser.py")]
    assert texts(desktop, f"{desktop.clone.name}/src/parser.py") == [("tool", f"Read\n{desktop.clone}/src/parser.py")]
    assert found(desktop, f"{laptop.clone}/src/parser.py", status=1) == []
    (title,) = found(desktop, "login", "flow")
    assert (title["id"], title["role"], title["spans"]) == (old.id, "title", [[0, 5], [6, 10]])


def test_lines_that_were_not_pushed_are_found_and_none_twice(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("one")
    say(session, session.rows.user("the walrus was pushed"))
    laptop.ok("push")
    say(session, session.rows.user("a walrus was not"))
    other = laptop.session("two")
    say(other, other.rows.user("nor was this walrus"))
    said = [("user", "the walrus was pushed"), ("user", "a walrus was not"), ("user", "nor was this walrus")]
    assert sorted(texts(laptop, "walrus")) == sorted(said)
    for index in laptop.clone.glob(".git/ccsync/*/index"):
        index.unlink()
    assert sorted(texts(laptop, "walrus")) == sorted(said)


def test_before_init_what_is_here_is_searched(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    assert [match["id"] for match in found(laptop, "answer", "-n1")] == [session.id]


def test_what_was_fetched_is_searched_before_it_is_merged(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = desktop.session("other")
    say(session, session.rows.user("walrus"))
    desktop.ok("push")
    assert found(laptop, "walrus", status=1) == []
    laptop.ok("status", "--fetch")
    assert texts(laptop, "walrus") == [("user", "walrus")]


def test_lines_that_a_copy_shares_are_told_once(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    say(session, session.rows.user("a shared walrus"))
    laptop.ok("push")
    desktop.ok("pull")
    for machine in (desktop, laptop):
        mine = machine.here(session.id)
        say(mine, mine.rows.user(f"a walrus of {machine.name}"))
        machine.ok("sync")
    (copy,) = laptop.sessions().keys() - {session.id} - {one for one in desktop.sessions() if one != session.id}
    matches = found(laptop, "walrus")
    assert sorted(match["text"] for match in matches) == [
        "a shared walrus",
        "a walrus of desktop",
        "a walrus of laptop",
    ]
    (shared,) = [match for match in matches if match["text"] == "a shared walrus"]
    assert {shared["id"], *shared["also"]} == {session.id, copy}  # type: ignore[misc]


@pytest.mark.slow
def test_a_line_that_spans_segments_is_found(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("huge")
    row = session.rows.user("first " + "x" * (MAX_SEGMENT - 4000) + " walrus " * 2000 + "last")
    say(session, row, session.rows.user("a walrus behind it"))
    laptop.ok("push")
    desktop.ok("pull")
    for machine in pair:
        matches = found(machine, "first", "walrus", "last")
        assert [match["row"] for match in matches] == [json.loads(row)["uuid"]]
    assert len(found(desktop, "walrus")) == 2


def test_words_roles_and_bounds(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("walrus talk", age=3 * 86_400)
    rows = session.rows
    call = {"type": "tool_use", "name": "Walrus", "input": {"deep": [{"walrus_key": "an Arctic value"}], "n": 1}}
    say(
        session,
        rows.user("the walrus\nand the carpenter"),
        rows.signed("a walrus, hm"),
        rows.assistant(call),
        rows.user("meta walrus", isMeta=True),
        rows.row("attachment", attachment={"type": "walrus"}),
        rows.row("user", message={"role": "user", "content": [{"type": "image", "source": {"data": "walrus"}}]}),
    )
    assert [match["role"] for match in found(laptop, "walrus")] == ["title", "user", "assistant", "tool"]
    assert [match["role"] for match in found(laptop, "walrus", "carpenter")] == ["user"]
    assert [match["role"] for match in found(laptop, "walrus and the")] == ["user"]
    assert [match["role"] for match in found(laptop, "Walrus")] == ["tool"]
    assert [match["role"] for match in found(laptop, "Walrus", "-i", "-n2")] == ["title", "user"]
    assert found(laptop, "WALRUS", status=1) == found(laptop, "arctic", "-s", status=1) == []
    assert found(laptop, "walrus_key", status=1) == []
    assert [match["name"] for match in found(laptop, "arctic")] == ["Walrus"]
    for role, number in (("user", 1), ("assistant", 1), ("tool", 1)):
        assert len(found(laptop, "walrus", "--role", role)) == number
    assert [match["role"] for match in found(laptop, "--regex", r"walrus[, ]+hm|^and")] == ["user", "assistant"]
    day = time.strftime("%Y-%m-%d", time.gmtime(laptop.world.now - 86_400))
    assert found(laptop, "walrus", "--since", day, status=1) == []
    assert found(laptop, "walrus", "--machine", "laptop")
    assert laptop.ccsync("search", "walrus", "--machine", "nobody").status == 1
    assert laptop.ccsync("search", "(", "--regex").status == 129
    assert laptop.ccsync("search").status == 129


def test_side_files_are_searched(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("with agents")
    session.subagent("a1b2c3d")
    session.tool_result("b1", b"line one\na walrus in line two\nno line end, walrus")
    session.side("tool-results/x.png", b"\x89PNG walrus")
    local = texts(laptop, "walrus")
    assert local == [("tool", "a walrus in line two"), ("tool", "no line end, walrus")]
    assert len(found(laptop, "sub task")) == 2
    laptop.ok("push")
    desktop.ok("pull")
    assert texts(desktop, "walrus") == local
    assert texts(desktop, "sub task 1") == [("user", f"sub task 1 in {desktop.clone}")]


@pytest.mark.slow
def test_hostile_rows_are_harmless(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("evil")
    rows = session.rows
    say(
        session,
        rows.user("a \x1b[31mwalrus\x1b[0m \u202eback\x07\r\n\x00"),
        b'{"type":"user","message":{"content":"walrus \xff\xfe"}}\n',
        b'{"type":"user","message":{"content":"walrus ' + b"[" * 100_000 + b'"}}\n',
        b"walrus, no row\n" + b"[" * 100_000 + b"walrus\n",
        b'{"type":"user","message":{"content":' + b'["walrus",' * 50_000 + b"1\n",
        b'\xef\xbb\xbf{"type":"user","message":{"content":"walrus with a BOM"}}\r\n',
    )
    for push in (False, True):
        if push:
            laptop.ok("push")
        out = laptop.ok("search", "walrus").out
        assert len(out.splitlines()) == 4
        assert all(char.isprintable() or char == "\n" for char in out)


def test_an_object_that_is_missing_stops_nothing_else(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    good, bad = laptop.session("good"), laptop.session("bad")
    for session in (good, bad):
        say(session, session.rows.user(f"a walrus in {session.id}"))
    laptop.ok("push")
    listing = laptop.git("ls-tree", "-r", "refs/ccsync/al").splitlines()
    (oid,) = [line.split()[2] for line in listing if f"{bad.id}/transcript" in line]
    for path in laptop.claude.glob(f"projects/*/{bad.id}.jsonl"):
        path.unlink()
    (laptop.clone / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    done = laptop.ccsync("search", "walrus")
    assert done.status == 1
    assert [line.split("  ")[0] for line in done.out.splitlines()] == [good.id[:8]]
    assert done.err == f"error: '{bad.id[:8]}': a segment is missing\n"


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal; where that cannot be told, after as long as it takes to have it."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(2)
        return True
    (mask,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def test_an_expression_that_takes_for_ever_can_be_interrupted(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("slow")
    say(session, *(session.rows.user("a" * 60 + "!") for _ in range(4)))
    running = laptop.start("search", "--regex", "(a+)+$")
    until(lambda: catches(running.pid, signal.SIGALRM))  # so it is about to look for the expression
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=30)
    assert running.returncode == 130


def test_an_expression_that_takes_for_ever_leaves_a_message_out(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("slow")
    say(session, session.rows.user("a" * 60 + "!"), session.rows.user("aaa"))
    done = laptop.ccsync("search", "--regex", "(a+)+$")
    assert (done.status, len(done.out.splitlines())) == (1, 1)
    assert done.err == f"error: '{session.id[:8]}': the regular expression took too long over a message\n"


def test_all_repositories(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("here")
    say(session, session.rows.user("walrus"))
    other = world.directory / "laptop" / "other"
    laptop.git("clone", "-q", str(world.remote), str(other))
    there = laptop.session("there", cwd=other)
    say(there, there.rows.user("walrus too"))
    lines = laptop.ok("search", "walrus", "--all").out.splitlines()
    assert sorted(line.split("  ")[1] for line in lines) == sorted([session.id[:8], there.id[:8]])
    told = json.loads(laptop.ok("search", "walrus", "--all", "--json").out)
    assert [len(one["result"]["sessions"]) for one in told["repositories"]] == [1, 1]
    assert laptop.ccsync("search", "carpenter", "--all").status == 1
