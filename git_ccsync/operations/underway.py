"""Fetches that were begun before the run that takes them: a fetch is what a pull waits for, so it is the first thing to start.

Imports little, as nothing may stand before it.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from git_ccsync.git.remote import Fetch
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.workspace import Workspace

_fetches: dict[tuple[str, Destination], Fetch] = {}


def begin(ws: Workspace, remote: str) -> None:
    """Start the fetch that a pull from `remote` will make, if it is known already where that leads.

    It moves nothing but the tracking ref, so it needs no lock; if another process of ours is in its way it fails, and
    is made again under the lock.
    """
    from git_ccsync.operations import route

    destination = route.remembered(ws, remote)
    if destination:
        _fetches[ws.repo.git_dir, destination] = route.start_fetch(ws, destination)


def hand_over(ws: Workspace, destination: Destination, fetch: Fetch) -> None:
    """A fetch that was begun elsewhere, for the pull that is to take it."""
    _fetches[ws.repo.git_dir, destination] = fetch


def take(ws: Workspace, destination: Destination) -> Fetch | None:
    """The fetch that was begun from there, None if there is none; handed out once."""
    return _fetches.pop((ws.repo.git_dir, destination), None)


def cancel() -> None:
    """End what was begun and not taken."""
    for fetch in _fetches.values():
        fetch.close()
    _fetches.clear()
