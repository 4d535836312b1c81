"""Keys of encrypted branches on one machine: kept 0600, bound to a repository by a mark, never mixed up."""

from __future__ import annotations

import os
import stat

import pytest

from git_ccsync.errors import BadData, KeyMissing
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks


def test_a_keyring_comes_back_as_it_was_kept_and_grows(tmp_path):
    machine, marks = str(tmp_path / "state"), Marks(str(tmp_path / "repo"))
    assert keyring.load(machine, marks) is None
    ring = keyring.create()
    kept = keyring.save(machine, marks, ring)
    assert kept == keyring.load(machine, Marks(str(tmp_path / "repo")))
    assert kept == ring
    assert [len(sub) for _, sub in kept.subkeys] == [192]
    grown = keyring.save(machine, marks, keyring.extended(kept, 2, b"k" * 32))
    assert (grown.current, grown.fingerprint, keyring.pinned(marks)) == (2, ring.fingerprint, 2)
    path = os.path.join(machine, "keys", ring.fingerprint)
    assert [stat.S_IMODE(os.stat(p).st_mode) for p in (path, os.path.dirname(path))] == [0o600, 0o700]


def test_a_lost_key_is_told_and_another_one_is_not_taken_for_it(tmp_path):
    machine, marks = str(tmp_path / "state"), Marks(str(tmp_path / "repo"))
    ring = keyring.save(machine, marks, keyring.create())
    with pytest.raises(BadData):
        keyring.extended(ring, 1, b"x" * 32)
    os.unlink(os.path.join(machine, "keys", ring.fingerprint))
    with pytest.raises(KeyMissing, match="their key is gone from this machine"):
        keyring.load(machine, marks)
    keyring.forget(marks)
    assert keyring.load(machine, marks) is None


def test_an_epoch_that_was_seen_stays_seen(tmp_path):
    marks = Marks(str(tmp_path))
    keyring.pin(marks, 3)
    keyring.pin(marks, 2)
    assert keyring.pinned(marks) == 3


def test_derived_keys_are_hkdf():
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    info = b"names, contents, commits"
    told = HKDF(SHA256(), keyring.SUBKEYS, b"git-ccsync 1 sealed", info).derive(b"k" * 32)
    assert keyring.derived(b"k" * 32) == told
