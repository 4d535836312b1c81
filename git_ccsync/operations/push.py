"""push: capture what is new here, commit it, and bring the branch to the remote. Never writes under Claude's directory.

Whether there is anything to do at all can be told for less: `idle.nothing_to_push`.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import silent
from git_ccsync.operations.exchange import sending
from git_ccsync.operations.run.workspace import require_init

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress, PushResult
    from git_ccsync.operations.run.workspace import Workspace


def push(
    ws: Workspace,
    *,
    remote: str = "",
    sessions: Sequence[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> PushResult:
    """Send every new line of this repository's sessions (or of the ids `sessions`) to `remote` (default: as init set).

    Raises NotInitialised, Refused (no consent, public), RemoteFailed; what a single session did wrong is in the result.
    """
    require_init(ws)
    if remote:
        from git_ccsync.operations.destinations import destination

        destination.refuse_file(ws.config, remote)
    return sending.push_locked(ws, remote=remote, sessions=sessions, dry_run=dry_run, on_progress=on_progress)
