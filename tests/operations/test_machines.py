"""`machine` and `placeholder`: names of computers and of directories, here and proposed to others."""

from __future__ import annotations

import json
import tomllib

import pytest

from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session("one")
    laptop.ok("push")
    desktop.session("two")
    desktop.ok("sync")
    laptop.ok("pull")
    return laptop, desktop


def machines(machine: Machine) -> dict[str, dict[str, object]]:
    found = json.loads(machine.ok("machine", "list", "--json").out)["machines"]
    return {one["name"]: one for one in found}


def placeholders(machine: Machine) -> list[tuple[str, str, str]]:
    found = json.loads(machine.ok("placeholder", "--json").out)["placeholders"]
    return [tuple(one.values()) for one in found]


def config(machine: Machine) -> dict[str, object]:
    return tomllib.loads((machine.home / ".config/git-ccsync/config.toml").read_text())


def test_machines_are_listed_with_their_last_push(pair: tuple[Machine, Machine], world: World) -> None:
    laptop, _ = pair
    found = machines(laptop)
    assert list(found) == ["laptop", "desktop"]
    assert [(one["here"], one["sessions"], one["os"]) for one in found.values()] == [
        (True, 1, "linux"),
        (False, 1, "linux"),
    ]
    assert all(one["pushed"] for one in found.values())
    third = world.machine("third")
    third.init()
    third.session("three")
    third.ok("push")
    assert "third" not in machines(laptop)
    laptop.ok("status", "--fetch")
    assert machines(laptop)["third"]["pushed"]
    assert laptop.ok("machine").out.startswith("* laptop")


def test_who_pushed_has_pushed_also_where_another_beginning_took_the_refs_place(
    pair: tuple[Machine, Machine], world: World
) -> None:
    laptop, _ = pair
    world.git("update-ref", "refs/ccsync/al", world.git("commit-tree", "refs/ccsync/al^{tree}", "-m", "anew"))
    laptop.ccsync("status", "--fetch")
    told = json.loads(laptop.ok("status", "--json").out)
    (here,) = (one for one in told["machines"] if one["here"])
    assert here["pushed"] == told["last_push"] != ""


def test_a_new_name_reaches_the_others_with_the_next_push(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    told = laptop.ok("machine", "rename", " workbook ")
    assert told.out == "this machine is 'workbook' now; the next push tells the others\n"
    laptop.ok("push")
    desktop.ok("pull")
    assert set(machines(desktop)) == {"workbook", "desktop"}
    assert laptop.ccsync("machine", "rename", "desktop").err.startswith("error: another machine of this branch has")
    assert laptop.ccsync("machine", "rename", "\n").status == 129
    laptop.ok("machine", "rename", "anywhere", cwd=laptop.home)
    assert config(laptop)["name"] == "anywhere"


@pytest.mark.slow
def test_sessions_are_counted_by_machine_whatever_its_name(pair: tuple[Machine, Machine], world: World) -> None:
    """A new name takes the sessions along; equal names do not throw them together."""
    laptop, desktop = pair
    laptop.ok("machine", "rename", "workbook")
    assert machines(laptop)["workbook"]["sessions"] == 1
    assert shown(laptop) == {"one": "workbook", "two": "desktop"}
    laptop.ok("push")
    desktop.ok("pull")
    assert shown(desktop) == {"one": "workbook", "two": "desktop"}
    assert list(shown(desktop, "--machine", "workbook")) == ["one"]
    assert desktop.ccsync("list", "--machine", "laptop").status == 1
    text = desktop.ok("machine", "rename", "twin", cwd=desktop.home).out + laptop.ok("machine", "rename", "twin").out
    assert text.count("'twin'") == 2
    desktop.ok("push")
    laptop.ok("sync")
    found = json.loads(laptop.ok("machine", "list", "--json").out)["machines"]
    assert [(one["name"], one["sessions"]) for one in found] == [("twin", 1), ("twin", 1)]
    assert len(shown(laptop, "--machine", "twin")) == 2
    assert list(shown(laptop, "--machine", found[1]["id"][:6])) == ["two"]
    metas = [world.blob(oid) for path, oid in world.branch().items() if path.endswith("/meta")]
    assert not any(name in data for data in metas for name in (b"laptop", b"workbook", b"desktop", b"twin"))


def shown(machine: Machine, *args: str) -> dict[str, str]:
    """What `list` says: titles, and the machines that added last."""
    found = json.loads(machine.ok("list", "--json", *args).out)["sessions"]
    return {one["title"]: one["machine"] for one in found}


def test_a_machine_that_is_no_more_is_forgotten_and_its_sessions_stay(
    pair: tuple[Machine, Machine], world: World
) -> None:
    laptop, desktop = pair
    identity = str(machines(laptop)["desktop"]["id"])
    assert laptop.ccsync("machine", "forget", "laptop").status == 1
    assert laptop.ccsync("machine", "forget", "nobody").status == 1
    laptop.ok("machine", "forget", identity[:6])
    assert list(machines(laptop)) == ["laptop"]
    laptop.ok("push")
    assert f"machines/{identity}" not in world.branch()
    assert world.git("log", "-1", "--format=%s", "refs/ccsync/al") == "ccsync: laptop: forget desktop"
    assert shown(laptop) == {"one": "laptop", "two": identity[:8]}
    assert list(shown(laptop, "--machine", identity[:8])) == ["two"]
    desktop.session("back again")
    desktop.ok("push")
    assert f"machines/{identity}" in world.branch()


def test_a_placeholder_is_the_machines_own(pair: tuple[Machine, Machine], world: World) -> None:
    laptop, _ = pair
    projects = laptop.home / "projects"
    laptop.ok("placeholder", "add", "PROJECTS=~/projects", cwd=laptop.home)
    assert config(laptop) == {"name": "laptop", "placeholders": {"PROJECTS": str(projects)}}
    assert placeholders(laptop) == [("PROJECTS", str(projects), "here")]
    session = laptop.session("elsewhere")
    session.write(session.rows.user(f"see {projects}/lib/x.py"))
    laptop.ok("push")
    assert b"see {{PROJECTS}}/lib/x.py" in world.stored(session.id)
    assert str(projects) not in str([world.blob(oid) for path, oid in world.branch().items() if "machines" in path])
    laptop.ok("placeholder", "rm", "PROJECTS")
    assert config(laptop)["placeholders"] == {}
    assert placeholders(laptop) == []
    assert laptop.ccsync("placeholder", "rm", "PROJECTS").status == 1
    laptop.ok("placeholder", "add", "PROJECTS=~/projects", "--machine", "laptop", cwd=laptop.clone)
    assert placeholders(laptop) == [("PROJECTS", str(projects), "here")]
    laptop.ok("placeholder", "rm", "PROJECTS", "--machine", "laptop")
    assert placeholders(laptop) == []
    laptop.ok("placeholder", "add", "WORK=C:\\Users\\al\\")
    assert placeholders(laptop) == [("WORK", "C:\\Users\\al", "here")]
    assert b"PROJECTS" in world.stored(session.id)


@pytest.mark.parametrize("pair_", ["projects=/x", "9X=/x", "HOME=/x", "SESSION=/x", "X=/", "X=", "=x", "X=/a\nb"])
def test_what_cannot_be_a_placeholder(world: World, pair_: str) -> None:
    laptop = world.machine("laptop")
    assert laptop.ccsync("placeholder", "add", pair_).status == 129
    assert laptop.ok("placeholder").out == ""


def test_a_proposal_is_used_unless_the_machine_has_its_own(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    laptop.ok("placeholder", "add", "DATA=/mnt/data")
    laptop.ok("placeholder", "add", "DATA=/srv/data", "--machine", "desktop")
    session = laptop.session("with data")
    session.write(session.rows.user("see /mnt/data/x.csv"))
    laptop.ok("push")
    desktop.ok("pull")
    assert placeholders(desktop) == [("DATA", "/srv/data", "proposed")]
    assert desktop.ok("placeholder").out == "DATA  /srv/data  proposed by another machine\n"
    assert b"see /srv/data/x.csv" in desktop.transcript(session.id)
    desktop.ok("placeholder", "add", "DATA=/own/data")
    desktop.path(session.id).unlink()
    desktop.ok("restore", session.id)
    assert b"see /own/data/x.csv" in desktop.transcript(session.id)
    laptop.ok("placeholder", "rm", "DATA", "--machine", "desktop")
    assert laptop.ccsync("placeholder", "rm", "DATA", "--machine", "desktop").status == 1
    assert laptop.ccsync("placeholder", "add", "X=/x", "--machine", "nobody").status == 1
    assert laptop.ccsync("placeholder", "add", "X=relative", "--machine", "desktop").status == 129


def test_a_hostile_proposal_stops_nobody(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    identity = str(machines(laptop)["desktop"]["id"])
    text = 'name = "desktop"\nos = "linux"\nopen = []\nunfinished = []\n\n[placeholders]\n' + "".join(
        f'"{name}" = "{path}"\n'
        for name, path in (
            ("bad name", "/x"),
            ("HOME", "/evil"),
            ("REPO", "/evil"),
            ("NUL", "/a\\u0000b"),
            ("REL", "a"),
        )
    )
    (laptop.home / "machine").write_text(text)
    oid = laptop.git("hash-object", "-w", str(laptop.home / "machine"))
    laptop.env["GIT_INDEX_FILE"] = str(laptop.home / "index")
    laptop.git("read-tree", "refs/ccsync/al")
    laptop.git("update-index", "--add", "--cacheinfo", f"100644,{oid},machines/{identity}")
    commit = laptop.git("commit-tree", laptop.git("write-tree"), "-p", "refs/ccsync/al", "-m", "evil")
    del laptop.env["GIT_INDEX_FILE"]
    laptop.git("push", "-q", "origin", f"{commit}:refs/ccsync/al")
    session = laptop.session("new")
    laptop.ok("sync")
    desktop.ok("pull")
    assert b"/evil" not in desktop.transcript(session.id)
    desktop.append(session)
    desktop.ok("push")


@pytest.mark.slow
def test_a_proposal_survives_that_the_other_machine_writes_its_own_file_meanwhile(
    pair: tuple[Machine, Machine], world: World
) -> None:
    laptop, desktop = pair
    laptop.ok("placeholder", "add", "DATA=/srv/data", "--machine", "desktop")
    desktop.ok("placeholder", "add", "OWN=/own")
    desktop.ok("machine", "rename", "tower")
    desktop.session("three")
    desktop.ok("push")
    assert "up-to-date" not in laptop.ok("push").out
    desktop.ok("placeholder", "add", "MORE=/more")  # told by the push that finds the proposal there
    desktop.session("four")
    desktop.ok("push")
    laptop.ok("pull")
    assert placeholders(desktop) == [
        ("DATA", "/srv/data", "proposed"),
        ("MORE", "/more", "here"),
        ("OWN", "/own", "here"),
    ]
    assert [name for name, _, _ in placeholders(laptop)] == ["DATA", "MORE", "OWN"]
    assert "tower" in machines(laptop)
    laptop.ok("placeholder", "rm", "DATA", "--machine", "tower")
    laptop.ok("placeholder", "add", "THIRD=/3", "--machine", "tower")
    desktop.ok("machine", "rename", "desktop")
    desktop.session("five")
    desktop.ok("push")
    laptop.ok("push")
    desktop.ok("pull")
    assert [name for name, _, _ in placeholders(desktop)] == ["MORE", "OWN", "THIRD"]
    desktop.ok("machine", "rename", "tower")
    desktop.ok("placeholder", "rm", "THIRD", "--machine", "tower")
    desktop.ok("push")
    assert [name for name, _, _ in placeholders(desktop)] == ["MORE", "OWN"]
    laptop.ok("pull")
    assert "tower" in machines(laptop)


def test_of_two_proposals_of_one_name_the_second_is_told_that_it_gave_way(
    pair: tuple[Machine, Machine], world: World
) -> None:
    laptop, _ = pair
    third = world.machine("third")
    third.init()
    third.ok("pull")
    laptop.ok("placeholder", "add", "DATA=/srv/data", "--machine", "desktop")
    third.ok("placeholder", "add", "DATA=/other", "--machine", "desktop")
    laptop.ok("push")
    told = "warning: {{DATA}} is not proposed to 'desktop': another path, '/srv/data', already is\n"
    assert told in third.ok("push").err
    assert told not in third.ok("push").err
    laptop.ok("placeholder", "add", "MORE=/more", "--machine", "desktop")
    third.ok("machine", "forget", "desktop")
    third.ok("push")
    told = "warning: 'desktop' was taken off the branch, and {{MORE}} is not proposed to it\n"
    assert told in laptop.ok("pull").err
