"""Directories whose sessions may be this repository's, from before it was moved or renamed: found, and judged by what speaks
for it. Looks, never writes.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import scan
from git_ccsync.claude.files import line_batches, open_regular
from git_ccsync.claude.home import project_key
from git_ccsync.claude.sessions import Head, belongs, head
from git_ccsync.errors import BadData, NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import url as urls
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.workspace import require_init

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.claude.scan import Found
    from git_ccsync.operations.run.workspace import Workspace

#: Transcripts of one project directory that are opened to learn where they ran.
TRIES = 8
#: What speaks for a directory, and how much.
FORMER, ON_BRANCH, REMOTE, NAME, GONE = 16, 8, 4, 2, 1


class Candidate(Frozen):
    """A directory in which sessions ran: how many, when last (ISO 8601), why it is one, the most telling first. `certain`:
    the state or the branch knows it.
    """

    path: str
    sessions: int
    last: str
    why: tuple[str, ...]
    certain: bool
    weight: int = 0


def candidates(ws: Workspace) -> tuple[Candidate, ...]:
    """The directories that `adopt` could be asked for, the most likely first. Raises NotInitialised."""
    require_init(ws)
    if ws.is_home:
        return ()
    judge = _Judge(ws)
    found = [judge.candidate(path, items) for path, items in judge.places().items()]
    likely = [one for one in found if one.weight > GONE or (one.weight and not os.path.lexists(one.path))]
    return tuple(sorted(likely, key=lambda one: (one.weight, one.last), reverse=True))


def named(ws: Workspace, word: str) -> Candidate:
    """The candidate that `word` means: a former work tree's path, or a project directory, by path or name.

    NotFound if no session ran there, Refused for what is a repository today, or overlaps this one.
    """
    require_init(ws)
    if ws.is_home:
        raise Refused("sessions outside any repository are at home wherever they ran")
    judge = _Judge(ws)
    path = _project(ws, word) or os.path.realpath(word)
    for tree in ws.trees:
        if _under(path, tree) or _under(tree, path):
            raise Refused(f"'{path}' is where this repository is", "its sessions belong to it already")
    if os.path.lexists(os.path.join(path, ".git")):
        raise Refused(f"'{path}' is a repository of its own", "its sessions are its own")
    items = [item for item, _ in sessions_of(ws, path)]
    if not items:
        raise NotFound(f"no sessions of '{path}' here", "'git ccsync adopt' lists where there are some")
    return judge.candidate(path, items)


def sessions_of(ws: Workspace, path: str) -> Iterator[tuple[Found, Head]]:
    """The transcripts of sessions that ran in `path` or below it, outside other repositories, with their heads."""
    for item in scan.scan(ws.claude, (project_key(path),))[0]:
        try:
            found = head(item.path, item.key)
        except (BadData, OSError):
            continue
        if not (found.cwd or found.relocated) and item.key == project_key(path):
            found = found._replace(cwd=path)
        if found.rows and belongs(found, (), (path,), item.key):
            yield item, found


def _project(ws: Workspace, word: str) -> str:
    """Where the sessions of a project directory ran, "" if `word` is none."""
    top = os.path.join(ws.claude, "projects")
    place = word if os.sep in word else os.path.join(top, word)
    if os.path.dirname(os.path.abspath(place)) != top or not os.path.isdir(place):
        return ""
    key = os.path.basename(os.path.abspath(place))
    for item in scan.scan(ws.claude, (key,))[0]:
        cwd = _place(item) if item.key == key else ""
        if cwd and project_key(cwd) == key:
            return cwd
    raise NotFound(f"no session in '{place}' says where it ran")


def _place(item: Found) -> str:
    """The directory in which a session ran last, as far as it says so; "" if it has no message."""
    try:
        found = head(item.path, item.key)
    except (BadData, OSError):
        return ""
    cwd = found.relocated or found.cwd
    return cwd if found.rows and os.path.isabs(cwd) and "\0" not in cwd else ""


def _under(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)


class _Judge:
    """What speaks for a directory: asked of many."""

    def __init__(self, ws: Workspace) -> None:
        self._ws, self._cards = ws, catalogue.load(ws).cards
        self._names = {os.path.basename(tree) for tree in ws.trees[:1]}
        shown = [
            urls.label(url)
            for name in ws.config.remotes()
            for url in ws.config.get_all(f"remote.{name}.url")
            if not urls.is_path(url)
        ]
        self._labels = tuple({label.encode() for label in shown if "/" in label})

    def places(self) -> dict[str, list[Found]]:
        """Transcripts by the directory in which they ran, those of directories below with the topmost one."""
        try:
            keys = os.listdir(os.path.join(self._ws.claude, "projects"))
        except OSError:
            return {}
        by_key: dict[str, list[Found]] = {}
        for item in scan.scan(self._ws.claude, keys)[0]:
            by_key.setdefault(item.key, []).append(item)
        found: dict[str, list[Found]] = {}
        for items in by_key.values():
            newest = sorted(items, key=lambda one: -one.mtime_ns)
            places = [place for item in newest[:TRIES] if (place := _place(item)) and self._is_free(place)]
            for place in dict.fromkeys(places[:1]):
                found.setdefault(place, []).extend(items)
        return _topmost(found)

    def _is_free(self, place: str) -> bool:
        """Whether a directory lies neither in this repository nor in another one."""
        if any(_under(os.path.realpath(place), tree) for tree in self._ws.trees):
            return False
        while place != os.path.dirname(place):
            if os.path.lexists(os.path.join(place, ".git")):
                return False
            place = os.path.dirname(place)
        return True

    def candidate(self, path: str, items: Sequence[Found]) -> Candidate:
        """The directory `path`, with all that speaks for it."""
        why = dict(self._why(path, items))
        last = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(max(item.mtime_ns for item in items) / 1e9))
        certain = bool(why.keys() & {FORMER, ON_BRANCH})
        return Candidate(path, len(items), last, tuple(why.values()), certain, sum(why))

    def _why(self, path: str, items: Sequence[Found]) -> Iterator[tuple[int, str]]:
        if any(_under(path, tree) for tree in self._ws.former):
            yield FORMER, "was a work tree of this repository"
        known = sum(item.id in self._cards for item in items)
        if known:
            yield ON_BRANCH, "has a session of the branch" if known == 1 else f"has {known} sessions of the branch"
        if label := self._spoken_of(items):
            yield REMOTE, f"speaks of '{label}'"
        if os.path.basename(path) in self._names:
            yield NAME, "has the same name"
        if not os.path.lexists(path):
            yield GONE, "is gone"

    def _spoken_of(self, items: Iterable[Found]) -> str:
        """The remote of this repository that a session there names, "" for none."""
        newest = sorted(items, key=lambda one: -one.mtime_ns)[:TRIES] if self._labels else []
        for item in newest:
            try:
                fd = open_regular(item.path)
            except (BadData, OSError):
                continue
            try:
                head_bytes = next(line_batches(fd), b"")
            finally:
                os.close(fd)
            for label in self._labels:
                if label in head_bytes:
                    return label.decode()
        return ""


def _topmost(found: dict[str, list[Found]]) -> dict[str, list[Found]]:
    made: dict[str, list[Found]] = {}
    for place in sorted(found):
        above = next((one for one in made if _under(place, one)), place)
        made.setdefault(above, []).extend(found[place])
    return made
