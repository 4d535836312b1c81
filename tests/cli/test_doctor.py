"""`git ccsync doctor`: a line a check, the mend below what is wrong, and --fix for what is ours."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def laptop(world: World) -> Machine:
    (machine,) = world.initialised("laptop")
    machine.session("fix bug")
    machine.ok("push")
    return machine


def checks(machine: Machine, *args: str) -> dict[str, dict[str, object]]:
    """Every check by its name."""
    said = json.loads(machine.ccsync("doctor", "--json", *args).out)
    return {check["name"]: check for found in said["checks"].values() for check in found}


def test_a_sound_repository_has_nothing_to_mend(laptop: Machine) -> None:
    found = checks(laptop)
    wrong = {name for name, check in found.items() if not check["ok"]}
    assert wrong <= {"manual", "bash", "zsh", "fish"}  # the package is not installed here, or nobody looks at it there
    assert found["remote"]["found"] == "'origin' answers"
    assert "laptop 1" in str(found["machines"]["found"])


def test_lines_and_mends(laptop: Machine) -> None:
    out = laptop.ccsync("doctor").out
    assert "✓ remote      'origin' answers\n" in out
    laptop.git("config", "remote.origin.mirror", "true")
    told = laptop.ccsync("doctor", status=1).out
    assert "✗ mirrors     pushes to 'origin' carry refs/ccsync along\n" in told


def test_before_init_it_says_so(world: World) -> None:
    out = world.machine("laptop").ccsync("doctor", status=1).out
    assert "go nowhere yet" in out
    assert "git ccsync init" in out


def test_a_remote_that_is_gone(laptop: Machine, world: World) -> None:
    world.remote.rename(world.remote.with_name("gone.git"))
    assert not checks(laptop)["remote"]["ok"]


def test_a_remote_that_says_nothing_is_given_up_when_the_user_says(laptop: Machine, world: World) -> None:
    server = world.http()
    server.hang_after = 0
    laptop.git("remote", "set-url", "origin", server.url("app.git"))
    laptop.git("config", "ccsync.stallLimit", "1")
    assert "nothing heard for 1 second from" in str(checks(laptop)["remote"]["found"])


def test_a_torn_session_is_named(laptop: Machine) -> None:
    (path,) = laptop.claude.glob("projects/*/*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"type":"user","mess')
    told = f"1 ends in the middle of a line: {path.stem[:8]}"
    assert checks(laptop)["torn"]["found"] == told  # although no push has seen it yet
    laptop.ok("push")
    assert checks(laptop)["torn"]["found"] == told


def test_what_is_counted_and_not_named_is_told(laptop: Machine) -> None:
    top = laptop.path(next(iter(laptop.sessions()))).parent
    for number in range(4):
        (top / f"abcd000{number}-0000-4000-8000-000000000000.jsonl").symlink_to("nowhere")
    found = str(checks(laptop)["sessions"]["found"])
    assert found.startswith("4 cannot be read: ")
    assert found.endswith(" and 1 more")


def test_a_damaged_object_is_found(laptop: Machine) -> None:
    branch = laptop.git("for-each-ref", "--format=%(refname)", "refs/ccsync")
    listed = laptop.git("ls-tree", "-r", branch).splitlines()
    (segment,) = [line.split()[2] for line in listed if "/transcript/" in line]
    loose = laptop.clone / ".git" / "objects" / segment[:2] / segment[2:]
    loose.chmod(0o600)
    loose.write_bytes(b"x")
    assert not checks(laptop)["objects"]["ok"]


@pytest.mark.slow
def test_leftovers_are_removed_by_fix_alone(laptop: Machine) -> None:
    state = next((laptop.clone / ".git" / "ccsync").iterdir())
    old = [laptop.clone / ".git/objects/pack/tmp_ccsync_x", state / "index.1.tmp"]
    for path in old:
        path.write_bytes(b"x")
    old.append(state / "scratch.12345")
    (old[-1] / "pack").mkdir(parents=True)
    (old[-1] / "pack" / "pack-ccsync.pack").write_bytes(b"x")
    for path in old:
        os.utime(path, (time.time() - 9000, time.time() - 9000))
    fresh = Path(f"{old[0]}y")
    fresh.write_bytes(b"x")
    assert not checks(laptop)["leftovers"]["ok"]
    assert all(path.exists() for path in old)
    assert checks(laptop, "--fix")["leftovers"]["ok"]
    assert not any(path.exists() for path in old)
    assert fresh.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("ref", "young"), [("refs/ccsync/al", True), ("refs/ccsync-remotes/origin/al", False)])
def test_a_lock_that_a_killed_git_left_is_named_and_removed(laptop: Machine, ref: str, young: bool) -> None:
    laptop.git("update-ref", "refs/ccsync-remotes/origin/al", "refs/ccsync/al~1")
    lock = laptop.clone / ".git" / f"{ref}.lock"
    lock.write_bytes(b"")
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    error = f"fatal: '{lock}' is in the way: git has locked the ref, or was killed while it had\n"
    hints = "hint: try again in a moment; if no git is at work here, the file may be removed\nhint: git ccsync doctor\n"
    if young:  # git waits seconds for a lock: once each is enough
        with subprocess.Popen(["git", "cat-file", "--batch"], cwd=laptop.clone, stdin=subprocess.PIPE) as other:
            assert laptop.ccsync("pull", status=128).err == error + hints
            found = checks(laptop, "--fix")["ref locks"]
            assert other.stdin
            other.stdin.close()
        assert not found["ok"]
        assert "held by a git that seems to be at work" in str(found["found"])
        assert lock.exists()
        if os.path.isdir("/proc/self/fd"):
            laptop.ok("pull")
            assert not lock.exists()
            laptop.append(laptop.here(next(iter(laptop.sessions()))))
            lock.write_bytes(b"")
            laptop.ok("pull")  # made a moment ago: the run waits until no git can hold it
            assert not lock.exists()
            lock.write_bytes(b"")
    os.utime(lock, (time.time() - 9000, time.time() - 9000))
    if not young:  # nobody has to come and mend that
        assert not laptop.ok("sync").err
        assert not lock.exists()
        lock.write_bytes(b"")
        os.utime(lock, (time.time() - 9000, time.time() - 9000))
    assert str(lock) in checks(laptop)["ref locks"]["found"]
    with lock.open():
        checks(laptop, "--fix")
        assert lock.exists() == os.path.isdir("/proc/self/fd")
        lock.touch()
    os.utime(lock, (time.time() - 9000, time.time() - 9000))
    assert checks(laptop, "--fix")["ref locks"]["ok"]
    assert not lock.exists()
    laptop.ok("sync")


def test_a_damaged_index_is_thrown_away_by_fix(laptop: Machine) -> None:
    index = next((laptop.clone / ".git" / "ccsync").iterdir()) / "index"
    index.write_bytes(b"nonsense")
    assert not checks(laptop)["index"]["ok"]
    assert checks(laptop, "--fix")["index"]["ok"]
    assert laptop.ok("push").out == "Everything up-to-date\n"


def test_equal_names_are_told(laptop: Machine, world: World) -> None:
    twin = world.machine("desktop")
    twin.ok("init", "--yes", "--machine", "laptop")
    assert not checks(twin)["names"]["ok"]


def test_a_clock_that_runs_ahead(laptop: Machine) -> None:
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    ahead = f"{int(time.time()) + 90_000} +0000"
    laptop.ok("push", GIT_AUTHOR_DATE=ahead, GIT_COMMITTER_DATE=ahead)
    assert not checks(laptop)["clock"]["ok"]


def test_all_repositories(laptop: Machine) -> None:
    out = laptop.ccsync("doctor", "--all").out
    assert "✓ remote" in out
