"""Every row of some sessions that holds some bytes: stored, and on this disk alone. The raw side of `search`, for `log`."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, GitFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Meta, Problem
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.searching import search_local, search_objects
from git_ccsync.operations.searching.search_stored import Shelf, is_rows
from git_ccsync.operations.searching.search_words import Finder
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.git.grep import Wanted
    from git_ccsync.model import Session
    from git_ccsync.operations.run.stage import Stage


class Row(Frozen):
    """A row and the sessions that have it, by id; with this machine's paths once `local` has made it so."""

    sessions: tuple[str, ...]
    text: bytes


class Rows:
    """All rows of `found` (newest first) that hold what is `wanted`, with this machine's paths, in no order. `problems` are
    complete at the end.
    """

    def __init__(self, stage: Stage, found: Sequence[Session], wanted: Wanted) -> None:
        self.stage, self.found, self.wanted = stage, found, wanted
        self.shelf = Shelf(stage, [one.id for one in found])
        self.problems: list[Problem] = list(self.shelf.problems)
        self._cards, self._where = catalogue.load(stage.ws).cards, Where(stage)
        self._sessions = {one.id: one for one in found}
        self._locals: dict[str, Callable[[bytes], bytes]] = {}

    def __iter__(self) -> Iterator[Row]:
        for look in (self._grepped, self._runs, self._tails):
            try:
                yield from look()
            except GitFailed as error:
                self.problems.append(Problem("the branch", error.message))

    def _grepped(self) -> Iterator[Row]:
        """What git finds in the trees; each with the first session that has it."""
        owners = {tree: name for name, one in reversed(self.shelf.stored.items()) for tree in one.groups}
        for tree, place, text in search_objects.rows(self.stage, tuple(owners), self.wanted):
            one, name = self.shelf.stored[owners[tree]], owners[tree]
            group = one.groups[tree]
            if (tree, place) not in one.skipped and place in group.oids and is_rows(group.file.name):
                also = self.shelf.sharers.get(group.oids[place], ())
                yield Row(tuple(dict.fromkeys((name, *also))), self._local(name, text))

    def _runs(self) -> Iterator[Row]:
        """What git would see in pieces."""
        finder = Finder(self.wanted)
        for name, one in self.shelf.stored.items():
            for run in one.runs:
                try:
                    for block in segments.blocks(self.stage.reader, run.oids):
                        yield from (Row((name,), self._local(name, text)) for text in finder.rows(block))
                except BadData as error:
                    self.problems.append(Problem(name[:8], error.message))

    def _tails(self) -> Iterator[Row]:
        """What lies on this disk and not on the branch yet, or nobody knows."""
        finder = Finder(self.wanted)
        for session in self.found:
            for tail in search_local.tails(self.stage, session):
                try:
                    for block in search_local.blocks(tail) if is_rows(tail.name) else ():
                        yield from (Row((session.id,), text) for text in finder.rows(block))
                except (BadData, OSError) as error:
                    self.problems.append(Problem(session.id[:8], getattr(error, "message", "") or str(error)))

    def _local(self, name: str, text: bytes) -> bytes:
        translate = self._locals.get(name)
        if not translate:
            card, session = self._cards.get(name), self._sessions[name]
            place = self._where.place(name, card.meta if card else Meta())
            key = os.path.basename(os.path.dirname(session.path)) if session.path else place.key
            translate = self._locals[name] = self.stage.codec(name, place.worktree, key).local
        return translate(text)
