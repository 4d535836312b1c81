"""What is looked at before a tip that came from elsewhere is followed: whether all that reads it later can be done with it.

One session that is no good is left out where it is met; here is what would stop all the others. Reads trees alone, and of
those only what differs from what is followed already.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, GitFailed, KeySubstituted, Tampered
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.git.url import BUNDLES
from git_ccsync.store import branch
from git_ccsync.store.segments import TREE

if TYPE_CHECKING:
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.stage import Stage

#: Entries of the folders that are read whole (gitformat-ccsync(5), LIMITS).
LARGEST = {b"machines": 1000, b"leases": 10_000, b"deleted": 200_000, b"purged": 200_000, b"memory": 20_000}


#: Segments whose sizes are not asked for: they are no more than that many times 17 MiB.
MEASURED = 256


def check(stage: Stage, tree: str) -> None:
    """BadData, which says why, unless the root `tree` of another branch's tip can be walked within bounds."""
    if tree == stage.base:
        return
    branch.changed(stage, stage.base, tree)
    for entry in stage.tree(tree):
        most = LARGEST.get(entry.name)
        if most and entry.mode == TREE and len(stage.tree(entry.oid)) > most:
            raise BadData(f"it has more than {most:,} entries in '{entry.name.decode()}'")


def measure(stage: Stage, oids: tuple[str, ...]) -> None:
    """BadData where many segments, which cost little to send, are more than may be written here: before any is read."""
    if len(oids) > MEASURED:
        sizes = dict(stage.reader.sizes(tuple(set(oids))))
        if sum(sizes[oid] for oid in oids) > stage.room:
            raise BadData("is more than may be written here at once (ccsync.maxFetch)")


def lead_back(stage: Stage, destination: Destination) -> None:
    """Let the tracking ref stand where the remote was when it was last followed: much reads the branch there."""
    seen = stage.marks.get(f"seen {destination.tracking}")
    try:
        held = refs.list_refs(stage.ws.repo, destination.tracking).get(destination.tracking)
        if held and held.oid != seen:
            refs.update(stage.ws.repo, destination.tracking, seen, held.oid, "ccsync: what came is not followed")
    except GitFailed:  # what was seen is gone from here, or another process was faster: the next fetch tries again
        return


def refusal(destination: Destination) -> str:
    """The mark that holds the tip which was refused last."""
    return f"refused {destination.tracking}"


def refused(stage: Stage, destination: Destination, error: BadData) -> BadData:
    """The error of a tip that is not followed, after all that reads the branch here was led back to what was good. Of a
    directory of bundles one is passed over, and the others are followed.
    """
    if destination.urls[0].startswith(BUNDLES) or destination.is_file:
        return error
    if not stage.dry_run:
        held = refs.list_refs(stage.ws.repo, destination.tracking).get(destination.tracking)
        stage.marks.put({refusal(destination): held.oid if held else ""})
    lead_back(stage, destination)
    if isinstance(error, (Tampered, KeySubstituted)):  # it has a name of its own
        error.hints = (*error.hints, "'git ccsync verify --repair' and 'git ccsync push' go on behind it")
    if type(error) is not BadData:
        return error
    return BadData(
        f"what is on '{destination.name}' is not followed: {error.message}",
        "nothing of it was taken over; somebody broke the branch there, or means harm",
        "'git ccsync verify --repair' goes on behind it, with all that was good",
        *error.hints,
    )
