"""verify: every object of the branch, every line of its sessions, the files here and the remote, held against each other.

Each fault has a name from a closed list (faults.py). Writes nothing; what can be mended is `repair`'s business.
"""

from __future__ import annotations

import os
from itertools import islice

from git_ccsync.errors import BadData, CcsyncError, GitFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import connectivity, refs
from git_ccsync.model import Meta, Problem, Progress, silent
from git_ccsync.operations import sessions
from git_ccsync.operations.capturing.find import owner
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import project_keys, refreshed, require_init
from git_ccsync.operations.sealed import keys_send
from git_ccsync.operations.verifying import verify_side, verify_tree
from git_ccsync.operations.verifying.faults import Fault, Verified
from git_ccsync.operations.verifying.verify_session import Check, Local
from git_ccsync.state import files
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.claude.scan import Found
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.workspace import Workspace

#: Faults of the tree that are told.
MOST = 10_000
#: What `looking.fetch` says of a remote, by a word of it.
_REMOTE = {"beginning": "remote-foreign", "backwards": "remote-rewound", "gone": "remote-gone"}


def verify(
    ws: Workspace, words: Sequence[str] = (), *, fetch: bool = False, on_progress: OnProgress = silent
) -> Verified:
    """Look at everything, or at the sessions that `words` mean; with `fetch` at the remote first.

    Raises NotInitialised, NotFound and Usage; with `fetch` RemoteFailed and Locked.
    """
    require_init(ws)
    only = frozenset(sessions.find(ws, word).id for word in words)
    problems: tuple[Problem, ...] = ()
    if fetch:
        from git_ccsync.operations.overview import looking

        problems = looking.fetch(ws, on_progress)
        ws = refreshed(ws)
    with Stage(ws, dry_run=True) as stage:
        return _Verify(stage, only, on_progress).run(problems)


class _Verify:
    """One look at everything. What is found is kept in the order in which it is looked at."""

    def __init__(self, stage: Stage, only: frozenset[str], on_progress: OnProgress) -> None:
        self.stage, self.only, self.on_progress = stage, only, on_progress
        self.faults: list[Fault] = []
        self.ahead: list[tuple[str, int]] = []
        self.sessions = self.lines = self.bytes = 0

    def run(self, problems: tuple[Problem, ...]) -> Verified:
        """All of it."""
        if self.stage.base:
            self.faults += self._tree()
        self._sessions()
        notes = self._notes()
        if not self.only:
            self.faults += [*self._history(), *self._index(), *self._remote(problems)]
        return Verified(self._titled(), notes, self.sessions, self.lines, self.bytes)

    def _tree(self) -> Iterator[Fault]:
        """What is wrong with the tree; no more than can be told."""
        try:
            branch.sessions(self.stage, self.stage.base)
        except BadData as error:
            yield Fault("odd-entry", "sessions", error.message)
            return
        except GitFailed:  # each object that cannot be read is told
            pass
        found = verify_tree.check(self.stage.reader, self.stage.base, self.only)
        yield from islice(found, MOST)
        if next(found, None):
            yield Fault("odd-entry", "the branch", f"has more than {MOST:,} faults in its tree")

    def _sessions(self) -> None:
        """The branch's sessions, and those of this disk that it has not."""
        stored, here = self._stored(), self._here()
        every = [one for one in sorted(stored.keys() | here.keys()) if not self.only or one in self.only]
        where = Where(self.stage)
        for number, session in enumerate(every):
            self.on_progress(Progress("verifying", number, len(every), "sessions"))
            places = here.get(session, [])
            try:
                self._session(session, stored.get(session, ""), places, where)
            except MemoryError:
                self._add(Fault("unreadable", "session", "takes more memory than there is", session))
            except (CcsyncError, OSError) as error:
                if not any(one.session == session for one in self.faults):
                    self._add(Fault("unreadable", "session", getattr(error, "message", "") or str(error), session))

    def _stored(self) -> dict[str, str]:
        try:
            return branch.sessions(self.stage, self.stage.base) if self.stage.base else {}
        except CcsyncError:  # that was told
            return {}

    def _here(self) -> dict[str, list[Found]]:
        """The transcripts on this disk that are this repository's, or have the id of one of its sessions."""
        from git_ccsync.claude import scan

        ours = frozenset(project_keys(self.stage.ws))
        every = scan.scan(
            self.stage.ws.claude, os.listdir(top) if os.path.isdir(top := f"{self.stage.ws.claude}/projects") else ()
        )
        found: dict[str, list[Found]] = {}
        for item in every[0]:
            if (
                item.key in ours
                or any(item.key.startswith(key + "-") for key in ours)
                or self.stage.draft.session(item.id)
            ):
                found.setdefault(item.id, []).append(item)
        return found

    def _session(self, session: str, folder: str, places: list[Found], where: Where) -> None:
        parts = branch.parts(self.stage, folder)
        meta = self._meta(session, parts.meta) if folder else None
        local = self._local(session, places)
        if not folder and not local:
            return
        self.sessions += 1
        place = where.place(session, meta or Meta())
        codec = self.stage.codec(
            session, local.worktree if local else place.worktree, local.item.key if local else place.key
        )
        check = Check(self.stage, session, codec, local)
        check.run(parts.transcript)
        self._counts(check, meta)
        self.lines, self.bytes = self.lines + check.lines, self.bytes + check.bytes
        self.faults += check.faults
        self.faults += verify_side.check(check, parts, local.item.path if local else "")
        if check.ahead and local and not local.live and not self._is_purged(session):
            self.ahead.append((session, check.ahead))
        if len(places) > 1:
            told = ", ".join(sorted(one.key for one in places))
            self._add(Fault("two-places", "transcript", f"lies in {len(places)} project directories: {told}", session))

    def _add(self, fault: Fault) -> None:
        self.faults.append(fault)

    def _meta(self, session: str, oid: str) -> Meta | None:
        if not oid:
            self._add(Fault("bad-meta", "meta", "there is none", session))
            return None
        try:
            return self.stage.meta(oid)
        except (BadData, GitFailed):  # that was told
            return None

    def _counts(self, check: Check, meta: Meta | None) -> None:
        if not meta or any(one.name in _UNREAD for one in check.faults):
            return
        for name, told, found in (("lines", meta.lines, check.lines), ("bytes", meta.bytes, check.bytes)):
            if told != found:
                self._add(
                    Fault("wrong-counts", "meta", f"tells of {told:,} {name}, there are {found:,}", check.session)
                )

    def _local(self, session: str, places: list[Found]) -> Local | None:
        """The file here that is the session's, None if it is none of this repository's."""
        stage = self.stage
        journaled = stage.journal.known.get(session)
        for item in sorted(places, key=lambda one: one.key != (journaled or ("",))[0]):
            entry = stage.index.get(item.path)
            tree = (entry.worktree if entry else "") or self._owner(item)
            if tree:
                was = journaled[1] if journaled else entry.tree if entry else ""
                return Local(item, tree, entry, was, session in stage.live)
        return None

    def _owner(self, item: Found) -> str:
        from git_ccsync.claude import files as claude_files

        try:
            fd = claude_files.open_regular(item.path)
        except (BadData, OSError):
            return ""
        try:
            return owner(self.stage, item, fd) or ""
        except BadData:
            return ""
        finally:
            os.close(fd)

    def _history(self) -> Iterator[Fault]:
        """Objects of older commits."""
        if not self.stage.tip:
            return
        told = {word for one in self.faults for word in one.found.split("'")}
        try:
            for oid in connectivity.missing(self.stage.ws.repo, self.stage.tip):
                if oid not in told:
                    yield Fault("missing-object", self.stage.ws.ref, f"'{oid}', which its history names, is missing")
        except GitFailed as error:
            if not any(one.name in _UNREAD for one in self.faults):
                yield Fault("corrupt-object", self.stage.ws.ref, error.message)

    def _index(self) -> Iterator[Fault]:
        path = os.path.join(self.stage.ws.memory, "index")
        if os.path.exists(path) and files.load_cache(path) is None:
            yield Fault("damaged-index", path, "it is a cache: 'git ccsync doctor --fix' makes it anew")

    def _remote(self, problems: tuple[Problem, ...]) -> Iterator[Fault]:
        """What a fetch said just now, and what can be told without one."""
        found = {name: one for one in problems for word, name in _REMOTE.items() if word in one.reason}
        for name, one in found.items():
            yield Fault(name, one.subject, one.reason)
        route, ws = gap.route(self.stage.ws), self.stage.ws
        seen = self.stage.marks.get(f"seen {route.tracking}") if route else ""
        if not route or not seen or found:
            return
        there = ws.tip(route.tracking)
        if not there:
            yield Fault("remote-gone", route.ref, "it was there, and was not found when we looked last")
        elif not self._is_ancestor(seen, there):
            yield Fault("remote-rewound", route.ref, f"'{seen[:12]}' was seen there, and is not in '{there[:12]}'")

    def _is_ancestor(self, one: str, other: str) -> bool:
        try:
            return refs.is_ancestor(self.stage.ws.repo, one, other)
        except GitFailed:
            return False

    def _is_purged(self, session: str) -> bool:
        """Whether it is never to be sent."""
        base = self.stage.base
        return bool(base and branch.entry(self.stage, base, f"purged/{session}"))

    def _notes(self) -> tuple[str, ...]:
        """What is only natural."""
        said = keys_send.waiting(self.stage.ws)
        notes = [f"'{self.stage.ws.ref}' {said}"] if said else []
        if self.ahead:
            lines = sum(number for _, number in self.ahead)
            notes.append(f"not on the branch yet: {_count(lines, 'line')} in {_count(len(self.ahead), 'session')} here")
        route, ws = gap.route(self.stage.ws), self.stage.ws
        there = ws.tip(route.tracking) if route else ""
        try:
            ours = len(refs.only(ws.repo, ws.tip(), there)) if there and ws.tip() else 0
            theirs = len(refs.only(ws.repo, there, ws.tip())) if there and ws.tip() else 0
        except GitFailed:
            return tuple(notes)
        notes += [f"not pushed yet: {_count(ours, 'commit')}"] if ours else []
        notes += [f"not pulled yet: {_count(theirs, 'commit')} of the remote"] if theirs else []
        return tuple(notes)

    def _titled(self) -> tuple[Fault, ...]:
        """The faults, each once, with the titles of their sessions."""
        try:
            known = catalogue.load(self.stage.ws)
        except (BadData, GitFailed):
            if not self.faults:
                raise
            return tuple(dict.fromkeys(self.faults))  # why there are no titles to be had is among them
        shown = names.of_machines(self.stage.ws, known.machines)
        every = dict.fromkeys(self.faults)
        purged = [
            Fault("purged-lines", "transcript", "it was purged", one) for one in known.purged if one in known.cards
        ]
        cards = known.cards
        titles = {one.session: cards[one.session].meta for one in (*every, *purged) if one.session in cards}
        return tuple(
            one._replace(title=shown.title(one.session, titles[one.session])) if one.session in titles else one
            for one in (*every, *purged)
        )


_UNREAD = frozenset(("missing-object", "corrupt-object", "wrong-type", "segment-gap"))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
