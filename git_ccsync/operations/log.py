"""log: what was pushed when, and by which machine, as the history of the branch tells it. Offline, changes nothing."""

from __future__ import annotations

from git_ccsync.errors import BadData, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.model import Meta
from git_ccsync.operations import machines, sessions
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.run import clear
from git_ccsync.operations.run import message as message_of
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from git_ccsync.git.refs import Commit
    from git_ccsync.model import Machine
    from git_ccsync.operations.run.workspace import Workspace

#: What a push did to a session, besides the lines that it added (git-ccsync-log(1)).
NEW, COPY, FORK, RENAMED, REMOVED, BACK, GONE = "new", "copy", "fork", "renamed", "removed", "back", "purged"
FILES, HANDOFF, MEMORY, UNDO, OFF = "side files", "handoff", "memory", "undo", "taken back"
TRAILER = "\nCcsync-Machine: "


class Change(Frozen):
    """What one push did to one session: the `lines` that it added, and `marks` of those above."""

    session: str
    title: str
    lines: int = 0
    marks: tuple[str, ...] = ()


class Push(Frozen):
    """One commit of the branch that tells of sessions. `machine` is a name; `pushed` is false where the remote, as it was
    seen last, has not got it. `marks` are about no session.
    """

    commit: str
    when: str
    machine: str
    pushed: bool
    changes: tuple[Change, ...]
    marks: tuple[str, ...] = ()


class Limits(Frozen):
    """Which pushes: those of one machine (a name, or the beginning of an id), those since the day `since`, those that
    tell of one session, the one that is the commit `commit`; at most `most`, 0 for all.
    """

    machine: str = ""
    since: str = ""
    session: str = ""
    commit: str = ""
    most: int = 0


def pushes(ws: Workspace, limits: Limits, *, there: str = "") -> Iterator[Push]:
    """The pushes that fit, newest first, as they are read; `there` is where the remote stands, if that is known. Raises NotInitialised, Usage for another form of day,
    NotFound for a machine that nobody knows.
    """
    require_init(ws)
    day = sessions.day(limits.since) if limits.since else ""
    fits = _of_machine(ws, limits.machine) if limits.machine else None
    return _pushes(_History(ws, there), limits, day, fits)


def _pushes(history: _History, limits: Limits, day: str, fits: Callable[[str], bool] | None) -> Iterator[Push]:
    left = limits.most or -1
    with history.reader:
        for commit, before in history.pairs(limits):
            if (fits and not fits(maker(commit))) or machines.stamp(commit.time)[:10] < day:
                continue
            push = history.push(commit, before, limits.session)
            if not (push.changes or push.marks):
                continue
            yield push
            left -= 1
            if not left:
                return


def maker(commit: Commit) -> str:
    """The id of the machine that made a commit of the branch, "" if it does not say."""
    return commit.message.partition(TRAILER)[2][:16]


def _of_machine(ws: Workspace, word: str) -> Callable[[str], bool]:
    """Whether a machine's id is one that `word` means; also of machines that were forgotten."""
    known = known_machines(ws)
    ids = {one.id for one in known.values() if one.name == word} | ({ws.here.id} if word == ws.here.name else set())
    if ids:
        return ids.__contains__
    digits = word.lower()
    if len(digits) < machines.SHORTEST or set(digits) - set("0123456789abcdef"):
        raise NotFound(f"no machine '{word}' is known here", "run 'git ccsync machine list' to see them")
    return lambda identity: identity.startswith(digits)


def known_machines(ws: Workspace) -> dict[str, Machine]:
    """The machines of the branch, and those that were fetched and are not merged yet."""
    return {**machines.seen(ws)[1], **catalogue.load(ws).machines}


def _undone(message: str) -> tuple[str, ...]:
    """The mark of a commit that took back what another one did: it says so, in a trailer or as older ones did."""
    return (UNDO,) if message_of.UNDO in message or ": undo " in message.partition("\n")[0] else ()


class _History:
    """The branch as it is here, and what was fetched of it and is not merged."""

    def __init__(self, ws: Workspace, there: str) -> None:
        self.ws, self.reader = ws, clear.reader(ws)
        route = None if there else gap.route(ws)
        self.tip, self.there = ws.tip(), ws.tip(route.tracking) if route else there
        self.names = names.of_machines(ws, known_machines(ws))
        self.unsent = refs.only(ws.repo, self.tip, self.there) if self.tip and self.there else frozenset()

    def pairs(self, limits: Limits) -> Iterator[tuple[Commit, str]]:
        """Each commit with the tree that the branch had before it, "" at its beginning."""
        if not (self.tip or self.there):
            return
        paths = (layout.session_path(limits.session), f"deleted/{limits.session}") if limits.session else ()
        start, also = limits.commit or self.tip or self.there, "" if limits.commit or not self.tip else self.there
        commits = clear.commits(self.ws, start, limit=1 if limits.commit else -1, also=also, paths=paths)
        held: Commit | None = None
        for commit in commits:
            if held:
                yield held, self._before(held, commit)
            held = commit
        if held:
            yield held, self._before(held, None)

    def _before(self, commit: Commit, following: Commit | None) -> str:
        """The tree of its parent: mostly the next one that is told."""
        if not commit.parents:
            return ""
        if following and following.oid == commit.parents[0]:
            return following.tree
        return branch.parse_commit(self.reader.read(commit.parents[0], cap=layout.SMALL_CAP)[1])[0]

    def push(self, commit: Commit, before: str, session: str) -> Push:
        """What a commit did (to one session, if `session` names it)."""
        pairs = branch.changed(self.reader, before, commit.tree)
        hidden, shown = self._tombstones(before), self._tombstones(commit.tree)
        every = pairs.keys() | {name for name in hidden.keys() | shown.keys() if hidden.get(name) != shown.get(name)}
        found, undone = [], _undone(commit.message)
        for name in every & {session} if session else every:
            old, new = pairs.get(name) or (branch.folder(self.reader, commit.tree, layout.session_path(name)),) * 2
            marks: tuple[str, ...] = (REMOVED,) if name in shown and name not in hidden else ()
            marks += (BACK,) if name in hidden and name not in shown else ()
            found.append(self._change(name, old, new, marks, undone=bool(undone)))
        ordered = sorted(found, key=lambda one: (-one.lines, one.session))
        pushed = commit.oid not in self.unsent and bool(self.there)
        return Push(
            commit.oid, machines.stamp(commit.time), self.names.machine(maker(commit)) or commit.author_name, pushed,
            tuple(ordered), (() if session else self._others(before, commit.tree)) + undone,
        )  # fmt: skip

    def _tombstones(self, root: str) -> dict[str, str]:
        folder = branch.folder(self.reader, root, "deleted")
        found = self.reader.tree(folder) if folder else ()
        return {one.name.decode("ascii", "replace"): one.oid for one in found}

    def _change(self, name: str, old: str, new: str, marks: tuple[str, ...], *, undone: bool) -> Change:
        was, now = branch.parts(self.reader, old), branch.parts(self.reader, new)
        before, after = self._meta(was.meta), self._meta(now.meta)
        told = after if new else before
        if not new:
            marks += (OFF if undone else GONE,)
        elif not old:
            taken = names.taken_from(after)
            made = f"from {taken}" if taken else COPY if after.suffix else FORK
            marks += (made if after.parent else NEW,)
        elif before.title != after.title:
            marks += (RENAMED,)
        if old and new and was.files != now.files:
            marks += (FILES,)
        if self._handoff(old) != self._handoff(new) and new:
            marks += (HANDOFF,)
        lines = max(0, after.lines - (before.lines if old else after.fork if after.parent else 0))
        return Change(name, self.names.title(name, told), lines if new else 0, marks)

    def _handoff(self, folder: str) -> str:
        found = branch.entry(self.reader, folder, "handoff") if folder else None
        return found[1] if found else ""

    def _meta(self, oid: str) -> Meta:
        try:
            return layout.load_meta(self.reader.blob(oid, layout.SMALL_CAP)) if oid else Meta()
        except BadData:
            return Meta()

    def _others(self, before: str, after: str) -> tuple[str, ...]:
        old, new = (branch.folder(self.reader, root, "memory") if root else "" for root in (before, after))
        return (MEMORY,) if old != new else ()
