"""The tree of a branch: finding sessions in it, comparing two trees, and a draft of the next one.

Reads trees through the object reader, writes through the sink; knows names and modes, not contents.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import TreeEntry, make_tree
from git_ccsync.store import segments
from git_ccsync.store.format import is_machine_id, is_session_id, segment_path, session_path
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    from git_ccsync.store.segments import Trees

    class Adds(Protocol):
        """Where new objects go."""

        def add(self, kind: str, data: bytes) -> str:
            """Take an object in; its id."""


#: A tree may name one subtree 65,536 times, so that a walk through a small pack would never end: entries of any name count.
MAX_SESSIONS = 200_000


class Parts(Frozen):
    """What one session's folder holds: object ids, "" where absent. `files` maps escaped names to file trees."""

    meta: str = ""
    transcript: str = ""
    files: tuple[tuple[bytes, str], ...] = ()


def parts(trees: Trees, session_tree: str) -> Parts:
    """The parts of a session's folder; anything unknown, or of an odd mode, is passed over."""
    if not session_tree:
        return Parts()
    found = {(entry.name, entry.mode): entry.oid for entry in trees.tree(session_tree)}
    files = found.get((b"files", TREE), "")
    listed = tuple((e.name, e.oid) for e in trees.tree(files) if e.mode == TREE) if files else ()
    return Parts(found.get((b"meta", BLOB), ""), found.get((b"transcript", TREE), ""), listed)


def entry(trees: Trees, root: str, path: str) -> tuple[int, str] | None:
    """(mode, object id) of what lies at `path` below the tree `root`, None if nothing."""
    oid = root
    names = path.encode("utf-8", "surrogateescape").split(b"/")
    for depth, name in enumerate(names):
        match = _named(trees, oid, name) if oid else None
        if match is None:
            return None
        if depth == len(names) - 1:
            return match.mode, match.oid
        if match.mode != TREE:
            return None
        oid = match.oid
    return None


#: Folders with so many entries that looking through them for each session would never end, by their ids: at most two.
_large: dict[str, dict[bytes, TreeEntry]] = {}
_LARGE = 1000


def _named(trees: Trees, oid: str, name: bytes) -> TreeEntry | None:
    """The entry of a tree that has this name."""
    if oid in _large:
        return _large[oid].get(name)
    entries = trees.tree(oid)
    if len(entries) < _LARGE:
        return next((e for e in entries if e.name == name), None)
    if len(_large) > 1:
        _large.clear()
    _large[oid] = {e.name: e for e in entries}
    return _large[oid].get(name)


def folder(trees: Trees, root: str, path: str) -> str:
    """Object id of the tree at `path`, "" if there is none."""
    found = entry(trees, root, path) if root else None
    return found[1] if found and found[0] == TREE else ""


def sessions(trees: Trees, root: str) -> dict[str, str]:
    """Session id -> tree of its folder, for every well-named session: at most 273 trees are read."""
    return {name: pair[1] for name, pair in changed(trees, "", root).items()}


def changed(trees: Trees, before: str, after: str) -> dict[str, tuple[str, str]]:
    """Sessions whose folders differ between two root trees: id -> (tree before, tree after), "" for absent."""
    walk = _Counted(trees)
    top = folder(trees, before, "sessions"), folder(trees, after, "sessions")
    return {
        name: pair
        for first, outer in _differing(walk, *top, 1)
        for second, inner in _differing(walk, *outer, 1)
        for name, pair in _differing(walk, *inner, 36)
        if name[:2] == first + second and is_session_id(name)
    }


class _Counted:
    """Reads trees up to the limit of a branch, twice: for what was, and for what is."""

    def __init__(self, trees: Trees) -> None:
        self._trees, self._left = trees, 2 * MAX_SESSIONS

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """Entries of a tree. BadData once they are too many."""
        entries = self._trees.tree(oid)
        self._left -= len(entries)
        if self._left < 0 or len(entries) > MAX_SESSIONS:
            raise BadData(f"the branch has more than {MAX_SESSIONS:,} sessions")
        return entries


def _differing(trees: Trees, before: str, after: str, length: int) -> Iterator[tuple[str, tuple[str, str]]]:
    if before == after:
        return
    old, new = (_folders(trees, oid, length) for oid in (before, after))
    for name in sorted(old.keys() | new.keys()):
        pair = old.get(name, ""), new.get(name, "")
        if pair[0] != pair[1]:
            yield name, pair


def _folders(trees: Trees, oid: str, length: int) -> dict[str, str]:
    if not oid:
        return {}
    return {
        e.name.decode("ascii", "replace"): e.oid for e in trees.tree(oid) if e.mode == TREE and len(e.name) == length
    }


def machines(trees: Trees, root: str) -> dict[str, str]:
    """Machine id -> object id of its file."""
    oid = folder(trees, root, "machines")
    found = trees.tree(oid) if oid else ()
    named = ((e.name.decode("ascii", "replace"), e) for e in found if e.mode == BLOB)
    return {name: e.oid for name, e in named if is_machine_id(name)}


class Draft:
    """The next tree of a branch: a base tree and changes, written bottom-up by `write`. Reads its own new trees."""

    def __init__(self, reader: Trees, sink: Adds, root: str) -> None:
        self._reader, self._sink, self.root = reader, sink, root
        #: Entries of the trees that this draft made.
        self.new: dict[str, tuple[TreeEntry, ...]] = {}
        self._changes: dict[bytes, object] = {}
        self._sessions: dict[str, str] = {}
        self._listed: dict[str, dict[str, str]] = {}

    def begin(self, root: str) -> None:
        """Start again on top of `root`; what was made so far can be read on."""
        self.root, self._changes, self._sessions, self._listed = root, {}, {}, {}

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """Entries of a tree, on disk or made by this draft."""
        known = self.new.get(oid)
        return self._reader.tree(oid) if known is None else known

    def put(self, path: str, oid: str, mode: int = BLOB) -> None:
        """Set what lies at `path`; takes effect with `write`."""
        self._set(path, (mode, oid))

    def remove(self, path: str) -> None:
        """Take away what lies at `path`, if anything."""
        self._set(path, None)

    def _set(self, path: str, value: tuple[int, str] | None) -> None:
        *above, name = path.encode("utf-8", "surrogateescape").split(b"/")
        node = self._changes
        for part in above:
            child = node.get(part)
            if isinstance(child, tuple):  # a whole folder was put here before: refine it
                child = {b"": child[1]}
                node[part] = child
            if not isinstance(child, dict):
                child = node[part] = {}
            node = child
        node[name] = value

    @property
    def changed(self) -> bool:
        """Whether anything was put or removed since the last `write`."""
        return bool(self._changes)

    def write(self) -> str:
        """Write the changed trees; the new root's id ("" if nothing is left)."""
        self.keep_purged_out()
        self.begin(self._write(self.root, self._changes))
        return self.root

    def keep_purged_out(self) -> None:
        """Take away again what was put here of a session that was purged."""
        put = [session for session, tree in self._sessions.items() if tree]
        purged = folder(self, self.root, "purged") if put and self.root else ""
        names = {entry.name for entry in self.tree(purged)} if purged else set()
        for session in put:
            if session.encode() in names:
                self.remove(session_path(session))

    def _write(self, base: str, changes: dict[bytes, object]) -> str:
        base = str(changes.pop(b"", base))
        entries = {e.name: e for e in self.tree(base)} if base else {}
        for name, change in changes.items():
            placed = self.placed(entries.get(name), change)
            if placed:
                entries[name] = TreeEntry(placed[0], name, placed[1])
            else:
                entries.pop(name, None)
        return self.add_tree(tuple(entries.values())) if entries else ""

    def placed(self, old: TreeEntry | None, change: object) -> tuple[int, str] | None:
        """Mode and id of what is to stand in place of an entry, written as far as it is new; None for nothing."""
        if not isinstance(change, dict):
            return change if isinstance(change, tuple) else None
        below = self._write(old.oid if old and old.mode == TREE else "", change)
        return (TREE, below) if below else None

    def add_tree(self, entries: tuple[TreeEntry, ...]) -> str:
        """Write one tree and remember it."""
        oid = self._sink.add("tree", make_tree(entries))
        self.new[oid] = entries
        return oid

    def append(self, file_tree: str, blobs: list[str]) -> str:
        """The tree of a file with segments `blobs` added behind those of `file_tree` ("" = new file)."""
        start = segments.count(self, file_tree)
        groups: dict[str, dict[bytes, TreeEntry]] = {}
        top = {e.name: e for e in self.tree(file_tree)} if file_tree else {}
        for number, oid in enumerate(blobs, start):
            group, place = segment_path(number)
            if group not in groups:
                old = top.get(group.encode())
                groups[group] = {e.name: e for e in self.tree(old.oid)} if old else {}
            groups[group][place.encode()] = TreeEntry(BLOB, place.encode(), oid)
        for group, entries in groups.items():
            oid = self.add_tree(tuple(entries.values()))
            top[group.encode()] = TreeEntry(TREE, group.encode(), oid)
        return self.add_tree(tuple(top.values())) if blobs else file_tree

    def put_session(self, session: str, tree: str) -> None:
        """Set a session's whole folder."""
        self._sessions[session] = tree
        self.put(session_path(session), tree, TREE)

    def session(self, session: str) -> str:
        """The tree of a session's folder as drafted, "" if there is none."""
        drafted = self._sessions.get(session)
        if drafted is not None:
            return drafted
        listed = self._listed.get(session[:2])
        if listed is None:
            shelf = folder(self, self.root, os.path.dirname(session_path(session)))
            listed = self._listed[session[:2]] = _folders(self, shelf, 36)
        return listed.get(session, "")

    def session_with(self, session_tree: str, parts: Parts) -> str:
        """The tree of a session's folder with these parts, all else in `session_tree` kept."""
        entries = {e.name: e for e in self.tree(session_tree)} if session_tree else {}
        files = self.add_tree(tuple(TreeEntry(TREE, n, o) for n, o in parts.files)) if parts.files else ""
        for name, mode, oid in (
            (b"meta", BLOB, parts.meta),
            (b"transcript", TREE, parts.transcript),
            (b"files", TREE, files),
        ):
            if oid:
                entries[name] = TreeEntry(mode, name, oid)
        return self.add_tree(tuple(entries.values()))


def parse_commit(data: bytes) -> tuple[str, tuple[str, ...]]:
    """(tree, parents) of a commit object's content."""
    head = data.partition(b"\n\n")[0].split(b"\n")
    found = [line[7:].decode("ascii", "replace") for line in head if line.startswith(b"parent ")]
    if not head[0].startswith(b"tree ") or len(head[0]) != 45:
        raise BadData("commit is malformed")
    return head[0][5:].decode("ascii", "replace"), tuple(found)


#: Bytes of a line that names somebody.
_LONGEST = 1000


def author(data: bytes) -> str:
    """`Name <mail>` of a commit object's author, "" if there is none."""
    start = data.find(b"\nauthor ") + 8
    line = data[start : data.find(b"\n", start)] if start > 7 else b""
    line = line if len(line) < _LONGEST else b""
    return line.rpartition(b"> ")[0].decode("utf-8", "replace") + ">" if b"> " in line else ""
