"""The hidden command behind TAB, on a real repository: right, quiet and without the heavy libraries."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.support.machine import ROOT
from tests.support.world import World

PROBE = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from git_ccsync.cli import main
status = main()
import json
heavy = sorted({"click", "pygit2", "pathspec", "subprocess"} & set(sys.modules))
sys.stderr.write(json.dumps([status, heavy]))
"""


def test_sessions_machines_and_remotes(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix the \x1b[31mparser")
    laptop.init()
    laptop.ok("push")
    sessions = laptop.ok("complete", "sessions", session.id[:4]).out.splitlines()
    value, _, told = sessions[0].partition("\t")
    assert session.id.startswith(value)
    assert told.startswith("fix the [31mparser")
    assert [line.split("\t")[0] for line in laptop.ok("complete", "machines", "").out.splitlines()] == ["laptop"]
    assert [line.split("\t")[0] for line in laptop.ok("complete", "remotes", "or").out.splitlines()] == ["origin"]
    assert laptop.ok("complete", "remotes", "x").out == ""


def test_restore_is_offered_what_rm_hides(world: World) -> None:
    laptop = world.machine("laptop")
    gone, kept = laptop.session("gone"), laptop.session("kept")
    laptop.init()
    laptop.ok("push")
    laptop.ok("rm", gone.id)
    assert gone.id[:8] not in laptop.ok("complete", "sessions", "").out
    offered = laptop.ok("complete", "restorable", "").out
    assert gone.id[:8] in offered
    assert kept.id[:8] in offered
    assert laptop.ok("complete", "restorable", "@").out == "@{latest}\tkept\n"


def test_trouble_is_no_candidates(world: World) -> None:
    laptop = world.machine("laptop")
    assert laptop.ok("complete", "sessions", "", cwd=laptop.home) == (0, "", "")
    assert laptop.ok("complete") == (0, "", "")
    assert laptop.ok("complete", "nonsense") == (0, "", "")


def test_it_loads_nothing_heavy(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    words = [sys.executable, "-c", PROBE, str(ROOT), "complete", "sessions", ""]
    done = subprocess.run(words, cwd=laptop.clone, env=laptop.env, capture_output=True, check=True)
    assert json.loads(done.stderr) == [0, []]
