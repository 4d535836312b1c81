"""`git ccsync demo`: the main job by the real commands, in seconds, in a directory of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.world import World

pytestmark = pytest.mark.skipif(
    not os.path.exists(os.path.join(os.path.dirname(sys.executable), "git-ccsync")),
    reason="the demo types `git ccsync`, which needs the command installed beside this Python",
)


def played(machine: Machine, tmp_path: Path, *args: str) -> str:
    return machine.ok("demo", *args, cwd=tmp_path, TMPDIR=str(tmp_path)).out


@pytest.mark.slow
def test_it_plays_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    machine = world.machine("laptop")
    before = sorted(str(path) for path in machine.home.rglob("*"))
    here = tmp_path / "here"
    here.mkdir()
    out = played(machine, here)
    for words in ("laptop$ git ccsync push", "desktop$ git ccsync pull", "(from laptop)", "both resume"):
        assert words in out
    assert not list(here.iterdir())
    assert sorted(str(path) for path in machine.home.rglob("*")) == before


@pytest.mark.slow
def test_keep_leaves_it_to_look_at(world: World, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    out = played(world.machine("laptop"), here, "--keep")
    (kept,) = here.iterdir()
    assert str(kept) in out
    transcripts = sorted(str(path.relative_to(kept)) for path in kept.rglob("*.jsonl"))
    assert len(transcripts) == 4
    assert len({os.path.basename(path) for path in transcripts}) == 2
