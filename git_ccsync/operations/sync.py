"""sync: a pull, then a push, under one lock."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import SyncResult, silent
from git_ccsync.operations import workspace
from git_ccsync.operations.pull import pull_stage
from git_ccsync.operations.sending import push_stage
from git_ccsync.operations.stage import Stage
from git_ccsync.state.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.workspace import Workspace


def sync(
    ws: Workspace,
    *,
    remote: str = "",
    sessions: Sequence[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> SyncResult:
    """Pull, then push; parameters and errors as theirs."""
    workspace.require_init(ws)
    with Lock(os.path.join(ws.state, "lock")):
        with Stage(ws, dry_run=dry_run) as stage:
            pulled = pull_stage(stage, remote, sessions, on_progress)
        with Stage(workspace.refreshed(ws), dry_run=dry_run) as stage:
            return SyncResult(pulled, push_stage(stage, remote, sessions, on_progress))
