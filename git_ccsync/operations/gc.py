"""gc: what pushes and pulls left as loose files and small packs goes into few packs, so that git's own gc never wakes of it.

Ours is what our refs lead to; nothing else is moved. Packs grow by merging as in a merge sort: one that stays is larger
than all smaller ones together by a factor, so there are few, and each object is written a few times in its life.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import BadData, Locked
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import command, repack
from git_ccsync.git.packindex import PackIndex
from git_ccsync.operations.run.workspace import HEADS, LOCAL, TRACKING, refreshed, require_init
from git_ccsync.state import files, lock
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from git_ccsync.git.repack import Pack
    from git_ccsync.operations.run.workspace import Workspace

#: So many times larger than all smaller ones together is a pack that stays: five packs for six months of use.
FACTOR = 3
#: Seconds between two times that our reflogs are shortened: git's own gc, which would, is not to wake because of us.
WEEK = 7 * 86400
#: Bytes of a pack that is written once more only by hand.
FULL = 1 << 30


class Packed(Frozen):
    """What a gc did: loose objects and packs that went into others, and what our packs are now."""

    loose: int = 0
    merged: int = 0
    packs: int = 0
    bytes: int = 0


class Size(Frozen):
    """What a branch takes on this disk: loose objects and packs of ours, and bytes in all."""

    loose: int
    packs: int
    bytes: int


class Memory:
    """What is known from the last time: commits behind which nothing is loose, packs of ours, and those `going`: all that
    they hold lies elsewhere too, and a kill may have left half of their files.
    """

    def __init__(self, state: str) -> None:
        self._path = os.path.join(state, "packs")
        rows = [line.split(" ") for line in files.read(self._path).decode("ascii", "replace").split("\n")]
        self.tips, self.packs, self.going = (
            {row[1] for row in rows if len(row) == 2 and row[0] == kind} for kind in ("tip", "pack", "going")
        )

    def save(self) -> None:
        """Write it, on disk when this returns."""
        kinds = (("tip", self.tips), ("pack", self.packs), ("going", self.going))
        text = "".join(f"{kind} {word}\n" for kind, words in kinds for word in sorted(words))
        files.replace(self._path, text.encode("ascii"), durable=True)


def gc(ws: Workspace, *, everything: bool = True) -> Packed:
    """Pack what is loose; merge all our packs, or, without `everything`, those that have become many.

    NotInitialised, Locked (another gc, or git's own), CcsyncError if the object store cannot be read or written; nothing
    is lost then, and the next one goes on.
    """
    require_init(ws)
    turn = lock.attempt(os.path.join(ws.state, "gc.lock"))
    if turn < 0:
        raise Locked("another 'git ccsync gc' is at work in this repository")
    try:
        check_alone(ws)
        return _Run(refreshed(ws)).run(everything=everything)
    except FileNotFoundError as error:
        raise Locked("somebody else packs this repository right now", "try again when it is done") from error
    except OSError as error:
        raise repack.unwritable(ws.repo, error) from error
    finally:
        os.close(turn)


def check_alone(ws: Workspace) -> None:
    """Locked while git's own gc may be at work."""
    if repack.busy(ws.repo):
        raise Locked("git's own gc is at work in this repository", "try again when it is done")


def size(ws: Workspace) -> Size:
    """What our refs lead to takes on this disk. Reads the whole history."""
    run = _Run(ws)
    run.look()
    words = "".join(f"{tip}\n" for tip in run.tips).encode("ascii")
    asked = ("rev-list", "--objects", "--disk-usage", "--ignore-missing", "--stdin")
    told = command.run(asked, git_dir=ws.repo.git_dir, input=words).stdout if words else b"0"
    return Size(len(run.loose), len(run.ours), int(told))


class _Run:
    """One gc under way."""

    def __init__(self, ws: Workspace) -> None:
        self.ws, self.repo, self.memory = ws, ws.repo, Memory(ws.state)
        named = [ref for ref in ws.refs.values() if ref.name.startswith((LOCAL, TRACKING, HEADS))]
        self.refs = tuple(ref.name for ref in named)
        self.heads = {ref.oid for ref in named}
        before = [tip for ref in named for tip in repack.recent_tips(self.repo, ref.name)]
        self.tips = tuple(dict.fromkeys((*sorted(self.heads), *before)))
        self.fresh: dict[bytes, bytes] = {}
        self.loose: dict[bytes, int] = {}
        self.ours: dict[str, Pack] = {}

    def look(self) -> None:
        """Find what is new since the last time, what of it is loose, and which packs are ours."""
        self.fresh = repack.reachable(self.repo, self.tips, sorted(self.memory.tips))
        self.loose = repack.loose(self.repo, self.fresh)
        there = repack.packs(self.repo)
        self.ours = {name: there[name] for name in self.memory.packs | self.memory.going if name in there}
        known = [PackIndex(repack.index_path(self.repo, name)) for name in self.ours]
        try:
            self.ours |= {
                name: pack for name, pack in there.items() if name not in self.ours and self._is_ours(name, known)
            }
        finally:
            for index in known:
                index.__exit__()

    def _is_ours(self, name: str, known: list[PackIndex]) -> bool:
        """Whether a pack holds our objects alone. What came over the network may have a few older ones in it, that others
        build on: those are no commits, and are here twice.
        """
        strange: list[bytes] = []
        try:
            with PackIndex(repack.index_path(self.repo, name)) as index:
                if len(index) > 2 * len(self.fresh) + sum(map(len, known)):
                    return False
                for one in index:
                    if one not in self.fresh and not any(one in other for other in known):
                        strange.append(one)
                        if 2 * len(strange) > len(index):
                            return False
        except (OSError, BadData):
            return False
        return not strange or not self._has_commits(strange)

    def _has_commits(self, names: list[bytes]) -> bool:
        asked = ("cat-file", "--batch-check=%(objecttype)")
        lines = b"".join(b"%s\n" % name.hex().encode("ascii") for name in names)
        kinds = command.run(asked, git_dir=self.repo.git_dir, input=lines).stdout.split()
        return bool({b"commit", b"tag"} & set(kinds))

    def run(self, *, everything: bool) -> Packed:
        """Do it."""
        self._heal()
        self.look()
        loose = merged = 0
        for chosen, objects in self._plan(everything=everything):
            loose += self._move(chosen, objects)
            merged += len(chosen)
        self.memory.tips, self.memory.going = self.heads, set()
        self.memory.packs = set(self.ours)
        self.memory.save()
        self._expire()
        count_from(self.ws, 0)
        return Packed(loose, merged, len(self.ours), sum(pack.size for pack in self.ours.values()))

    def _expire(self) -> None:
        """Now and then: of the reflogs, as long as git would keep them."""
        marks, now = Marks(self.ws.state), int(time.time())
        last = marks.get("expired")
        if last.isdecimal() and 0 <= now - int(last) < WEEK:
            return
        with Lock(os.path.join(self.ws.state, "lock")):
            for ref in self.refs:
                repack.expire(self.repo, ref)
            Marks(self.ws.state).set(expired=str(now))

    def _heal(self) -> None:
        """What a kill left half of: git does not see a pack without its index."""
        for name in self.memory.going:
            if not os.path.exists(repack.index_path(self.repo, name)):
                repack.remove_pack(self.repo, name)

    def _plan(self, *, everything: bool) -> Iterator[tuple[list[Pack], dict[bytes, bytes]]]:
        """Which packs become one, and the loose objects that go with them. Packs from a promisor remote stay among
        themselves: what git may fetch again is told by them.
        """
        for promisor in (False, True):
            loose = {} if promisor else self.loose
            chosen = self._chosen([pack for pack in self.ours.values() if pack.promisor == promisor], loose, everything)
            if loose or len(chosen) > 1:
                yield chosen, {name: self.fresh[name] for name in loose}

    def _chosen(self, there: list[Pack], loose: Mapping[bytes, int], everything: bool) -> list[Pack]:
        """The packs that go into the new one."""
        small = sorted((pack for pack in there if everything or pack.size < FULL), key=lambda pack: pack.size)
        new = sum(loose.values())
        chosen = small if everything else small[: merging([pack.size for pack in small], new)]
        size = new + sum(pack.size for pack in chosen)
        return chosen if repack.room(self.repo, size) and not repack.indexed_together(self.repo) else []

    def _move(self, chosen: list[Pack], loose: dict[bytes, bytes]) -> int:
        """Write one pack, then take away what it makes superfluous; how many loose files that were."""
        objects = dict(loose)
        for pack in chosen:
            with PackIndex(repack.index_path(self.repo, pack.name)) as index:
                objects |= {name: self.fresh.get(name, b"") for name in index}
        built = repack.build(self.repo, objects, promisor=bool(chosen and chosen[0].promisor))
        try:
            check_alone(self.ws)  # it would miss the packs that it was about to read
            with Lock(os.path.join(self.ws.state, "lock")):
                return self._exchange(built, chosen, loose)
        finally:
            repack.drop(built.temps)

    def _exchange(self, built: repack.Built, chosen: list[Pack], loose: dict[bytes, bytes]) -> int:
        gone = {pack.name for pack in chosen} - {built.name}
        self.memory.going = {built.name}
        self.memory.save()
        repack.show(self.repo, built)
        self.ours = {name: pack for name, pack in self.ours.items() if name not in gone}
        self.ours[built.name] = repack.packs(self.repo)[built.name]
        self.memory.packs, self.memory.going = set(self.ours), gone
        self.memory.save()
        for name in gone:
            repack.remove_pack(self.repo, name)
        return repack.remove_loose(self.repo, loose)


def merging(sizes: Sequence[int], new: int) -> int:
    """How many of the smallest packs (`sizes`, ascending) are merged when `new` bytes come: up to the last that is not
    `FACTOR` times larger than all before it together.
    """
    end = 0
    for number, size in enumerate(sizes, 1):
        if size < FACTOR * new:
            end = number
        new += size
    return end


def count_from(ws: Workspace, number: int) -> None:
    """Take `number` of our files for what is not packed (`upkeep.due`)."""
    with Lock(os.path.join(ws.state, "lock")):
        Marks(ws.state).set(loose=str(number))
