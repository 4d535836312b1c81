"""A transcript that is here and cannot be read: push, status and list agree on it; once it can be read, nothing is left."""

from __future__ import annotations

import os

import pytest

from tests.support.machine import Machine
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
