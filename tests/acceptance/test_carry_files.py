"""Carrying by hand: .ccsync files and bundles on a stick, a plain directory that a file syncer keeps in step."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from tests.support.world import World


def test_a_session_travels_in_a_file_without_init(world: World, tmp_path: Path) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session = laptop.session("fix bug")
    laptop.ok("export", session.id[:8], "-o", str(tmp_path / "fix.ccsync"))
    said = desktop.ok("import", str(tmp_path / "fix.ccsync")).out
    assert f"claude --resume {session.id}" in said
    here = desktop.transcript(session.id)
    assert str(desktop.clone).encode() in here and str(laptop.clone).encode() not in here
    assert here.count(b"\n") == laptop.transcript(session.id).count(b"\n")
    assert "all of it is here already" in desktop.ok("import", str(tmp_path / "fix.ccsync")).out
    assert desktop.transcript(session.id) == here
