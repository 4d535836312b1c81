"""`log`: the history of the branch as people ask for it, and who worked on a commit or a file."""

from __future__ import annotations

import json

import pytest

from tests.operations.stories import copy_of, in_step, sync_all
from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.session import Session


def told(machine: Machine, *args: str) -> list[dict[str, object]]:
    found = json.loads(machine.ok("log", "--json", *args).out)
    return found.get("pushes") or found["sessions"]


def marks(pushes: list[dict[str, object]]) -> list[list[tuple[int, tuple[str, ...]]]]:
    """Of each push what became of its sessions."""
    return [[(one["lines"], tuple(one["marks"])) for one in push["changes"]] for push in pushes]  # type: ignore[attr-defined]


def commit(machine: Machine, text: str, when: float = 1e9) -> str:
    """A commit of the project; its id."""
    (machine.clone / "x.py").write_text(text)
    machine.git("add", "x.py")
    machine.git("commit", "-qm", text, "--date", f"@{when:.0f} +0000")
    return machine.git("rev-parse", "HEAD")


def test_what_each_push_did(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.append(desktop.here(session.id))
    inside(desktop, "push")
    desktop.ok("rename", session.id, "better name")
    inside(desktop, "push")
    inside(laptop, "pull")
    laptop.here(session.id).subagent()
    inside(laptop, "push")
    laptop.ok("fork", session.id)
    pushes = told(laptop)
    assert [push["machine"] for push in pushes] == ["laptop", "laptop", "desktop", "desktop", "laptop"]
    assert [push["pushed"] for push in pushes] == [False, True, True, True, True]
    assert marks(pushes) == [
        [(1, ("fork",))], [(0, ("side files",))], [(1, ("renamed",))], [(5, ())], [(8, ("new",))],
    ]  # fmt: skip
    assert told(laptop, session.id[:8]) == [push | {"marks": []} for push in pushes[1:]]
    assert told(laptop, "--machine", "desktop", "-n", "1") == pushes[2:3]
    assert told(laptop, str(pushes[3]["commit"])) == pushes[3:4]
    assert laptop.ccsync("log", "--since", "2099-01-01").status == 1
    assert told(laptop, "--since", "2020-01-01") == pushes


def test_both_sides_of_what_is_not_merged(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.append(session)
    inside(laptop, "push")
    desktop.append(desktop.here(session.id))
    desktop.session("other")
    desktop.ccsync("push", "--session", session.id)
    desktop.ok("status", "--fetch")
    assert {push["machine"] for push in told(desktop)} == {"laptop", "desktop"}
    sync_all(desktop, laptop)
    (copy,) = [one for push in marks(told(laptop)) for one in push if "copy" in one[1]]
    assert copy == (6, ("copy",))


def test_who_worked_on_a_commit(laptop: Machine, desktop: Machine) -> None:
    old = commit(laptop, "old")
    ended, named, silent = laptop.session("ended"), laptop.session("named"), laptop.session("silent", age=90_000)
    named.write(named.rows.user(f"[main {old[:7]}] old"))
    silent.write(silent.rows.user(f"{old[:7]}0000 is another one"))
    inside(laptop, "push")
    new = commit(laptop, "new", ended.rows.clock - 1)
    commit(laptop, "newer")
    laptop.append(ended)
    sync_all(laptop, desktop)
    assert {one["title"]: one["why"] for one in told(laptop, new)} == {
        "ended": ["at work then"],
        "named": ["at work then"],
    }
    assert {one["title"]: one["why"] for one in told(laptop, old[:12])} == {
        "named": ["ended there", "names it"],
        "silent": ["ended there"],
    }
    assert desktop.ccsync("log", "HEAD").status == 1


def calls(session: Session, tool: str, path: str) -> None:
    block = {"type": "tool_use", "id": "t", "name": tool, "input": {"file_path": path}}
    session.write(session.rows.assistant(block))


def test_who_worked_on_a_file(laptop: Machine, desktop: Machine) -> None:
    writer, reader = laptop.session("writer"), laptop.session("reader", age=5000)
    path = str(laptop.clone / "src" / 'über "x".py')
    calls(writer, "Edit", path)
    calls(writer, "Read", path)
    calls(reader, "Read", path)
    calls(reader, "Edit", path + "c")
    reader.write(reader.rows.user(f"look at {path}"))
    sync_all(laptop, desktop)
    calls(desktop.here(writer.id), "Write", str(desktop.clone / "src" / 'über "x".py'))  # not pushed yet
    laptop.ok("fork", reader.id)

    def counts(machine: Machine, *what: str) -> dict[object, tuple[object, object]]:
        return {one["title"]: (one["edits"], one["reads"]) for one in told(machine, "--", *what)}

    assert counts(laptop, 'src/über "x".py') == {"writer": (1, 1), "reader": (0, 1), "reader (fork)": (0, 1)}
    assert counts(desktop, 'src/über "x".py') == {"writer": (2, 1), "reader": (0, 1)}
    assert counts(laptop, "src") == {"writer": (1, 1), "reader": (1, 1), "reader (fork)": (1, 1)}
    assert laptop.ccsync("log", "--", "src/x.py").status == 1
    assert copy_of(desktop, writer.id) == reader.id


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        (("nothing",), 1, "'nothing' is no session, commit or path"),
        (("1e7f",), 129, "'1e7f' means 2 commits"),
        (("main",), 129, "ambiguous argument 'main': both a session and a commit"),
        (("HEAD",), 129, "ambiguous argument 'HEAD': both a commit and a path"),
        (("--since", "yesterday"), 129, "is not a day"),
        (("--machine", "nobody"), 1, "no machine 'nobody'"),
        (("--max-count", "0"), 129, "option '--max-count' needs a whole number of at least 1"),
    ],
)
def test_what_is_refused(laptop: Machine, args: tuple[str, ...], status: int, message: str) -> None:
    laptop.session("main")
    for number in (152, 341):  # whose ids begin alike
        who, tree = "a <a@b> 1 +0000", "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        (laptop.home / "commit").write_text(f"tree {tree}\nauthor {who}\ncommitter {who}\n\n{number}\n")
        laptop.git("hash-object", "-t", "commit", "-w", str(laptop.home / "commit"))
    (laptop.clone / "HEAD").touch()
    inside(laptop, "push")
    done = laptop.ccsync("log", *args)
    assert (done.status, done.out) == (status, "")
    assert message in done.err


def test_before_there_is_anything(laptop: Machine) -> None:
    done = laptop.ccsync("log")
    assert (done.status, done.out, done.err) == (1, "", "nothing was pushed yet\n")


@pytest.mark.slow
@pytest.mark.parametrize("template", ["", "company {machine} {lines}"])
def test_what_takes_a_push_back_is_marked(laptop: Machine, desktop: Machine, template: str) -> None:
    session = in_step(laptop, desktop)
    laptop.git("config", "ccsync.message", template) if template else None
    laptop.append(session)
    laptop.ok("push")
    laptop.ok("undo")
    first, second, *_ = told(laptop)
    assert (first["marks"], second["marks"]) == (["undo"], [])
    assert laptop.ok("log", session.id[:8]).out.splitlines()[0].endswith("undo")
