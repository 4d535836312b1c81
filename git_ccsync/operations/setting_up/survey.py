"""What there is to agree to: how much would be sent, who works here, and whose branches the remote holds. Reads only."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files, scan
from git_ccsync.errors import BadData, GitFailed, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import glimpse, refs
from git_ccsync.operations.capturing import find, idle
from git_ccsync.operations.destinations import destination as destinations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from git_ccsync.claude.scan import Found
    from git_ccsync.git.refs import Commit
    from git_ccsync.git.remote import Target
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: Commits of the project that are looked at to count who works on it.
COMMITS = 5000


class Extent(Frozen):
    """What would be sent: sessions, bytes with their side files, the day (YYYY-MM-DD) the oldest was last used; their
    ids. And how many files of Claude's memory.
    """

    sessions: int = 0
    bytes: int = 0
    oldest: str = ""
    ids: tuple[str, ...] = ()
    memory: int = 0


class Theirs(Frozen):
    """A branch on the remote and who wrote to it last; `mine` if that was under this user's address.

    What could not be read is "" or 0. `machine` is the name that the commit's first line tells.
    """

    name: str
    ref: str
    author: str = ""
    email: str = ""
    time: int = 0
    machine: str = ""
    mine: bool = False


def extent(stage: Stage, since: str = "") -> Extent:
    """How much of this machine's sessions belongs to the repository, as `push` would take it.

    `since`: sessions last used before that day are not counted (besides what ccsync.since leaves out).
    """
    days = {item: _day(item, since) for item in _own(stage)}
    taken = [item for item, day in days.items() if day >= since]
    size = sum(item.size + _beside(item) for item in taken)
    memory = len(idle.memory_files(stage.ws)) if idle.carries_memory(stage.ws) else 0
    oldest = min((days[item] for item in taken), default="")
    return Extent(len(taken), size, oldest, tuple(item.id for item in taken), memory)


def _own(stage: Stage) -> Iterator[Found]:
    found, _ = find.sessions(stage, ())
    raw = stage.index.raw()
    for item in found:
        entry = raw.get(item.path)
        if entry and entry[8] and entry[:3] == (item.size, item.mtime_ns, item.inode):
            yield item  # captured before
            continue
        try:
            fd = files.open_regular(item.path)
        except (OSError, BadData):
            continue
        try:
            if find.owner(stage, item, fd) and find.wanted(stage, item):
                yield item
        except (OSError, BadData):
            continue
        finally:
            os.close(fd)


def _day(item: Found, since: str) -> str:
    try:
        return find.last_day(item, since)
    except (OSError, BadData):  # gone since it was found
        return time.strftime("%Y-%m-%d", time.gmtime(item.mtime_ns / 1e9))


def _beside(item: Found) -> int:
    return sum(side.size for side in scan.side_files(item.path.removesuffix(".jsonl"))[0]) if item.side else 0


def people(ws: Workspace) -> int:
    """How many addresses wrote commits that HEAD holds (of the newest few thousand); 0 if there are none."""
    try:
        return len({commit.author_email.lower() for commit in refs.commits(ws.repo, "HEAD", limit=COMMITS)})
    except GitFailed:
        return 0  # no commit yet


def branches(ws: Workspace, target: Target, there: Mapping[str, str]) -> tuple[Theirs, ...]:
    """The branches `there` (name: full ref on the remote) with their last authors, newest first."""
    if not there:
        return ()
    try:
        commits = glimpse.tips(ws.repo, target, tuple(there.values()), stall=destinations.patience(ws.config, 30))
    except RemoteFailed:
        commits = {}
    mine = ws.config.get("user.email").lower()
    found = [_branch(name, ref, commits.get(ref), mine) for name, ref in there.items()]
    return tuple(sorted(found, key=lambda branch: (-branch.time, branch.name)))


def _branch(name: str, ref: str, commit: Commit | None, mine: str) -> Theirs:
    if commit is None:
        return Theirs(name, ref)
    email = commit.author_email
    machine = machine_in(commit.message)
    return Theirs(name, ref, commit.author_name, email, commit.time, machine, bool(mine) and email.lower() == mine)


def machine_in(message: str) -> str:
    """The machine that a commit's first line tells (`ccsync: <machine>: …`), "" where a template replaced that."""
    first = message.partition("\n")[0]
    prefix, _, rest = first.partition(": ")
    return rest.rpartition(": ")[0] if prefix == "ccsync" else ""
