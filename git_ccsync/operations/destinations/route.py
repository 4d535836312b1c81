"""Where a remote leads, remembered in the index while the configuration stays as it is: git need not be asked again."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.destinations.place import Destination
from git_ccsync.state.index import Index

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.state.marks import Marks


def remembered(ws: Workspace, remote: str, index: Index | None = None) -> Destination | None:
    """The destination that `remote` (as it was typed) led to last, None if that is not known to hold still."""
    held = (index or Index(ws.memory)).value(f"route {remote}")
    if not isinstance(held, tuple) or held[0] != idle.stamp(ws):
        return None
    name, places, *rest = held[1]
    return Destination(name, tuple(places), *rest)


def find(ws: Workspace, remote: str, index: Index) -> Destination:
    """The destination of `remote`, remembered for the next time. Errors as `destination.resolve`."""
    found = remembered(ws, remote, index)
    if not found:
        from git_ccsync.operations.destinations import destination

        found = destination.resolve(ws.repo, ws.config, ws.branch, remote)
        if not any(map(urls.has_credentials, (remote, *found.urls))):  # they stay where their owner wrote them
            index.remember(f"route {remote}", (idle.stamp(ws), tuple(found)))
    return found


def find_for(stage: Stage, remote: str) -> Destination:
    """`find` for a run that goes there, after `settle`."""
    found = find(stage.ws, remote, stage.index)
    settle(stage, found)
    return found


def settle(stage: Stage, destination: Destination) -> bool:
    """Note where the remote leads. If that is elsewhere than last time, what was seen at its former place is forgotten:
    neither its tip nor its high-water mark says anything of this one. True if so.
    """
    place = _place(stage.ws, destination)
    if stage.marks.get(_mark(destination)) == place:
        return False
    moved, tracking = is_moved(stage.ws, stage.marks, destination), destination.tracking
    if moved:
        held = None if stage.dry_run else refs.list_refs(stage.ws.repo, tracking).get(tracking)
        if held:  # asked anew, since `overlook` may have hidden it
            refs.update(stage.ws.repo, tracking, "", held.oid, "the remote leads elsewhere now")
        stage.ws = without(stage.ws, tracking)
    if not stage.dry_run:
        stage.marks.put({_mark(destination): place, **({f"seen {tracking}": ""} if moved else {})})
    return moved


def overlook(stage: Stage, destination: Destination, remote: str) -> None:
    """`settle` for this run alone, as long as nobody agreed to go there: where the remote leads elsewhere, its tracking ref
    is as if there were none. It is kept, for the URL may be put right. `remote` is the destination as it was typed.
    """
    if is_moved(stage.ws, stage.marks, destination):
        stage.ws = without(stage.ws, destination.tracking)
        stage.index.remember(f"route {remote}", None)  # or the next push would find nothing to do by that ref
    elif not stage.marks.get(_mark(destination)):
        settle(stage, destination)


def is_moved(ws: Workspace, marks: Marks, destination: Destination) -> bool:
    """Whether the remote led elsewhere when it was last talked to."""
    return marks.get(_mark(destination)) not in ("", _place(ws, destination))


def without(ws: Workspace, ref: str) -> Workspace:
    """The workspace as if it had no such ref."""
    return ws._replace(refs={name: held for name, held in ws.refs.items() if name != ref})


def _mark(destination: Destination) -> str:
    return f"at {destination.tracking}"


def _place(ws: Workspace, destination: Destination) -> str:
    return urls.normalise(destination.urls[0], ws.repo.work_tree).replace("\t", "%09").replace("\n", "%0A")


def told(ws: Workspace, destination: Destination) -> tuple[git_remote.Target, int]:
    """What a fetch from there is told: the place, and the stall limit in seconds."""
    target = git_remote.target_at(ws.config, destination.remote, destination.urls[0], destination.tracking)
    return target, ws.config.get_int("ccsync.stallLimit", 60)


def start_fetch(
    ws: Workspace, destination: Destination, *, patience: int = 0, lenient: bool = False
) -> git_remote.Fetch:
    """Begin to bring the destination's branch into its tracking ref. `patience` is the longest stall limit in seconds, 0
    for the configured one; `lenient` takes what git's own check refuses.
    """
    target, stall = told(ws, destination)
    stall = min(stall or patience, patience) if patience else stall
    if target.url.startswith(urls.BUNDLES):
        from git_ccsync.operations.destinations import shelf

        return shelf.start_fetch(ws, target, destination, stall)
    spec, little = [(destination.ref, destination.tracking)], destination.tracking in ws.refs
    return git_remote.Fetch(ws.repo, target, spec, stall=stall, lenient=lenient, little=little)
