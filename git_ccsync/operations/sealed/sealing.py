"""Encrypted branches: readers that see them in clear, and the judgement of commits that came from elsewhere.

A commit is taken only if somebody with the key made it: its seal vouches for its tree and its parent, and by these for all
there is. Above such a commit may stand requests, of machines that have no key yet and ask for it.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.git.objects import Reader
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks
from git_ccsync.store import branch, seal_commit
from git_ccsync.store.format import SMALL_CAP
from git_ccsync.store.seal_cipher import Ciphers
from git_ccsync.store.sealed import Lens
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.model import Keyring
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.store.seal_commit import Sealed

#: Requests that may stand above one another, unanswered.
REQUESTS = 200


def open_keyring(ws: Workspace) -> Keyring | None:
    """The keys of the repository's branch, None where it is plain. KeyMissing if they are gone from this machine."""
    return keyring.load(ws.here.state, Marks(ws.state))


def lens(ws: Workspace) -> Lens | None:
    """What the objects of the repository's branch are seen through (see `open_keyring`)."""
    ring = open_keyring(ws)
    return Lens(ring) if ring else None


def opened(read: Reader, data: bytes) -> bytes:
    """A commit object with what it really says."""
    return read.lens.message(data) if isinstance(read.lens, Lens) else data


def check(stage: Stage, tracking: str, tip: str) -> None:
    """Whether the commit `tip`, which came from elsewhere, may be used. `tracking` is where it was fetched into.

    Raises a Tampered that says what was done to it, KeyMissing if it is of an epoch whose key this machine was not given,
    KeySubstituted if that key is none of the branch's.
    """
    known = {stage.tip, stage.marks.get(f"seen {tracking}")}
    if tip in known:
        return
    try:
        _Check(stage, known).run(tip)
    except BadData:
        if stage.tip and refs.is_ancestor(stage.ws.repo, tip, stage.tip):
            return  # what was ours already is a matter of what was seen there, as on plain branches
        raise


class _Check:
    """One commit being judged; `known` are commits that were judged before."""

    def __init__(self, stage: Stage, known: set[str]) -> None:
        self.stage, self.known = stage, known

    def run(self, tip: str) -> None:
        """BadData, KeyMissing; the epoch is remembered as seen otherwise."""
        top, found = self._sealed_below(tip)
        if not found:  # requests above what was judged before
            return
        ring = self._ring(found)
        assert isinstance(self.stage.lens, Lens)
        if found.epoch < keyring.pinned(self.stage.marks):
            self._fault("outdated", top, found)
        if not ring or seal_commit.unseal(self.stage.lens.ciphers, found) is None:
            self._fault("forged", top, found)
        newest = max((one.epoch for one in self._chain(found)), default=0)
        if newest > found.epoch:
            self._fault("outdated", top, found)
        if not self.stage.dry_run:
            keyring.pin(self.stage.marks, found.epoch)

    def _fault(self, what: str, tip: str, found: Sealed | None) -> None:
        from git_ccsync.operations.sealed import tampered

        raise tampered.diagnose(self.stage, what, tip, found)

    def _data(self, oid: str) -> bytes:
        kind, data = self.stage.reader.stored(oid, cap=SMALL_CAP)
        if kind != "commit":
            raise BadData(f"object '{oid}' is a {kind}, not a commit")
        return data

    def _sealed_below(self, tip: str) -> tuple[str, Sealed | None]:
        """The commit itself if it is sealed, else that below requests; None if one that was judged before comes first."""
        at = tip
        for _ in range(REQUESTS):
            data = self._data(at)
            found = seal_commit.parse(data)
            if found:
                return at, found
            tree, parents = branch.parse_commit(data)
            if len(parents) != 1 or not self._only_asks(tree, parents[0]):
                self._fault("unsealed", tip, None)
            if parents[0] in self.known:
                return at, None
            at = parents[0]
        self._fault("unsealed", tip, None)
        return at, None

    def _only_asks(self, tree: str, parent: str) -> bool:
        """Whether a tree is that of its parent with more requests."""
        before, after = (self._entries(oid) for oid in (branch.parse_commit(self._data(parent))[0], tree))
        old, new = (entries.pop(b"requests", (0, "")) for entries in (before, after))
        if before != after or new[0] != TREE or old[0] not in (0, TREE):
            return False
        asked, asks = self._entries(old[1]), self._entries(new[1])
        plain = all(mode == BLOB for mode, _ in asks.values())
        return plain and len(asks) <= REQUESTS and asked.items() <= asks.items()

    def _entries(self, oid: str) -> dict[bytes, tuple[int, str]]:
        from git_ccsync.git.codec import parse_tree

        if not oid:
            return {}
        data = self.stage.reader.stored(oid, cap=1 << 20)[1]
        return {entry.name: (entry.mode, entry.oid) for entry in parse_tree(data)}

    def _ring(self, found: Sealed) -> bool:
        """Whether this machine has the key of that epoch, or was given it in the tree of that commit."""
        lens = self.stage.lens
        assert lens
        if lens.ciphers.knows(found.epoch):
            return True
        from git_ccsync.operations.sealed import unlock

        ws, tree = self.stage.ws, found.tree.decode("ascii", "replace")
        with Reader(ws.repo) as unopened:
            ring = unlock.learn(ws.here.state, ws.environ, unopened, tree, lens.keyring, before=ws.tree())
        ciphers = Ciphers(ring)
        if not ciphers.knows(found.epoch) or seal_commit.unseal(ciphers, found) is None:
            return False
        lens.use(ring)
        if not self.stage.dry_run:
            keyring.save(ws.here.state, self.stage.marks, ring)
        return True

    def _chain(self, found: Sealed) -> Iterator[Sealed]:
        """The sealed commits before this one, back to what was judged before."""
        at, tips = found.parent.decode("ascii", "replace"), self.known | set(self.stage.made)
        while at and at not in tips:
            data = self._data(at)
            sealed = seal_commit.parse(data)
            if sealed:
                yield sealed
            parents = branch.parse_commit(data)[1]
            at = parents[0] if parents else ""
