"""What runs behind hooks: capture, push and pull as by hand, but with the repository's lock let go while the network works.

A remote that never answers may then keep nobody else from committing here: not the end of a session, not a person.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import RefNotAllowed, RemoteFailed, Stalled
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import remote as git_remote
from git_ccsync.git import transport
from git_ccsync.git import url as urls
from git_ccsync.model import PullResult, RemoteResult, silent
from git_ccsync.operations import pull, push
from git_ccsync.operations.capturing import idle, intake, redacted
from git_ccsync.operations.destinations import further, guard, route
from git_ccsync.operations.destinations.place import Destination
from git_ccsync.operations.exchange import slices, underway
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run import clear, locking
from git_ccsync.operations.run.workspace import Workspace, refreshed
from git_ccsync.state import keyring, record
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.git.answers import RefPushed
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage

#: Bytes of new text that are pushed at once (`ccsync.sliceSize` may say less): nobody looks on, and the lid may be shut at
#: any time, so that only small steps are sure to lead somewhere.
SLICE = 32 << 20
#: Seconds to wait for the lock in order to write down one line.
_BRIEF = 10.0
#: Seconds before a fetch that failed is tried once more.
_AGAIN = 0.5


class Sent(Frozen):
    """What a delivery did: whether anything went, and what should be known of it though nobody looks on."""

    sent: bool
    remarks: tuple[str, ...] = ()


class _Captured(Frozen):
    """The commits to push, none if everything is there; `problems` are sessions left out, in words."""

    ws: Workspace
    to: Destination
    parts: tuple[str, ...]
    problems: tuple[str, ...]
    marks: dict[str, str]


def capture(ws: Workspace, moment: str, session: str) -> None:
    """Commit here what is new, and how sessions stand; nothing is sent. Locked if somebody is at work for long."""
    locking.locked(ws, False, lambda stage: _capture(stage, moment, session, hushed=False))


def push_new(ws: Workspace, *, hushed: bool = True) -> Sent:
    """Capture, and bring the branch to the remote. `hushed`: not for the sake of this machine's own file alone.

    Raises Refused (nobody agreed, public by now), RemoteFailed and what else ends a push.
    """
    if hushed and idle.nothing_to_push(ws, ""):
        return Sent(False)
    verb = record.together("push")
    taken = locking.locked(ws, False, lambda stage: _capture(stage, leases.PUSH, "", hushed=hushed), verb=verb)
    if not taken.parts:
        return _owed(taken)
    guard.check(taken.ws, taken.to)
    _settle(taken)
    stall = taken.ws.config.get_int("ccsync.stallLimit", 60)
    before = Marks(taken.ws.state).get(f"seen {taken.to.tracking}")
    old = ""
    _record(taken, before, verb)
    whole = taken.to.urls[0].startswith(urls.BUNDLES)  # of bundles each has all before it
    for part in taken.parts[-1:] if whole else taken.parts:
        sent = _send(taken, taken.to.urls[0], part, taken.to.tracking, stall)
        if sent.status == "rejected":  # somebody was faster: fetch and replay, as by hand
            result = push.push(refreshed(taken.ws))
            return Sent(True, (*taken.problems, *result.warnings))
        old = old or sent.old
    _note(taken)
    lost = before and sent.status == "pushed" and slices.is_lost(taken.ws.repo, before, old)
    rewound = (f"'{taken.to.ref}' went backwards on the remote; what was lost there was sent again",) if lost else ()
    return Sent(True, (*taken.problems, *rewound, *_further(taken, stall)))


def _settle(taken: _Captured) -> None:
    """Note where the remote leads, now that it is sure that somebody agreed to it."""
    if not route.is_moved(taken.ws, Marks(taken.ws.state), taken.to):
        return
    from git_ccsync.operations.run.stage import Stage

    with Lock(os.path.join(taken.ws.state, "lock"), _BRIEF), Stage(refreshed(taken.ws)) as stage:
        route.settle(stage, taken.to)


def _record(taken: _Captured, seen: str, verb: str) -> None:
    """Tell `undo` what is about to be sent."""
    to, told = taken.to, record.Recorder(taken.ws.state, verb)
    told.mark(f"seen {to.tracking}", seen)
    told.sent(to.remote or to.urls[0], to.ref, to.tracking, taken.ws.tip(to.tracking), taken.parts[-1])
    told.close()


def _capture(stage: Stage, moment: str, session: str, *, hushed: bool) -> _Captured:
    stage.hushed, stage.slice = hushed, min(stage.slice, SLICE)
    to = route.find(stage.ws, "", stage.index)
    route.overlook(stage, to, "")
    if not stage.tip:
        from git_ccsync.operations.exchange import fetch as fetching

        route.settle(stage, to)
        fetching.begin_there(stage, to, silent)
    leases.note(stage, moment, session)
    captured = intake.take(stage, (), silent)
    owed = further.is_owed(stage.marks, to.tracking, stage.ws.tip(to.tracking))
    due = bool(stage.tip) and (stage.base != stage.ws.tree(to.tracking) or owed)
    parts = slices.to_push(stage, stage.ws.tip(to.tracking)) if due and moment == leases.PUSH else ()
    problems = tuple(f"'{problem.subject}': {problem.reason}" for problem in captured.problems)
    marks = redacted.told(stage) | stage.burden(bool(parts))
    return _Captured(stage.ws, to, parts, problems, marks)


def _send(taken: _Captured, url: str, commit: str, tracking: str, stall: int) -> RefPushed:
    target = git_remote.target_at(taken.ws.config, taken.to.remote, url, tracking)
    spec = [(commit, taken.to.ref)]
    if url.startswith(urls.BUNDLES):
        from git_ccsync.operations.destinations import shelf

        target = shelf.target(refreshed(taken.ws), target)
    sending_it = transport.push(taken.ws.repo, target, spec, stall=stall, tracking=tracking, prompt=False)
    try:
        (sent,) = sending_it.finish()
    finally:
        sending_it.close()
    if sent.status == "refused":
        if taken.ws.tip(taken.to.tracking):
            raise RemoteFailed(f"'{taken.to.name}' refused the push: {sent.said or sent.reason}")
        raise RefNotAllowed(f"'{taken.to.name}' does not accept '{taken.to.ref}'")
    return sent


def _owed(taken: _Captured) -> Sent:
    """With nothing new: send what the first push URL has to the further ones that lack it, as after a failure there."""
    to = taken.to
    tip = taken.ws.tip(to.tracking)
    if not tip or not further.lacking(Marks(taken.ws.state), to.urls, to.ref, tip):
        return Sent(False, taken.problems)
    guard.check(taken.ws, to)
    stall = taken.ws.config.get_int("ccsync.stallLimit", 60)
    return Sent(True, (*taken.problems, *_further(taken._replace(parts=(tip,)), stall)))


def _further(taken: _Captured, stall: int) -> list[str]:
    """Send the same to the further push URLs that lack it; what went wrong there."""
    remarks, results, tip = [], [], taken.parts[-1]
    if len(taken.to.urls) < 2:
        return []
    lacking = further.lacking(Marks(taken.ws.state), taken.to.urls, taken.to.ref, tip)
    for url in taken.to.urls[1:]:
        shown = git_remote.without_credentials(url)
        if url not in lacking:
            results.append(RemoteResult(shown, "up-to-date"))
            continue
        try:
            sent = _send(taken, url, tip, "", stall)
            results.append(RemoteResult(shown, sent.status))
            if sent.status == "rejected":
                remarks.append(f"'{shown}' rejected the branch")
        except RemoteFailed as error:
            results.append(RemoteResult(shown, "failed"))
            remarks.append(error.message)
    if results:
        _put(taken, further.arrived(taken.to.urls, results, taken.to.ref, tip))
    return remarks


def _note(taken: _Captured) -> None:
    seen = {f"seen {taken.to.tracking}": taken.parts[-1], "push": str(int(time.time()))}
    if taken.to.urls[0].startswith(urls.BUNDLES):
        from git_ccsync.operations.destinations import shelf

        seen |= shelf.with_merged(Marks(taken.ws.state), taken.to.tracking, taken.parts[-1])
    _put(taken, seen | taken.marks)


def _put(taken: _Captured, marks: dict[str, str]) -> None:
    """Set marks, such as the high-water mark, on top of what others may have set while the network worked."""
    with Lock(os.path.join(taken.ws.state, "lock"), _BRIEF):
        Marks(taken.ws.state).put(marks)


def fetch(ws: Workspace, *, patience: int = 0) -> bool:
    """Bring the remote's branch into its tracking ref, without any lock; False if there is none. RemoteFailed.
    `patience` as in `route.start_fetch`.
    """
    to = _destination(ws)
    found = _fetch(ws, to, patience)
    if found and keyring.is_sealed(Marks(ws.state)):
        _vet(ws, to)
    with clear.reader(ws) as reader:
        leases.watch(ws, reader, refreshed(ws).tree(to.tracking))
    return found


def _vet(ws: Workspace, to: Destination) -> None:
    """Judge what came to an encrypted branch before anybody reads it, and take up the keys of new epochs."""
    from git_ccsync.operations.exchange import fetch as fetching
    from git_ccsync.operations.run.stage import Stage

    with Lock(os.path.join(ws.state, "lock"), _BRIEF), Stage(refreshed(ws)) as stage:
        fetching.vet(stage, to)


def _fetch(ws: Workspace, to: Destination, patience: int = 0) -> bool:
    try:
        return route.start_fetch(ws, to, patience=patience).finish()
    except Stalled:
        raise
    except RemoteFailed:  # perhaps only because a push of ours moved the tracking ref meanwhile
        time.sleep(_AGAIN)
    return route.start_fetch(ws, to, patience=patience).finish()


def _destination(ws: Workspace) -> Destination:
    from git_ccsync.operations.destinations import destination

    return route.remembered(ws, "") or destination.resolve(ws.repo, ws.config, ws.branch)


class _Fetched(git_remote.Fetch):
    """A fetch that is over already, as `pull` takes one."""

    def __init__(self, found: bool) -> None:
        self._found = found

    def finish(self, on_progress: OnProgress | None = None) -> bool:  # noqa: ARG002 -- nothing is left to be told
        """What it found."""
        return self._found

    def close(self) -> None:
        """Nothing is left to end."""


def pull_new(ws: Workspace, session: str, pid: int) -> PullResult:
    """Fetch, then merge and install. `session` is being resumed by process `pid`, whatever its marker says yet: it is
    not written. Errors as `pull.pull`.
    """
    to = _destination(ws)
    underway.hand_over(ws, to, _Fetched(_fetch(ws, to)))

    def work(stage: Stage) -> PullResult:
        stage.hushed, stage.slice = True, min(stage.slice, SLICE)
        if session:
            stage.live.setdefault(session, pid)
        leases.note(stage, leases.START, session)
        return pull.pull_stage(stage, "", (), silent)

    try:
        return locking.locked(refreshed(ws), False, work, verb="pull")
    finally:
        underway.cancel()
