"""sync: a pull, then a push."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import SyncResult, silent
from git_ccsync.operations.pull import pull
from git_ccsync.operations.push import push
from git_ccsync.operations.workspace import refreshed

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
    """Pull, then push what the pull found here and what is written meanwhile; parameters and errors as theirs."""
    pulled = pull(ws, remote=remote, sessions=sessions, dry_run=dry_run, on_progress=on_progress)
    pushed = push(refreshed(ws), remote=remote, sessions=sessions, dry_run=dry_run, on_progress=on_progress)
    return SyncResult(pulled, pushed)
