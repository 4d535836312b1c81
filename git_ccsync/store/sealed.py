"""Reading and writing the objects of an encrypted branch as if it were a plain one: everything above works on plain names
and contents. The formats are in seal_blob, seal_name and seal_commit.

A branch that was plain before is read with the same lens: what is not sealed shows as it is.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.codec import TreeEntry, hash_object, make_tree, parse_tree
from git_ccsync.git.recent import Recent
from git_ccsync.git.sink import Sink
from git_ccsync.store import branch, seal_blob, seal_commit, seal_name
from git_ccsync.store.format import SEGMENT_CAP
from git_ccsync.store.seal_cipher import COMMITS, Ciphers
from git_ccsync.store.segments import TREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from git_ccsync.git.objects import Reader
    from git_ccsync.git.repository import Repository
    from git_ccsync.model import Keyring

#: What keeps its name, and all that is below it also its content, at the root of an encrypted branch.
PLAIN = frozenset((b"format", b"keys", b"requests"))


#: The id of what `format` says on an encrypted branch.
_FORMAT = hash_object("blob", seal_blob.SEALED_FORMAT)


class Shown(Recent):
    """Small objects as the lens shows them: their names are those of what is stored, so that nothing can be checked here."""

    def fits(self, *_: object) -> bool:
        """Whoever kept them has checked their file."""
        return True


class Lens:
    """Shows stored objects of an encrypted branch in clear, and has what is written sealed."""

    def __init__(self, keyring: Keyring, held: object = None) -> None:
        """`held`: what `recent.plain` gave."""
        self.use(keyring)
        self.recent: Recent = Shown(held)

    def use(self, keyring: Keyring) -> None:
        """Go on with these keys, also in what is drafted already."""
        self.keyring, self.ciphers = keyring, Ciphers(keyring)

    def warm(self) -> None:
        """Load the cipher, before there is something to open: 7 ms that may pass while git works."""
        self.ciphers.of(self.keyring.current, COMMITS)

    def begin(self, repo: Repository, reader: Reader, recent: Recent, tree: str) -> tuple[SealedSink, SealedDraft]:
        """Where new objects go, and the draft on top of `tree`; `reader` has this lens."""
        sink = SealedSink(repo, self, recent=recent)
        return sink, SealedDraft(reader, sink, self, tree)

    def room(self, cap: int) -> int:
        """How large a stored object may be that shows `cap` bytes."""
        return seal_blob.room(cap)

    def show(self, kind: str, data: bytes, cap: int) -> bytes:
        """The content in clear: of a tree that with its names, of a blob its own; a commit as it is. BadData if it was not
        sealed with this branch's key, is out of place, or larger than `cap`.
        """
        if kind == "tree":
            return seal_name.open_tree(self.ciphers, data)
        if kind == "blob" and seal_blob.is_sealed(data):
            return seal_blob.unseal(self.ciphers, data, cap)
        if len(data) > cap:
            raise BadData(f"is too large: {len(data)} bytes")
        return data

    def put_format(self, draft: branch.Draft, sink: Sink) -> None:
        """Draft the format of an encrypted branch, unless it is there already."""
        found = branch.entry(draft, draft.root, "format")
        if not found or found[1] != _FORMAT:
            draft.put("format", sink.add_plain(seal_blob.SEALED_FORMAT))

    def sealed_message(self, tree: str, parent: str, idents: tuple[str, str], text: str) -> str:
        """What the commit with this tree, parent ("" for a root) and these people says, for `text`."""
        return seal_commit.message(self.ciphers, tree, parent, idents, text)

    def message(self, data: bytes) -> bytes:
        """A commit object with its real message, where it has one that can be opened."""
        return seal_commit.open_message(self.ciphers, data)


class SealedSink(Sink):
    """Takes contents in clear and stores them sealed. Trees and commits are stored as they are given."""

    def __init__(self, repo: Repository, lens: Lens, *, recent: Recent | None = None) -> None:
        super().__init__(repo, recent=recent, dense=True)
        self._lens = lens

    def add(self, kind: str, data: bytes) -> str:
        """As `Sink.add`; the id is that of the sealed object."""
        return super().add(kind, seal_blob.seal(self._lens.ciphers, data) if kind == "blob" else data)

    def pending(self, oid: str) -> bytes | None:
        """As `Sink.pending`, in clear."""
        found = super().pending(oid)
        return self._lens.show("blob", found, SEGMENT_CAP) if found and seal_blob.is_sealed(found) else found

    def stored(self, oid: str) -> bytes | None:
        """As `Sink.pending`."""
        return super().pending(oid)


class SealedDraft(branch.Draft):
    """A draft whose trees are stored with sealed names, and which lets no plain content into them: what comes out of a plain
    tree (that of a branch before it was encrypted) is sealed on its way.
    """

    def __init__(self, reader: Reader, sink: SealedSink, lens: Lens, root: str) -> None:
        super().__init__(reader, sink, root)
        self._store, self._sealer, self._lens = reader, sink, lens
        self._plain = branch.Draft(reader, sink, "")
        self._plain.new = self.new
        #: Objects that are known to be sealed, with all that they name, and what plain ones were sealed as.
        self._known: set[str] = set()
        self._made: dict[str, str] = {}

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """Entries of a tree, on disk or made by this draft, with their names in clear."""
        entries = super().tree(oid)
        if oid in self._known or any(entry.oid == _FORMAT and entry.name == b"format" for entry in entries):
            self._known.update(entry.oid for entry in entries)
        return entries

    def write(self) -> str:
        """Write the changed trees; the new root's id."""
        self.keep_purged_out()
        entries = {entry.name: entry for entry in self.tree(self.root)} if self.root else {}
        for name, change in self._changes.items():
            draft = self._plain if name in PLAIN else self
            placed = draft.placed(entries.get(name), change)
            if placed:
                entries[name] = TreeEntry(placed[0], name, placed[1])
            else:
                entries.pop(name, None)
        self.root = self._add_root(entries) if entries else ""
        self._changes, self._sessions, self._listed = {}, {}, {}
        return self.root

    def _add_root(self, entries: Mapping[bytes, TreeEntry]) -> str:
        plain = tuple(entry for name, entry in entries.items() if name in PLAIN)
        return self._store_tree(tuple(e for n, e in entries.items() if n not in PLAIN), plain)

    def add_tree(self, entries: tuple[TreeEntry, ...]) -> str:
        """Write one tree with these names, sealed, and remember it."""
        return self._store_tree(entries, ())

    def _store_tree(self, entries: tuple[TreeEntry, ...], plain: tuple[TreeEntry, ...]) -> str:
        safe = tuple(entry if entry.oid in self._known else self._sealed(entry) for entry in entries)
        tokens = tuple(seal_name.seal(self._lens.ciphers, entry) for entry in safe)
        oid = self._sealer.add("tree", make_tree(tokens + plain))
        self.new[oid] = safe + plain
        self._known.update(entry.oid for entry in safe)
        self._known.add(oid)
        return oid

    def _sealed(self, entry: TreeEntry) -> TreeEntry:
        """The entry, with what its object is sealed as if it is not."""
        found = self._made.get(entry.oid)
        if not found:
            found = self._made[entry.oid] = self._seal(entry)
        return entry._replace(oid=found)

    def _seal(self, entry: TreeEntry) -> str:
        if entry.mode == TREE:
            return self._seal_tree(entry.oid)
        if entry.mode == 0o160000:  # a commit of somewhere else: there is nothing to read
            return entry.oid
        stored = self._stored(entry.oid, "blob")
        return entry.oid if seal_blob.is_sealed(stored) else self._sealer.add("blob", stored)

    def _seal_tree(self, oid: str) -> str:
        stored = self._stored(oid, "tree")
        if seal_name.has_tokens(stored):
            return oid
        return self.add_tree(parse_tree(stored)) if stored else self._sealer.add("tree", b"")

    def _stored(self, oid: str, wanted: str) -> bytes:
        found = self._sealer.stored(oid)
        kind, data = (wanted, found) if found is not None else self._store.stored(oid, cap=seal_blob.room(SEGMENT_CAP))
        if kind != wanted:
            raise BadData(f"object '{oid}' is a {kind}, not a {wanted}")
        return data
