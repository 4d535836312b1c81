"""Where a remote leads, remembered in the index while the configuration stays as it is: git need not be asked again."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import remote as git_remote
from git_ccsync.operations import destination as destinations
from git_ccsync.operations import idle
from git_ccsync.state.index import Index

if TYPE_CHECKING:
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.workspace import Workspace


def remembered(ws: Workspace, remote: str, index: Index | None = None) -> Destination | None:
    """The destination that `remote` (as it was typed) led to last, None if that is not known to hold still."""
    held = (index or Index(ws.state)).value(f"route {remote}")
    if not isinstance(held, tuple) or held[0] != idle.stamp(ws):
        return None
    name, urls, *rest = held[1]
    return destinations.Destination(name, tuple(urls), *rest)


def find(ws: Workspace, remote: str, index: Index) -> Destination:
    """The destination of `remote`, remembered for the next time. Errors as `destination.resolve`."""
    found = remembered(ws, remote, index)
    if not found:
        found = destinations.resolve(ws.repo, ws.config, ws.branch, remote)
        index.remember(f"route {remote}", (idle.stamp(ws), tuple(found)))
    return found


def start_fetch(ws: Workspace, destination: Destination) -> git_remote.Fetch:
    """Begin to bring the destination's branch into its tracking ref."""
    target = git_remote.target_at(ws.config, destination.remote, destination.urls[0], destination.tracking)
    stall = ws.config.get_int("ccsync.stallLimit", 60)
    return git_remote.Fetch(ws.repo, target, [(destination.ref, destination.tracking)], stall=stall)
