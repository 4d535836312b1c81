"""Which sessions of a branch share lines with others: copies and forks, by their parent, their segments, their rows."""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Meta
from git_ccsync.operations.purging import purged
from git_ccsync.store import branch, segments
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.store.branch import Parts

_NONE: frozenset[str] = frozenset()


class Sessions:
    """The sessions of one tree: parts and meta of each; segments and rows are read where they are asked for."""

    def __init__(self, stage: Stage, root: str) -> None:
        self._stage = stage
        self.parts: dict[str, Parts] = {}
        self.metas: dict[str, Meta] = {}
        self._times: dict[str, list[str]] = {}
        self._segments: dict[str, frozenset[str]] = {}
        self._rows: dict[str, frozenset[str]] = {}
        for session, tree in branch.sessions(stage, root).items() if root else ():
            try:
                self.parts[session] = branch.parts(stage, tree)
                self.metas[session] = stage.meta(self.parts[session].meta)
            except BadData:
                self.metas[session] = Meta()
            self._times.setdefault(self.metas[session].created, []).append(session)

    def meta(self, session: str) -> Meta:
        """The meta of a session, empty where there is none."""
        return self.metas.get(session, Meta())

    def segments(self, session: str) -> frozenset[str]:
        """The objects that its rows are in, those of its agents included."""
        if session not in self._segments:
            parts = self.parts.get(session)
            found: set[str] = set()
            for tree in _row_files(parts) if parts else ():
                try:
                    found |= set(segments.listing(self._stage, tree))
                except BadData:
                    continue
            self._segments[session] = frozenset(found)
        return self._segments[session]

    def rows(self, session: str) -> frozenset[str]:
        """The uuids of its first rows."""
        if session not in self._rows:
            parts = self.parts.get(session)
            self._rows[session] = frozenset(purged.first_rows(self._stage, parts)) if parts else _NONE
        return self._rows[session]

    def of_one_time(self, session: str) -> tuple[str, ...]:
        """The other sessions whose first row has the same time: a fork by Claude Code keeps it."""
        created = self.meta(session).created
        return tuple(one for one in self._times.get(created, ()) if created and one != session)

    def says(self, oids: Iterable[str]) -> bool:
        """Whether one of these segments has a row of a conversation: two sessions may well have the same title."""
        return any(b'"uuid"' in self._stage.blob(oid, SEGMENT_CAP) for oid in sorted(oids))


def _row_files(parts: Parts) -> tuple[str, ...]:
    return (parts.transcript, *(oid for name, oid in parts.files if name.endswith(b".jsonl")))


def of(stage: Stage, root: str, chosen: Iterable[str]) -> dict[str, str]:
    """The sessions of the tree `root` that share lines with one of the `chosen`, or with one that does: each with the one
    that it was found by.
    """
    tree, bound = Sessions(stage, root), frozenset(chosen)
    if not bound:
        return {}
    near = _Near(tree, tree.parts, _NONE)
    return _closure(bound, set(tree.parts) - bound, lambda one: (*near.of(one), *_of_one_time(tree, one)))


def unknown(stage: Stage, root: str, bound: frozenset[str]) -> dict[str, str]:
    """Of the sessions of the tree `root` that the stage's tree lacks, those that share lines with one that is `bound`, each
    with that one. Lines that the stage's tree goes on to have do not count: whoever purged knew of them.
    """
    tree = Sessions(stage, root) if bound and root else None
    there = branch.sessions(stage, stage.base) if tree else {}
    fresh = {one for one in tree.parts if one not in there and one not in bound} if tree else set()
    if not tree or not fresh:
        return {}
    kept = Sessions(stage, stage.base)
    public = frozenset(oid for one in kept.parts for oid in kept.segments(one))
    near = _Near(tree, fresh | (bound & tree.parts.keys()), public)
    found = _closure(bound, fresh, near.of)
    for one in sorted(fresh - found.keys()):
        original = purged.original(stage, purged.first_rows(stage, tree.parts[one], purged.MANY))
        if original:
            found[one] = original
    return found


class _Near:
    """Which sessions are next to one: its parent, what it is the parent of, and what has a segment of it that speaks."""

    def __init__(self, tree: Sessions, among: Iterable[str], public: frozenset[str]) -> None:
        """`among` are those whose segments are looked at, but for the `public` ones."""
        self._tree, self._public = tree, public
        self._children: dict[str, list[str]] = {}
        self._owners: dict[str, list[str]] = {}
        for one, meta in tree.metas.items():
            if meta.parent:
                self._children.setdefault(meta.parent, []).append(one)
        for one in among:
            for oid in tree.segments(one) - public:
                self._owners.setdefault(oid, []).append(one)

    def of(self, session: str) -> Iterator[str]:
        """The sessions next to this one."""
        yield self._tree.meta(session).parent
        yield from self._children.get(session, ())
        shared: dict[str, list[str]] = {}
        for oid in self._tree.segments(session) - self._public:
            for other in self._owners.get(oid, ()):
                if other != session:
                    shared.setdefault(other, []).append(oid)
        yield from (other for other, oids in shared.items() if self._tree.says(oids))


def _of_one_time(tree: Sessions, session: str) -> Iterator[str]:
    rows = tree.rows(session)
    return (other for other in tree.of_one_time(session) if rows & tree.rows(other))


def _closure(chosen: frozenset[str], among: set[str], near: Callable[[str], Iterable[str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    due = sorted(chosen)
    while due:
        one = due.pop()
        for other in sorted(set(near(one)) & among - found.keys()):
            found[other] = one
            due.append(other)
    return found
