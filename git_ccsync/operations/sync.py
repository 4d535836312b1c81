"""sync: a pull, then a push."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import SyncResult, silent
from git_ccsync.operations.exchange.sending import push_stage
from git_ccsync.operations.pull import pull_stage
from git_ccsync.operations.run.locking import locked
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.state.record import together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


def sync(
    ws: Workspace,
    *,
    remote: str = "",
    sessions: Sequence[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> SyncResult:
    """Pull, then push what the pull found here and what is written meanwhile; parameters and errors as theirs."""
    require_init(ws)
    if remote:
        from git_ccsync.operations.destinations import destination

        destination.refuse_file(ws.config, remote)
    if dry_run:
        return locked(ws, dry_run, lambda stage: _planned(stage, remote, sessions, on_progress), verb="sync")
    brings = lambda stage: pull_stage(stage, remote, sessions, on_progress)  # noqa: E731 -- as long as the next
    sends = lambda stage: push_stage(stage, remote, sessions, on_progress)  # noqa: E731 -- the two belong together
    verb = together("sync")
    pulled = locked(ws, dry_run, brings, verb=verb)
    pushed = locked(refreshed(ws), dry_run, sends, verb=verb)
    return SyncResult(pulled, pushed)


def _planned(stage: Stage, remote: str, sessions: Sequence[str], on_progress: OnProgress) -> SyncResult:
    """What both would do: what the pull would merge is on the stage alone, so that the push is told from there."""
    from git_ccsync.operations.exchange import unsent

    pulled = pull_stage(stage, remote, sessions, on_progress)
    return SyncResult(pulled, unsent.planned(stage, remote, pulled))
