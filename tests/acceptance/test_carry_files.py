"""Carrying by hand: .ccsync files and bundles on a stick, a plain directory that a file syncer keeps in step."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World


def both(world: World) -> tuple[Machine, Machine]:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        (machine.home / ".config/git-ccsync").mkdir(parents=True, exist_ok=True)
        (machine.home / ".config/git-ccsync/config.toml").write_text(f'name = "{machine.name}"\n')
    return laptop, desktop


def sessions(machine: Machine) -> dict[str, tuple[str, int]]:
    """What is on this disk, as far as it is the same on all: title and lines by id."""
    listed = json.loads(machine.ok("list", "--json").out)["sessions"]
    assert all(one["path"] for one in listed), listed
    return {one["id"]: (one["title"], machine.transcript(one["id"]).count(b"\n")) for one in listed}


def texts(machine: Machine) -> str:
    """All that was said, in all sessions here."""
    return "".join(sorted(path.read_text() for path in (machine.claude / "projects").rglob("*.jsonl")))


def go_on(machine: Machine, session: str, word: str) -> None:
    (path,) = (machine.claude / "projects").rglob(f"{session}.jsonl")
    mine = Session.adopt(path, maker=word)
    mine.write(mine.rows.user(word) + mine.rows.assistant({"type": "text", "text": f"{word}, then"}))


@pytest.mark.slow
def test_two_machines_that_share_a_plain_directory(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    place = f"bundles::{tmp_path / 'Dropbox'}"
    (tmp_path / "Dropbox").mkdir()
    first = laptop.session("fix bug")
    laptop.ok("init", "--remote", place)
    laptop.ok("push")
    second = desktop.session("other")
    desktop.ok("init", "--remote", place)
    assert first.id[:8] in desktop.ok("pull", "--dry-run").out
    assert first.id not in desktop.sessions()
    desktop.ok("sync")
    laptop.ok("pull")
    assert sessions(laptop) == sessions(desktop)
    assert {first.id, second.id} <= sessions(laptop).keys()
    assert len(list((tmp_path / "Dropbox").rglob("*.bundle"))) == 2
    go_on(laptop, first.id, "to the left")
    go_on(desktop, first.id, "to the right")
    for machine in (laptop, desktop, laptop, desktop):
        machine.ok("sync")
    assert sessions(laptop) == sessions(desktop)
    assert len(sessions(laptop)) == 3
    for machine in (laptop, desktop):
        assert "to the left, then" in texts(machine)
        assert "to the right, then" in texts(machine)
    assert "up-to-date" in laptop.ok("push").out
    assert laptop.ok("status", "--exit-code").status == 0
    third = laptop.session("third")
    laptop.ok("push")
    for words in (("pull",), ("undo",), ("pull",)):  # what was undone can come again
        desktop.ok(*words)
    assert third.id in sessions(desktop)
    (folder,) = (tmp_path / "Dropbox").iterdir()
    (folder / "fedcba9876543210.bundle").write_bytes(b"# v2 git bundle\n")
    assert "bundles     'fedcba9876543210.bundle' is passed over: it is cut short" in desktop.ccsync("doctor").out


@pytest.mark.slow
def test_a_syncer_that_is_slow_and_makes_copies(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    session = laptop.session("fix bug")
    laptop.ok("init", "--remote", f"bundles::{here}")
    laptop.ok("push")
    shutil.copytree(here, there, dirs_exist_ok=True)
    desktop.ok("init", "--remote", f"bundles::{there}")
    desktop.ok("pull")
    go_on(laptop, session.id, "to the left")
    go_on(desktop, session.id, "to the right")
    desktop.session("other")
    for _ in range(3):  # both at once, and neither sees what the other one has just written
        laptop.ok("sync")
        desktop.ok("sync")
        shutil.copytree(here, tmp_path / "on its way", dirs_exist_ok=True)
        for bundle in there.rglob("*.bundle"):
            shutil.copy(bundle, here / bundle.relative_to(there))
        shutil.copytree(tmp_path / "on its way", there, dirs_exist_ok=True)
    assert sessions(laptop) == sessions(desktop)
    assert len(sessions(laptop)) == 3  # as if they had pushed to one remote, one after the other
    for machine in (laptop, desktop):
        assert "to the left, then" in texts(machine)
        assert "to the right, then" in texts(machine)
    (folder,) = [path for path in here.iterdir() if path.is_dir()]
    bundle = next(folder.glob("*.bundle"))
    shutil.copy(bundle, folder / f"{bundle.stem}.sync-conflict-20260101-120000-ABCDEFG.bundle")
    (folder / f"{bundle.stem} (conflicted copy).bundle").write_bytes(bundle.read_bytes()[:-40])
    (folder / "0123456789abcdef.bundle").write_bytes(b"")
    (folder / "fedcba9876543210.bundle").symlink_to("/dev/zero")
    more = laptop.session("more")
    said = laptop.ok("push")
    assert "'0123456789abcdef.bundle' is passed over: it is empty" in said.err
    assert "'fedcba9876543210.bundle' is passed over" in said.err
    shutil.copytree(here, there, dirs_exist_ok=True, symlinks=True)
    assert "passed over" in desktop.ok("pull").err
    assert more.id in sessions(desktop)


def test_a_directory_that_is_not_there(world: World, tmp_path: Path) -> None:
    laptop, _ = both(world)
    (tmp_path / "disk").mkdir()
    laptop.session("fix bug")
    laptop.ok("init", "--remote", f"bundles::{tmp_path / 'disk'}")
    shutil.rmtree(tmp_path / "disk")
    said = laptop.ccsync("push")
    assert said.status == 128
    assert "is not there" in said.err
    assert not (tmp_path / "disk").exists()


def test_what_is_none_of_ours_stops_nothing(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    (tmp_path / "disk").mkdir()
    laptop.ok("init", "--remote", f"bundles::{tmp_path / 'disk'}")
    (folder,) = (tmp_path / "disk").iterdir()
    ref = f"refs/ccsync/{folder.name}/al"
    for name in ("0", "z"):
        laptop.git("update-ref", ref, laptop.git("commit-tree", "-m", name, "HEAD^{tree}"))
        laptop.git("bundle", "create", "-q", str(folder / f"{name}.bundle"), ref)
    (folder / ".f00d.bundle.icloud").write_bytes(b"bplist00")
    laptop.git("update-ref", "-d", ref)
    desktop.ok("init", "--remote", f"bundles::{tmp_path / 'disk'}", "--branch", "al")
    session = laptop.session("fix bug")
    for words, machine in (("push", laptop), ("pull", desktop)):
        said = machine.ok(words).err
        assert said.count("is passed over: the branch on the remote was not made by git-ccsync") == 2
        assert "'f00d.bundle' is passed over: iCloud has not put it on this disk" in said
    assert session.id in sessions(desktop)


def test_what_a_syncer_took_back_is_written_again(world: World, tmp_path: Path) -> None:
    laptop, _ = both(world)
    (tmp_path / "disk").mkdir()
    session = laptop.session("fix bug")
    laptop.ok("init", "--remote", f"bundles::{tmp_path / 'disk'}")
    laptop.ok("push")
    (bundle,) = (tmp_path / "disk").rglob("*.bundle")
    old = bundle.read_bytes()
    go_on(laptop, session.id, "further")
    laptop.ok("push")
    new = bundle.read_bytes()
    bundle.write_bytes(old)
    left = bundle.with_name(f".git-ccsync-1-{bundle.name}.tmp")
    left.write_bytes(b"half")
    laptop.ok("sync")
    assert bundle.read_bytes() == new
    assert not left.exists()


def test_each_began_before_anything_had_arrived(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    first, second = laptop.session("fix bug"), desktop.session("other")
    for machine in (laptop, desktop):
        (tmp_path / machine.name).mkdir()
        machine.ok("init", "--remote", f"bundles::{tmp_path / machine.name}")
        machine.ok("push")
    shutil.copytree(tmp_path / "laptop", tmp_path / "desktop", dirs_exist_ok=True)
    desktop.ok("sync")
    shutil.copytree(tmp_path / "desktop", tmp_path / "laptop", dirs_exist_ok=True)
    laptop.ok("sync")
    assert sessions(laptop) == sessions(desktop)
    assert sessions(laptop).keys() == {first.id, second.id}


def test_each_exported_before_it_had_pulled(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    first, second = laptop.session("fix bug"), desktop.session("other")
    for machine in (laptop, desktop):
        machine.ok("export", "--bundle", "-o", str(tmp_path / f"{machine.name}.bundle"))
    for machine, other in ((laptop, "desktop"), (desktop, "laptop"), (laptop, "desktop")):
        machine.ok("pull", str(tmp_path / f"{other}.bundle"))
    assert sessions(laptop) == sessions(desktop)
    assert sessions(laptop).keys() == {first.id, second.id}
    assert "Already up to date" in laptop.ok("pull", str(tmp_path / "desktop.bundle")).out


def test_two_machines_that_meet_by_bundle_on_a_stick(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    stick = str(tmp_path / "app.bundle")
    first = laptop.session("fix bug")
    laptop.ok("export", "--bundle", "-o", stick)
    cut = tmp_path / "cut.bundle"
    cut.write_bytes(Path(stick).read_bytes()[:-30])
    said = desktop.ccsync("pull", str(cut))  # the first thing that this machine hears of the branch
    assert (said.status, said.err) == (1, f"error: '{cut}' is damaged, or has not arrived whole\n")
    desktop.ok("pull", stick)
    desktop.session("other")
    go_on(laptop, first.id, "to the left")
    go_on(desktop, first.id, "to the right")
    for machine in (desktop, laptop, desktop):
        machine.ok("pull", stick)
        machine.ok("export", "--bundle", "-o", stick)
    assert sessions(laptop) == sessions(desktop)
    assert len(sessions(laptop)) == 3
    for machine in (laptop, desktop):
        assert "to the left, then" in texts(machine)
        assert "to the right, then" in texts(machine)
    laptop.session("more")
    laptop.ok("export", "--bundle", "-o", stick)
    whole = Path(stick).read_bytes()
    Path(stick).write_bytes(whole[:-30])
    said = desktop.ccsync("pull", stick)
    assert (said.status, said.err) == (1, f"error: '{stick}' is damaged, or has not arrived whole\n")
    said = laptop.ccsync("push", stick)
    assert (said.status, "cannot be pushed to" in said.err) == (1, True)


def test_a_session_travels_in_a_file_and_back(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    file = tmp_path / "fix.ccsync"
    session = laptop.session("fix bug")
    session.side("tool-results/x.txt", f"see {laptop.clone}/x\n".encode())
    laptop.ok("export", session.id[:8], "-o", str(file))
    said = desktop.ok("import", str(file)).out
    assert f"claude --resume {session.id}" in said
    here = desktop.transcript(session.id)
    assert str(desktop.clone).encode() in here
    assert str(laptop.clone).encode() not in here
    (side,) = (desktop.claude / "projects").rglob("x.txt")
    assert side.read_text() == f"see {desktop.clone}/x\n"
    assert "all of it is here already" in desktop.ok("import", str(file)).out
    assert desktop.transcript(session.id) == here
    go_on(desktop, session.id, "further")
    assert "2 more lines" in desktop.ok("import", str(file)).out
    desktop.ok("export", "-o", str(file))
    assert "added 2 lines" in laptop.ok("import", str(file)).out
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")
    assert str(desktop.clone).encode() not in laptop.transcript(session.id)


def test_files_after_a_divergence(world: World, tmp_path: Path) -> None:
    laptop, desktop = both(world)
    file = tmp_path / "all.tar"
    session = laptop.session("fix bug")
    laptop.session("other")
    laptop.ok("export", "-o", str(file))
    desktop.ok("import", str(file))
    go_on(laptop, session.id, "to the left")
    go_on(desktop, session.id, "to the right")
    before = desktop.transcript(session.id)
    laptop.ok("export", "-o", str(file))
    said = desktop.ccsync("import", str(file))
    assert (said.status, "both went on" in said.err, "all of it is here" in said.out) == (1, True, True)
    assert desktop.transcript(session.id) == before
    said = desktop.ok("import", "--overwrite", str(file))
    assert "to the left, then" in texts(desktop)
    (kept,) = [line.split("'")[1] for line in said.out.splitlines() if "what was here" in line]
    assert Path(kept.replace("~", str(desktop.home), 1)).read_bytes() == before
