"""Locking: work on a stage under the repository's lock, anew where the branch was moved meanwhile."""

from __future__ import annotations

import os

from git_ccsync.errors import GitFailed, RefMoved, Refused
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import refreshed
from git_ccsync.state.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from git_ccsync.operations.run.workspace import Workspace

    Result = TypeVar("Result")

#: Times that work is begun anew because somebody moved the branch.
TRIES = 16


def locked(ws: Workspace, dry_run: bool, work: Callable[[Stage], Result], *, verb: str = "") -> Result:
    """Do `work` on a stage under the repository's lock; anew, on today's refs, if somebody moved the branch meanwhile.
    `verb` is what `undo` knows it by (see state.undo).

    The refs in `ws` were read before the lock was ours, and another clone may push into this one at any time.
    """
    with Lock(os.path.join(ws.state, "lock")):
        try:
            return _done(ws, dry_run, work, verb)
        except GitFailed as error:
            from git_ccsync.operations.verifying import ref_locks

            if dry_run or not ref_locks.freed(ws, error):
                raise ref_locks.explained(error) from error
        return _done(refreshed(ws), dry_run, work, verb)


def _done(ws: Workspace, dry_run: bool, work: Callable[[Stage], Result], verb: str) -> Result:
    for _ in range(TRIES):
        try:
            return _once(ws, dry_run, work, verb)
        except RefMoved:
            ws = refreshed(ws)
    return _once(ws, dry_run, work, verb)


def _once(ws: Workspace, dry_run: bool, work: Callable[[Stage], Result], verb: str) -> Result:
    with Stage(ws, dry_run=dry_run, verb=verb) as stage:
        if not dry_run and stage.marks.get("branch") != ws.branch:
            _claim(stage)
        return work(stage)


def _claim(stage: Stage) -> None:
    """A repository writes to the branch that it wrote to first, until init chooses another one: a word in the
    configuration makes nobody somebody else.
    """
    held, named = stage.marks.get("branch"), stage.ws.branch
    if held and named:
        raise Refused(
            f"this repository writes to branch '{held}', and 'ccsync.branch' says '{named}'",
            f"if that is yours too: git ccsync init --branch {named}",
        )
    stage.marks.put({"branch": named})
