"""Fetches that begin before the run that takes them: what the last one was told is believed while the configuration stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_ccsync.state import files
from tests.support.machine import Machine
from tests.support.world import World


def kept(machine: Machine) -> dict[str, object]:
    """What is remembered of fetches."""
    found = files.load_cache(str(machine.home / ".local/state/git-ccsync/openings"))
    return {key: value for key, value in found.items() if "\0" in key} if isinstance(found, dict) else {}


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """A laptop that pushed, and a desktop that has pulled often enough to remember where from."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.session("first")
    laptop.init()
    laptop.ok("push")
    desktop.init()
    for _ in range(3):
        desktop.ok("pull")
    return laptop, desktop


def test_it_is_said_again_and_brings_what_is_new(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    assert len(kept(desktop)) == 1
    session = laptop.session("second")
    laptop.ok("push")
    desktop.ok("pull")
    assert session.id in desktop.sessions()


def test_another_url_is_asked_at_once(pair: tuple[Machine, Machine], world: World, tmp_path: Path) -> None:
    laptop, desktop = pair
    assert kept(desktop)
    moved = tmp_path / "moved.git"
    world.git("clone", "-q", "--mirror", ".", str(moved))
    for machine in (laptop, desktop):
        machine.git("remote", "set-url", "origin", str(moved))
    session = laptop.session("third")
    laptop.init()
    laptop.ok("push")
    done = desktop.ok("pull")
    assert session.id in desktop.sessions()
    assert "leads to" in done.err


def test_what_is_damaged_is_not_believed(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    path = str(desktop.home / ".local/state/git-ccsync/openings")
    held = files.load_cache(path)
    assert isinstance(held, dict)
    files.save_cache(path, {key: (0,) if "\0" in key else value for key, value in held.items()})
    session = laptop.session("second")
    laptop.ok("push")
    desktop.ok("pull")
    assert session.id in desktop.sessions()


@pytest.mark.parametrize(("words", "counted"), [((), False), (("--progress",), True)])
def test_git_counts_for_those_alone_who_look(
    pair: tuple[Machine, Machine], tmp_path: Path, words: tuple[str, ...], counted: bool
) -> None:
    laptop, desktop = pair
    trace = tmp_path / "trace"
    desktop.git("config", "remote.origin.uploadpack", f"env GIT_TRACE='{trace}' git-upload-pack")
    for _ in range(3):
        desktop.ok("pull")
    trace.unlink()
    laptop.session("second")
    laptop.ok("push")
    desktop.ok("pull", *words)
    assert ("--progress" in trace.read_text().partition("pack-objects")[2]) is counted
