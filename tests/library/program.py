"""A program of a user's, as type checkers see it: `mypy --strict` must pass, and it must run. Uses every public name."""

from __future__ import annotations

import sys
from typing import assert_type

import git_ccsync


def main(path: str) -> int:
    """Bring what is new, send what is new, and say how it stands."""
    workspace = git_ccsync.open_workspace(path)
    assert_type(workspace, git_ccsync.Workspace)
    try:
        pulled = git_ccsync.pull(workspace, on_progress=lambda progress: print(progress.phase, file=sys.stderr))
        pushed = git_ccsync.push(workspace, only=["@{latest}"])
        both = git_ccsync.sync(workspace, dry_run=True)
    except git_ccsync.CcsyncError as error:
        print(error.message, *error.hints, sep="\n", file=sys.stderr)
        return error.status
    assert_type(pulled, git_ccsync.PullResult)
    assert_type(pushed, git_ccsync.PushResult)
    assert_type(both, git_ccsync.SyncResult)
    told = git_ccsync.status(workspace)
    assert_type(told, git_ccsync.StatusResult)
    listed: tuple[git_ccsync.Session, ...] = git_ccsync.sessions(workspace, since="2020-01-01")
    for one in listed:
        with open(one.path, "rb") as file:
            lines = file.readlines()
        carried = git_ccsync.CarriedSession(one.id, lines.copy, cwd=path)
        again = git_ccsync.read_ccsync(b"".join(git_ccsync.write_ccsync(carried)))
        text = b"".join(again.text())
        roots = {"REPO": path}
        portable: bytes = git_ccsync.to_portable(text, roots, session=one.id)
        assert git_ccsync.to_local(portable, roots, session=one.id) == text
        print(one.title, len(text), portable.count(b"{{REPO}}"))
    return int(not told.in_step)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
