"""Leases on the branch: taken, kept and given back for the sessions in use here, and judged for those of other machines.

Advisory: nothing is ever refused to lines because of one. Whoever holds a session says here when it begins, goes on and
ends. What this machine has seen of others' leases is `leases` in the repository's state, who holds ours is `claims`; both
may be lost: then a wait begins anew, or a lease that nobody holds is found out by its process.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import live
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, NEW
from git_ccsync.operations.run import own_file
from git_ccsync.state import files, held
from git_ccsync.store import branch, lease
from git_ccsync.store import format as layout
from git_ccsync.store.lease import Lease, Seen
from git_ccsync.store.segments import BLOB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from git_ccsync.model import Outcome
    from git_ccsync.operations.overview.names import Reads
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

START, PUSH, END = "start", "push", "end"
#: Seconds for which a lease counts that stands still (ccsync.leaseTtl).
TTL = 1800
#: How a lease stands: in force for another machine; for this one; held here by a process that is gone; stood still for
#: too long; of a machine that was forgotten; of a session that is not on the branch.
HELD, OURS, DEAD, EXPIRED, FORGOTTEN, LOST = "held", "ours", "dead", "expired", "forgotten", "lost"
#: Those that hinder nobody and can be taken away.
VOID = (DEAD, EXPIRED, FORGOTTEN, LOST)


class Standing(Frozen):
    """A lease on the branch: the holder's id, the claim, and one of the words above."""

    session: str
    machine: str
    claim: str
    state: str


class _Known(Frozen):
    """A lease of another machine as it was seen here."""

    machine: str
    seen: Seen


def note(stage: Stage, moment: str, session: str) -> None:
    """Draft what `moment` (start, push or end) of `session` ("" for all that are open here) means for its lease.

    Called under the repository's lock before the run commits. A start and a push draft nothing by themselves: `keep` does
    with the lines, for history must not fill with signs of life.
    """
    if moment == END and session:
        give_back(stage, session)


def keep(stage: Stage, outcomes: Iterable[Outcome]) -> None:
    """Draft leases beside new lines: taken for sessions that are open here by hooks, given back where nobody is left."""
    folder = branch.folder(stage, stage.base, lease.FOLDER) if stage.base else ""
    opened = held.every(stage.ws.state)
    if not folder and not opened:
        return
    there = dict(_read(stage, stage.base))
    left = own_file.opened(stage)[1]  # a process that is about to be gone may still be seen
    for session, one in there.items():
        if one.machine == stage.ws.here.id and (session in left or not in_use(stage, session)):
            stage.draft.remove(lease.path(session))
    for outcome in outcomes:
        session = outcome.session
        grown = outcome.scenario in (NEW, AHEAD) and outcome.lines
        if grown and session in opened and opened[session].state == held.OPEN and in_use(stage, session):
            before = there.get(session)
            if not before or _judge(stage, session, before).state in (EXPIRED, FORGOTTEN):
                _put(stage, session)


def claim(stage: Stage, session: str) -> Lease:
    """Draft a lease of this machine on a session, whoever holds it, for as long as this process runs."""
    made = _put(stage, session)
    known = _claims(stage.ws)
    pid = os.getpid()
    files.save_cache(_claims_path(stage.ws), {**_running(known), session: (pid, live.started(pid))})
    return made


def give_back(stage: Stage, session: str) -> bool:
    """Draft that this machine's lease on a session is gone; False if there is none."""
    forget(stage.ws, session)
    found = of(stage, session)
    if not found or found.machine != stage.ws.here.id:
        return False
    stage.draft.remove(lease.path(session))
    return True


def forget(ws: Workspace, session: str) -> None:
    """Nobody here holds the session any more."""
    known = _claims(ws)
    if known.pop(session, None):
        files.save_cache(_claims_path(ws), known)


def in_use(stage: Stage, session: str) -> bool:
    """Whether a process of this machine has the session in use, or one of ours is about to start one that will."""
    from git_ccsync.operations.presence import opened

    one = held.get(stage.ws.state, session)
    if one and one.state == held.OPEN and opened.is_alive(session, one, stage.live):
        return True
    return session in stage.live or bool(holder(stage.ws, session))


def holder(ws: Workspace, session: str) -> int:
    """The process of ours that claimed the session and still runs, 0 for none."""
    found = _running(_claims(ws)).get(session)
    return found[0] if found else 0


def at_work(ws: Workspace, session: str) -> int:
    """The process that has the session in use as far as hooks and our own claims tell, 0 for none known."""
    one = held.get(ws.state, session)
    known = one.pid if one and one.state == held.OPEN and live.running(one.pid, one.start) else 0
    return known or holder(ws, session)


def of(stage: Stage, session: str) -> Standing | None:
    """The lease of a session on the branch, None if there is none."""
    root = stage.base
    found = branch.entry(stage, root, lease.path(session)) if root else None
    try:
        return _judge(stage, session, lease.load(stage.blob(found[1], layout.SMALL_CAP))) if found else None
    except BadData:
        return None


def every(stage: Stage) -> tuple[Standing, ...]:
    """All leases of the branch, by session id."""
    return tuple(_judge(stage, session, one) for session, one in sorted(_read(stage, stage.base)))


def watch(ws: Workspace, reader: Reads, root: str) -> None:
    """Look at the leases in a tree that was just fetched or merged, and remember which were seen in this state first.

    The same tree must not be looked at again after a newer one: what is newer counts as a sign of life.
    """
    now, known, found = time.time(), _seen(ws), {}
    for session, one in _read(reader, root):
        if one.machine != ws.here.id:
            lines, writer = _session(reader, root, session)
            before = known[session].seen if session in known else None
            seen = lease.observe(before, one.claim, lines, by_holder=writer == one.machine, now=now)
            found[session] = _Known(one.machine, seen)
    if found != known:
        files.save_cache(_seen_path(ws), {session: (one.machine, *one.seen) for session, one in found.items()})


def in_force(ws: Workspace) -> dict[str, str]:
    """Session -> the other machine that holds it, as far as was seen when a branch came here last. Reads one small file."""
    found = _seen(ws)
    ttl, now = _ttl(ws), time.time()
    return {session: one.machine for session, one in found.items() if not lease.expired(one.seen, ttl, now)}


def _put(stage: Stage, session: str) -> Lease:
    made = Lease(stage.ws.here.id, os.urandom(8).hex())
    stage.draft.put(lease.path(session), stage.sink.add("blob", lease.dump(made)))
    return made


def _judge(stage: Stage, session: str, one: Lease) -> Standing:
    return Standing(session, one.machine, one.claim, _state(stage, session, one))


def _state(stage: Stage, session: str, one: Lease) -> str:
    if not stage.draft.session(session):
        return LOST
    if one.machine == stage.ws.here.id:
        return OURS if in_use(stage, session) else DEAD
    if one.machine not in branch.machines(stage, stage.base):
        return FORGOTTEN
    known = _seen(stage.ws).get(session)
    still = known and known.seen.claim == one.claim and lease.expired(known.seen, _ttl(stage.ws), time.time())
    return EXPIRED if still else HELD


def _ttl(ws: Workspace) -> int:
    return ws.config.get_int("ccsync.leaseTtl", TTL)


def _read(reader: Reads, root: str) -> Iterator[tuple[str, Lease]]:
    """(session, lease) of every entry that is one."""
    folder = branch.folder(reader, root, lease.FOLDER) if root else ""
    for entry in reader.tree(folder) if folder else ():
        session = entry.name.decode("ascii", "replace")
        if entry.mode == BLOB and layout.is_session_id(session):
            try:
                yield session, lease.load(reader.blob(entry.oid, layout.SMALL_CAP))
            except BadData:
                continue


def _session(reader: Reads, root: str, session: str) -> tuple[str, str]:
    """(transcript, machine that added to it last) of a session."""
    try:
        parts = branch.parts(reader, branch.folder(reader, root, layout.session_path(session)))
        meta = layout.load_meta(reader.blob(parts.meta, layout.SMALL_CAP)) if parts.meta else None
    except BadData:
        return "", ""
    return parts.transcript, meta.machine if meta else ""


def _seen_path(ws: Workspace) -> str:
    return os.path.join(ws.state, "leases")


def _seen(ws: Workspace) -> dict[str, _Known]:
    found = files.load_cache(_seen_path(ws))
    held = found.items() if isinstance(found, dict) else ()
    return {session: _Known(one[0], Seen(*one[1:])) for session, one in held}


def _claims_path(ws: Workspace) -> str:
    return os.path.join(ws.state, "claims")


def _claims(ws: Workspace) -> dict[str, tuple[int, str]]:
    found = files.load_cache(_claims_path(ws))
    return dict(found) if isinstance(found, dict) else {}


def _running(claims: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    return {session: one for session, one in claims.items() if live.running(*one)}
