"""Where each session stands: on this disk, on the branch, on the remote as it was seen last, on other machines. Offline.

`list`, `status`, `restore` and `show` all judge by this one look.
"""

from __future__ import annotations

import os

from git_ccsync.claude import rows
from git_ccsync.claude.scan import is_id
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Meta, Problem, Session
from git_ccsync.operations.capturing import came_from, describe, holding, local
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.installing import install
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from git_ccsync.model import Machine
    from git_ccsync.operations.capturing.local import Local
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.installing.places import Where
    from git_ccsync.operations.overview.catalogue import Card, Catalogue
    from git_ccsync.operations.run.workspace import Workspace

#: The words of a state, the most important first (git-ccsync-list(1), STATES).
WORDS = (
    "diverged",
    "torn",
    "unreadable",
    "live",
    "open",
    "new",
    "ahead",
    "behind",
    "removed",
    "purged",
    "not-here",
    "elsewhere",
    "held",
    "left-out",
    "copy",
)


class Standing(Frozen):
    """One session: what `list` shows of it, the id of the machine that added last, `lines` and `bytes` that the remote
    has not, whether a pull would write it.
    """

    session: Session
    machine: str = ""
    lines: int = 0
    bytes: int = 0
    due: bool = False

    def says(self, *words: str) -> bool:
        """Whether its state has one of these words."""
        return any(word in self.session.state.split(" ") for word in words)


class Look(Frozen):
    """All sessions of a repository, newest first; `known` is the catalogue of the branch, `behind` the cards of those that
    were fetched and are not merged; `hidden` what `rm` took off the branch's lists and is not on this disk.
    """

    standings: tuple[Standing, ...]
    known: Catalogue
    problems: tuple[Problem, ...]
    behind: dict[str, Card]
    hidden: tuple[Session, ...] = ()


def look(ws: Workspace) -> Look:
    """Look at everything once. Reads nothing that was read before and is the same."""
    known = catalogue.load(ws)
    with Stage(ws, dry_run=True) as stage:
        locals_, problems = local.look(stage, known)
        judge = _Judge(stage, known, locals_, problems)
        found = judge.all()
    newest = sorted(found, key=lambda one: (one.session.updated, one.session.id), reverse=True)
    hidden = sorted(judge.hidden, key=lambda one: (one.updated, one.id), reverse=True)
    return Look(tuple(newest), known, tuple(problems), judge.gap.behind, tuple(hidden))


class _Judge:
    """Puts together what each side says of a session."""

    def __init__(self, stage: Stage, known: Catalogue, locals_: dict[str, Local], problems: list[Problem]) -> None:
        self.stage, self.ws, self.known, self.locals = stage, stage.ws, known, locals_
        self.unread, self.problems = unread(problems), problems
        self._where: Where | None = None
        route = gap.route(stage.ws)
        self.gap = gap.gap(stage, known, route.tracking if route else gap.last_seen(stage.ws))
        self.kept = {one.kept for one in locals_.values()}
        self.fresh = install.candidates(stage, ()) if stage.base else dict(known.cards)
        self.horizon = install.rules(stage).horizon
        self.names = names.of_machines(self.ws, self._machines(route))
        self.open = opened_on(known, stage.ws)
        self._others: dict[str, str] | None = None
        self.hidden: list[Session] = []
        self.back = holding.load(stage.ws)

    def _machines(self, route: Destination | None) -> dict[str, Machine]:
        """Those of the branch; also those that were fetched and not merged, where a session was."""
        if not route or not self.gap.behind:
            return self.known.machines
        return catalogue.machines_in(self.ws, self.ws.tree(route.tracking)) | self.known.machines

    def all(self) -> list[Standing]:
        every = self.known.cards.keys() | self.gap.behind.keys() | self.locals.keys()
        found = (self._one(name) for name in every)
        return [standing for standing in found if standing]

    def _one(self, name: str) -> Standing | None:
        here, card = self.locals.get(name), self.known.cards.get(name) or self.gap.behind.get(name)
        meta = card.meta if card else came_from.known(self.stage.marks, name)
        meta = meta._replace(title=self.names.title(name, meta)) if "{{" in meta.title else meta
        if name in self.known.purged:
            return self._purged(name, here) if here else None
        hidden = self.known.deleted.get(name, -1) >= meta.lines
        if hidden and not here:
            self.hidden.append(self._standing(name, meta, {"removed"}, "").session)
            return None
        if not here:
            return self._absent(name, meta)
        if hidden and here.word in ("", "behind"):
            return self._standing(name, meta, {"removed"}, here.path)
        words = self._words(name, here)
        unsent = self.gap.ahead.get(name)
        lines, size = (unsent.lines, unsent.bytes) if unsent else (0, 0)
        if here.facts.lines:
            stored = lambda: self._stored(name, meta, here)  # noqa: E731 -- needed now and then
            meta, _ = describe.grown(self.ws, meta, here.rank, here.facts, here.bytes, given=here.given, stored=stored)
        due = bool(words & {"behind", "diverged"})
        standing = self._standing(name, meta, words, here.path)
        return standing._replace(lines=lines + here.facts.lines, bytes=size + here.bytes + here.beside, due=due)

    def _stored(self, name: str, meta: Meta, here: Local) -> list[Callable[[], bytes]]:
        """The pieces of its file that are stored, with this machine's paths: what is new here is compared with them."""
        codec, pieces = self.names.codec(name, meta), describe.stored_text(self.stage, here.tree)
        return [lambda piece=piece: codec.local(piece()) for piece in pieces]  # type: ignore[misc]

    def _purged(self, name: str, here: Local) -> Standing:
        """A session of which only this disk tells anything any more."""
        meta, _ = describe.grown(self.ws, Meta(), 0, here.facts, here.bytes, given=here.given)
        return self._standing(name, meta, {"purged"}, here.path)

    def _words(self, name: str, here: Local) -> set[str]:
        """How a session on this disk stands to the branch and the remote."""
        card, unsent = self.known.cards.get(name), self.gap.ahead.get(name)
        words = {here.word} if here.word and not here.held else set()
        if unsent:
            words.add("new" if unsent.new else "ahead")
        moved = card is not None and here.kept == name and here.word != "new" and here.tree != card.transcript
        if moved or name in self.gap.behind:
            words.add("behind")
        both = here.word == "diverged" or (here.word == "ahead" and "behind" in words)
        if (
            both
            or (unsent and name in self.gap.behind)
            or (here.kept != name and (here.facts.lines or name in self.stage.live))
        ):
            words = {"diverged"}
        elif here.kept != name:  # all of it is in the copy; the next pull gives both versions files of their own
            words = {"behind"}
        if "new" in words:
            words -= {"ahead", "behind"}
        if here.held and name in self.back:
            words.add("held")
        elif here.held and not words:
            words.add("left-out")
        if here.torn:
            words.add("torn")
        if name in self.stage.live:
            words.add("live")
        return words

    def _absent(self, name: str, meta: Meta) -> Standing:
        """A session that is on the branch and not on this disk."""
        unsent = self.gap.ahead.get(name)
        words = {"new" if unsent.new else "ahead"} if unsent else set()
        lines, size = (unsent.lines, unsent.bytes) if unsent else (0, 0)
        if name in self.kept:  # its lines lie here in the file of the session that it is a copy of
            due = meta.parent not in self.stage.live
            words |= {"behind"} if due else set()
            return self._standing(name, meta, words, "")._replace(lines=lines, bytes=size, due=due)
        if name in self.unread or self._is_hidden_away(name, meta):
            return self._standing(name, meta, words | {"unreadable"}, "")._replace(lines=lines, bytes=size)
        other = self._elsewhere(name)
        journaled = self.stage.journal.known.get(name)
        card = self.gap.behind.get(name) or self.known.cards.get(name)
        due = False
        if other:
            words.add("elsewhere")
        elif self._in_original(meta):
            words, due = words | {"behind"}, True
        else:
            words.add("removed" if journaled else "not-here")
            idle = rows.seconds(meta.updated)
            new = card is not None and bool(card.transcript) and not (journaled and journaled[1] == card.transcript)
            due = new and (name in self.fresh or name in self.gap.behind) and not (idle and idle < self.horizon)
        return self._standing(name, meta, words, other)._replace(lines=lines, bytes=size, due=due)

    def _is_hidden_away(self, name: str, meta: Meta) -> bool:
        """Whether it lies, or may lie, in a directory that cannot be looked into: what cannot be seen is not gone."""
        if not self.problems:
            return False
        from git_ccsync.operations.installing.places import Unseen, Where

        self._where = self._where or Where(self.stage)
        try:
            return self._where.lies(name, self._where.place(name, meta))
        except Unseen:
            return True

    def _in_original(self, meta: Meta) -> bool:
        """Whether it is a conflict copy that was made here and waits: its lines lie in the original's file, which is to
        get the branch's own.
        """
        here, card = self.locals.get(meta.parent), self.known.cards.get(meta.parent)
        made_here = bool(meta.suffix) and meta.machine == self.ws.here.id
        return made_here and here is not None and card is not None and here.tree != card.transcript

    def _elsewhere(self, name: str) -> str:
        """The transcript of that id in another project's directory, "" if there is none."""
        if self._others is None:
            self._others = _transcripts(os.path.join(self.ws.claude, "projects"))
        return self._others.get(name, "")

    def _standing(self, name: str, meta: Meta, words: set[str], path: str) -> Standing:
        open_on = self.open.get(name, ())
        if open_on:
            words = words | {"open"}
        if meta.parent and meta.suffix:
            words = words | {"copy"}
        session = Session(
            id=name, title=meta.title, machine=self.names.machine(meta.machine), created=meta.created, updated=meta.updated,
            messages=meta.messages, lines=meta.lines, bytes=meta.bytes, directory=meta.directory,
            worktree=meta.worktree, git_branch=meta.git_branch,
            state=" ".join(word for word in WORDS if word in words) or "here", path=path, parent=meta.parent,
            open_on=open_on, repository=self.ws.place, origin=names.taken_from(meta),
        )  # fmt: skip
        return Standing(session, meta.machine)


def unread(problems: Iterable[Problem]) -> set[str]:
    """Ids of sessions of this repository that lie on this disk and could not be read."""
    names = (os.path.basename(one.subject) for one in problems if not one.stray)
    return {name[:36] for name in names if name[36:] == ".jsonl" and is_id(name[:36])}


def opened_on(known: Catalogue, ws: Workspace) -> dict[str, tuple[str, ...]]:
    """Session -> names of the other machines that have it open, hold its lease, or left it and no other has taken it up
    since, or off the list of tasks.
    """
    found: dict[str, tuple[str, ...]] = {}
    here, leased = ws.here.id, leases.in_force(ws)
    done = {mark for one in known.machines.values() for mark in one.done}
    for machine in known.machines.values():
        cards = ((one, known.cards[one]) for one in machine.unfinished if one in known.cards)
        left = (one for one, card in cards if card.meta.machine == machine.id and (one, card.transcript) not in done)
        held = (session for session, holder in leased.items() if holder == machine.id)
        for session in dict.fromkeys((*machine.open, *left, *held)) if machine.id != here else ():
            found[session] = (*found.get(session, ()), machine.name)
    return found


def _transcripts(projects: str) -> dict[str, str]:
    """Every transcript under `projects/` by its id, whosoever it is."""
    found = {}
    try:
        with os.scandir(projects) as entries:
            directories = sorted(entry.path for entry in entries if entry.is_dir())
    except OSError:
        return {}
    for directory in directories:
        try:
            names = os.listdir(directory)
        except OSError:
            continue
        found.update({name[:-6]: f"{directory}/{name}" for name in names if name.endswith(".jsonl")})
    return found
