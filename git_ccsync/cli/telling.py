"""Pushing what was just committed, for verbs that are done without it: a remote that is away is a warning. Knows no verb."""

from __future__ import annotations

from git_ccsync.cli import failure, progress, push, render
from git_ccsync.errors import CcsyncError
from git_ccsync.operations import push as pushing
from git_ccsync.operations.run.workspace import refreshed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace


def others(ws: Workspace, what: str) -> bool:
    """Push, with a line only where something went wrong; False if `what` is not on the remote."""
    try:
        with progress.meter() as meter:
            result = pushing.push(refreshed(ws), on_progress=meter)
    except CcsyncError as error:
        render.warning(failure.hide_passwords(error.message))
        failure.hints(error)
        render.warning(render.commands(f"{what} is committed here; 'git ccsync push' sends it"))
        return False
    for text in result.warnings:
        render.warning(text)
    failed = render.problems(result.problems)
    return not failed and not push.failed(result)
