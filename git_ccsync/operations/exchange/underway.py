"""Fetches that were begun before the run that takes them: a fetch is what a pull waits for, so it is the first thing to start.

Imports little, as nothing may stand before it: what a fetch was told is kept beside what is known of the configuration
(`workspace.Opening`), and said again as long as that is believed.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from git_ccsync.git.remote import Fetch
    from git_ccsync.git.repository import Repository
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace


class Told(Frozen):
    """Where it is kept what a fetch from `remote`, as it was typed in the directory `cwd`, was told: the file `memory`."""

    memory: str
    cwd: str
    remote: str

    @property
    def key(self) -> str:
        """Its key in that file."""
        return f"{self.cwd}\0{self.remote}"


_fetches: dict[tuple[str, Destination], Fetch] = {}
#: What is to be kept of a fetch if it brings something.
_new: dict[str, Told] = {}


def again(repo: Repository, told: Told, held: dict[str, object], *, watched: bool) -> bool:
    """Start the fetch of an earlier run again, if HELD (that file) has it and knows the configuration by the same look.
    `watched` as in `remote.Fetch`.
    """
    kept, known = held.get(told.key), held.get(told.cwd)
    if not isinstance(kept, tuple) or not isinstance(known, tuple) or kept[0] != known[0]:
        return False
    from git_ccsync.git import remote

    _, destination, target, stall = kept
    spec = [(destination[2], destination[4])]
    _fetches[repo.git_dir, destination] = remote.Fetch(
        repo, remote.Target(*target), spec, stall=stall, little=True, watched=watched
    )
    return True


def keep(ws: Workspace, destination: Destination) -> None:
    """Remember what the fetch from there was told, for `again`."""
    told = _new.pop(ws.repo.git_dir, None)
    if not told or destination.urls[0].startswith("bundles::"):
        return
    from git_ccsync.git.url import has_credentials
    from git_ccsync.operations.destinations import route
    from git_ccsync.state import files

    held = files.load_cache(told.memory)
    if not isinstance(held, dict) or not isinstance(held.get(told.cwd), tuple):
        return
    if any(map(has_credentials, (told.remote, *destination.urls))):
        return
    target, stall = route.told(ws, destination)
    try:
        files.save_cache(told.memory, {**held, told.key: (held[told.cwd][0], tuple(destination), tuple(target), stall)})
    except OSError:  # a cache
        pass


def begin(ws: Workspace, remote: str, told: Told | None = None) -> None:
    """Start the fetch that a pull from `remote` will make, if it is known already where that leads. What it is told is kept
    as `told` if the pull takes it.

    It moves nothing but the tracking ref, so it needs no lock; if another process of ours is in its way it fails, and
    is made again under the lock.
    """
    from git_ccsync.operations.destinations import route

    if told:
        _new[ws.repo.git_dir] = told
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
    _new.clear()
