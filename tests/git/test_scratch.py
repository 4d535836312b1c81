"""A throw-away pack: git reads it where it is named, sees nothing of it elsewhere, and finds nothing wrong with it."""

from __future__ import annotations

import os
import subprocess

import pytest

from git_ccsync.git import packfile
from git_ccsync.git.codec import hash_object
from git_ccsync.git.scratch import Scratch

OBJECTS = [("blob", b""), ("blob", b"x" * 15), ("blob", b"y" * 16), ("blob", os.urandom(5000)), ("tree", b"")]


def named(objects):
    return [(hash_object(kind, data), kind, data) for kind, data in objects]


@pytest.mark.parametrize("folder", ["plain", "a:b", 'quo"te:and\\slash'])
def test_git_reads_it_where_it_is_named(place, tmp_path, folder):
    (tmp_path / folder).mkdir()
    scratch = Scratch(str(tmp_path / folder), named(OBJECTS))
    env = {**os.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": scratch.variable}
    for oid, kind, data in named(OBJECTS):
        asked = ["git", "-C", str(place), "cat-file", kind, oid]
        assert subprocess.run(asked, env=env, capture_output=True, check=True).stdout == data
        if kind == "blob" and data:
            assert subprocess.run(asked, capture_output=True, check=False).returncode
    scratch.close()
    assert list((tmp_path / folder).iterdir()) == []


def test_git_finds_nothing_wrong_with_it(tmp_path, place):
    pack, index = packfile.small(named(OBJECTS))
    (tmp_path / "one.pack").write_bytes(pack)
    (tmp_path / "one.idx").write_bytes(index)
    subprocess.run(["git", "verify-pack", str(tmp_path / "one.idx")], cwd=place, check=True)
    subprocess.run(["git", "index-pack", "-o", "two.idx", "one.pack"], cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "two.idx").read_bytes() == index


def test_nothing_stays_where_it_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="Not a directory"):
        Scratch(str(tmp_path / "file"), named(OBJECTS))
