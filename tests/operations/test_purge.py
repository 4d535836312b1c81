"""Parts of `purge`: secrets in lines, further push URLs, what is asked, what is told."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.acceptance.test_purge import SECRET, holds, remote_holds, told
from tests.operations.stories import in_step
from tests.support.machine import Machine
from tests.support.world import World

BRANCH = "refs/ccsync/al"
TOKEN = "ghp_" + "aZ3bY4cX5dW6eV7fU8gT9hS0iR1jQ2kP3lO4"
#: Not as long as what takes its place.
KEY = "AKIA" + "Z7QX4LNPD3WKTRVM"


@pytest.mark.slow
def test_secrets_go_out_of_their_lines(world: World, laptop: Machine, desktop: Machine) -> None:
    """Sent while nothing was left out; both machines go on with the session after that, one of them was away."""
    laptop.git("config", "ccsync.secrets", "off")
    session = laptop.session("fix bug")
    told(session, f"use {TOKEN} and {KEY} in {laptop.clone}/x")
    session.side("tool-results/a.txt", f"export T={TOKEN}\n".encode())
    laptop.ok("push")
    desktop.ok("pull")
    laptop.git("config", "--unset", "ccsync.secrets")
    local, theirs = laptop.transcript(session.id), desktop.transcript(session.id)
    away = desktop.append(desktop.here(session.id))
    shown = json.loads(laptop.ok("purge", "--secrets", "-n", "--json").out)
    assert shown["secrets"]["sessions"] == [session.id]
    laptop.ok("purge", "--secrets", "--yes")
    assert (laptop.transcript(session.id), desktop.transcript(session.id)) == (local, theirs + away)
    assert not holds(laptop, TOKEN)
    assert not remote_holds(world, TOKEN)
    assert b"{{SECRET:" in world.stored(session.id)
    assert "wrong-counts" not in laptop.ok("verify").out, "meta tells of the bytes that are there now"
    desktop.ok("sync")
    laptop.ok("sync")
    laptop.append(session)
    laptop.ok("sync")
    desktop.ok("sync")
    desktop.ok("purge", "--follow", "--yes")
    assert (remote_holds(world, TOKEN), holds(desktop, TOKEN)) == ([], [])
    assert set(laptop.sessions()) == {session.id}, "no conflict copy"
    assert laptop.transcript(session.id).startswith(local)
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")
    assert laptop.ok("purge", "--secrets", "--yes").out.startswith("0 values")


def test_further_push_urls_are_begun_anew_too(world: World) -> None:
    mirror = world.remote.with_name("mirror.git")
    world.git("init", "-q", "--bare", str(mirror))
    laptop = world.machine("laptop")
    for place in (world.remote, mirror):
        laptop.git("remote", "set-url", "--add", "--push", "origin", str(place))
    laptop.init()
    session = laptop.session("fix bug")
    told(session, SECRET)
    laptop.ok("push")
    laptop.ok("purge", "--yes", "--all")
    for place in (world.remote, mirror):
        subprocess.run(["git", "gc", "-q", "--prune=now"], cwd=place, env=world.environment, check=True)
        asked = ["git", "cat-file", "--batch-all-objects", "--batch"]
        data = subprocess.run(asked, cwd=place, env=world.environment, capture_output=True, check=True).stdout
        assert SECRET.encode() not in data
        assert b"git-ccsync 1" in data
    laptop.ok("push")
    assert not world.stored(session.id)


def test_without_a_word_nothing_is_done(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    tip = world.git("rev-parse", "refs/ccsync/al")
    assert laptop.ccsync("purge", session.id).status == 1
    assert laptop.ccsync("purge").status == 129
    assert laptop.ccsync("purge", "--all", "--before", "2020-01-01").status == 129
    assert "would purge 1 session" in laptop.ok("purge", "-n", "--before", "2999-01-01").out
    assert "no session is that old" in laptop.ok("purge", "--yes", "--before", "2000-01-01").out
    assert world.git("rev-parse", "refs/ccsync/al") == tip


def test_a_look_at_the_remote_alone_tells_no_lie(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    told(session, SECRET)
    laptop.ok("push")
    laptop.ok("purge", "--yes", session.id)
    looked = desktop.ok("status", "--fetch").out
    assert "to push" not in looked
    assert "another beginning" not in looked
    assert "not on the branch" not in laptop.ok("verify").out
    assert "Your 0 sessions are in step" in laptop.ok("status").out


def test_its_files_here_go_where_rm_puts_them(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    session.subagent()
    local = laptop.files()
    laptop.ok("export", session.id, "-o", "../old.ccsync")
    assert "went to the trash" in laptop.ok("purge", "--yes", "--local", session.id).out
    assert not laptop.files()
    laptop.ok("undo")
    assert laptop.files() == local
    assert "was purged from the branch" in laptop.ok("import", "../old.ccsync").err
    laptop.ok("sync")
    assert not world.stored(session.id)


def test_only_what_a_mark_names_is_gone(world: World, laptop: Machine, desktop: Machine) -> None:
    """Somebody makes a new history that claims to take the place of ours, and has nothing in it."""
    session = in_step(laptop, desktop)
    stored = world.stored(session.id)
    root = world.git("rev-list", "--max-parents=0", BRANCH)
    said = f'machine = "0123456789abcdef"\nwhen = ""\ntip = "{world.git("rev-parse", BRANCH)}"\n'
    blob = world.git("hash-object", "-w", "--stdin", input=said.encode())
    former = world.git("mktree", input=f"100644 blob {blob}\t{root}\n".encode())
    kept = [row for row in world.git("ls-tree", BRANCH).split("\n") if not row.endswith("\tsessions")]
    tree = world.git("mktree", input="\n".join([*kept, f"040000 tree {former}\tformer", ""]).encode())
    anew = world.git("-c", "user.name=x", "-c", "user.email=x@y", "commit-tree", tree, "-m", "gone")
    world.git("update-ref", BRANCH, anew)
    desktop.path(session.id).unlink()
    desktop.ok("sync")
    assert world.stored(session.id) == stored
    assert world.git("rev-list", "--max-parents=0", BRANCH) == anew


def test_an_old_bundle_brings_nothing_back(world: World, laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    told(session, SECRET)
    laptop.ok("push")
    laptop.ok("export", "--bundle", "-o", "../old.bundle")
    laptop.ok("purge", "--yes", session.id)
    pulled = laptop.ok("pull", "../old.bundle")
    assert "what was purged is still there" in pulled.err
    laptop.ok("push")
    assert laptop.ok("push").out == "Everything up-to-date\n"
    assert not remote_holds(world, SECRET)
    laptop.ok("purge", "--follow", "--yes")
    assert not holds(laptop, SECRET)


@pytest.mark.slow
def test_another_branch_of_the_clone_is_bound_too(world: World, laptop: Machine) -> None:
    """From the first branch to the second, and from that back to the first."""
    gone = laptop.session("fix bug")
    told(gone, SECRET)
    laptop.ok("push")
    laptop.ok("purge", "--yes", gone.id)
    late = laptop.session("write docs")
    assert "sends 1 session" in laptop.ok("init", "--yes", "--branch", "other").out
    laptop.ok("push")
    assert sent(world, "other") == {late.id}
    laptop.append(gone)
    laptop.ok("purge", "--yes", late.id)
    back = laptop.ok("init", "--yes", "--branch", "al").out
    assert "sends" not in back
    laptop.append(late)
    laptop.ok("push")
    assert (sent(world, "other"), sent(world, "al")) == (set(), set())
    assert not remote_holds(world, SECRET)


def test_a_push_that_meets_a_purge_does_not_tell_of_what_it_left_out(laptop: Machine, desktop: Machine) -> None:
    gone = in_step(laptop, desktop)
    laptop.ok("purge", "--yes", gone.id)
    kept = desktop.session("write docs")
    desktop.append(desktop.here(gone.id), 3)
    told = json.loads(desktop.ok("push", "--json").out)
    here = desktop.transcript(kept.id)
    assert [one["session"] for one in told["outcomes"]] == [kept.id]
    assert (told["sessions"], told["lines"]) == (1, here.count(b"\n"))
    assert told["bytes"] == stored_bytes(desktop, kept.id)
    desktop.append(desktop.here(gone.id), 3)
    assert desktop.ok("push").out == "Everything up-to-date\n"


def stored_bytes(desktop: Machine, session: str) -> int:
    """What meta tells of a session's size."""
    said = desktop.git("show", f"{BRANCH}:sessions/{session[0]}/{session[1]}/{session}/meta")
    return int(next(row for row in said.splitlines() if row.startswith("bytes = ")).removeprefix("bytes = "))


def sent(world: World, branch: str) -> set[str]:
    """The sessions of a branch on the remote."""
    return {path.split("/")[3] for path in world.branch(f"refs/ccsync/{branch}") if path.startswith("sessions/")}
