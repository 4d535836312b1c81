"""`rename`: the title lies where Claude Code keeps it, one row behind the rest, here or on the branch; nothing else moves."""

from __future__ import annotations

import json
import os

import pytest

from git_ccsync.operations import resume
from tests.operations.stories import agree, in_step, sync_all
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.world import World


def titled(machine: Machine) -> dict[str, str]:
    """Title of every session that `list` shows."""
    return {one["id"]: one["title"] for one in json.loads(machine.ok("list", "--json").out)["sessions"]}


def custom_title(session: str, title: str) -> bytes:
    row = {"type": "custom-title", "customTitle": title, "sessionId": session}
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_the_row_is_claudes_own_and_travels_with_the_next_push(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.transcript(session.id)
    mtime = session.path.stat().st_mtime_ns
    told = laptop.ok("rename", session.id[:8], "日本 \U0001f680 fix")
    assert told.out == (
        f"renamed {session.id[:8]}  日本 🚀 fix, was 'fix bug'\nnext: 'git ccsync push' tells your other machines\n"
    )
    assert laptop.transcript(session.id) == before + custom_title(session.id, "日本 🚀 fix")
    assert session.path.stat().st_mtime_ns == mtime
    assert titled(laptop) == {session.id: "日本 🚀 fix"}
    laptop.ok("push")
    desktop.ok("pull")
    assert titled(desktop) == {session.id: "日本 🚀 fix"}
    agree(laptop, desktop)


def test_before_init_too(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    told = laptop.ok("rename", "fix bug", "other")
    assert told.out == f"renamed {session.id[:8]}  other, was 'fix bug'\n"
    assert session.read().endswith(custom_title(session.id, "other"))


def test_a_torn_last_line_stays_and_the_row_stands_by_itself(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    before = session.read() + session.write(b'{"type":"user","mess')
    laptop.ok("rename", session.id, "other")
    assert session.read() == before + b"\n" + custom_title(session.id, "other")


def test_a_running_session_is_not_written_to(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.run_claude(session.id)
    before = session.read()
    told = laptop.ccsync("rename", session.id, "other")
    assert (told.status, told.out) == (1, "")
    assert told.err == (f"error: a running Claude Code holds '{session.id[:8]}'\nhint: use /rename inside it\n")
    assert session.read() == before


def test_a_session_that_resume_is_about_to_start_is_not_written_to(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    with standing_on(laptop) as ws:
        resume.hold(ws, session.id, over=False)
        told = laptop.ccsync("rename", session.id, "other", status=1)
        assert told.err.startswith(f"error: a running Claude Code holds '{session.id[:8]}'")
        resume.finish(ws, session.id)
    laptop.ok("rename", session.id, "other")


def test_a_session_that_is_not_here_is_renamed_on_the_branch(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("status", "--fetch")  # fetched, not merged, not installed
    desktop.ok("rename", "fix bug", f"see {desktop.clone}/x")
    assert not desktop.sessions()
    assert titled(desktop) == {session.id: f"see {desktop.clone}/x"}
    log = desktop.git("log", "-1", "--format=%s", "refs/ccsync/al")
    assert log == f"ccsync: desktop: rename {session.id[:8]}"
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).endswith(custom_title(session.id, f"see {laptop.clone}/x"))
    desktop.ok("pull")
    agree(laptop, desktop)


def test_a_removed_session_stays_removed(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.path(session.id).unlink()
    desktop.ok("pull")
    desktop.ok("rename", session.id, "other")
    desktop.ok("sync")
    assert not desktop.sessions()
    laptop.ok("pull")
    assert titled(laptop) == {session.id: "other"}
    desktop.ok("restore", session.id)
    agree(laptop, desktop)


def test_both_renaming_is_no_divergence(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.ok("rename", session.id, "one")
    desktop.ok("rename", session.id, "two")
    sync_all(laptop, desktop)
    assert len(laptop.sessions()) == 1
    agree(laptop, desktop)


def test_a_name_while_the_other_machine_goes_on_is_no_divergence(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.append(session)
    desktop.ok("push")
    laptop.ok("rename", session.id, "named")
    sync_all(laptop, desktop)
    assert list(titled(desktop).values()) == ["named"]
    agree(laptop, desktop)


def test_a_conflict_copy_can_be_named_and_goes_on(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.append(session)
    desktop.ok("push")
    laptop.append(session)
    laptop.ok("sync")
    (copy,) = set(laptop.sessions()) - {session.id}
    laptop.ok("rename", copy, "mine")
    laptop.append(laptop.here(copy))
    sync_all(laptop, desktop)
    assert titled(desktop)[copy] == "mine"
    agree(laptop, desktop)


def test_a_copy_whose_lines_lie_in_a_running_original_is_named_on_the_branch(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.append(session)
    desktop.ok("push")
    claude = laptop.run_claude(session.id)
    claude.append()
    laptop.ok("sync")
    copy = next(name for name, title in titled(laptop).items() if name != session.id)
    laptop.ok("rename", copy, "mine")
    claude.append()
    laptop.ok("push")
    claude.stop()
    sync_all(laptop, desktop)
    assert set(laptop.sessions()) == {session.id, copy}
    agree(laptop, desktop)


def test_in_another_projects_directory_it_is_left_alone(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    other = desktop.claude / "projects" / "-else" / f"{session.id}.jsonl"
    other.parent.mkdir()
    os.rename(desktop.path(session.id), other)
    before = other.read_bytes()
    told = desktop.ccsync("rename", session.id, "other")
    assert told.status == 1
    assert "lies in another project's directory" in told.err
    assert other.read_bytes() == before


@pytest.mark.parametrize(
    ("title", "message"),
    [
        ("", "<title> must not be empty"),
        (" \t\x07", "a title needs a letter"),
        ("x" * 201, "the title has 201 characters, at most 200 are kept"),
    ],
)
def test_what_is_no_title(laptop: Machine, title: str, message: str) -> None:
    laptop.session("fix bug")
    told = laptop.ccsync("rename", "fix bug", title)
    assert (told.status, told.err) == (
        129,
        f"fatal: {message}\n" if told.err.startswith("fatal") else f"error: {message}\n",
    )


def test_what_could_harm_a_terminal_is_no_part_of_a_title(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    told = laptop.ok("rename", "fix bug", "a\x1b[31m\nb\u202ec")
    assert told.out.startswith(f"renamed {session.id[:8]}  a[31m bc, was")
    assert session.read().endswith(custom_title(session.id, "a[31m bc"))
