"""Which sessions worked on a commit of the project, or on a file of its work tree. Offline, changes nothing."""

from __future__ import annotations

import os
import re

from git_ccsync.claude.rows import loads, seconds
from git_ccsync.errors import GitFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.git.grep import Wanted
from git_ccsync.operations import sessions
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.operations.searching.search_rows import Rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.git.refs import Commit
    from git_ccsync.model import Meta, Problem, Session
    from git_ccsync.operations.run.workspace import Workspace

#: How a session has to do with a commit: it ended there, it was at work when it was made, its rows name it.
ENDED, THEN, NAMES = "ended there", "at work then", "names it"
#: Digits of a commit's id that are looked for; git shows no fewer.
DIGITS = 7
#: Seconds that clocks may differ by.
SLACK = 120.0
#: Tools that change the file which they are given, and where they name it.
EDITS = frozenset(("Edit", "Write", "MultiEdit", "NotebookEdit", "Update"))
NAMED = ("file_path", "notebook_path")


class Worked(Frozen):
    """One session. Of a commit: `why` it is named here; of a path: how often its tools changed and read it, and when last."""

    session: Session
    why: tuple[str, ...] = ()
    edits: int = 0
    reads: int = 0
    last: str = ""


class Work(Frozen):
    """The sessions, newest first, and what could not be searched."""

    sessions: tuple[Worked, ...]
    problems: tuple[Problem, ...]


def on_commit(ws: Workspace, commit: Commit, *, machine: str = "", since: str = "") -> Work:
    """The sessions that worked on `commit`: they ended at it, were at work when it was made and stood before or behind
    it, or name its id. `machine` and `since` as for sessions.sessions.
    """
    require_init(ws)
    every, cards = sessions.sessions(ws, machine=machine, since=since), catalogue.load(ws).cards
    named, problems = _naming(ws, every, commit.oid)
    judge = _Commit(ws, commit)
    found = []
    for one in every:
        why = judge.why(one, cards[one.id].meta) if one.id in cards else ()
        if one.id in named:
            why += (NAMES,)
        if why:
            found.append(Worked(one, why))
    return Work(tuple(found), problems)


class _Commit:
    """A commit of the project, for many questions."""

    def __init__(self, ws: Workspace, commit: Commit) -> None:
        self._ws, self._commit = ws, commit
        self._near: dict[str, bool] = {}

    def why(self, one: Session, meta: Meta) -> tuple[str, ...]:
        if meta.git_commit == self._commit.oid:
            return (ENDED,)
        begun, ended = seconds(one.created), seconds(one.updated)
        if not meta.git_commit or begun is None or ended is None:
            return ()
        within = begun - SLACK <= self._commit.time <= ended + SLACK
        return (THEN,) if within and self._is_near(meta.git_commit) else ()

    def _is_near(self, other: str) -> bool:
        """Whether one of the two comes before the other; False where the other is not here."""
        if other not in self._near:
            ask, oid = refs.is_ancestor, self._commit.oid
            try:
                self._near[other] = ask(self._ws.repo, oid, other) or ask(self._ws.repo, other, oid)
            except GitFailed:
                self._near[other] = False
        return self._near[other]


def _naming(ws: Workspace, every: Sequence[Session], oid: str) -> tuple[set[str], tuple[Problem, ...]]:
    """The sessions with a row that names the commit `oid`."""
    start = oid[:DIGITS].encode()
    named = re.compile(rb"(?<![0-9a-f])" + start + rb"[0-9a-f]*")
    found: set[str] = set()
    with Stage(ws, dry_run=True) as stage:
        rows = Rows(stage, every, Wanted([(start,)], ignore_case=False, extended=False))
        for row in rows:
            if any(oid.startswith(hit.decode()) for hit in named.findall(row.text)):
                found |= {*row.sessions}
    return found, tuple(rows.problems)


def on_path(ws: Workspace, path: str, *, machine: str = "", since: str = "") -> Work:
    """The sessions whose tools changed or read the file `path`, or files below it: an absolute path, which may be gone.
    `machine` and `since` as for sessions.sessions.
    """
    require_init(ws)
    every = sessions.sessions(ws, machine=machine, since=since)
    place = _Place(ws, path)
    found: dict[str, Worked] = {}
    with Stage(ws, dry_run=True) as stage:
        rows = Rows(stage, every, place.wanted())
        by_id = {one.id: one for one in every}
        for row in rows:
            edits, reads, when = place.calls(row.text)
            for name in row.sessions if edits or reads else ():
                had = found.get(name) or Worked(by_id[name])
                found[name] = had._replace(edits=had.edits + edits, reads=had.reads + reads, last=max(had.last, when))
    newest = sorted(found.values(), key=lambda one: (one.last, one.session.id), reverse=True)
    return Work(tuple(newest), tuple(rows.problems))


class _Place:
    """A path, wherever a work tree of this repository was when it was worked on."""

    def __init__(self, ws: Workspace, path: str) -> None:
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        around = [tree for tree in ws.trees if real == tree or real.startswith(tree + os.sep)]
        tree = max(around, key=len, default="")
        self.relative = os.path.relpath(real, tree) if tree else ""
        trees = (*ws.trees, *ws.former) if tree else ()
        self.paths = {path, real, *(os.path.normpath(os.path.join(one, self.relative)) for one in trees)}

    def wanted(self) -> Wanted:
        """What a row with such a call holds: the name of an argument, and a piece of the path as JSON has it."""
        import json

        pieces = (
            []
            if self.relative == "."
            else [json.dumps(self.relative or p, ensure_ascii=False)[1:-1] for p in self.paths]
        )
        groups = [tuple(f'"{name}"'.encode() for name in NAMED)]
        groups += [tuple({piece.encode("utf-8", "surrogateescape") for piece in pieces})] if pieces else []
        return Wanted(groups, ignore_case=False, extended=False)

    def calls(self, row: bytes) -> tuple[int, int, str]:
        """How many calls in a row change it, how many only name it, and when."""
        value = loads(row)
        message = value.get("message") if isinstance(value, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        tools = [name for name, path in _named(content if isinstance(content, list) else ()) if self._holds(path)]
        edits = sum(name in EDITS for name in tools)
        when = value.get("timestamp") if isinstance(value, dict) else ""
        return edits, len(tools) - edits, when if isinstance(when, str) else ""

    def _holds(self, path: str) -> bool:
        plain = os.path.normpath(path)
        return any(plain == one or plain.startswith(one.rstrip(os.sep) + os.sep) for one in self.paths)


def _named(content: Iterable[object]) -> Iterator[tuple[str, str]]:
    """(tool, path) of each call in a row's content that names a file."""
    for block in content:
        if not isinstance(block, dict) or block.get("type") != "tool_use" or not isinstance(block.get("input"), dict):
            continue
        for key in NAMED:
            path = block["input"].get(key)
            if isinstance(path, str):
                yield str(block.get("name")), path
