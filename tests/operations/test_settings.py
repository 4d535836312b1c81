"""Settings that change what is stored and sent: no translation, a first day, ignore rules, slices."""

from __future__ import annotations

import os
import re
import subprocess
import time

import pytest

from git_ccsync.store import titles
from tests.operations.conftest import set_up
from tests.operations.stories import agree, copy_of, everything, ids, in_step, sync_all
from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

DAY = 86_400


def stored_sessions(world: World) -> set[str]:
    return {path.split("/")[3] for path in world.branch() if path.startswith("sessions/")}


# --- translate


def test_without_translation_bytes_are_stored_as_they_are(laptop: Machine, desktop: Machine) -> None:
    for machine in (laptop, desktop):
        machine.git("config", "ccsync.translate", "false")
    session = laptop.session("fix bug")
    sync_all(laptop, desktop)
    assert laptop.world.stored(session.id) == session.read() == desktop.transcript(session.id)
    session.write(b'{"type":"user","text":"{{REPO}} {{=HOME}}"}\n')
    sync_all(laptop, desktop)
    assert desktop.transcript(session.id) == session.read()


def test_translation_turned_off_later_makes_no_divergence(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    before = laptop.world.stored(session.id)
    for machine in (laptop, desktop):
        machine.git("config", "ccsync.translate", "false")
    sync_all(laptop, desktop)
    added = laptop.append(session)
    sync_all(laptop, desktop)
    assert laptop.world.stored(session.id) == before + added
    assert len(laptop.sessions()) == len(desktop.sessions()) == 1


def test_without_translation_a_copy_is_what_its_file_name_says(laptop: Machine, desktop: Machine) -> None:
    """Its rows keep the original's id, as in gitformat-ccsync(5), No translation: Claude Code goes by the file's name."""
    for machine in (laptop, desktop):
        machine.git("config", "ccsync.translate", "false")
    session = laptop.session("fix bug")
    session.write(session.rows.user("what is {{REPO}}?"))
    sync_all(laptop, desktop)
    mine, theirs = laptop.append(session), desktop.append(desktop.here(session.id))
    sync_all(laptop, desktop)
    before = everything(laptop), everything(desktop)
    sync_all(laptop, desktop)
    assert (everything(laptop), everything(desktop)) == before
    copy = copy_of(laptop, session.id)
    assert desktop.sessions() == laptop.sessions()
    assert mine in laptop.transcript(session.id)
    fork = titles.fork_row("fix bug (from desktop)").replace(b"{{SESSION}}", copy.encode())
    assert laptop.transcript(copy).count(fork) == 1
    assert ids(laptop.transcript(copy)) == ids(session.read()[: -len(mine)] + theirs)
    assert b"what is {{REPO}}?" in laptop.transcript(copy)
    desktop.append(desktop.here(copy))
    sync_all(desktop, laptop)
    assert desktop.sessions() == laptop.sessions()


# --- since and ignore rules


def test_sessions_before_the_first_day_are_not_sent(laptop: Machine) -> None:
    old, new = laptop.session("old", age=10 * DAY), laptop.session("new")
    day = time.strftime("%Y-%m-%d", time.gmtime(laptop.world.now - 5 * DAY))
    laptop.git("config", "ccsync.since", day)
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {new.id}
    laptop.git("config", "--unset", "ccsync.since")
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {old.id, new.id}


def test_a_copied_file_is_as_old_as_its_last_row(laptop: Machine) -> None:
    old, new, mute = laptop.session("old", age=10 * DAY), laptop.session("new"), laptop.session("mute", age=10 * DAY)
    mute.path.write_bytes(re.sub(rb'"timestamp":"[^"]*",?', b"", mute.read()))
    for session in (old, new, mute):
        os.utime(session.path, (laptop.world.now, laptop.world.now))
    laptop.git("config", "ccsync.since", time.strftime("%Y-%m-%d", time.gmtime(laptop.world.now - 5 * DAY)))
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {new.id, mute.id}
    os.utime(mute.path, (laptop.world.now - 10 * DAY,) * 2)
    laptop.append(old)
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {new.id, mute.id, old.id}


def test_an_old_session_that_is_sent_already_goes_on(laptop: Machine) -> None:
    old = laptop.session("old", age=10 * DAY)
    inside(laptop, "push")
    laptop.git("config", "ccsync.since", time.strftime("%Y-%m-%d", time.gmtime(laptop.world.now - 5 * DAY)))
    old.talk(1)
    inside(laptop, "push")
    assert laptop.world.stored(old.id).count(b"\n") == old.read().count(b"\n")


@pytest.mark.parametrize("place", ["file", "config"])
def test_ignored_directories_are_not_sent(laptop: Machine, place: str) -> None:
    for name in ("scratch", "src"):
        (laptop.clone / name).mkdir()
    ignored = laptop.session("ignored", cwd=laptop.clone / "scratch")
    sent = laptop.session("sent", cwd=laptop.clone / "src")
    top = laptop.session("top")
    if place == "file":
        (laptop.clone / ".ccsyncignore").write_text("# not these\nscratch/\n")
    else:
        laptop.git("config", "ccsync.ignore", "scratch/")
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {sent.id, top.id}
    if place == "file":
        (laptop.clone / ".ccsyncignore").unlink()
    else:
        laptop.git("config", "--unset", "ccsync.ignore")
    inside(laptop, "push")
    assert stored_sessions(laptop.world) == {ignored.id, sent.id, top.id}


def test_a_session_that_is_sent_already_is_not_ignored(laptop: Machine) -> None:
    """With the index, and without it: the rules are for what is not on the branch yet."""
    (laptop.clone / "scratch").mkdir()
    session = laptop.session("sent", cwd=laptop.clone / "scratch")
    inside(laptop, "push")
    (laptop.clone / ".ccsyncignore").write_text("scratch/\n")
    for _ in range(2):
        session.talk(1)
        inside(laptop, "push")
        assert laptop.world.stored(session.id).count(b"\n") == session.read().count(b"\n")
        for index in laptop.clone.glob(".git/ccsync/*/index"):
            index.unlink()


# --- slices


@pytest.mark.slow
def test_a_large_session_goes_in_slices(laptop: Machine) -> None:
    """Each commit is a fast-forward of the last, and holds a whole beginning of the session; the tip holds all."""
    laptop.git("config", "ccsync.sliceSize", str(1 << 20))
    session = laptop.session("large", lines=1)
    session.write(b"".join(session.rows.huge(40_000) for _ in range(130)))
    assert len(session.read()) > 5 << 20
    start = laptop.git("rev-parse", "refs/ccsync/al")
    result = inside(laptop, "push")
    assert result.lines == session.read().count(b"\n")
    world = laptop.world
    commits = world.git("rev-list", "--reverse", f"{start}..refs/ccsync/al").split()
    assert len(commits) >= 3
    log = world.git("log", "--reverse", "--format=%P", f"{start}..refs/ccsync/al").split()
    assert log == [start, *commits[:-1]]
    whole = world.stored(session.id)
    assert whole.count(b"\n") == session.read().count(b"\n")
    sizes = []
    for commit in commits:
        part = world.stored(session.id, commit)
        assert whole.startswith(part)
        assert part.endswith(b"\n")
        sizes.append(len(part))
        assert meta_lines(world, commit, session.id) == part.count(b"\n")
    assert sizes == sorted(set(sizes))
    steps = [after - before for before, after in zip([0, *sizes], sizes, strict=False)]
    assert max(steps) < 3 << 20
    desktop = set_up(laptop.world, "desktop")
    sync_all(desktop, laptop)
    agree(laptop, desktop)


def meta_lines(world: World, commit: str, session: str) -> int:
    data = world.git("show", f"{commit}:sessions/{session[0]}/{session[1]}/{session}/meta")
    return int(data.split("\nlines = ")[1].split("\n")[0])


@pytest.mark.slow
def test_a_push_that_was_cut_between_slices_goes_on(laptop: Machine) -> None:
    """The remote has taken the first slices when the line breaks: the next push sends the rest."""
    laptop.git("config", "ccsync.sliceSize", str(1 << 20))
    session = laptop.session("large", lines=1)
    session.write(b"".join(session.rows.huge(40_000) for _ in range(130)))
    hook = laptop.world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        '#!/bin/sh\nif [ -e cut ]; then exit 1; fi\nread a b c\ncase "$a" in 0000*) ;; *) touch cut ;; esac\n'
    )
    hook.chmod(0o755)
    assert laptop.ccsync("push").status != 0
    part = laptop.world.stored(session.id)
    assert 0 < len(part) < 3 << 20
    hook.unlink()
    inside(laptop, "push")
    assert laptop.world.stored(session.id).startswith(part)
    desktop = set_up(laptop.world, "desktop")
    sync_all(desktop, laptop)
    agree(laptop, desktop)


@pytest.mark.slow
def test_many_sessions_go_in_slices(laptop: Machine) -> None:
    laptop.git("config", "ccsync.sliceSize", str(1 << 20))
    for number in range(6):
        session = laptop.session(f"number {number}", lines=1)
        session.write(session.rows.huge(500_000))
    inside(laptop, "push")
    assert len(laptop.world.git("rev-list", "refs/ccsync/al").split()) >= 3
    desktop = set_up(laptop.world, "desktop")
    sync_all(desktop, laptop)
    assert len(desktop.sessions()) == 6
    agree(laptop, desktop)


def large(machine: Machine, title: str, rows: int = 3) -> Session:
    """A session of `rows` times 0.4 MB that no compression makes smaller than half."""
    session = machine.session(title, lines=1)
    for _ in range(rows):
        session.write(session.rows.user(os.urandom(200_000).hex()))
    return session


def backlog(laptop: Machine, desktop: Machine) -> list[Session]:
    """Sessions of several slices that the desktop has not pushed yet, while the laptop has gone on."""
    desktop.git("config", "ccsync.sliceSize", str(1 << 20))
    desktop.world.git("config", "receive.maxInputSize", str(2 << 20))
    laptop.session("faster")
    inside(laptop, "push")
    made = [large(desktop, f"number {number}") for number in range(3)]
    made.append(large(desktop, "very large", 7))
    (made[0].directory / "tool-results").mkdir(parents=True)
    for number in range(3):
        (made[0].directory / "tool-results" / f"{number}.txt").write_bytes(os.urandom(700_000))
    return made


@pytest.mark.slow
def test_a_backlog_that_was_rejected_goes_in_slices(laptop: Machine, desktop: Machine) -> None:
    """The host takes no push over 2 MB: what is put onto another machine's tip must be as small as a first push."""
    sessions = backlog(laptop, desktop)
    result = inside(desktop, "push")
    assert result.retries == 1
    world = laptop.world
    for session in sessions:
        assert world.stored(session.id).count(b"\n") == session.read().count(b"\n")
    for commit in world.git("rev-list", "refs/ccsync/al").split()[:-2]:
        sizes = world.git("rev-list", "--objects", "--disk-usage", f"{commit}^..{commit}")
        assert int(sizes) < 2 << 20
    sync_all(laptop, desktop)
    agree(laptop, desktop)


@pytest.mark.slow
def test_a_backlog_that_was_cut_loses_nothing(laptop: Machine, desktop: Machine) -> None:
    """The line breaks after the first slice of what was put onto their tip; the transcripts are gone from the disk by
    the time of the next push, which sends the rest from the local branch, again in slices.
    """
    sessions = backlog(laptop, desktop)
    hook = laptop.world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nif [ -e cut ]; then exit 1; fi\ntouch cut\n")
    hook.chmod(0o755)
    assert desktop.ccsync("push").status != 0
    arrived = laptop.world.git("rev-list", "refs/ccsync/al").split()
    lines = {session.id: session.read().count(b"\n") for session in sessions}
    for session in sessions:
        session.path.unlink()
    hook.unlink()
    inside(desktop, "push")
    commits = laptop.world.git("rev-list", "refs/ccsync/al").split()
    assert commits[-len(arrived) :] == arrived
    assert len(commits) > len(arrived) + 1
    assert {name: laptop.world.stored(name).count(b"\n") for name in lines} == lines


# --- the message


def test_the_message_follows_its_template(laptop: Machine) -> None:
    laptop.session("fix bug")
    laptop.git("config", "ccsync.message", "chore: {sessions} session(s), {lines} lines of {machine}")
    inside(laptop, "push")
    lines = laptop.world.git("log", "-1", "--format=%B", "refs/ccsync/al").splitlines()
    assert lines[0] == "chore: 1 session(s), 8 lines of laptop"
    assert lines[2].startswith("Ccsync-Machine: ")
    assert lines[3].startswith("Ccsync-Version: ")


def test_every_object_on_the_remote_is_sound(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    sync_all(laptop, desktop)
    for place in (laptop.world.remote, laptop.clone, desktop.clone):
        checked = subprocess.run(
            ["git", "fsck", "--strict", "--no-dangling"], cwd=place, capture_output=True, check=True, env=os.environ
        )
        assert (checked.stdout, checked.stderr) == (b"", b"")
