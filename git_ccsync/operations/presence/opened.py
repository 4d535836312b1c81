"""Which sessions this machine has open, and which it left without closing them: what `machines/<id>` tells the others.

Known from the processes that hold sessions, and from what hooks wrote down (`state.held`), if there are hooks.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import live
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.overview import names
from git_ccsync.state import held
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.model import Machine
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.held import Held

#: Seconds for which a session without a known process counts as open after its last prompt.
QUIET = 1800


class Opened(Frozen):
    """Session ids as they are on the branch, sorted."""

    open: tuple[str, ...]
    unfinished: tuple[str, ...]


def here(stage: Stage, said: Machine) -> Opened:
    """How the sessions of this repository stand on this machine; `said` is what the branch says of it."""
    kept = {os.path.basename(path)[:-6]: str(entry[5]) for path, entry in stage.index.raw().items() if entry[8]}
    open_ = {kept[name] for name in stage.live if name in kept}
    unfinished = set(said.unfinished)
    for name, one in held.every(stage.ws.state).items():
        session = kept.get(name, name)
        if one.state == held.OPEN and is_alive(name, one, stage.live):
            open_.add(session)
        elif one.state == held.CLOSED:
            _close(stage, name, session, one, said)
            unfinished.discard(session)
        else:
            unfinished.add(session)
        if one.state != held.OPEN and stage.live.get(name) == one.pid:  # that process is on its way out
            open_.discard(session)
    left = {session for session in unfinished - open_ if _is_ours(stage, session)}
    if left:
        left -= _taken_off(stage, left)
    return Opened(tuple(sorted(filter(stage.draft.session, open_))), tuple(sorted(left)))


def is_alive(session: str, one: Held, markers: dict[str, int]) -> bool:
    """Whether the process that was seen to begin the session still runs; `markers` as `live.live_sessions` tells them."""
    if one.pid:
        return live.running(one.pid, one.start)
    return session in markers or abs(time.time() - one.prompted) < QUIET


def _close(stage: Stage, name: str, session: str, one: Held, said: Machine) -> None:
    """A closed session is remembered until the branch and its process have let go of it."""
    gone = session not in said.open and session not in said.unfinished
    if gone and not stage.dry_run and not is_alive(name, one, stage.live):
        held.drop(stage.ws.state, name)


def _taken_off(stage: Stage, left: set[str]) -> set[str]:
    """Of these sessions those that another machine has marked as done, as they are now."""
    marks = [mark for one in _others(stage) for mark in one.done if mark[0] in left]
    return {session for session, tree in marks if _stands(stage, session, tree)}


def still(stage: Stage, marks: dict[str, str]) -> dict[str, str]:
    """Of `marks` (session -> tree of its transcript) those that still stand: the session is as it was, and another
    machine still names it.
    """
    named = {session for one in _others(stage) for session in (*one.open, *one.unfinished)}
    held = ((session, tree) for session, tree in marks.items() if session in named)
    return {session: tree for session, tree in held if _stands(stage, session, tree)}


def _others(stage: Stage) -> Iterator[Machine]:
    found = names.machines_in(stage, stage.base) if stage.base else {}
    return (one for identity, one in found.items() if identity != stage.ws.here.id)


def _stands(stage: Stage, session: str, tree: str) -> bool:
    from git_ccsync.operations.presence import taken_off

    return taken_off.stands(stage, tree, _transcript(stage, session))


def _transcript(stage: Stage, session: str) -> str:
    try:
        return branch.parts(stage, stage.draft.session(session)).transcript
    except BadData:
        return ""


def _is_ours(stage: Stage, session: str) -> bool:
    """Whether the session's newest lines came from this machine: another one has taken it up otherwise."""
    try:
        parts = branch.parts(stage, stage.draft.session(session))
        return bool(parts.transcript) and stage.meta(parts.meta).machine in ("", stage.ws.here.id)
    except BadData:
        return False
