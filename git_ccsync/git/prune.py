"""Taking objects out of the object store, wherever they lie: none that anything leads to, all that nothing does and that
certain commits, or certain packs, brought in. Decides nothing about which these are.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData
from git_ccsync.frozen import Frozen
from git_ccsync.git import command, repack
from git_ccsync.git.packindex import PackIndex

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.git.repository import Repository

#: A pack with more objects is left to git: their names alone would fill the memory.
MOST = 5_000_000


class Pruned(Frozen):
    """Objects that are gone; those that were to go and are still there; the packs of ours as they are called now."""

    objects: int
    left: int
    ours: tuple[str, ...]


def prune(repo: Repository, tips: Sequence[str], ours: frozenset[str]) -> Pruned:
    """Take away what `tips` lead to, and what lies in the packs `ours`, if no ref, reflog or index leads to it.

    GitFailed if git cannot tell what they lead to; nothing is gone then. Whoever calls keeps every gc away.
    """
    gone = set(repack.reachable(repo, tips, ()))
    packs = repack.packs(repo)
    for name in ours & packs.keys():
        gone |= _names(repo, name)
    for oid in _needed(repo):
        gone.discard(oid)
    if not gone:
        return Pruned(0, 0, tuple(sorted(ours & packs.keys())))
    before = _present(repo, gone)
    named = {name: _without(repo, pack, gone) for name, pack in packs.items()} if _may_go(repo) else {}
    repack.remove_loose(repo, gone)
    _tidy_graph(repo)
    left = _present(repo, gone)
    mine = (named.get(name, name) for name in sorted(ours & packs.keys()))
    return Pruned(before - left, left, tuple(name for name in mine if name))


def _needed(repo: Repository) -> Iterator[bytes]:
    """The objects that anything leads to, the user's reflogs and indexes included."""
    asked = ("rev-list", "--objects", "--no-object-names", "--all", "--reflog", "--indexed-objects")
    rest = b""
    for chunk in command.stream((*asked, "--missing=allow-promisor"), git_dir=repo.git_dir):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield bytes.fromhex(line.decode("ascii"))


def _may_go(repo: Repository) -> bool:
    return not repack.indexed_together(repo)


def _names(repo: Repository, name: str) -> set[bytes]:
    try:
        with PackIndex(repack.index_path(repo, name)) as index:
            return set(index) if len(index) <= MOST else set()
    except (OSError, BadData):
        return set()


def _without(repo: Repository, pack: repack.Pack, gone: Iterable[bytes]) -> str:
    """Write the pack anew without these objects; the name of what is in its place, "" for nothing."""
    held = _names(repo, pack.name)
    kept = held.difference(gone)
    if len(kept) == len(held):
        return pack.name
    name = ""
    if kept:
        built = repack.build(repo, dict.fromkeys(sorted(kept), b""), promisor=pack.promisor)
        try:
            repack.show(repo, built)
        finally:
            repack.drop(built.temps)
        name = built.name
    if name != pack.name:
        repack.remove_pack(repo, pack.name)
    return name


def _present(repo: Repository, names: Iterable[bytes]) -> int:
    """How many of the objects are there, here or where this repository borrows from."""
    text = b"".join(b"%s\n" % name.hex().encode("ascii") for name in names)
    asked = ("cat-file", "--batch-check=%(objecttype)")
    lines = command.run(asked, git_dir=repo.git_dir, input=text).stdout.split(b"\n")
    return sum(1 for line in lines if line and not line.endswith(b"missing"))


def _tidy_graph(repo: Repository) -> None:
    """A commit graph that names what is gone would be found broken."""
    info = f"{repo.object_dir}/info"
    split = ("--split=replace",) if os.path.isdir(f"{info}/commit-graphs") else ()
    if split or os.path.exists(f"{info}/commit-graph"):
        command.run(("commit-graph", "write", "--reachable", *split), git_dir=repo.git_dir, check=False)
