"""`verify` finds each planted fault by its name, and nothing in a healthy world; `--repair` mends in copies alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from git_ccsync.git.objects import TreeEntry, make_tree
from git_ccsync.operations.push import push
from git_ccsync.operations.verify import verify
from git_ccsync.operations.verifying.faults import FAULTS
from tests.operations.stories import copy_of, rewrite, sync_all
from tests.support.inside import standing_on
from tests.support.machine import Machine, run
from tests.support.session import Session
from tests.support.transcript import SIGNATURE
from tests.support.world import World

REF = "refs/ccsync/al"


class Desk:
    """A machine with one pushed session of every kind of row, hands to break things with, and a way back."""

    def __init__(self, world: World) -> None:
        self.world, self.machine = world, world.machine("laptop")
        self.session = self.machine.session("fix bug", lines=3)
        self.session.write(self.session.rows.signed("a thought"))
        self.session.write(self.session.rows.exchange())
        self.session.subagent()
        self.machine.init()
        self.machine.ok("push")
        self._kept = {path: (path.read_bytes(), path.stat()) for path in self._files()}

    def _files(self) -> list[Path]:
        tops = (self.machine.clone / ".git", self.machine.claude, self.world.remote)
        return [path for top in tops for path in top.rglob("*") if path.is_file() and not path.is_symlink()]

    def restore(self) -> None:
        """All files as they were: the same bytes, times and, where they are still there, inodes."""
        for path in self._files():
            if path not in self._kept:
                path.unlink()
        for path, (data, seen) in self._kept.items():
            # Two results of stat compare by whole seconds, and a fault is planted in the one in which all this was made.
            if not path.exists() or path.stat().st_mtime_ns != seen.st_mtime_ns or path.read_bytes() != data:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                path.chmod(0o600)
                path.write_bytes(data)
                os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))

    @property
    def folder(self) -> str:
        name = self.session.id
        return f"sessions/{name[0]}/{name[1]}/{name}"

    def faults(self, *, fetch: bool = False) -> set[str]:
        """The names of what is found; each is known."""
        with standing_on(self.machine) as ws:
            found = {one.name for one in verify(ws, fetch=fetch).faults}
        assert found <= FAULTS.keys()
        return found

    def git(self, *args: str, input: bytes = b"", status: int | None = 0) -> str:
        return run(["git", *args], self.machine.env, cwd=self.machine.clone, input=input, status=status).out.strip()

    def oid(self, path: str) -> str:
        return self.git("rev-parse", f"{REF}:{path}")

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", input=data)

    def place(self, oid: str) -> Path:
        return self.machine.clone / ".git/objects" / oid[:2] / oid[2:]

    def put(self, path: str, mode: int, oid: str) -> None:
        """Commit the branch with another entry at `path`, "" for none: git itself would refuse some."""
        above, _, name = path.rpartition("/")
        listed = self.git("ls-tree", f"{REF}:{above}", status=None).splitlines()
        rows = [(int(row.split()[0], 8), row.partition("\t")[2].encode(), row.split()[2][:40]) for row in listed]
        kept = [TreeEntry(*row) for row in rows if row[1] != name.encode()]
        kept += [TreeEntry(mode, name.encode(), oid)] if oid else []
        tree = self.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", input=make_tree(tuple(kept)))
        if above:
            self.put(above, 0o40000, tree)
            return
        made = self.git("commit-tree", tree, "-p", REF, input=b"broken")
        self.git("update-ref", REF, made)
        self.git("update-ref", "refs/ccsync-remotes/origin/al", made)

    def edit(self, old: bytes, new: bytes) -> None:
        """Another text in the transcript here."""
        data = self.session.read()
        assert old in data
        rewrite(self.session, data.replace(old, new, 1))

    def row(self, number: int) -> dict[str, str]:
        rows: dict[str, str] = json.loads(self.session.read().splitlines()[number])
        return rows

    def insert(self, row: bytes) -> None:
        """A row in the middle of the transcript here."""
        rows = self.session.read().splitlines(keepends=True)
        rewrite(self.session, b"".join([*rows[:2], row, *rows[2:]]))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with World(tmp_path_factory.mktemp("verify") / "world") as world:
        yield Desk(world)


@pytest.fixture
def desk(built: Desk) -> Iterator[Desk]:
    yield built
    built.restore()


def missing_blob(desk: Desk) -> None:
    desk.place(desk.oid(f"{desk.folder}/transcript/0000/00")).unlink()


def missing_in_history(desk: Desk) -> None:
    """Take away what an older commit alone names."""
    meta = desk.oid(f"{desk.folder}/meta")
    counted(desk, 1, 3)
    append_segment(desk, b"{}\n")
    desk.place(meta).unlink()


def corrupt_blob(desk: Desk) -> None:
    place = desk.place(desk.oid(f"{desk.folder}/transcript/0000/00"))
    place.chmod(0o600)
    place.write_bytes(desk.place(desk.blob(b"another\n")).read_bytes())


def append_segment(desk: Desk, data: bytes, number: int = 1) -> None:
    desk.put(f"{desk.folder}/transcript/0000/{number:02}", 0o100644, desk.blob(data))


def counted(desk: Desk, lines: int, size: int) -> None:
    """Let meta tell of so many more lines and bytes."""
    meta = desk.git("cat-file", "blob", desk.oid(f"{desk.folder}/meta")) + "\n"
    for key, more in (("lines", lines), ("bytes", size)):
        meta = re.sub(rf"(?m)^{key} = (\d+)", lambda found, more=more: f"{found[0].partition(' ')[0]} = {int(found[1]) + more}", meta)  # fmt: skip
    desk.put(f"{desk.folder}/meta", 0o100644, desk.blob(meta.encode()))


def gap(desk: Desk) -> None:
    append_segment(desk, b"{}\n", 2)


def cut(desk: Desk) -> None:
    append_segment(desk, b'{"type":"user"')
    counted(desk, 0, 14)


def rewind(desk: Desk) -> None:
    desk.machine.append(desk.session)
    with standing_on(desk.machine) as ws:
        push(ws)
    desk.world.git("update-ref", REF, f"{REF}~1")


def twice(desk: Desk) -> None:
    there = desk.session.path.parent.with_name(desk.session.path.parent.name + "-sub")
    there.mkdir()
    (there / desk.session.path.name).write_bytes(desk.session.read())


def stale(desk: Desk) -> None:
    """Bytes that changed without a trace in the file's stat."""
    seen, data = desk.session.path.stat(), desk.session.read()
    changed = data.replace(b"question 1", b"question X")
    desk.session.path.write_bytes(changed)
    os.utime(desk.session.path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def side(desk: Desk) -> None:
    path = desk.session.directory / "subagents" / "agent-a1b2c3d.jsonl"
    path.write_bytes(path.read_bytes().replace(b"sub task 0", b"other task"))


def whole_side(desk: Desk) -> None:
    path = desk.session.directory / "subagents" / "agent-a1b2c3d.meta.json"
    seen = path.stat()
    path.write_bytes(path.read_bytes().replace(b"Explore", b"Explode"))
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def signature(desk: Desk) -> None:
    desk.edit(SIGNATURE.encode(), SIGNATURE[::-1].encode())


def unsigned(desk: Desk) -> None:
    thought = {"type": "thinking", "thinking": "hm"}
    desk.session.write(desk.session.rows.assistant(thought))


def chain(desk: Desk) -> None:
    desk.edit(f'"parentUuid":"{desk.row(2)["parentUuid"]}"'.encode(), b'"parentUuid":"00000000-dead-4000-8000-000000000000"')  # fmt: skip


def put(path: str, data: bytes, mode: int = 0o100644) -> Callable[[Desk], None]:
    return lambda desk: desk.put(path.replace("SESSION", desk.folder), mode, desk.blob(data))


def deep(desk: Desk) -> None:
    """A folder in a folder in a folder, thousands of times, and each twice: it must end, and say so."""
    oid = desk.blob(b"x")
    tree = make_tree((TreeEntry(0o100644, b"x", oid),))
    for _ in range(40):
        oid = desk.git("hash-object", "-t", "tree", "-w", "--stdin", input=tree)
        tree = make_tree((TreeEntry(0o40000, b"a", oid), TreeEntry(0o40000, b"b", oid)))
    desk.put("later", 0o40000, oid)


def damage(desk: Desk) -> None:
    (index,) = (desk.machine.clone / ".git/ccsync").glob("*/index")
    index.write_bytes(b"nothing of the kind")


PLANTED: dict[str, tuple[Callable[[Desk], object], set[str]]] = {
    "missing blob": (missing_blob, {"missing-object"}),
    "missing tree": (lambda desk: desk.put(desk.folder, 0o40000, "12" * 20), {"missing-object"}),
    "missing root": (lambda desk: desk.place(desk.oid("")).unlink(), {"missing-object"}),
    "missing in history": (missing_in_history, {"missing-object"}),
    "corrupt blob": (corrupt_blob, {"corrupt-object"}),
    "wrong type": (lambda desk: desk.put(f"{desk.folder}/meta", 0o100644, desk.oid("machines")), {"wrong-type"}),
    "folder for a file": (lambda desk: desk.put(f"{desk.folder}/meta", 0o40000, desk.oid("machines")), {"wrong-type", "bad-meta"}),
    "gap": (gap, {"segment-gap"}),
    "cut segment": (cut, {"cut-segment"}),
    "wrong counts": (lambda desk: counted(desk, 1, 0), {"wrong-counts"}),
    "bad meta": (put("SESSION/meta", b"\xff"), {"bad-meta"}),
    "no meta": (lambda desk: desk.put(f"{desk.folder}/meta", 0, ""), {"bad-meta"}),
    "format": (put("format", b"git-ccsync 9\n"), {"bad-format"}),
    "no format": (lambda desk: desk.put("format", 0, ""), {"bad-format"}),
    "machine": (put(f"machines/{'ab' * 8}", b"= ="), {"bad-machine"}),
    "symbolic link": (put("SESSION/handoff", b"/etc/passwd", 0o120000), {"odd-entry"}),
    "executable": (put("SESSION/handoff", b"#!/bin/sh", 0o100755), {"odd-entry"}),
    "unknown name": (put("SESSION/transcript/0000/x", b"x"), {"odd-entry"}),
    "too deep": (deep, {"odd-entry"}),
    "name of no session": (put("sessions/a/b/readme", b"x"), {"odd-entry"}),
    "changed line": (lambda desk: desk.edit(b"question 1", b"question X"), {"changed-line"}),
    "cut short": (lambda desk: rewrite(desk.session, b"".join(desk.session.read().splitlines(True)[:3])), {"cut-short"}),
    "torn end": (lambda desk: desk.session.write(b'{"type":"us'), {"torn-end"}),
    "torn row": (lambda desk: desk.insert(b'{"type":"us\n'), {"torn-row"}),
    "broken chain": (chain, {"broken-chain", "changed-line"}),
    "double row": (lambda desk: desk.session.write(desk.session.read().splitlines(True)[0]), {"double-row"}),
    "changed signature": (signature, {"broken-signature"}),
    "unsigned thought": (unsigned, {"broken-signature"}),
    "two places": (twice, {"two-places"}),
    "stale index": (stale, {"changed-line", "stale-index"}),
    "side file": (side, {"changed-file"}),
    "whole side file": (whole_side, {"changed-file"}),
    "damaged index": (damage, {"damaged-index"}),
    "rewound": (rewind, {"remote-rewound"}),
    "gone": (lambda desk: desk.world.git("update-ref", "-d", REF), {"remote-gone"}),
}  # fmt: skip


def test_a_healthy_desk(desk: Desk) -> None:
    assert desk.faults(fetch=True) == set()


@pytest.mark.parametrize("name", PLANTED)
def test_each_fault_is_found_by_its_name(desk: Desk, name: str) -> None:
    plant, wanted = PLANTED[name]
    plant(desk)
    remote = name in ("rewound", "gone")
    assert desk.faults(fetch=remote) == wanted
    if remote:
        assert desk.faults() == wanted, "it is known without a look at the remote"


def test_what_is_missing_comes_back_as_the_manual_says(desk: Desk) -> None:
    missing_blob(desk)
    desk.git("fetch", "-q", "--refetch", "origin", REF)
    assert desk.faults() == set()


def test_a_format_that_is_missing_comes_back_with_the_next_push(desk: Desk) -> None:
    """Everybody else would refuse to pull a branch that does not say what it is."""
    tree = desk.git("rev-parse", f"{REF}^{{tree}}")
    listed = [row for row in desk.git("ls-tree", tree).splitlines() if not row.endswith("\tformat")]
    made = desk.git("mktree", input="\n".join([*listed, ""]).encode())
    desk.git("update-ref", REF, desk.git("commit-tree", "-p", REF, "-m", "by hand", made))
    assert desk.faults() == {"bad-format"}
    with standing_on(desk.machine) as ws:
        push(ws)
    assert desk.world.git("rev-parse", f"{REF}^{{tree}}").strip() == tree
    assert desk.faults() == set()


def test_what_is_found_is_told(desk: Desk) -> None:
    torn = desk.session.read().splitlines(keepends=True)
    desk.insert(b'{"type":"us\n')
    rewind(desk)
    done = desk.machine.ccsync("verify", "--fetch")
    short = desk.session.id[:8]
    assert (done.status, done.err) == (
        1,
        "hint: 'git ccsync verify --repair' makes mended copies of broken transcripts\n",
    )
    assert re.fullmatch(
        rf"torn-row: {short} line 3: is no JSON \(fix bug\)\n"
        rf"remote-rewound: {REF}: went backwards on the remote\n"
        rf"note: not pushed yet: 1 commit\n"
        rf"2 faults; looked at 1 session, {len(torn) + 5} lines, [\d.]+ kB\n",
        done.out,
    )


# --- a healthy world of every kind


@pytest.mark.slow
def test_nothing_is_wrong_in_a_healthy_world(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        machine.init()
    session, other = laptop.session("fix bug", lines=3), laptop.session("other")
    session.subagent()
    session.tool_result()
    session.write(session.rows.signed("a thought"))
    session.write(session.rows.user(f"key = sk-ant-api03-{'a1B2' * 23}AA"))
    tree = laptop.clone.parent / "linked"
    laptop.git("worktree", "add", "-q", str(tree), "-b", "linked")
    laptop.session("in a work tree", cwd=tree)
    (laptop.clone / "sub").mkdir()
    laptop.session("below", cwd=laptop.clone / "sub")
    sync_all(laptop, desktop, times=1)
    sees_nothing(laptop, desktop)

    desktop.append(desktop.here(session.id))
    laptop.append(session)
    sync_all(laptop, desktop)  # a conflict copy
    sees_nothing(laptop, desktop)

    desktop.path(other.id).unlink()  # removed there
    laptop.ok("fork", other.id)
    laptop.ok("rename", other.id, "another name")
    laptop.git("worktree", "remove", str(tree))
    sync_all(laptop, desktop)
    sees_nothing(laptop, desktop)

    desktop.ok("rm", other.id[:8])
    desktop.append(desktop.here(session.id))  # not pushed yet
    sees_nothing(laptop, desktop)
    sync_all(desktop, laptop)
    claude = laptop.run_claude(session.id)
    claude.append()
    desktop.append(desktop.here(session.id))
    sync_all(desktop, laptop)  # both go on while one is live
    sees_nothing(laptop, desktop)
    (index,) = laptop.clone.glob(".git/ccsync/*/index")
    index.unlink()
    sees_nothing(laptop, desktop)


def sees_nothing(*machines: Machine) -> None:
    for machine in machines:
        with standing_on(machine) as ws:
            assert verify(ws, fetch=True).faults == ()


# --- repair


def repaired(machine: Machine, session: Session) -> list[dict[str, object]]:
    """The rows of the one copy that `verify --repair` makes, which changes nothing else; the second time it is the same."""
    before, refs = machine.sessions(), machine.world.git("for-each-ref")
    done = machine.ccsync("verify", "--repair", session.id)
    copy = copy_of(machine, session.id)
    assert done.out.endswith(f"claude --resume {copy}\n")
    assert machine.ccsync("verify", "--repair").status == 1
    assert machine.world.git("for-each-ref") == refs
    assert {name: machine.sessions()[name] for name in before} == before
    assert machine.ok("verify", copy, "--json")
    rows = [json.loads(row) for row in machine.transcript(copy).splitlines()]
    assert rows.pop()["customTitle"] == "fix bug (repaired)"
    assert all(row.get("sessionId", copy) == copy for row in rows)
    return rows


def linked(rows: list[dict[str, object]]) -> bool:
    """Whether every row follows one that stands before it."""
    seen: set[object] = {None}
    for row in rows:
        if "uuid" in row:
            assert row["parentUuid"] in seen, row
            seen.add(row["uuid"])
    return True


def test_a_mended_copy(desk: Desk) -> None:
    session, laptop = desk.session, desk.machine
    whole = [json.loads(row) for row in session.read().splitlines()]
    chain(desk)
    signature(desk)
    desk.insert(b'{"type":"us\n')
    desk.session.write(desk.session.read().splitlines(keepends=True)[0])
    rows = repaired(laptop, session)
    assert linked(rows)
    kept = {row.get("uuid") for row in rows}
    lost = [row for row in whole if row.get("uuid") not in kept]
    assert lost == [], "the thought goes, what was said beside it stays"
    assert not [row for row in rows if "signature" in json.dumps(row)]
    assert [row["message"] for row in rows if row.get("type") == "user"] == [
        row["message"] for row in whole if row.get("type") == "user"
    ]
    laptop.ok("push")


def test_a_thought_alone_in_its_row(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init()
    session = laptop.session("fix bug")
    session.write(session.rows.assistant({"type": "thinking", "thinking": "hm"}))
    gone = session.rows.parent
    session.write(session.rows.exchange() + session.rows.bookkeeping("fix bug"))
    laptop.ok("push")
    session.path.unlink()  # what is only on the branch is mended from there
    laptop.ok("push")
    done = laptop.ccsync("verify", "--repair")
    (copy,) = laptop.sessions()
    rows = [json.loads(row) for row in laptop.transcript(copy).splitlines()]
    assert done.status == 1
    assert "(1 thought)" in done.out
    assert linked(rows)
    assert gone not in json.dumps(rows)
    assert laptop.ok("verify", copy)
