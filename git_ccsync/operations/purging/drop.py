"""Dropping what a purge has left on this machine: reflogs of our refs, records, caches, and the objects themselves.

No object goes that anything of the user's leads to: a ref, a reflog, an index. Packs of git's own are written anew without
ours where they can be; what cannot be reached is counted. Cut short, it is done again: `state.dropping` is cleared last.
"""

from __future__ import annotations

import os

from git_ccsync.errors import Locked
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import prune, refs, repack
from git_ccsync.git.objects import Reader
from git_ccsync.operations import gc
from git_ccsync.operations.run.workspace import LOCAL, TRACKING, refreshed
from git_ccsync.state import dropping, lock, record
from git_ccsync.state.index import Index
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace

#: Caches that may name or quote what is gone, in either of the two directories of state.
_CACHES = ("titles", "prompts", "standing", "local", "tasks", "auto/look")


class Dropped(Frozen):
    """How many objects were taken away, and how many could not be: packs that git itself looks after have them."""

    objects: int = 0
    left: int = 0


def drop(ws: Workspace) -> Dropped:
    """Take away what is to be dropped. Locked while a gc is at work; CcsyncError if the object store cannot be read or
    written: nothing that is needed is gone then.
    """
    turn = lock.attempt(os.path.join(ws.state, "gc.lock"))
    if turn < 0:
        raise Locked("'git ccsync gc' is at work in this repository", "try again when it is done")
    try:
        gc.check_alone(ws)
        with Lock(os.path.join(ws.state, "lock")):
            return _drop(refreshed(ws))
    except OSError as error:
        raise repack.unwritable(ws.repo, error) from error
    finally:
        os.close(turn)


def _drop(ws: Workspace) -> Dropped:
    named = [ref for ref in ws.refs.values() if ref.name.startswith((LOCAL, TRACKING))]
    mine = [ref for ref in named if ref.name.rpartition("/")[2] == ws.branch]
    before = [tip for ref in mine for tip in repack.tips_of(ws.repo, ref.name)]
    dropping.add(ws.state, before, ())
    _forget(ws)
    _leave_stale(ws, [ref for ref in mine if ref.name.startswith(TRACKING)])
    for ref in mine:
        repack.expire_all(ws.repo, ref.name)
    held = gc.Memory(ws.state)
    done = prune.prune(ws.repo, dropping.load(ws.state).tips, frozenset(held.packs | held.going))
    held.tips, held.packs, held.going = set(), set(done.ours), set()
    held.save()
    _forget_trees(ws)
    Marks(ws.state).set(purged="")
    dropping.clear(ws.state)
    return Dropped(done.objects, done.left)


def _leave_stale(ws: Workspace, tracking: list[refs.Ref]) -> None:
    """A tracking ref that shares no commit with the branch notes what a remote still has of what is to be dropped: without
    it, the next fetch tells.
    """
    for ref in tracking:
        if ws.tip() and not refs.merge_base(ws.repo, ws.tip(), ref.oid):
            refs.update(ws.repo, ref.name, "", ref.oid, "ccsync: purge")


def _forget(ws: Workspace) -> None:
    record.forget(ws.state)
    for name in _CACHES:
        for top in {ws.state, ws.memory}:
            _unlink(f"{top}/{name}")
    index = Index(ws.memory)
    index.remember("objects", None)
    index.save()


def _forget_trees(ws: Workspace) -> None:
    """What the index says of files by trees that are gone is to be found out anew, by reading; what was seen last on a
    remote, by the next look.
    """
    index, marks = Index(ws.memory), Marks(ws.state)
    seen = marks.starting("seen ")
    known = {entry.tree for _, entry in index.items()} | set(seen.values())
    with Reader(ws.repo) as reader:
        gone = {oid for oid, size in reader.sizes(sorted(known - {""})) if size < 0}
    marks.put({f"seen {name}": "" for name, oid in seen.items() if oid in gone})
    for path, entry in index.items():
        if entry.tree in gone:
            index.put(path, entry._replace(tree=""))
    index.save()


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
