"""The tree of a branch, looked at strictly: every entry's name and mode, every object's presence, type and content but
for segments, which verify_session reads. Trees are read level by level, through one `git cat-file --batch`.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, GitFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import TREE_CAP, hash_object, parse_tree
from git_ccsync.operations.verifying.faults import Fault
from git_ccsync.store import format as layout
from git_ccsync.store import lease
from git_ccsync.store.seal_blob import SEALED_FORMAT
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from git_ccsync.git.objects import Reader, TreeEntry

#: Folders that hold an entry for a session.
_SIDES = (b"leases", b"deleted", b"purged")
_HEX = frozenset(b"0123456789abcdef")
#: A tree may name one subtree again and again.
MOST = 2_000_000
#: Names in the longest path of the format, and some more.
DEEPEST = 12


class Node(Frozen):
    """An entry of the tree, by its whole path."""

    path: tuple[bytes, ...]
    mode: int
    oid: str

    @property
    def session(self) -> str:
        """The session that it belongs to, "" for none."""
        top = self.path[0] if self.path else b""
        named = self.path[3:4] if top == b"sessions" else self.path[1:2] if top in _SIDES else ()
        name = named[0].decode("ascii", "replace") if named else ""
        return name if layout.is_session_id(name) else ""

    @property
    def shown(self) -> str:
        """Its path; inside a session's folder from there on."""
        inside = self.path[4:] if len(self.path) > 4 and self.path[0] == b"sessions" else self.path or (b"the branch",)
        return b"/".join(inside).decode("utf-8", "replace")

    def fault(self, name: str, found: str) -> Fault:
        """A fault of this entry."""
        return Fault(name, self.shown, found, self.session)


def check(reader: Reader, root: str, only: frozenset[str] = frozenset()) -> Iterator[Fault]:
    """What is wrong with the tree `root`; with `only`, what is wrong with these sessions' folders."""
    walk = _Walk(reader, only)
    yield from walk.run(root)


class _Walk:
    def __init__(self, reader: Reader, only: frozenset[str]) -> None:
        self._reader, self._only = reader, only
        self._count = 0
        self._seen: set[tuple[object, ...]] = set()

    def run(self, root: str) -> Iterator[Fault]:
        """Trees first, level by level; then the small blobs of each."""
        level = [Node((), TREE, root)]
        while level and self._count < MOST:
            below: list[Node] = []
            small: list[Node] = []
            for node, entries in self._trees(level):
                if isinstance(entries, Fault):
                    yield entries
                    continue
                if not node.path and all(entry.name != b"format" for entry in entries):
                    yield Node((b"format",), BLOB, "").fault("bad-format", "there is none")
                for entry in entries:
                    self._count += 1
                    yield from self._place(Node((*node.path, entry.name), entry.mode, entry.oid), below, small)
            yield from self._blobs(small)
            level = below

    def _place(self, node: Node, below: list[Node], small: list[Node]) -> Iterator[Fault]:
        """Judge an entry, and put it where it is looked at further."""
        if self._only and not self._wanted(node):
            return
        if node.mode not in (TREE, BLOB):
            yield node.fault("odd-entry", f"mode {node.mode:06o} is neither a file's nor a folder's")
        elif not allowed(node.path):
            yield node.fault("odd-entry", "a name that the format does not know there")
        elif (asked := kind(node.path)) and asked != node.mode:
            yield node.fault(
                "wrong-type", "a folder where a file belongs" if asked == BLOB else "a file where a folder belongs"
            )
        elif len(node.path) > DEEPEST:
            yield node.fault("odd-entry", "lies deeper than anything of the format")
        elif node.mode == TREE:
            below += [node] if self._is_new(node) else []
        elif not is_segment(node.path) and self._is_first(node):
            small.append(node)

    def _is_new(self, node: Node) -> bool:
        """Whether a folder was not looked at yet in such a place: sessions share segments, and a hostile tree may name one
        folder thousands of times.
        """
        if node.path[0] == b"sessions" and len(node.path) < 5:
            return True
        place = node.oid, node.path[0], len(node.path), node.path[4:5]
        new = place not in self._seen
        self._seen.add(place)
        return new

    def _is_first(self, node: Node) -> bool:
        """Whether a small file was not looked at yet in such a place: one may be named a million times."""
        place = node.oid, node.path[0], len(node.path)
        new = place not in self._seen
        self._seen.add(place)
        return new

    def _wanted(self, node: Node) -> bool:
        if node.path[0] != b"sessions":
            return len(node.path) == 1 and node.path[0] == b"format"
        near = [one.encode() for one in self._only]
        return all(any(part == want for want in near) if at == 3 else True for at, part in enumerate(node.path))

    def _trees(self, level: list[Node]) -> Iterator[tuple[Node, tuple[TreeEntry, ...] | Fault]]:
        for node, data in read(self._reader, level, "tree", TREE_CAP):
            if isinstance(data, Fault):
                yield node, data
                continue
            try:
                yield node, parse_tree(data)
            except BadData as error:
                yield node, node.fault("corrupt-object", error.message)

    def _blobs(self, small: list[Node]) -> Iterator[Fault]:
        for node, data in read(self._reader, small, "blob", layout.SEGMENT_CAP):
            if isinstance(data, Fault):
                yield data
            else:
                yield from _content(node, data)


def read(reader: Reader, nodes: list[Node], wanted: str, cap: int) -> Iterator[tuple[Node, bytes | Fault]]:
    """Each node with its content, checked against its name, or with what is wrong with it."""
    at = 0
    while at < len(nodes):
        try:
            room = reader.lens.room(cap) if reader.lens else cap
            for oid, found, data in reader.many_stored([node.oid for node in nodes[at:]], cap=room):
                stored = judged(nodes[at], oid, found, data, wanted)
                yield nodes[at], _shown(reader, nodes[at], stored, wanted, cap)
                at += 1
        except GitFailed as error:
            yield nodes[at], nodes[at].fault("corrupt-object", error.message)
            at += 1


def _shown(reader: Reader, node: Node, stored: bytes | Fault, wanted: str, cap: int) -> bytes | Fault:
    """What a lens shows of what is stored, or what is wrong with it."""
    if isinstance(stored, Fault) or not reader.lens:
        return stored
    try:
        return reader.lens.show(wanted, stored, cap)
    except BadData as error:
        return node.fault("corrupt-object", f"{wanted} '{node.oid}' {error.message}")


def unreadable(reader: Reader, blobs: tuple[str, ...]) -> Iterator[str]:
    """Those of some blobs that are missing, of another type, or not what their names say."""
    nodes = [Node((b"blob",), BLOB, oid) for oid in blobs]
    return (node.oid for node, data in read(reader, nodes, "blob", layout.SEGMENT_CAP) if isinstance(data, Fault))


def judged(node: Node, oid: str, found: str, data: bytes, wanted: str) -> bytes | Fault:
    """The content, or what is wrong with an object that was read."""
    if not found and data.endswith(b"missing"):
        return node.fault("missing-object", f"{wanted} '{oid}' is missing")
    if not found:
        return node.fault("corrupt-object", f"{wanted} '{oid}' {data.decode('ascii', 'replace')}")
    if found != wanted:
        return node.fault("wrong-type", f"'{oid}' is a {found}, not a {wanted}")
    if hash_object(found, data) != oid:
        return node.fault("corrupt-object", f"the content of '{oid}' does not fit its name")
    return data


def _content(node: Node, data: bytes) -> Iterator[Fault]:
    """What is wrong with a small blob."""
    name, load = _LOADS.get(node.path[0], ("", None)) if len(node.path) < 3 else ("", None)
    if node.path[0] == b"sessions" and node.path[4:] == (b"meta",):
        name, load = "bad-meta", layout.load_meta
    try:
        if load:
            load(data)
    except BadData as error:
        yield node.fault(name, error.message)
    if node.path == (b"format",) and data not in (layout.FORMAT, SEALED_FORMAT):
        yield node.fault("bad-format", f"'{data[:40].decode('ascii', 'replace').strip()}' is not known to this version")


_LOADS: dict[bytes, tuple[str, Callable[[bytes], object] | None]] = {
    b"machines": ("bad-machine", lambda data: layout.load_machine("0" * 16, data)),
    b"leases": ("bad-lease", lease.load),
    b"deleted": ("bad-tombstone", layout.load_tombstone),
}


def allowed(path: tuple[bytes, ...]) -> bool:
    """Whether the last name of a path is one that the format has at that place, or may get one day."""
    *above, name = path
    depth, top = len(above), above[0] if above else b""
    if name in (b"", b".", b"..") or name.lower() == b".git":
        return False
    text = name.decode("ascii", "replace")
    if top == b"machines" and depth == 1:
        return layout.is_machine_id(text)
    if top in _SIDES and depth == 1:
        return layout.is_session_id(text)
    if top != b"sessions":
        return True
    if depth < 3:
        return len(name) == 1 and name[0] in _HEX
    if depth == 3:
        return layout.is_session_id(text) and name[:2] == above[1] + above[2]
    return depth == 4 or _inside(above[4], path[5:])


def _inside(part: bytes, rest: tuple[bytes, ...]) -> bool:
    """Whether a name below `transcript` or `files` is one of theirs; below anything else all are."""
    if part == b"files":
        if len(rest) == 1:
            return _unescapes(rest[0])
        rest = rest[1:]
    elif part != b"transcript":
        return True
    name = rest[-1]
    if len(rest) > 2 or not name.isdigit() or len(name) > 8:
        return False
    if len(rest) == 1:
        return name == b"%04d" % int(name)
    return name == b"%02d" % int(name) and int(name) < layout.GROUP


def _unescapes(name: bytes) -> bool:
    try:
        return bool(layout.unescape_name(name))
    except BadData:
        return False


def kind(path: tuple[bytes, ...]) -> int:
    """The mode that the entry at a path must have, 0 for any."""
    top, depth = path[0], len(path)
    if depth == 1:
        known = {b"format": BLOB, b"machines": TREE, b"sessions": TREE, **dict.fromkeys(_SIDES, TREE)}
        return known.get(top, 0)
    if top == b"machines" or top in _SIDES:
        return BLOB
    if top != b"sessions":
        return 0
    if depth < 5:
        return TREE
    if depth == 5:
        return {b"meta": BLOB, b"transcript": TREE, b"files": TREE}.get(path[4], 0)
    if path[4] not in (b"transcript", b"files"):
        return 0
    return BLOB if depth == (7 if path[4] == b"transcript" else 8) else TREE


def is_segment(path: tuple[bytes, ...]) -> bool:
    """Whether a file's path is that of a segment."""
    return path[0] == b"sessions" and len(path) > 5 and path[4] in (b"transcript", b"files")
