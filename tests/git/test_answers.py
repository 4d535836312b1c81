"""Why a remote failed, told from what git and the remote said."""

from __future__ import annotations

import pytest

from git_ccsync.git.answers import failure
from git_ccsync.git.process import Output

TOTALS = b"remote: Enumerating objects: 11, done.\nremote: Total 11 (delta 1), reused 0 (delta 0), pack-reused 0\n"
SAID = {
    "a tree that fails the check": (
        TOTALS + b"error: object 4f2d: hasDotdot: contains '..'\n"
        b"fatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output\n",
        "object 4f2d: hasDotdot: contains '..'",
    ),
    "somebody else's repository": (
        (
            b"fatal: detected dubious ownership in repository at '/srv/app.git'\n"
            b"To add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /srv/app.git\n"
            b"fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\n"
        ),
        "detected dubious ownership in repository at '/srv/app.git'",
    ),
    "a host that is not there": (
        (
            b"ssh: Could not resolve hostname nowhere: Name or service not known\n"
            b"fatal: Could not read from remote repository.\n"
        ),
        "ssh: Could not resolve hostname nowhere: Name or service not known",
    ),
    "a remote helper that is not there": (
        b"git: 'remote-foo' is not a git command. See 'git --help'.\n\nThe most similar command is\n\tremote-ftp\n",
        "git has no remote helper for 'foo'",
    ),
    "the remote's own words": (
        TOTALS + b"remote: fatal: out of disk\nfatal: early EOF\n",
        "out of disk",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_the_cause_is_named(case: str) -> None:
    said, why = SAID[case]
    error = failure("fetch from", "/srv/app.git", Output(128, b"", said))
    assert error.message == f"cannot fetch from '/srv/app.git': {why}"
    assert b"Total" not in error.stderr
    assert b"most similar" not in error.stderr
