"""The repositories that a machine knows: written down by init, or worked in with Claude Code."""

from __future__ import annotations

import json
import os
from pathlib import Path

from git_ccsync.operations.run import known


def test_repositories_of_sessions_and_of_init_once_each(world) -> None:
    laptop = world.machine("laptop")
    laptop.session("at the top")
    (laptop.clone / "sub").mkdir()
    laptop.session("in a directory", cwd=laptop.clone / "sub")
    laptop.git("worktree", "add", "-q", "../linked", "-b", "x")
    laptop.session("in a linked work tree", cwd=laptop.clone.parent / "linked")
    laptop.session("somewhere else", cwd=laptop.home)
    laptop.session("gone since", cwd=laptop.clone / "gone" / "deep")
    laptop.session("no directory in it", lines=b'{"type":"summary","summary":"x"}\n', key="-x")
    clone = os.path.realpath(laptop.clone)
    assert known.repositories(laptop.env) == (clone,)
    known.register(laptop.env, clone)
    assert known.repositories(laptop.env) == (clone,)


def test_what_init_wrote_down_survives_odd_names_and_vanished_places(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    for name in ("a\nb", "50%0A", "\udcff", "gone"):
        known.register(env, str(tmp_path / name))
        known.register(env, str(tmp_path / name))
    assert known.listed(env) == tuple(str(tmp_path / name) for name in ("a\nb", "50%0A", "\udcff", "gone"))
    assert known.repositories(env) == ()


def test_no_claude_directory(tmp_path: Path) -> None:
    assert known.repositories({"HOME": str(tmp_path)}) == ()


def test_a_repository_that_was_moved_is_known_again_once_something_ran_there(world) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.clone = laptop.clone.rename(laptop.clone.with_name("moved"))
    laptop.ok("status")
    laptop.append(session)
    assert laptop.ok("push", "--all").out.startswith(f"~/{laptop.clone.relative_to(laptop.home)}  pushed 1 session")


def test_one_that_was_not_set_up_fails_nowhere(world) -> None:
    laptop = world.machine("laptop")
    laptop.init()
    other = laptop.home / "other"
    laptop.git("init", "-q", str(other))
    laptop.session("elsewhere", cwd=other)
    for verb in ("push", "sync"):
        assert "not set up" in laptop.ok(verb, "--all").out
        records = laptop.ok(verb, "--all", "--porcelain").out
        assert "\nskipped\tnot set up" in records
        assert "error\t" not in records
        rows = json.loads(laptop.ok(verb, "--all", "--json").out)["repositories"]
        assert {"repository": str(other), "skipped": "not set up"} in rows
        assert not any("error" in row for row in rows)
    records = laptop.ok("status", "--all", "--porcelain").out.splitlines()
    assert sorted(one for one in records if one.startswith("repository\t")) == sorted(
        f"repository\t{place}" for place in (laptop.clone, other)
    )
