"""Small things that push, pull, list and status tell: counts, sizes, and words that fit what a sync would do."""

from __future__ import annotations

import json

from tests.operations.stories import in_step
from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.world import World


def listed(machine: Machine) -> dict[str, object]:
    return json.loads(machine.ok("list", "--json").out)["sessions"][0]


def test_a_commit_counts_a_session_with_side_files_once(world: World, laptop: Machine) -> None:
    session = laptop.session("fix bug")
    session.subagent()
    session.tool_result()
    laptop.ok("push")
    assert world.git("log", "-1", "--format=%s", "refs/ccsync/al") == "ccsync: laptop: 1 session, 9 lines"


def test_the_size_of_a_session_is_that_of_its_transcript(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    session.tool_result(data=b"x" * 100_000)
    before = listed(laptop)["bytes"]
    assert before == session.path.stat().st_size
    assert json.loads(laptop.ok("status", "--json").out)["ahead_bytes"] > 100_000
    laptop.ok("push")
    assert 0 < listed(laptop)["bytes"] <= before


def test_a_dry_pull_counts_the_lines_of_what_would_grow(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.append(session)
    inside(laptop, "push")
    planned = desktop.ok("pull", "-n").out.splitlines()
    done = desktop.ok("pull").out.splitlines()
    assert "5 lines" in done[-1]
    assert planned[-1] == done[-1]


def test_a_file_cut_short_before_its_lines_were_sent_is_not_diverged(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.session("somebody was faster")
    inside(desktop, "push")
    laptop.append(session)
    laptop.ok("list")
    inside(laptop, "pull", dry_run=False)
    with session.path.open("r+b") as file:
        file.truncate(session.path.stat().st_size - 300)
    assert listed_state(laptop, session.id) == "torn ahead behind"
    assert "continued both here and elsewhere" not in laptop.ok("status").out
    laptop.ok("sync")
    assert listed_state(laptop, session.id) == "here"


def listed_state(machine: Machine, session: str) -> str:
    return {one["id"]: one["state"] for one in json.loads(machine.ok("list", "--json").out)["sessions"]}[session]


def test_a_branch_that_is_gone_is_told_once_and_by_its_name(world: World, laptop: Machine) -> None:
    laptop.session("fix bug")
    laptop.ok("push")
    world.git("update-ref", "-d", "refs/ccsync/al")
    assert "'refs/ccsync/al': is gone from the remote" in laptop.ccsync("status", "--fetch").err
    told = laptop.ok("sync").err
    assert told.count("warning: ") == 1
    assert "'refs/ccsync/al' is gone from the remote" in told
    assert world.branch()


def test_other_branches_are_those_of_this_project(laptop: Machine, desktop: Machine) -> None:
    laptop.session("fix bug")
    laptop.ok("push")
    for ref in ("host%2Fapp/al", "host%2Fapp/carol", "bob"):
        laptop.git("push", "-q", "origin", f"refs/ccsync/al:refs/ccsync/{ref}")
    assert desktop.ok("pull").out.endswith("\nother branches on 'origin': bob\n")


def test_a_file_that_was_replaced_on_one_machine_went_on_nowhere_else(laptop: Machine) -> None:
    session = laptop.session("fix bug", lines=6)
    laptop.ok("push")
    before = session.read().splitlines(keepends=True)
    session.path.write_bytes(b"".join(before[:2]) + laptop.session("another").read())
    told = laptop.ok("status").out
    assert "  1 session whose file was replaced here (git ccsync sync keeps both)\n" in told
    assert "elsewhere" not in told
    for args in (("push", "-n"), ("push",)):
        (line,) = [line for line in laptop.ok(*args).out.splitlines() if line.startswith("  copy ")]
        assert line.endswith(f"of {session.id[:8]}, whose file was replaced here")


def test_a_file_that_lost_a_few_lines_and_grew_is_judged_by_status_as_by_push(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    rows = session.read().splitlines(keepends=True)
    session.path.write_bytes(b"".join(rows[:2] + rows[-1:]))
    laptop.append(session)
    assert listed_state(laptop, session.id) == "ahead"
    assert "  updated  " in laptop.ok("push", "-n").out


def test_a_place_without_the_branch_is_told_as_such(laptop: Machine) -> None:
    laptop.session("fix bug")
    laptop.ok("push")
    laptop.git("init", "-q", "--bare", str(laptop.home / "other.git"))
    laptop.git("remote", "add", "other", str(laptop.home / "other.git"))
    assert laptop.ok("pull", "other").err == "warning: 'other' has no branch 'al'\n"
    assert laptop.ok("pull", str(laptop.home / "other.git")).err.endswith("/other.git' has no branch 'al'\n")
    assert laptop.ok("pull").err == ""


def test_a_path_where_nothing_is_is_told_before_anybody_is_to_agree_to_it(laptop: Machine) -> None:
    nowhere = str(laptop.home / "nosuch.git")
    laptop.session("fix bug")
    for words in (("push", nowhere), ("push", "-n", nowhere), ("pull", nowhere)):
        to = "fetch from" if words[0] == "pull" else "push to"
        refused = laptop.ccsync(*words, status=128)
        assert refused.err == f"fatal: cannot {to} '{nowhere}': '{nowhere}' does not appear to be a git repository\n"
    laptop.git("init", "-q", "--bare", nowhere)
    assert "nobody agreed to send sessions to" in laptop.ccsync("push", nowhere.removesuffix(".git"), status=1).err
