"""`adopt`: sessions of where the repository was before lie where Claude Code looks today, with today's paths, once each."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from git_ccsync.operations.adopt import adopt
from git_ccsync.operations.arriving.adopt_candidates import named
from tests.cli.terminal import Terminal
from tests.operations.stories import in_step, sync_all
from tests.support import inside as inside_module
from tests.support.inside import inside, killed_at
from tests.support.machine import Machine, executable
from tests.support.session import Session, project_key
from tests.support.world import World


def move(machine: Machine, name: str) -> Path:
    """Move the clone; where it was."""
    old = machine.clone
    machine.clone = old.rename(old.with_name(name))
    return old


def told(machine: Machine, *args: str, status: int = 0) -> dict[str, dict[str, str]]:
    """What `adopt` says of each session, by title."""
    done = machine.ccsync("adopt", "--json", *args, status=status)
    return {one["title"]: one for one in json.loads(done.out)["sessions"]}


def candidates(machine: Machine) -> list[tuple[str, int, tuple[str, ...]]]:
    found = json.loads(machine.ok("adopt", "--json").out)["candidates"]
    return [(one["path"], one["sessions"], tuple(one["why"])) for one in found]


def home_of(machine: Machine, session: Session) -> str:
    return machine.path(session.id).parent.name


@pytest.mark.slow
def test_a_moved_repository(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    session.subagent()
    session.tool_result()
    (laptop.clone / "sub").mkdir()
    below = laptop.session("below", cwd=laptop.clone / "sub")
    secret = f"sk-ant-api03-{'a1B2' * 23}AA"
    below.write(below.rows.user(f"the key is {secret} in {laptop.clone}"))
    sync_all(laptop, desktop)
    before, mtime = laptop.transcript(below.id), below.path.stat().st_mtime_ns
    old = move(laptop, "moved")
    inside(laptop, "push")  # the state remembers where it was
    new = laptop.session("new")
    assert candidates(laptop) == [
        (str(old), 2, ("was a work tree of this repository", "has 2 sessions of the branch", "is gone"))
    ]
    assert f"hint: git ccsync adopt {old}\n" in laptop.ok("adopt").err
    assert laptop.ok("adopt", "-n", str(old)).out.endswith(
        f"2 sessions of '~/{old.relative_to(laptop.home)}' would be adopted\n"
    )
    assert below.path.exists()
    done = told(laptop, str(old))
    assert {title: one["action"] for title, one in done.items()} == {"fix bug": "moved", "below": "moved"}
    assert home_of(laptop, session) == home_of(laptop, new) == project_key(str(laptop.clone))
    assert home_of(laptop, below) == project_key(str(laptop.clone / "sub"))
    assert laptop.transcript(below.id) == before.replace(os.fsencode(old), os.fsencode(laptop.clone)).replace(
        project_key(str(old)).encode(), project_key(str(laptop.clone)).encode()
    )
    assert secret.encode() in laptop.transcript(below.id)
    assert laptop.path(below.id).stat().st_mtime_ns == mtime
    side = laptop.path(session.id).with_suffix("")
    assert {path.name for path in side.rglob("*.*")} == {"agent-a1b2c3d.jsonl", "agent-a1b2c3d.meta.json", "b1.txt"}
    assert not (old.parent / "x").exists()
    assert not list((laptop.claude / "projects" / project_key(str(old))).glob("*"))
    assert {path.read_bytes() for path in trash(laptop).glob(f"{below.id}.jsonl*")} == {before}
    assert candidates(laptop) == []
    agree_after(laptop, desktop, session, below)


def trash(machine: Machine) -> Path:
    return machine.home / ".local/state/git-ccsync/trash"


def agree_after(laptop: Machine, desktop: Machine, *sessions: Session) -> None:
    """Both go on with them, and nothing was taken for a divergence."""
    sync_all(laptop, desktop)
    for session in sessions:
        desktop.append(desktop.here(session.id))
    sync_all(desktop, laptop)
    assert laptop.sessions().keys() == desktop.sessions().keys()
    assert all(one["parent"] == "" for one in json.loads(laptop.ok("list", "--json").out)["sessions"])
    assert laptop.ccsync("verify").status == 0


@pytest.mark.slow
def test_a_deleted_clone_in_a_fresh_one(laptop: Machine, desktop: Machine) -> None:
    """Its state is gone with it: the branch knows its sessions."""
    session = in_step(laptop, desktop)
    own = laptop.append(session)  # never pushed
    old = laptop.clone
    new = old.with_name("fresh")
    laptop.git("clone", "-q", str(laptop.world.remote), str(new), cwd=laptop.home)
    old.rename(laptop.world.directory / "gone")
    laptop.clone = new
    laptop.init()
    inside(laptop, "pull")
    assert laptop.path(session.id) == session.path, "it lies in the old directory, so it is not installed again"
    ((path, number, why),) = candidates(laptop)
    assert (path, number) == (str(old), 1)
    assert why[0] == "has a session of the branch"
    assert told(laptop, str(session.path.parent))["fix bug"]["action"] == "moved"
    assert home_of(laptop, session) == project_key(str(new))
    assert laptop.transcript(session.id).endswith(own.replace(os.fsencode(old), os.fsencode(new)))
    agree_after(laptop, desktop, session)


def test_memory_comes_along_and_replaces_nothing(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    old = move(laptop, "moved")
    source = session.path.parent / "memory"
    target = source.parent.with_name(project_key(str(laptop.clone))) / "memory"
    for place, name, text in (
        (source, "a.md", f"see {old}/x.py"), (source, "b.md", "old"), (target, "b.md", "new"),
    ):  # fmt: skip
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    done = laptop.ok("adopt", "--yes", str(old))
    assert "\n1 memory file: a.md\n" in done.out
    assert (target / "a.md").read_text() == f"see {laptop.clone}/x.py"
    assert (target / "b.md").read_text() == "new"


def test_one_that_is_not_certain_is_asked_for(laptop: Machine) -> None:
    old = laptop.clone.with_name("old name")
    session = laptop.session("before", cwd=old)
    done = laptop.ccsync("adopt", str(old))
    assert (done.status, done.out) == (1, "")
    assert "nothing says for certain that" in done.err
    env = laptop.env | {"GIT_TERMINAL_PROMPT": "1", "TERM": "xterm"}
    with Terminal([*executable(), "adopt", str(old)], env, cwd=laptop.clone) as terminal:
        terminal.wait_for("take it over into")
        terminal.type("n\n")
        assert terminal.finish()[0] == 1
    assert laptop.path(session.id) == session.path
    laptop.ok("adopt", "--yes", str(old))
    assert home_of(laptop, session) == project_key(str(laptop.clone))
    inside(laptop, "push")
    assert laptop.world.stored(session.id)


def test_what_is_no_candidate(laptop: Machine) -> None:
    """Another repository's, a directory that is there, one that has been removed inside another repository."""
    other = laptop.clone.with_name("other")
    other.mkdir()
    laptop.git("init", "-q", cwd=other)
    laptop.session("other", cwd=other)
    laptop.session("gone below", cwd=other / "web")
    (laptop.home / "notes").mkdir()
    laptop.session("notes", cwd=laptop.home / "notes")
    laptop.session("mine")
    laptop.session("mine below", cwd=laptop.clone / "gone")
    assert candidates(laptop) == []
    assert "no directory looks like" in laptop.ok("adopt").err
    gone, same = laptop.home / "scratch", laptop.home / "elsewhere" / laptop.clone.name
    laptop.session("scratch", cwd=gone)
    laptop.session("deep", cwd=gone / "a" / "b")
    laptop.session("same", cwd=same)
    assert candidates(laptop) == [(str(same), 1, ("has the same name", "is gone")), (str(gone), 2, ("is gone",))]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("", "is where this repository is"),
        ("web", "is where this repository is"),
        ("..", "is where this repository is"),
        ("../other", "is a repository of its own"),
        ("../nowhere", "no sessions of"),
    ],
)
def test_what_is_refused(laptop: Machine, place: str, message: str) -> None:
    other = laptop.clone.with_name("other")
    other.mkdir()
    laptop.git("init", "-q", cwd=other)
    done = laptop.ccsync("adopt", "--yes", str(laptop.clone / place))
    assert (done.status, done.out) == (1, "")
    assert message in done.err


def test_a_live_one_stays(laptop: Machine) -> None:
    session, other = laptop.session("live"), laptop.session("other")
    old = move(laptop, "moved")
    laptop.run_claude(session.id)
    found = told(laptop, "--yes", str(old), status=1)
    assert {title: one["action"] for title, one in found.items()} == {"live": "live", "other": "moved"}
    assert laptop.path(session.id) == session.path
    assert home_of(laptop, other) == project_key(str(laptop.clone))


def test_one_that_was_cut_short_is_finished(laptop: Machine) -> None:
    session = laptop.session("cut")
    old = move(laptop, "moved")
    target = session.path.parent.with_name(project_key(str(laptop.clone)))
    target.mkdir()
    copy = target / session.path.name
    copy.write_bytes(session.read().replace(os.fsencode(old), os.fsencode(laptop.clone)))
    assert told(laptop, "--yes", str(old))["cut"]["action"] == "moved"
    assert laptop.path(session.id) == copy


@pytest.mark.slow
def test_killed_anywhere_it_is_finished_by_the_next_run(laptop: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    session = laptop.session("fix bug")
    session.subagent()
    before = session.read()
    old = move(laptop, "moved")
    target = session.path.parent.with_name(project_key(str(laptop.clone)))
    monkeypatch.setitem(inside_module.VERBS, "adopt", lambda ws: adopt(ws, named(ws, str(old))))
    laptop.world.keep()
    number = 0
    while killed_at(laptop, "adopt", number):
        laptop.ccsync("adopt", "--yes", str(old))  # 1, if there is nothing left to do
        assert laptop.path(session.id).parent == target
        assert laptop.transcript(session.id) == before.replace(os.fsencode(old), os.fsencode(laptop.clone))
        assert sorted(path.name for path in target.rglob("*.*")) == [
            f"{session.id}.jsonl", "agent-a1b2c3d.jsonl", "agent-a1b2c3d.meta.json",
        ]  # fmt: skip
        laptop.world.restore()
        number += 3
    assert number > 20


def test_another_one_in_its_place(laptop: Machine) -> None:
    session = laptop.session("twice")
    old = move(laptop, "moved")
    target = session.path.parent.with_name(project_key(str(laptop.clone)))
    target.mkdir()
    (target / session.path.name).write_bytes(b"{}\n")
    found = told(laptop, "--yes", str(old), status=1)
    assert found["twice"]["action"] == "left"
    assert "is there already" in found["twice"]["reason"]
    assert session.path.exists()


def test_names_that_collide(world: World) -> None:
    """`a.b` and `a-b` have one project directory: the file is replaced where it lies."""
    laptop = world.machine("laptop", clone="home/al/a.b")
    laptop.init()
    session = laptop.session("fix bug")
    old = move(laptop, "a-b")
    before = session.read()
    laptop.ok("adopt", "--yes", str(old))
    assert laptop.path(session.id) == session.path
    assert laptop.transcript(session.id) == before.replace(os.fsencode(old), os.fsencode(laptop.clone))


def test_undo_takes_it_back(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    before = session.read()
    old = move(laptop, "moved")
    laptop.ok("adopt", "--yes", str(old))
    assert home_of(laptop, session) != session.path.parent.name
    laptop.ok("undo")
    assert laptop.path(session.id) == session.path
    assert session.read() == before
