"""machine: who has pushed to this branch, this machine's name, and taking one off that is no more."""

from __future__ import annotations

import os

from git_ccsync.errors import NotFound, Refused, Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.model import Machine, MachineState
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run import clear, locking
from git_ccsync.operations.run.message import SETTING_UP, os_name
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.state import files
from git_ccsync.state import machine as own
from git_ccsync.state.marks import Marks
from git_ccsync.store import lease
from git_ccsync.store.format import is_machine_id

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol, TypeVar

    from git_ccsync.operations.overview.catalogue import Catalogue
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.state.machine import Here

    class HasName(Protocol):
        """What a word may mean."""

        @property
        def id(self) -> str:
            """Its id, hex digits."""

        @property
        def name(self) -> str:
            """What people call it."""

    Named = TypeVar("Named", bound=HasName)

#: Commits walked back to learn when each machine pushed last.
COMMITS = 100_000
#: As few digits of an id as name a machine.
SHORTEST = 4
_TRAILER = "\nCcsync-Machine: "


def machines(ws: Workspace) -> tuple[MachineState, ...]:
    """The machines of the branch, this one first, then whoever pushed last. Offline; raises NotInitialised."""
    require_init(ws)
    return listing(ws, catalogue.load(ws))


def listing(ws: Workspace, known: Catalogue) -> tuple[MachineState, ...]:
    """The machines of a catalogue."""
    here, (tip, there) = ws.here, seen(ws)
    pushed = _own_push(ws) | _pushed(ws, tip)
    added: dict[str, int] = {}
    for card in known.cards.values():
        added[card.meta.machine] = added.get(card.meta.machine, 0) + 1
    every = {here.id: Machine(here.id, here.name, os_name()), **known.machines, **there}
    every[here.id] = every[here.id]._replace(name=here.name)
    found = [
        MachineState(one.id, one.name, one.os, pushed.get(one.id, ""), added.get(one.id, 0), one.id == here.id, one.open)
        for one in every.values()
    ]  # fmt: skip
    newest = sorted(found, key=lambda one: one.pushed, reverse=True)
    return tuple(sorted(newest, key=lambda one: not one.here))


def seen(ws: Workspace) -> tuple[str, dict[str, Machine]]:
    """The destination's tip as it was seen last (ours where there is none), and its machines if it went on without us."""
    route = gap.route(ws)
    theirs = ws.tip(route.tracking) if route else ""
    if not route or not theirs or theirs == ws.tip():
        return ws.tip(), {}
    if ws.tip() and refs.is_ancestor(ws.repo, theirs, ws.tip()):
        return theirs, {}
    return theirs, catalogue.machines_in(ws, ws.tree(route.tracking))


def _own_push(ws: Workspace) -> dict[str, str]:
    """This machine's id -> when it pushed last, as its state tells: it has, also where another beginning took the ref."""
    last = Marks(ws.state).get("push")
    return {ws.here.id: stamp(int(last))} if last.isdecimal() and len(last) < 12 else {}


def _pushed(ws: Workspace, tip: str) -> dict[str, str]:
    """Machine id -> when its last commit up to `tip` was made, but for those of `init`, from a cache and the commits since."""
    path = os.path.join(ws.state, "pushed")
    held = files.load_cache(path)
    seen, times = held if isinstance(held, tuple) and len(held) == 2 else ("", {})
    if not tip or seen == tip:
        return dict(times) if tip else {}
    fresh: dict[str, str] = {}
    for commit in clear.commits(ws, tip, limit=COMMITS):
        if commit.oid == seen:
            fresh = {**times, **fresh}
            break
        if commit.message.partition("\n")[0].endswith(SETTING_UP):
            continue
        identity = commit.message.partition(_TRAILER)[2][:16]
        fresh.setdefault(identity, stamp(commit.time))
    if ws.initialised:
        catalogue.save(path, (tip, fresh))
    return fresh


def writer(message: str) -> str:
    """The id of the machine that made the commit with this message, "" if it does not say."""
    found = message.partition(_TRAILER)[2][:16]
    return found if is_machine_id(found) else ""


def stamp(seconds: int) -> str:
    """Seconds since the epoch as the branch writes a time (ISO 8601, UTC)."""
    import time

    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def named(every: Iterable[Named], word: str, what: str = "machine", shown_by: str = "machine list") -> Named:
    """The one that `word` means: a name, an id or the beginning of one. NotFound, which says by which command they are
    shown, or Usage for several.
    """
    known = list(every)
    found = [one for one in known if one.name == word]
    if not found and len(word) >= SHORTEST:
        found = [one for one in known if one.id.startswith(word.lower())]
    if not found:
        raise NotFound(f"no {what} '{word}'", f"run 'git ccsync {shown_by}' to see them")
    if len(found) > 1:
        raise Usage(f"'{word}' means {len(found)} of them", *(f"{one.id}  {one.name}" for one in found))
    return found[0]


def checked_name(name: str) -> str:
    """`name` without white space around it; Usage unless that is a name as messages, titles and file names can hold it."""
    kept = own.clean_name(name)
    if not kept or kept != name.strip():
        raise Usage("the name of a machine is one line of at most 64 printable characters")
    return kept


def rename(here: Here, name: str, others: Iterable[Machine] = ()) -> str:
    """Give this machine another name, in config.toml; the next push tells the others. Out: the name as kept.

    Usage if `name` is none, Refused if one of `others` has it.
    """
    kept = checked_name(name)
    if any(one.name == kept and one.id != here.id for one in others):
        raise Refused(
            f"another machine of this branch has the name '{kept}'", "run 'git ccsync machine list' to see them"
        )
    own.save_config(here._replace(name=kept))
    return kept


def forget(ws: Workspace, word: str) -> Machine:
    """Take another machine off the branch; its sessions stay. Committed here, sent by the next push.

    Raises NotInitialised, NotFound, Refused for this machine itself.
    """
    require_init(ws)

    def work(stage: Stage) -> Machine:
        gone = named(catalogue.load(ws).machines.values(), word)
        if gone.id == ws.here.id:
            raise Refused(f"'{gone.name}' is this machine", "it would be back with its next push")
        stage.draft.remove(f"machines/{gone.id}")
        for one in leases.every(stage):
            if one.machine == gone.id:
                stage.draft.remove(lease.path(one.session))
        stage.commit(stage.tip, 0, 0, f"forget {own.clean_name(gone.name)}")
        stage.save()
        return gone

    return locking.locked(ws, False, work)
