"""A transcript that is here and cannot be read: push, status and list agree on it; once it can be read, nothing is left."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.support.machine import Machine, Result, executable, run
from tests.support.session import Session


def pushed(laptop: Machine) -> Session:
    session = laptop.session("fix bug")
    laptop.ok("push")
    return session


def states(laptop: Machine) -> list[str]:
    return [line.split()[-1] for line in laptop.ok("list").out.splitlines()[1:]]


def assert_all_agree(laptop: Machine, reason: str) -> None:
    for verb in ("push", "status", "sync"):
        done = laptop.ccsync(verb, status=1)
        assert reason in done.err.lower(), verb
        assert "in step" not in done.out, verb
        assert ("\n  1 session that cannot be read here (" in done.out) == (verb == "status"), verb
    assert states(laptop) == ["unreadable"]


def test_a_session_behind_a_link_is_unreadable(laptop: Machine) -> None:
    session = pushed(laptop)
    path = laptop.path(session.id)
    real = path.rename(laptop.home / "elsewhere.jsonl")
    path.symlink_to(real)
    assert_all_agree(laptop, "is a symbolic link")
    path.unlink()
    real.rename(path)
    assert "in step" in laptop.ok("status", "--exit-code").out
    assert "unreadable" not in states(laptop)


def test_programs_are_told_how_many_cannot_be_read(laptop: Machine) -> None:
    session = pushed(laptop)
    session.path.unlink()
    session.path.mkdir()
    for word, told in (("--porcelain", "\nunreadable\t1\n"), ("--json", '"unreadable": 1'), ("--all", " 1 unreadable")):
        assert told in laptop.ccsync("status", word, status=1).out


def test_a_session_that_may_not_be_read_is_unreadable(laptop: Machine) -> None:
    session = pushed(laptop)
    path = laptop.path(session.id)
    laptop.append(session)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("root may read everything")
    assert_all_agree(laptop, "permission denied")
    path.chmod(0o600)
    assert "1 session to push" in laptop.ok("status").out
    laptop.ok("push")
    assert "in step" in laptop.ok("status", "--exit-code").out


def test_a_link_that_never_was_a_session_is_a_warning(laptop: Machine) -> None:
    session = pushed(laptop)
    path = laptop.path(session.id)
    path.with_name(f"{'0' * 8}{session.id[8:]}.jsonl").symlink_to(path)
    for verb in ("push", "status"):
        assert laptop.ok(verb).err.startswith("warning: ")
    assert "unreadable" not in states(laptop)


def powerless(laptop: Machine, *args: str) -> Result:
    """A run that permissions hold for, root's too."""
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.getuid() == 0 else []
    return run([*drop, *executable(), *args], laptop.env, cwd=laptop.clone, status=None)


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may read everything")
@pytest.mark.parametrize("mode", [0, 0o400])
def test_a_directory_that_cannot_be_looked_into_has_lost_nothing(laptop: Machine, mode: int) -> None:
    """0400 lists the names of its files, and tells nothing of them."""
    session = pushed(laptop)
    laptop.session("another")
    directory = session.path.parent
    (directory / "memory").mkdir()
    (directory / "memory" / "MEMORY.md").write_text("- a fact\n")
    laptop.ok("push")
    directory.chmod(mode)
    try:
        told, listed = powerless(laptop, "status"), powerless(laptop, "list")
        pulled = powerless(laptop, "pull")
        brought = powerless(laptop, "restore", session.id)
    finally:
        directory.chmod(0o700)
    assert told.status == 1
    assert "removed" not in told.out + listed.out
    assert "\n  2 sessions that cannot be read here (" in told.out
    assert listed.out.count("unreadable") == 2
    assert f"error: 'projects/{directory.name}': Permission denied\n" in told.err
    assert pulled.status == 1
    assert "removed" not in pulled.out
    assert "fatal" not in pulled.err
    assert (brought.status, "cannot be looked into: permission denied" in brought.err) == (1, True)
    assert "in step" in laptop.ok("status", "--exit-code").out


def test_a_directory_on_a_disk_that_is_not_there_has_lost_nothing(laptop: Machine, desktop: Machine) -> None:
    session, other = pushed(laptop), laptop.session("another")
    laptop.ok("push")
    desktop.ok("pull")
    desktop.append(desktop.here(other.id))
    desktop.session("third")
    desktop.ok("push")
    directory, away = session.path.parent, laptop.home / "away"
    directory.rename(away)
    directory.symlink_to(laptop.home / "disk")
    for words in (["pull", "--dry-run"], ["pull"]):
        pulled = laptop.ccsync(*words, status=1)
        assert "third" not in pulled.out
        assert pulled.err.count(f"'projects/{directory.name}': nothing is installed there: no such file") == 1
    found = laptop.ok("list")
    assert [line.split()[-1] for line in found.out.splitlines()[1:]] == ["unreadable"] * 3
    assert found.err == f"warning: 'projects/{directory.name}': No such file or directory\n"
    refused = laptop.ccsync("restore", session.id, status=1)
    assert refused.err.startswith(f"error: 'projects/{directory.name}' cannot be looked into")
    assert "nothing to restore" in laptop.ccsync("restore").err
    directory.unlink()
    away.rename(directory)
    laptop.ok("pull")
    assert "in step" in laptop.ok("status", "--exit-code").out
    assert laptop.sessions().keys() == desktop.sessions().keys()
