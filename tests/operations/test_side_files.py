"""Side files between two machines: subagents grow, everything else is replaced, and both sides' versions are kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from git_ccsync.operations.sessions import sessions
from tests.operations.stories import copy_of, everything, in_step, sync_all
from tests.support.inside import inside, standing_on
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.transcript import line, subagent


def sides(machine: Machine, session: str) -> dict[str, bytes]:
    """The side files of a session on a machine, with a name in place of its clone."""
    top = machine.path(session).with_suffix("")
    found = {str(path.relative_to(top)): path for path in top.rglob("*") if path.is_file()}
    return {name: path.read_bytes().replace(os.fsencode(machine.clone), b"{{REPO}}") for name, path in found.items()}


def put(machine: Machine, session: str, name: str, data: bytes) -> Path:
    """Write a side file on whichever machine, at a time that tells it from before."""
    path = machine.here(session).side(name, data)
    stamp = path.parent.stat().st_mtime - 100 + len(data) / 1000
    os.utime(path, (stamp, stamp))
    return path


def more(machine: Machine, session: str, agent: str = "a1b2c3d", seed: float = 1) -> bytes:
    """A subagent's transcript goes on."""
    data = subagent(session, f"{agent}{machine.name}", str(machine.clone), 1, start=seed)
    path = machine.here(session).directory / f"subagents/agent-{agent}.jsonl"
    put(machine, session, f"subagents/agent-{agent}.jsonl", path.read_bytes() + data)
    return data.replace(os.fsencode(machine.clone), b"{{REPO}}")


@pytest.fixture
def session(laptop: Machine, desktop: Machine) -> Session:
    made = laptop.session("fix bug")
    made.subagent()
    made.tool_result("b1", f"{laptop.clone}/README\n".encode())
    inside(laptop, "push")
    inside(desktop, "pull")
    return made


def legacy(machine: Machine, session: Session, agent: str = "1a2b3c4", seed: float = 1) -> bytes:
    """A subagent's transcript beside its session goes on, as Claude Code 2.0.x has it."""
    data = subagent(session.id, f"{agent}{machine.name}{seed}", str(machine.clone), 1, start=seed)
    with (session.path.parent / f"agent-{agent}.jsonl").open("ab") as file:
        file.write(data)
    return data.replace(os.fsencode(machine.clone), b"{{REPO}}")


@pytest.mark.slow
def test_agents_of_old_versions_travel_and_stay_where_they_lie(laptop: Machine, desktop: Machine) -> None:
    """Beside the session on the machine that they come from, where today's versions look on any other."""
    session = laptop.session("fix bug")
    name = "subagents/agent-1a2b3c4.jsonl"
    data = legacy(laptop, session)
    sync_all(laptop, desktop)
    assert sides(desktop, session.id) == {name: data}
    data += more(desktop, session.id, "1a2b3c4")
    sync_all(desktop, laptop)
    beside = session.path.parent / "agent-1a2b3c4.jsonl"
    assert beside.read_bytes().replace(os.fsencode(laptop.clone), b"{{REPO}}") == data
    data += legacy(laptop, session, seed=2)
    sync_all(laptop, desktop)
    assert sides(desktop, session.id) == {name: data}
    assert not session.directory.exists()
    for index in laptop.clone.glob(".git/ccsync/*/index"):
        index.unlink()
    before = everything(laptop), everything(desktop)
    sync_all(laptop, desktop)
    assert (everything(laptop), everything(desktop)) == before


def test_an_agent_waits_for_its_session(laptop: Machine, desktop: Machine) -> None:
    """It is taken once its session has a message. One whose session is not sent stays."""
    session = laptop.session("early", lines=b'{"type":"summary","summary":"x","leafUuid":"y"}\n')
    data = legacy(laptop, session)
    stranger = session.path.parent / "agent-fffffff.jsonl"
    stranger.write_bytes(subagent("0" * 8 + session.id[8:], "fffffff", str(laptop.home), 1, start=1))
    inside(laptop, "push")
    session.talk(1)
    inside(laptop, "push")
    inside(desktop, "pull")
    assert sides(desktop, session.id) == {"subagents/agent-1a2b3c4.jsonl": data}
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_subagents_grow_on_either_machine(laptop: Machine, desktop: Machine, session: Session) -> None:
    before = sides(laptop, session.id)
    assert sides(desktop, session.id) == before
    here = more(laptop, session.id)
    sync_all(laptop, desktop, times=1)
    there = more(desktop, session.id)
    sync_all(desktop, laptop, times=1)
    name = "subagents/agent-a1b2c3d.jsonl"
    assert sides(laptop, session.id) == before | {name: before[name] + here + there} == sides(desktop, session.id)
    assert len(laptop.sessions()) == 1


def test_a_growing_subagent_costs_its_new_lines(laptop: Machine, session: Session) -> None:
    before = laptop.world.branch()
    more(laptop, session.id)
    inside(laptop, "push")
    after = laptop.world.branch()
    assert before.items() - after.items() == set()
    assert len(after) == len(before) + 1


def test_subagents_that_diverge_are_both_kept_and_make_no_copy(
    laptop: Machine, desktop: Machine, session: Session
) -> None:
    before = sides(laptop, session.id)["subagents/agent-a1b2c3d.jsonl"]
    here, there = more(laptop, session.id), more(desktop, session.id)
    sync_all(laptop, desktop)
    found = sides(laptop, session.id)
    assert found["subagents/agent-a1b2c3d.jsonl"] == before + here
    assert found["subagents/agent-a1b2c3d.jsonl.desktop"] == before + there
    assert len(laptop.sessions()) == len(desktop.sessions()) == 1
    sync_all(laptop, desktop)
    assert sides(laptop, session.id) == found


def test_a_replaced_file_goes_to_the_other(laptop: Machine, desktop: Machine, session: Session) -> None:
    put(laptop, session.id, "tool-results/b1.txt", b"another output, longer\n")
    sync_all(laptop, desktop)
    assert sides(desktop, session.id)["tool-results/b1.txt"] == b"another output, longer\n"
    put(desktop, session.id, "tool-results/b1.txt", b"short")
    sync_all(desktop, laptop)
    assert sides(laptop, session.id)["tool-results/b1.txt"] == b"short"
    assert set(sides(laptop, session.id)) == set(sides(desktop, session.id))


@pytest.mark.slow
@pytest.mark.parametrize("captured", [True, False])
def test_replaced_on_both_sides_both_are_kept(
    laptop: Machine, desktop: Machine, session: Session, captured: bool
) -> None:
    """Theirs keeps the name, ours goes beside it; whether ours was on the local branch already or only on the disk."""
    put(laptop, session.id, "tool-results/b1.txt", b"from the laptop\n")
    put(desktop, session.id, "tool-results/b1.txt", b"what the desktop has\n")
    inside(laptop, "push")
    inside(desktop, "push" if captured else "pull")
    sync_all(desktop, laptop)
    found = {name: data for name, data in sides(laptop, session.id).items() if name.startswith("tool-results/b1")}
    assert found == {
        "tool-results/b1.txt": b"from the laptop\n",
        "tool-results/b1.txt.desktop": b"what the desktop has\n",
    }
    there = {name: data for name, data in sides(desktop, session.id).items() if name.startswith("tool-results/b1")}
    assert set(there.values()) == set(found.values())
    before = laptop.world.branch()
    sync_all(laptop, desktop)
    assert laptop.world.branch() == before
    assert len(laptop.sessions()) == 1


def test_replaced_here_after_theirs_had_to_wait(laptop: Machine, desktop: Machine, session: Session) -> None:
    """A live session gets nothing installed, so its own version is written without knowing theirs."""
    claude = desktop.run_claude(session.id)
    laptop.append(session)
    put(laptop, session.id, "tool-results/b1.txt", b"from the laptop\n")
    inside(laptop, "push")
    inside(desktop, "pull")
    put(desktop, session.id, "tool-results/b1.txt", b"what the desktop has\n")
    inside(desktop, "push")
    claude.stop()
    sync_all(desktop, laptop)
    for machine in (laptop, desktop):
        found = {data for name, data in sides(machine, session.id).items() if name.startswith("tool-results/b1")}
        assert found == {b"from the laptop\n", b"what the desktop has\n"}, machine.name


def test_a_file_with_nul_bytes_is_not_translated(laptop: Machine, desktop: Machine, session: Session) -> None:
    data = b"\0" + os.fsencode(laptop.clone)
    put(laptop, session.id, "tool-results/image.bin", data)
    put(laptop, session.id, "tool-results/empty.txt", b"")
    put(laptop, session.id, "tool-results/odd name ü%.txt", b"no newline at the end")
    sync_all(laptop, desktop)
    top = desktop.path(session.id).with_suffix("")
    assert (top / "tool-results/image.bin").read_bytes() == data
    assert (top / "tool-results/empty.txt").read_bytes() == b""
    assert (top / "tool-results/odd name ü%.txt").read_bytes() == b"no newline at the end"
    assert (top / "tool-results/image.bin").stat().st_mode & 0o777 == 0o600


def test_a_missing_side_file_is_no_deletion(laptop: Machine, desktop: Machine, session: Session) -> None:
    (laptop.here(session.id).directory / "tool-results/b1.txt").unlink()
    before = laptop.world.branch()
    sync_all(laptop, desktop)
    assert laptop.world.branch() == before
    assert "tool-results/b1.txt" in sides(desktop, session.id)


@pytest.mark.slow
def test_side_files_of_a_diverged_session_are_under_both(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    put(laptop, session.id, "tool-results/here.txt", b"laptop\n")
    put(desktop, session.id, "tool-results/there.txt", b"desktop\n")
    sync_all(laptop, desktop)
    (copy,) = laptop.sessions().keys() - {session.id}
    for machine in (laptop, desktop):
        everywhere = {**sides(machine, session.id), **sides(machine, copy)}
        assert everywhere == {"tool-results/here.txt": b"laptop\n", "tool-results/there.txt": b"desktop\n"}, (
            machine.name
        )
        assert "tool-results/there.txt" in sides(machine, copy)


def test_side_files_alone_are_told(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    put(laptop, session.id, "tool-results/b1.txt", b"new\n")
    named = f"  updated  {session.id[:8]}  fix bug  side files\n"
    assert laptop.ok("push", "-v").out.endswith(f"{named}1 session, side files only\n")
    assert desktop.ok("pull").out.endswith(f"{named}1 updated\n")
    assert "Already up to date." in desktop.ok("pull").out


def test_ignored_side_files_stay(laptop: Machine, desktop: Machine) -> None:
    (laptop.clone / ".ccsyncignore").write_text("tool-results/*.png\n# a comment\n\n")
    session = laptop.session("fix bug")
    session.tool_result("b1")
    session.side("tool-results/screen.png", b"png")
    sync_all(laptop, desktop)
    assert set(sides(desktop, session.id)) == {"tool-results/b1.txt"}


@pytest.mark.parametrize("name", ["resume-head.jsonl", "subagents/secret.key"])
def test_what_belongs_to_one_machine_never_leaves_it(
    laptop: Machine, desktop: Machine, session: Session, name: str
) -> None:
    put(laptop, session.id, name, b"{}\n")
    sync_all(laptop, desktop)
    assert name not in sides(desktop, session.id)
    assert not [path for path in laptop.world.branch() if path.endswith(name.rpartition("/")[2])]


# --- a title in a file


def shown(machine: Machine, session: str) -> str:
    """The title that `list` shows."""
    with standing_on(machine) as ws:
        return next(one.title for one in sessions(ws) if one.id == session)


@pytest.mark.slow
def test_a_title_in_a_file_alone_is_the_title(laptop: Machine, desktop: Machine) -> None:
    """As in Claude Code: less than a custom-title row, more than any other; also before it is pushed."""
    session = laptop.session()
    session.side("custom-title.json", b'{"customTitle":"My fine title"}')
    assert shown(laptop, session.id) == "My fine title"
    sync_all(laptop, desktop)
    session.write(line({"type": "ai-title", "aiTitle": "something about main.py", "sessionId": session.id}))
    assert shown(laptop, session.id) == "My fine title"
    sync_all(laptop, desktop)
    assert shown(laptop, session.id) == shown(desktop, session.id) == "My fine title"
    session.write(session.rows.title("by hand"))
    sync_all(laptop, desktop)
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    sync_all(laptop, desktop)
    assert shown(laptop, session.id) == shown(desktop, session.id) == "by hand"


def test_a_copy_is_called_after_the_title_in_a_file(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session()
    session.side("custom-title.json", b'{"customTitle":"My fine title"}')
    sync_all(laptop, desktop)
    for machine in (laptop, desktop):
        machine.append(machine.here(session.id))
    sync_all(laptop, desktop)
    copy = copy_of(laptop, session.id)
    assert shown(desktop, copy) == "My fine title (from desktop)"
