"""A fetch whose progress nobody looks at: what it receives is its sign of life, and silence is not yet the end."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from git_ccsync.errors import Stalled
from git_ccsync.git import remote
from tests.git.test_remote import REF, TRACKING, Place, git

#: Passes on what git-upload-pack(1) says, a piece at a time, once it begins to send the pack.
SLOW = """#!{python}
import os, subprocess, sys, time
child = subprocess.Popen(["git-upload-pack", *sys.argv[1:]], stdout=subprocess.PIPE)
sent = 0
while piece := os.read(child.stdout.fileno(), 20_000):
    os.write(1, piece)
    sent += len(piece)
    if sent > 20_000:
        time.sleep(0.25)
sys.exit(child.wait())
"""
#: Says nothing at all for as long as it is not asked for progress; what it was asked stands in `asked`.
MUTE = """#!{python}
import os, subprocess, sys, time
import select
child = subprocess.Popen(["git-upload-pack", *sys.argv[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
asked = b""
while True:
    for end in select.select([0, child.stdout], [], [])[0]:
        piece = os.read(end if end == 0 else child.stdout.fileno(), 65536)
        if end == 0:
            asked += piece
            if b"no-progress" in asked:
                open({log!r}, "a").write("silent\\n")
                time.sleep(60)
            if piece:
                child.stdin.write(piece); child.stdin.flush()
            else:
                child.stdin.close()
        elif piece:
            os.write(1, piece)
        else:
            sys.exit(child.wait())
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def through(place: Place, tmp_path: Path, text: str) -> remote.Target:
    """The target, whose git-upload-pack is the program TEXT."""
    program = tmp_path / "upload-pack"
    program.write_text(text.format(python=sys.executable, log=str(tmp_path / "log")))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    git("config", "remote.origin.uploadpack", program, cwd=place.work)
    return place.target(str(place.bare))


def send(place: Place, size: int = 8) -> str:
    """Put a branch with a blob of SIZE random bytes on the remote; its tip."""
    (place.work / "blob").write_bytes(os.urandom(size))
    blob = git("hash-object", "-w", "blob", cwd=place.work)
    tip = git(
        "commit-tree", git("mktree", cwd=place.work, text=f"100644 blob {blob}\tformat\n"), "-m", "x", cwd=place.work
    )
    git("push", "-q", place.bare, f"{tip}:{REF}", cwd=place.work)
    for each in (place.work / ".git" / "objects").glob("??/*"):  # else there is nothing to send
        each.unlink()
    return tip


@pytest.mark.slow
def test_what_is_received_is_a_sign_of_life(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tip = send(place, 400_000)
    monkeypatch.setattr(remote, "UNHEARD", 1.0)
    begun = time.monotonic()
    fetch = remote.Fetch(
        place.repo, through(place, tmp_path, SLOW), [(REF, TRACKING)], stall=1, little=True, watched=False
    )
    assert fetch.finish()
    assert time.monotonic() - begun > 3  # it took several times what it may be silent
    assert not fetch._watched  # and was never begun anew
    assert place.refs()[TRACKING] == tip


def test_a_remote_that_is_silent_without_progress_is_asked_for_it(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = send(place)
    monkeypatch.setattr(remote, "UNHEARD", 0.5)
    target = through(place, tmp_path, MUTE)
    begun = time.monotonic()
    assert remote.Fetch(place.repo, target, [(REF, TRACKING)], stall=30, little=True, watched=False).finish()
    assert 0.5 < time.monotonic() - begun < 20
    assert place.refs()[TRACKING] == tip
    assert (tmp_path / "log").read_text() == "silent\n"


def test_a_remote_that_hangs_is_left_all_the_same(place: Place, tmp_path: Path) -> None:
    send(place)
    target = through(place, tmp_path, "#!/bin/sh\nexec sleep 60\n")
    begun = time.monotonic()
    with pytest.raises(Stalled, match=r"nothing heard for 0.6 seconds from"):
        remote.Fetch(place.repo, target, [(REF, TRACKING)], stall=0.6, little=True, watched=False).finish()
    assert 1.2 < time.monotonic() - begun < 10  # once without progress, once with
