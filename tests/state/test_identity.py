"""The file of this machine's own secret key: private whatever the umask, and one for all processes that come at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from git_ccsync.state import identity


def test_it_is_private_under_any_umask_and_made_once(tmp_path: Path) -> None:
    place = tmp_path / "state"
    assert identity.read(str(place)) == ""
    before = os.umask(0)
    try:
        assert identity.keep(str(place), "AGE-SECRET-KEY-1FIRST") == "AGE-SECRET-KEY-1FIRST"
    finally:
        os.umask(before)
    assert identity.keep(str(place), "AGE-SECRET-KEY-1SECOND") == "AGE-SECRET-KEY-1FIRST"
    assert os.listdir(place) == ["identity"]
    path = place / "identity"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert identity.read(str(place)) == "AGE-SECRET-KEY-1FIRST"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
