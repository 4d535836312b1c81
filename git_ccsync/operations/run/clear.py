"""The repository's branch in clear, encrypted or not, for those who have no stage: readers, and what commits say."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.objects import Reader
from git_ccsync.state.marks import Marks
from git_ccsync.store.format import SMALL_CAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.git.refs import Commit
    from git_ccsync.operations.run.workspace import Workspace

#: How the message of a sealed commit begins.
SEALED = "ccsync: sealed\n"


def is_sealed(ws: Workspace) -> bool:
    """Whether the repository's branch is an encrypted one, as far as this machine knows."""
    return ws.initialised and bool(Marks(ws.state).get("sealed"))


def reader(ws: Workspace) -> Reader:
    """A reader of objects. KeyMissing if the branch is encrypted and its key is gone from this machine."""
    made = Reader(ws.repo)
    if is_sealed(ws):
        from git_ccsync.operations.sealed import sealing

        made.lens = sealing.lens(ws)
    return made


def message(read: Reader, oid: str) -> str:
    """What a commit really says."""
    data = read.stored(oid, cap=SMALL_CAP)[1]
    if read.lens:
        from git_ccsync.operations.sealed import sealing

        data = sealing.opened(read, data)
    return data.partition(b"\n\n")[2].decode("utf-8", "replace")


def commits(ws: Workspace, tip: str, *, limit: int, also: str = "", paths: tuple[str, ...] = ()) -> Iterator[Commit]:
    """`refs.commits`, with what they really say. Of an encrypted branch no paths can be asked for: all commits come."""
    from git_ccsync.git import refs

    if not is_sealed(ws):
        yield from refs.commits(ws.repo, tip, limit=limit, also=also, paths=paths)
        return
    with reader(ws) as read:
        for one in refs.commits(ws.repo, tip, limit=limit, also=also):
            yield one._replace(message=message(read, one.oid)) if one.message.startswith(SEALED) else one


def last_change(ws: Workspace, tip: str, path: str) -> Commit | None:
    """The newest commit up to `tip` that changed what lies at `path`, None if there is none."""
    if not is_sealed(ws):
        return next(commits(ws, tip, limit=1, paths=(path,)), None)
    from git_ccsync.store import branch

    newer, last = "", None
    with reader(ws) as read:
        for one in commits(ws, tip, limit=-1):
            found = branch.entry(read, one.tree, path)
            oid = found[1] if found else ""
            if last and oid != newer:
                return last
            newer, last = oid, one
    return last if newer else None


def touched(ws: Workspace, tip: str, path: str) -> int:
    """When that commit was made, in epoch seconds by its maker's clock; 0 if there is none."""
    found = last_change(ws, tip, path)
    return found.time if found else 0
