"""A lock file that is in git's way: whose it is, by what git says."""

from __future__ import annotations

import pytest

from git_ccsync.errors import GitFailed
from git_ccsync.operations.verifying import ref_locks

SAID = b"Unable to create '/x/app.git/refs/ccsync/al.lock': File exists."


@pytest.mark.parametrize(("before", "named"), [(b"fatal: ", True), (b"remote: error: ", False)])
def test_what_a_remote_says_is_no_lock_of_ours(before: bytes, named: bool) -> None:
    error = GitFailed("x", status=128, stderr=b"first line\n" + before + SAID + b"\n")
    assert ("is in the way" in ref_locks.explained(error).message) == named
