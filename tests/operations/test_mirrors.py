"""doctor and remotes that mirror: its mend, typed as it stands, keeps our refs back from a real `git push`. Not its other checks."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine
    from tests.support.world import World

OURS = ("refs/ccsync", "refs/remotes/origin/ccsync", "refs/heads/ccsync")
EVERYTHING = ["+refs/*:refs/*"]


def mirrors(machine: Machine) -> list[dict[str, str]]:
    said = json.loads(machine.ccsync("doctor", "--json").out)["checks"]
    return [check for found in said.values() for check in found if check["name"] == "mirrors" and not check["ok"]]


def mend(machine: Machine) -> None:
    """Type what doctor says, word for word, into a shell; it is satisfied then."""
    (wrong,) = mirrors(machine)
    subprocess.run(
        ["sh", "-ec", wrong["mend"].partition("; or, ")[0]], cwd=machine.clone, env=machine.env, check=True, timeout=60
    )
    assert not mirrors(machine)


def refs(place: Path, machine: Machine) -> set[str]:
    return set(machine.git("for-each-ref", "--format=%(refname)", cwd=place).splitlines())


def other(world: World, machine: Machine, name: str = "mir", *specs: str, mirror: bool = False) -> Path:
    """One more remote of the machine's clone, and its repository."""
    place = world.remote.with_name("other.git")
    world.git("init", "-q", "--bare", str(place))
    machine.git("remote", "add", *(["--mirror=push"] if mirror else []), name, str(place))
    for spec in specs:
        machine.git("config", "--add", f"remote.{name}.push", spec)
    return place


@pytest.fixture
def laptop(world: World) -> Machine:
    (machine,) = world.initialised("laptop")
    machine.session("fix bug")
    machine.ok("push")
    return machine


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mirror", "specs"),
    [
        (False, EVERYTHING),
        (False, ["^refs/ccsync/*", "refs/*:refs/*"]),
        (False, ["^refs/ccsync/*"]),  # what an older doctor's mend made of the first: nothing went any more
        (True, []),
        (True, ["^refs/ccsync/*"]),
        (True, ["^refs/ccsync/*", *EVERYTHING]),
    ],
)
def test_the_mend_keeps_ours_back_and_leaves_the_mirror_working(
    laptop: Machine, world: World, mirror: bool, specs: list[str]
) -> None:
    place = other(world, laptop, "mir", *specs, mirror=mirror)
    mend(laptop)
    laptop.git("tag", "v1")
    laptop.git("branch", "topic")
    laptop.git("push", "mir")
    assert {"refs/heads/topic", "refs/tags/v1"} <= refs(place, laptop)
    assert not [ref for ref in refs(place, laptop) if ref.startswith(OURS)]
    laptop.git("branch", "-D", "topic")
    laptop.git("push", *([] if mirror else ["--prune"]), "mir")  # a mirror deletes by itself
    assert "refs/heads/topic" not in refs(place, laptop)
    if mirror:
        laptop.git("push", "--mirror", "mir")
        assert not [ref for ref in refs(place, laptop) if ref.startswith(OURS)]


def test_a_name_that_a_shell_would_read_otherwise(laptop: Machine, world: World) -> None:
    place = other(world, laptop, "it's", mirror=True)
    mend(laptop)
    laptop.git("push", "it's")
    assert "refs/heads/main" in refs(place, laptop)
    assert not [ref for ref in refs(place, laptop) if ref.startswith(OURS)]


def test_where_sessions_are_at_home_nothing_of_anybody_is_deleted(laptop: Machine, world: World) -> None:
    laptop.git("push", "origin", "refs/ccsync/al:refs/ccsync/bo")
    laptop.git("config", "remote.origin.mirror", "true")
    mend(laptop)
    laptop.session("more")
    laptop.git("tag", "v1")
    laptop.git("push", "origin")
    laptop.git("push", "--mirror", "origin")
    assert {"refs/ccsync/al", "refs/ccsync/bo", "refs/tags/v1"} <= refs(world.remote, laptop)
    assert "to push" not in laptop.ok("push").out
    assert laptop.git("rev-parse", "refs/ccsync/al") == world.git("rev-parse", "refs/ccsync/al")


def test_a_branch_among_gits_own_is_kept_back_too(laptop: Machine, world: World) -> None:
    laptop.git("push", "-q", "origin", "refs/ccsync/al:refs/heads/ccsync/al")
    laptop.git("config", "ccsync.remoteRef", "refs/heads/ccsync/al")
    laptop.git("fetch", "-q", "origin")
    laptop.git("branch", "-q", "ccsync/al", "origin/ccsync/al")
    place = other(world, laptop, "mir", *EVERYTHING)
    mend(laptop)
    laptop.git("push", "mir")
    assert "refs/heads/main" in refs(place, laptop)
    assert not [ref for ref in refs(place, laptop) if ref.startswith(OURS)]


def test_remotes_that_take_git_branches_are_well(laptop: Machine, world: World) -> None:
    other(world, laptop, "mir", "+refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*", mirror=True)
    assert not mirrors(laptop)
