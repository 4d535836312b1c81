"""What of the branch is to be searched: the files of sessions and their segments, each object once. Reads trees alone.

A segment that several sessions share belongs to the first of them, the newest. What `git grep` cannot do right is told
apart: lines that span segments, objects that are missing or larger than any segment may be.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, GitFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import TREE_CAP, parse_tree
from git_ccsync.model import Problem
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.overview import catalogue
from git_ccsync.store import branch, segments
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.operations.run.stage import Stage

#: Side files that hold text and no rows.
_TEXTS = (b".txt", b".json", b".md", b".log")


class File(Frozen):
    """One file of a session on the branch: `name` as stored, b"" for the transcript; `tree` holds its segments."""

    name: bytes
    tree: str


class Group(Frozen):
    """A tree of segments, the first of which has the number `first`; `oids` by their names in the tree."""

    file: File
    first: int
    oids: dict[bytes, str]


class Run(Frozen):
    """Segments to be read here, joined: a line goes through them, or `git grep` must not see their tree. The number of
    the `last` of them tells where they stand.
    """

    file: File
    last: int
    oids: tuple[str, ...]


class Stored:
    """One session on the branch: `groups` by tree, for git grep, `runs` for us, `skipped` segments (tree and name) that
    belong to a run or to another session.
    """

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}
        self.runs: list[Run] = []
        self.skipped: set[tuple[str, bytes]] = set()


class Shelf:
    """All sessions that were asked for. `sharers` tells of a shared segment which sessions have it, the newest first."""

    def __init__(self, stage: Stage, names: Sequence[str]) -> None:
        """Look at the sessions `names`, newest first."""
        self.stored: dict[str, Stored] = {name: Stored() for name in names}
        self.sharers: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self._stage = stage
        self._trees: dict[str, tuple[TreeEntry, ...]] = {}
        self._owner: dict[str, tuple[str, str, bytes]] = {}
        files = {name: self._files(folders) for name, folders in self._folders(names).items()}
        self._load(file.tree for found in files.values() for file in found)
        self._load(e.oid for found in files.values() for file in found for e in self.tree(file.tree))
        for name in names:
            self._share(name, files.get(name, ()))
        self._judge()

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """The entries of a tree that was loaded; () for one that could not be."""
        return self._trees.get(oid, ())

    def _load(self, oids: Iterable[str]) -> None:
        wanted = tuple(dict.fromkeys(oid for oid in oids if oid and oid not in self._trees))
        for oid, kind, data in self._stage.reader.many(wanted, cap=TREE_CAP):
            try:
                self._trees[oid] = parse_tree(data) if kind == "tree" else ()
            except BadData:
                continue

    def _folders(self, names: Sequence[str]) -> dict[str, list[str]]:
        """By session its folder on the local branch, and the one that was fetched last if that is another."""
        ws = self._stage.ws
        route = gap.route(ws)
        roots = dict.fromkeys(root for root in (ws.tree(), ws.tree(route.tracking) if route else "") if root)
        if not roots and (fetched := catalogue.load(ws).root):
            roots = {fetched: None}
        listed = [branch.sessions(self._stage, root) for root in roots]
        found = {name: list(dict.fromkeys(one[name] for one in listed if name in one)) for name in names}
        self._load(oid for folders in found.values() for oid in folders)
        self._load(parts.get((b"files", segments.TREE), "") for parts in map(self._parts, _flat(found.values())))
        return found

    def _parts(self, folder: str) -> dict[tuple[bytes, int], str]:
        return {(entry.name, entry.mode): entry.oid for entry in self.tree(folder)}

    def _files(self, folders: Sequence[str]) -> list[File]:
        """The transcript and what is text beside it, in each version."""
        found = []
        for parts in map(self._parts, folders):
            if transcript := parts.get((b"transcript", segments.TREE)):
                found.append(File(b"", transcript))
            sides = self.tree(parts.get((b"files", segments.TREE), ""))
            found += [File(e.name, e.oid) for e in sides if e.mode == segments.TREE and is_text(e.name)]
        return list(dict.fromkeys(found))

    def _share(self, name: str, files: Sequence[File]) -> None:
        """Note the groups of one session, and which of their segments are its own."""
        for file in files:
            for entry in self.tree(file.tree):
                number = _number(entry, segments.TREE, 4)
                if number < 0 or entry.oid in self.stored[name].groups:
                    continue
                oids = {e.name: e.oid for e in self.tree(entry.oid) if 0 <= _number(e, segments.BLOB, 2) < layout.GROUP}
                self.stored[name].groups[entry.oid] = Group(file, number * layout.GROUP, oids)
                for place, oid in oids.items():
                    owner = self._owner.setdefault(oid, (name, entry.oid, place))
                    if owner != (name, entry.oid, place):
                        self.stored[name].skipped.add((entry.oid, place))
                    if owner[0] != name:
                        self.sharers.setdefault(oid, [owner[0]]).append(name)

    def _judge(self) -> None:
        """Tell apart what git grep must not see, or would see in pieces."""
        try:
            sizes = dict(self._stage.reader.sizes(tuple(self._owner)))
        except GitFailed as error:
            self.problems.append(Problem("the branch", error.message))
            sizes = {}
        odd = {oid for oid, size in sizes.items() if not 0 <= size < layout.MAX_SEGMENT}
        lens = self._stage.lens
        self._cap = lens.room(layout.SEGMENT_CAP) if lens else layout.SEGMENT_CAP
        for name, one in self.stored.items() if odd else ():
            by_file: dict[File, dict[int, tuple[str, bytes, str]]] = {}
            for tree, group in one.groups.items():
                found = by_file.setdefault(group.file, {})
                found.update({group.first + int(place): (tree, place, oid) for place, oid in group.oids.items()})
            for file, numbered in by_file.items():
                self._part(name, file, numbered, sizes)

    def _part(self, name: str, file: File, numbered: dict[int, tuple[str, bytes, str]], sizes: dict[str, int]) -> None:
        """Take the runs of one file out of its groups, and groups with an unreadable segment out of the session."""
        one = self.stored[name]
        unfit = {tree for tree, _, oid in numbered.values() if not 0 <= sizes.get(oid, 0) <= self._cap}
        run: list[str] = []
        for number in sorted(numbered):
            tree, place, oid = numbered[number]
            size = sizes.get(oid, 0)
            if tree in unfit and not 0 <= size <= self._cap:
                self.problems.append(
                    Problem(name[:8], "a segment is missing" if size < 0 else "a segment is too large")
                )
            elif run or size >= layout.MAX_SEGMENT or tree in unfit:
                own = self._owner[oid][0] == name
                run += [oid] if own else []
                one.skipped.add((tree, place))
            if run and size < layout.MAX_SEGMENT:
                one.runs.append(Run(file, number, tuple(run)))
                run = []
        if run:
            one.runs.append(Run(file, max(numbered), tuple(run)))
        for tree in unfit:
            one.groups.pop(tree, None)


def is_text(name: bytes) -> bool:
    """Whether a side file of this name is read: rows of agents, and texts."""
    return is_rows(name) or name.endswith(_TEXTS)


def is_rows(name: bytes) -> bool:
    """Whether a file of a session (b"" is the transcript) consists of rows."""
    return not name or name.endswith(b".jsonl")


def _flat(lists: Iterable[Sequence[str]]) -> Iterator[str]:
    for one in lists:
        yield from one


def _number(entry: TreeEntry, mode: int, digits: int) -> int:
    """The number in the one form that it has; -1 for any other entry."""
    if entry.mode != mode or not entry.name.isdigit() or len(entry.name) > 8:
        return -1
    number = int(entry.name)
    return number if entry.name == b"%0*d" % (digits, number) else -1
