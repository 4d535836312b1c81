"""What the branch says of its sessions and machines, kept in a cache that costs what changed. Looks, never decides.

The cache is `titles` in the repository's state: the root tree that it tells of, and plain values. Deleting it costs
time only.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import TREE_CAP, parse_tree
from git_ccsync.model import Machine, Meta
from git_ccsync.operations.run import clear
from git_ccsync.state import files
from git_ccsync.store import branch
from git_ccsync.store import format as layout
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from git_ccsync.git.objects import Reader
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.store.segments import Trees

#: Another set of fields makes another cache.
VERSION = f"1 {' '.join(Meta._fields)} {' '.join(Machine._fields)}"
#: Folders of the tree that hold one small entry a session or machine.
_SIDES = ("machines", "deleted", "purged")
_new = tuple.__new__


class Card(Frozen):
    """One session on the branch: the tree of its transcript ("" for none) and its meta."""

    transcript: str
    meta: Meta


class Catalogue(Frozen):
    """A tree of the branch. `deleted` maps a tombstone's session to the lines that it covers; `purged` are bound ids."""

    root: str
    cards: dict[str, Card]
    machines: dict[str, Machine]
    deleted: dict[str, int]
    purged: frozenset[str]


def load(ws: Workspace) -> Catalogue:
    """The catalogue of the local branch; before its first commit, of what was fetched last. Empty if there is neither."""
    root = ws.tree() or next((ref.tree for name, ref in ws.refs.items() if _is_ours(ws, name)), "")
    return of_tree(ws, root)


def _is_ours(ws: Workspace, name: str) -> bool:
    return bool(ws.branch) and name.startswith("refs/ccsync-remotes/") and name.rpartition("/")[2] == ws.branch


def of_tree(ws: Workspace, root: str) -> Catalogue:
    """The catalogue of the root tree `root`, from the cache and what changed since."""
    path = os.path.join(ws.state, "titles")
    held = _read(path)
    if held.root != root:
        held = _renewed(ws, root, held)
        if ws.initialised:
            save(path, (VERSION, *held))
    return _thawed(held)


class _Held(Frozen):
    """The cache: id -> (transcript, *meta), and the small folders: name -> (tree, entries)."""

    root: str
    rows: dict[str, tuple[object, ...]]
    sides: dict[str, tuple[str, dict[str, object]]]


def _nothing() -> _Held:
    return _Held("", {}, {})


def _read(path: str) -> _Held:
    held = files.load_cache(path)
    if isinstance(held, tuple) and len(held) == 4 and held[0] == VERSION:
        return _Held(*held[1:])
    return _nothing()


def save(path: str, value: object) -> None:
    """Write a cache; one that cannot be written is done without."""
    try:
        files.save_cache(path, value)
    except OSError:
        pass


def _renewed(ws: Workspace, root: str, held: _Held) -> _Held:
    if not root:
        return _nothing()
    with clear.reader(ws) as reader:
        if not reader.lens and branch.folder(reader, root, "keys"):
            return _nothing()  # encrypted, and not read here yet: there is nothing to remember
        try:
            changed = branch.changed(reader, held.root, root)
        except BadData:  # the old tree is gone (purged and collected): read all
            held, changed = _nothing(), branch.changed(reader, "", root)
        now = {session: tree for session, (_, tree) in changed.items() if tree}
        rows = {session: row for session, row in held.rows.items() if session not in changed}
        rows |= {session: (card.transcript, *card.meta) for session, card in cards(reader, now).items()}
        return _Held(root, rows, _sides(reader, root, held.sides))


def _thawed(held: _Held) -> Catalogue:
    machines, deleted, purged = (held.sides.get(name, ("", {}))[1] for name in _SIDES)
    return Catalogue(
        held.root,
        {session: _new(Card, (row[0], _new(Meta, row[1:]))) for session, row in held.rows.items()},
        {name: _new(Machine, row) for name, row in machines.items()},  # type: ignore[arg-type]
        deleted,  # type: ignore[arg-type]
        frozenset(purged),
    )


def cards(reader: Reader, trees: Mapping[str, str]) -> dict[str, Card]:
    """The cards of sessions (id -> tree of the folder), read in bulk. A session whose meta is no meta has an empty one."""
    found = {session: tree for session, tree in trees.items() if tree}
    folders = _objects(reader, found, "tree", TREE_CAP)
    parts = {session: _parts(folders[tree]) for session, tree in found.items() if tree in folders}
    metas = _objects(reader, {session: meta for session, (meta, _) in parts.items() if meta}, "blob", layout.SMALL_CAP)
    return {session: Card(transcript, _meta(metas.get(meta))) for session, (meta, transcript) in parts.items()}


def _objects(reader: Reader, named: Mapping[str, str], wanted: str, cap: int) -> dict[str, bytes]:
    """Object id -> content; what is missing, too large or of another kind is left out."""
    oids = tuple(dict.fromkeys(named.values()))
    return {oid: data for oid, kind, data in reader.many(oids, cap=cap) if kind == wanted}


def _parts(folder: bytes) -> tuple[str, str]:
    """(blob of the meta, tree of the transcript) in a session's folder."""
    try:
        found = {(entry.name, entry.mode): entry.oid for entry in parse_tree(folder)}
    except BadData:
        return "", ""
    return found.get((b"meta", BLOB), ""), found.get((b"transcript", TREE), "")


def _meta(data: bytes | None) -> Meta:
    try:
        return layout.load_meta(data) if data else Meta()
    except BadData:
        return Meta()


def machines_in(ws: Workspace, root: str) -> dict[str, Machine]:
    """The machines of another tree than the catalogue's, read anew."""
    with clear.reader(ws) as reader:
        found = _entries(reader, "machines", branch.folder(reader, root, "machines"))
    return {name: _new(Machine, row) for name, row in found.items()}  # type: ignore[arg-type]


def _sides(
    reader: Reader, root: str, held: dict[str, tuple[str, dict[str, object]]]
) -> dict[str, tuple[str, dict[str, object]]]:
    """The small folders beside the sessions: name -> (tree, what its entries say); read where the tree is another."""
    found = {}
    for name in _SIDES:
        oid = branch.folder(reader, root, name)
        found[name] = held[name] if name in held and held[name][0] == oid else (oid, _entries(reader, name, oid))
    return found


def _entries(reader: Reader, folder: str, oid: str) -> dict[str, object]:
    fits = layout.is_machine_id if folder == "machines" else layout.is_session_id
    found = {}
    for name, blob in _blobs(reader, oid).items():
        if not fits(name):
            continue
        try:
            found[name] = _entry(folder, name, reader.blob(blob, layout.SMALL_CAP))
        except BadData:
            continue
    return found


def _blobs(trees: Trees, oid: str) -> dict[str, str]:
    entries = trees.tree(oid) if oid else ()
    return {entry.name.decode("ascii", "replace"): entry.oid for entry in entries if entry.mode == BLOB}


def _entry(folder: str, name: str, data: bytes) -> object:
    if folder == "machines":
        return tuple(layout.load_machine(name, data))
    return layout.load_tombstone(data)[1] if folder == "deleted" else True
