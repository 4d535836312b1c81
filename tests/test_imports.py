"""The verbs that are run all day stay clear of modules that cost more than the verb: looked up in a real run's sys.modules."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.machine import ROOT, Machine
from tests.support.world import World

#: Measured costs at import, in ms: pygit2 60, click 24, pathspec 27, tomllib 12, dataclasses 12, subprocess 9, typing 7, …
BANNED = {
    *("click", "collections", "dataclasses", "datetime", "email", "enum", "functools", "hashlib", "importlib.metadata"),
    *("inspect", "isal", "json", "logging", "pathlib", "pathspec", "pygit2", "random", "re", "shutil", "subprocess"),
    *("contextlib", "tempfile", "threading", "tomllib", "typing", "urllib", "uuid"),
}

PROBE = """
import sys
before = set(sys.modules)
sys.path.insert(0, sys.argv.pop(1))
from git_ccsync.cli import main
status = main()
sys.stdout.flush()
new = sorted(set(sys.modules) - before)
import json
sys.stderr.write("\\n" + json.dumps([status, new]))
"""


def loaded(machine: Machine, *args: str) -> set[str]:
    """What modules `git-ccsync ARGS` loads on top of a bare interpreter; it must end with status 0."""
    words = [sys.executable, "-c", PROBE, str(ROOT), *args]
    done = subprocess.run(words, cwd=machine.clone, env=machine.env, capture_output=True, check=True)
    status, names = json.loads(done.stderr.rsplit(b"\n", 1)[1])
    assert status == 0, done
    return set(names)


@pytest.mark.parametrize("args", [["push"], ["status"]], ids=" ".join)
def test_a_verb_with_nothing_to_do_is_light(world: World, args: list[str]) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    assert world.branch()
    assert not loaded(laptop, *args) & BANNED


@pytest.mark.parametrize("event", ["UserPromptSubmit", "Nonsense"])
def test_a_hook_with_nothing_to_do_is_light(world: World, event: str) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    found = loaded(laptop, "hook", event)
    assert not found & BANNED
    assert not {name for name in found if name.startswith("git_ccsync.store")}


def test_one_more_line_is_pushed_without_the_heavy_libraries(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    before = world.branch()
    laptop.append(session)
    assert not loaded(laptop, "push") & {"pygit2", "click", "pathspec", "subprocess", "isal"}
    assert world.branch() != before


def test_the_version_needs_next_to_nothing(world: World) -> None:
    assert not loaded(world.machine("laptop"), "--version") & BANNED
