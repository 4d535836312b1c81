"""Slices: which commits go to the remote one after the other, so that a cut resumes and no host's limit is met.

Every commit of ours is complete in itself, so any of them may be the last that arrives. Reads only.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import command, refs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.git.repository import Repository
    from git_ccsync.operations.run.stage import Stage


def to_push(stage: Stage, there: str) -> tuple[str, ...]:
    """The commits to push where the remote stands at `there` ("" for nowhere), the tip last; usually the tip alone."""
    line, oid = [], stage.tip
    while oid in stage.made and oid != there:
        line.append(oid)
        oid = stage.made[oid]
    if oid == there:  # all of them were made just now, slice by slice
        return tuple(reversed(line)) or (stage.tip,)
    return cut(stage.ws.repo, there, stage.tip, stage.slice)


def cut(repo: Repository, base: str, tip: str, limit: int) -> tuple[str, ...]:
    """The line of commits from `base` (exclusive, "" for its beginning) to `tip`, as few of them as carry at most
    `limit` bytes of new objects each; a single commit that is larger stands for itself. `tip` is the last.
    """
    found: list[str] = []
    last, size = "", 0
    for oid, weight in _weighed(repo, base, tip):
        if last and size + weight > limit:
            found.append(last)
            size = 0
        last, size = oid, size + weight
    return (*found, tip)


def is_lost(repo: Repository, seen: str, old: str) -> bool:
    """Whether a remote that stood at `old` ("" for nowhere, may be abbreviated) when it took a push had lost the commit
    `seen`. To stand further is no loss: there may be slices of a push that was cut off.
    """
    if not old or seen.startswith(old):
        return not old
    try:
        return not refs.is_ancestor(repo, seen, old)
    except CcsyncError:
        return True


def _weighed(repo: Repository, base: str, tip: str) -> Iterator[tuple[str, int]]:
    """The commits, oldest first, each with the bytes of the objects that are new in it."""
    words = ("rev-list", "--objects", "--no-object-names", "--in-commit-order", "--reverse", tip)
    oids = command.run((*words, *((f"^{base}",) if base else ())), git_dir=repo.git_dir).stdout
    asked = ("cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)")
    rows = command.run(asked, git_dir=repo.git_dir, input=oids).stdout.decode("ascii", "replace").split("\n")
    commit, size = "", 0
    for oid, kind, length in (row.split(" ") for row in rows if row.count(" ") == 2):
        if kind == "commit":
            if commit:
                yield commit, size
            commit, size = oid, 0
        size += int(length)
    if commit:
        yield commit, size
