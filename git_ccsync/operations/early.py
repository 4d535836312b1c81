"""Processes that a run with work to do will need, started before its modules are imported, so that both go on at once."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.checkout import Code
from git_ccsync.git.objects import Reader

if TYPE_CHECKING:
    from git_ccsync.git.remote import Fetch
    from git_ccsync.operations.destination import Destination
    from git_ccsync.operations.workspace import Workspace

_begun: dict[str, tuple[Reader, Code]] = {}
_fetches: dict[tuple[str, Destination], Fetch] = {}


def begin(ws: Workspace, *, sends: bool) -> None:
    """Where something is known to be sent, start looking at the work tree that sessions are most likely held in: a commit
    says what was checked out. Else start reading objects, which a fetch is going to bring.
    """
    reader, code = Reader(ws.repo), Code()
    if not sends:
        reader.warm()
    elif ws.trees and not ws.is_home:
        code.ask(ws.trees[0])
    _begun[ws.repo.git_dir] = reader, code


def take(ws: Workspace) -> tuple[Reader, Code]:
    """What was begun for this repository, or new ones; each is handed out once."""
    return _begun.pop(ws.repo.git_dir, None) or (Reader(ws.repo), Code())


def begin_fetch(ws: Workspace, remote: str) -> None:
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


def take_fetch(ws: Workspace, destination: Destination) -> Fetch | None:
    """The fetch that was begun from there, None if there is none; handed out once."""
    return _fetches.pop((ws.repo.git_dir, destination), None)


def cancel() -> None:
    """End what was begun and not taken."""
    for fetch in _fetches.values():
        fetch.close()
    _fetches.clear()
