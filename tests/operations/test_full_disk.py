"""A full disk, wherever it stops a push: it is told as that, no ref names what is not on disk, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_ccsync.errors import CcsyncError
from git_ccsync.operations.run.stage import Stage
from tests.operations.test_unreadable import powerless
from tests.support.inside import standing_on
from tests.support.machine import Machine

PAGE = 4096


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "none", str(place)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(file: Path, free: int) -> None:
    """Leave so many pages."""
    with open(file, "wb", buffering=0) as handle:
        try:
            while True:
                handle.write(b"\0" * PAGE)
        except OSError:
            handle.truncate(handle.tell() - free * PAGE)


def test_a_push_says_that_the_disk_is_full(laptop: Machine, small: Path) -> None:
    git = laptop.clone / ".git"
    shutil.move(git, small / "git")
    git.symlink_to(small / "git")
    laptop.session("fix bug", lines=20)
    before = laptop.git("for-each-ref")
    for free in (1, 2, 3, 4):
        fill(small / "full", free)
        refused = laptop.ccsync("push")
        assert refused.status == 128
        assert "o space left on device" in refused.err, refused.err
        (small / "full").unlink()
        assert laptop.git("for-each-ref") == before
    assert laptop.ok("push").out.splitlines()[-1].startswith("1 session, 44 lines, ")
    assert laptop.git("fsck") == ""


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_what_stops_a_run_behind_its_commit_does_not_undo_that(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    (journal,) = (laptop.clone / ".git" / "ccsync").glob("*/here")
    journal.chmod(0o400)
    refused = powerless(laptop, "push")
    journal.chmod(0o600)
    assert refused.err.startswith("fatal: permission denied '")
    assert laptop.git("fsck", "--connectivity-only") == ""
    assert laptop.ok("push").out.splitlines()[-1].startswith("1 session, 5 lines, ")


def test_nothing_lands_on_what_did_not_get_to_the_disk(laptop: Machine) -> None:
    before = laptop.git("for-each-ref")
    with standing_on(laptop) as ws:
        with Stage(ws) as stage:
            stage.sink.add("blob", b"never written")
            stage.sink.abort()
            stage.draft.put("leases/x", stage.sink.add("blob", b"what rests on it"))
            with pytest.raises(CcsyncError, match="did not get to the disk"):
                stage.commit(stage.tip, 0, 0, "one")
            with pytest.raises(CcsyncError, match="did not get to the disk"):
                stage.commit(stage.tip, 0, 0, "two")
            with pytest.raises(CcsyncError, match="did not get to the disk"):
                stage.move(stage.tip, stage.base, "three")
        assert stage.landing.lost
    assert laptop.git("for-each-ref") == before
