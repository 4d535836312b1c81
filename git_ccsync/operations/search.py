"""search: messages that hold all of some words, in all sessions: of the branch, fetched, and on this disk. Writes nothing.

Candidates are found in the stored bytes, at the speed of C; only rows that may fit are read. What counts is the readable
text with this machine's paths, as `show` has it.
"""

from __future__ import annotations

import os

from git_ccsync.claude import readable
from git_ccsync.errors import BadData, GitFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Meta, Problem, Session
from git_ccsync.operations import sessions
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import project_keys
from git_ccsync.operations.searching import search_local, search_objects
from git_ccsync.operations.searching.search_stored import File, Shelf, is_rows
from git_ccsync.operations.searching.search_words import Finder, Patience, Query, Span, TooLong
from git_ccsync.portable.marked import Marker, unmarked
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    from git_ccsync.claude.readable import Text
    from git_ccsync.git.grep import Wanted
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.searching.search_stored import Run
    from git_ccsync.portable.text import Codec


class Match(Frozen):
    """One text that holds words: `role` is user, assistant, tool or title, `name` the tool of a call, `row` the row's
    uuid; `text` is the whole text, not yet safe to show, `spans` where in it the words stand. `also` are the other
    sessions that have the same row.
    """

    role: str
    name: str
    when: str
    row: str
    text: str
    spans: tuple[Span, ...]
    also: tuple[str, ...] = ()


class Limits(Frozen):
    """What is searched: sessions to which the machine `machine` added last, used since the day `since`, messages of one
    `role`; at most `most` messages of each session, 0 for all.
    """

    machine: str = ""
    since: str = ""
    role: str = ""
    most: int = 0


class Search:
    """One search. Iterating gives (session, match), the sessions newest first and each one's matches in their order;
    (session, None) now and then where there is nothing to tell yet. `problems` are complete at the end.

    Raises as sessions.sessions does, and Refused for an expression that takes for ever.
    """

    def __init__(self, ws: Workspace, query: Query, limits: Limits) -> None:
        self.ws, self.query, self.limits = ws, query, limits
        self.sessions = sessions.sessions(ws, machine=limits.machine, since=limits.since)
        self.problems: list[Problem] = []

    def __iter__(self) -> Iterator[tuple[Session, Match | None]]:
        patience = Patience() if self.query.regex else None
        try:
            with Stage(self.ws, dry_run=True) as stage:
                look = _Look(self, stage, patience)
                try:
                    for session in self.sessions:
                        found = look.session(session)
                        yield from ((session, match) for match in _first(found, self.limits.most))
                        look.done.add(session.id)
                    look.finish()
                finally:
                    look.rows.close()
        finally:
            if patience:
                patience.close()


def _first(found: Iterator[Match | None], most: int) -> Iterator[Match | None]:
    """All of them, or the first matches."""
    if not most:
        yield from found
        return
    for match in found:
        yield match
        most -= match is not None
        if not most:
            return


class _Look:
    """What is open while one search goes on."""

    def __init__(self, search: Search, stage: Stage, patience: Patience | None) -> None:
        self.search, self.stage, self.patience = search, stage, patience
        self.query, self.role, self.problems = search.query, search.limits.role, search.problems
        self.cards = catalogue.load(search.ws).cards
        self.where = Where(stage)
        self.shelf = Shelf(stage, [session.id for session in search.sessions])
        self.problems += self.shelf.problems
        wanted = self.query.wanted(_paths(stage, search.sessions, self.query))
        self.finder, self.plain = Finder(wanted), Finder(self.query.wanted(()))
        owners = {tree: name for name, one in reversed(self.shelf.stored.items()) for tree in one.groups}
        self.trees = [tree for name, one in self.shelf.stored.items() for tree in one.groups if owners[tree] == name]
        self.owners = owners
        self.done: set[str] = set()
        self.name = ""
        self.rows = self._grep(wanted)
        self.next = next(self.rows, None)
        self._markers: dict[str, Marker] = {}

    def finish(self) -> None:
        """Hear what git says at the end."""
        for _ in self.rows:
            pass

    def _grep(self, wanted: Wanted) -> Generator[tuple[str, bytes, bytes]]:
        try:
            yield from search_objects.rows(self.stage, self.trees, wanted)
        except GitFailed as error:
            self.problems.append(Problem("the branch", error.message))

    def session(self, session: Session) -> Iterator[Match | None]:
        """The matches in one session: its title, what is stored, what is on this disk alone."""
        self.name = session.id[:8]
        yield from self._title(session)
        told: set[tuple[str, str]] = set()
        for match in self._stored(session):
            if match:
                told.add((match.row, match.text))
            yield match
        for tail in search_local.tails(self.stage, session):
            for match in self._tail(session, tail):
                if not match or tail.start >= 0 or (match.row, match.text) not in told:
                    yield match

    def _title(self, session: Session) -> Iterator[Match | None]:
        if not self.role:
            yield from self._matches([readable.Text(readable.TITLE, session.title, when=session.updated)])

    def _marker(self, session: Session) -> Marker:
        """Made where a row may fit: most sessions of many have none."""
        if session.id not in self._markers:
            self._markers = {session.id: Marker(self._codec(session))}
        return self._markers[session.id]

    def _codec(self, session: Session) -> Codec:
        card = self.cards.get(session.id)
        place = self.where.place(session.id, card.meta if card else Meta())
        key = os.path.basename(os.path.dirname(session.path)) if session.path else place.key
        return self.stage.codec(session.id, place.worktree, key)

    def _stored(self, session: Session) -> Iterator[Match | None]:
        """In order; where there are runs all are put in order first."""
        one = self.shelf.stored[session.id]
        found = self._grepped(session)
        if not one.runs:
            yield from (match for _, match in found)
            return
        every = [(number, match) for number, match in found if match]
        for run in one.runs:
            every += [(run.last, match) for match in self._run(session, run) if match]
        yield from (match for _, match in sorted(every, key=lambda pair: pair[0]))

    def _grepped(self, session: Session) -> Iterator[tuple[int, Match | None]]:
        """(number of the segment, match) of the rows that git found in the session's own trees."""
        one = self.shelf.stored[session.id]
        while self.next and self.owners[self.next[0]] in self.done:  # more than were wanted of a session before
            self.next = next(self.rows, None)
        while self.next and self.owners[self.next[0]] == session.id:
            tree, place, row = self.next
            group = one.groups[tree]
            if (tree, place) not in one.skipped and place in group.oids:
                also = tuple(dict.fromkeys(self.shelf.sharers.get(group.oids[place], ())[1:]))
                for match in self._row(session, group.file, row, also):
                    yield group.first + int(place), match
            self.next = next(self.rows, None)

    def _run(self, session: Session, run: Run) -> Iterator[Match | None]:
        try:
            for block in segments.blocks(self.stage.reader, run.oids):
                for row in self.finder.rows(block):
                    yield from self._row(session, run.file, row, ())
        except (BadData, GitFailed) as error:
            self.problems.append(Problem(session.id[:8], error.message))

    def _tail(self, session: Session, tail: search_local.Tail) -> Iterator[Match | None]:
        try:
            for block in search_local.blocks(tail):
                for row in self.plain.rows(block):
                    yield from self._row(session, File(tail.name, ""), self._marker(session).portable(row), ())
        except (BadData, OSError) as error:
            reason = getattr(error, "message", "") or getattr(error, "strerror", "") or "cannot be read"
            self.problems.append(Problem(session.id[:8], reason))

    def _row(self, session: Session, file: File, row: bytes, also: tuple[str, ...]) -> Iterator[Match | None]:
        """The matches in one stored row that may have some."""
        if len(row) > readable.READ_CAP:
            self.problems.append(Problem(session.id[:8], f"a row of {len(row):,} bytes was not read"))
            return
        local = self._marker(session).mark(row)
        if is_rows(file.name):
            texts = readable.texts(local)
        else:
            name = file.name.decode("ascii", "replace").rpartition("%2F")[2]
            texts = [readable.Text(readable.TOOL, local.rstrip(b"\r\n").decode("utf-8", "surrogateescape"), name)]
        yield from self._matches(texts, also)

    def _matches(self, texts: Iterable[Text], also: tuple[str, ...] = ()) -> Iterator[Match | None]:
        """Those of `texts` that hold a word, if together they hold all; None if not."""
        found: list[Match] = []
        try:
            for text in texts:
                if not self.role or text.role == self.role:
                    plain, paths = unmarked(text.text)
                    if spans := self._spans(plain, paths):
                        found.append(Match(text.role, text.name, text.when, text.row, plain, spans, also))
        except TooLong:
            self.problems.append(Problem(self.name, "the regular expression took too long over a message"))
            assert self.patience
            self.patience.lost()
        words = {span.word for match in found for span in match.spans}
        yield from found if len(words) == len(self.query.words) else [None]

    def _spans(self, text: str, paths: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
        if not self.patience:
            return tuple(self.query.spans(text, paths))
        with self.patience:
            return tuple(self.query.spans(text, paths))


def _paths(stage: Stage, found: Sequence[Session], query: Query) -> set[str]:
    """Every directory that a placeholder may stand for in one of the sessions."""
    ws = stage.ws
    keys = {*project_keys(ws), *(os.path.basename(os.path.dirname(one.path)) for one in found if one.path)}
    if any("/" in word for word in query.words):  # a part of a path: others cannot reach into the names of keys
        where, cards = Where(stage), catalogue.load(ws).cards
        keys |= {where.place(one.id, cards[one.id].meta).key for one in found if one.id in cards}
    every = (stage.codecs.roots(tree, key) for tree in (*ws.trees, *ws.former) for key in keys)
    return {os.fsdecode(path).rstrip("/") for roots in every for root in roots for path in root.paths} - {""}
