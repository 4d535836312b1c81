"""Sending: what push does once there is something to do: push, and catch up when somebody was faster."""

from __future__ import annotations

import time

from git_ccsync.errors import CcsyncError, RefNotAllowed, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import remote as git_remote
from git_ccsync.git.push import Push
from git_ccsync.git.url import BUNDLES, without_credentials
from git_ccsync.model import BEHIND, DIVERGED, Outcome, Progress, PushResult, RemoteResult
from git_ccsync.operations.capturing import censor, intake, redacted
from git_ccsync.operations.companions import beside
from git_ccsync.operations.destinations import further, route
from git_ccsync.operations.exchange import dropped, slices
from git_ccsync.operations.overview import names
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.stage import Stage
from git_ccsync.state.marks import KEY_UNTOLD
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.answers import RefPushed
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace


#: Times that a rejected push is tried again: with 8 machines at once 8 were needed, measured with another tool.
TRIES = 16
#: The same in a row after which nothing had moved there: whoever is faster holds the ref's lock for a moment, so this is
#: no contention, but a lock that was left behind, say.
UNMOVED = 4
LATER = "the sessions are committed here; once that is mended there, the next push sends them"
#: Full jitter: a random part of a delay (seconds) that doubles with each try up to this.
FIRST_DELAY, MAX_DELAY = 0.05, 3.0


def push_locked(
    ws: Workspace, *, remote: str, sessions: Sequence[str], dry_run: bool, on_progress: OnProgress
) -> PushResult:
    """`push` with the lock; parameters and errors as there."""
    return locking.locked(ws, dry_run, lambda stage: push_stage(stage, remote, sessions, on_progress), verb="push")


def push_stage(stage: Stage, remote: str, sessions: Sequence[str], on_progress: OnProgress) -> PushResult:
    """`push` within a run that has the lock."""
    destination = route.find(stage.ws, remote, stage.index)
    route.overlook(stage, destination, remote)
    ws = stage.ws
    if not stage.tip:
        from git_ccsync.operations.exchange import fetch as fetching

        route.settle(stage, destination)
        fetching.begin_there(stage, destination, on_progress)
    said: list[str] = []
    if stage.marks.get(KEY_UNTOLD):
        from git_ccsync.operations.sealed import enrol

        said = enrol.untold(stage)
    stage.landing.waits = bool(stage.tip) and ws.tip(destination.tracking) == stage.tip
    captured = intake.take(stage, sessions, on_progress, save=False)
    shown = names.of_stage(stage)
    result = PushResult(
        remote=destination.remote, url=destination.shown, ref=destination.ref, dry_run=stage.dry_run,
        problems=captured.problems, outcomes=shown.told(captured.outcomes), lines=captured.lines, bytes=captured.bytes,
        sessions=len({o.copy or o.session for o in captured.outcomes if o.scenario != BEHIND}), warnings=tuple(said),
    )  # fmt: skip
    result = redacted.added(stage, result)
    if ws.tree() != ws.tree(destination.tracking):
        from git_ccsync.operations.exchange import unsent

        result = unsent.add(stage, destination, result)
    there = destination.tracking
    due = bool(stage.tip and (stage.base != ws.tree(there) or further.is_owed(stage.marks, there, ws.tip(there))))
    due = due or bool(stage.tip and further.lacking(stage.marks, destination.urls, destination.ref, stage.tip))
    if stage.dry_run or not due:
        nothing = not due and not (stage.dry_run and result.sessions)
        if not nothing:
            _check(ws, destination)  # what would be refused is not what would be done
        stage.save()
        return beside.told(stage, result._replace(up_to_date=nothing))
    if not branch.entry(stage, stage.base, "format"):  # without it nobody could pull
        stage.commit(stage.tip, 0, 0, "put 'format' back")
    return beside.told(stage, send(stage, destination, result, on_progress))


def _check(ws: Workspace, destination: Destination) -> None:
    from git_ccsync.operations.destinations import guard

    guard.check(ws, destination)


def send(stage: Stage, destination: Destination, result: PushResult, on_progress: OnProgress) -> PushResult:
    """Push what the local branch has; `result` with what became of it."""
    try:
        _check(stage.ws, destination)
    except CcsyncError:  # what was committed, and what was redacted of it, is told by the push that sends it
        stage.landing.settle()
        stage.save()
        raise
    route.settle(stage, destination)
    return _Sending(stage, destination, result, on_progress).run()


def stuck(destination: Destination, said: RefPushed | None, hint: str, reason: str = "") -> RemoteFailed:
    """The error of a push that is rejected again and again though the remote stands still; `said` was its last answer,
    of which `reason` is told where it is None.
    """
    cause, rest = said.cause() if said else (reason, b"")
    return RemoteFailed(
        f"'{destination.name}' rejects the push although nothing has moved there: {cause}",
        hint,
        stderr=rest,
    )


class _Sending:
    """A push under way: the first URL with replay and retries, then the further ones."""

    def __init__(self, stage: Stage, destination: Destination, result: PushResult, on_progress: OnProgress) -> None:
        self.stage, self.destination, self.result, self.on_progress = stage, destination, result, on_progress
        self.stall = stage.ws.config.get_int("ccsync.stallLimit", 60)
        self.outcomes: list[Outcome] = []
        self.warnings: list[str] = []
        self.expected = stage.marks.get(f"seen {destination.tracking}")
        self.there = stage.ws.tip(destination.tracking)
        self.parts: tuple[str, ...] = ()
        self.unmoved = 0
        self.unseen = not self.there
        self.said: RefPushed | None = None
        stage.undo.mark(f"seen {destination.tracking}", self.expected)

    def run(self) -> PushResult:
        sent = self._with_retries()
        self.stage.landing.settle()  # what comes now is for a branch that has moved
        rest = [self._further(url) for url in self.destination.urls[1:]]
        marks = {"push": str(int(time.time()))} | self._warn_once() | redacted.told(self.stage)
        marks |= further.arrived(self.destination.urls, rest, self.destination.ref, self.stage.tip)
        self.stage.seen(self.destination.tracking, self.stage.tip, **marks)
        return self._told(sent)._replace(
            old=sent.old, new=self.stage.tip, up_to_date=all(one.status == "up-to-date" for one in (sent, *rest)),
            warnings=(*self.result.warnings, *self.warnings), remotes=(sent, *rest),
        )  # fmt: skip

    def _told(self, sent: RemoteResult) -> PushResult:
        if not self.outcomes and not self.unseen:
            return self.result
        from git_ccsync.operations.exchange import unsent

        told = unsent.since(self.stage, self.result, sent) if self.unseen else self.result
        return unsent.merged(self.stage, told, self.outcomes) if self.outcomes else told

    def _warn_once(self) -> dict[str, str]:
        if self.stage.lens or self.stage.codecs.censor.mode != censor.OFF or self.stage.marks.get("told-unchecked"):
            return {}
        self.warnings.append("contents are not checked for secrets")
        return {"told-unchecked": "1"}

    def _with_retries(self) -> RemoteResult:
        delay = FIRST_DELAY
        for attempt in range(TRIES):
            self.parts = slices.to_push(self.stage, self.there)
            sent = self._send(self.destination.urls[0], self.destination.tracking)
            if sent.status != "rejected":
                self._notice_known(sent)
                self._notice_rewind(sent)
                return sent
            self.result = self.result._replace(retries=attempt + 1)
            if attempt:
                _pause(delay)
                delay = min(MAX_DELAY, delay * 2)
            if self._catch_up():
                self.parts = (self.stage.tip,)  # for the further URLs: what they are to have too
                return RemoteResult(self.destination.shown, "up-to-date", "", self.stage.tip)
            if self.unmoved == UNMOVED:
                raise stuck(self.destination, self.said, LATER, sent.reason)
        raise RemoteFailed(
            f"'{self.destination.name}' moved on {TRIES} times while we pushed",
            "the sessions are committed here; push again in a moment",
        )

    def _notice_known(self, sent: RemoteResult) -> None:
        """Note that the remote had all of it before, if it did: then an undo has nothing to take off."""
        if sent.status == "up-to-date" and self.there != self.parts[-1]:
            self._note_for_undo(self.destination.urls[0], self.parts[-1])

    def _notice_rewind(self, sent: RemoteResult) -> None:
        """Say so if the remote had lost what we saw there, although it took our push (which sent it again)."""
        if sent.status == "pushed" and self.expected and slices.is_lost(self.stage.ws.repo, self.expected, sent.old):
            self._warn_rewound()

    def _warn_rewound(self) -> None:
        self.warnings.append(
            f"'{self.destination.ref}' went backwards on the remote; what was lost there is sent again"
        )

    def _send(self, url: str, tracking: str) -> RemoteResult:
        self.on_progress(Progress("pushing", 0, 0))
        if tracking:
            self._note_for_undo(url, self.there)
        if url.startswith(BUNDLES):
            from git_ccsync.operations.destinations import shelf

            result, said = shelf.send(self.stage, self.destination, url, tracking)
            self.warnings += said
            return result
        target = git_remote.target_at(self.stage.ws.config, self.destination.remote, url, tracking)
        old = ""
        for part in self.parts:
            sent = self._send_part(target, part, tracking)
            if sent.status == "refused":
                raise self._refusal(sent)
            old, self.said = old or sent.old, sent
            if sent.status == "rejected" and tracking:  # a further URL may be further than this part
                break
        return RemoteResult(without_credentials(url), sent.status, old, sent.new, sent.reason)

    def _note_for_undo(self, url: str, old: str) -> None:
        to = self.destination
        self.stage.undo.sent(to.remote or url, to.ref, to.tracking, old, self.parts[-1])

    def _refusal(self, sent: RefPushed) -> RemoteFailed:
        said = sent.quoted()
        if self.there:  # it took this ref before: a hook of its own, a quota, a lock
            return RemoteFailed(f"'{self.destination.name}' refused the push: {sent.reason}", stderr=said)
        return RefNotAllowed(
            f"'{self.destination.name}' does not accept '{self.destination.ref}'",
            "run 'git ccsync init' to use 'refs/heads/ccsync/…' instead, or another remote",
            stderr=said,
        )

    def _send_part(self, target: git_remote.Target, part: str, tracking: str) -> RefPushed:
        """Push one commit by its id; the local branch follows while the remote takes it in, the tracking ref when it has."""
        landing = self.stage.landing
        lent = landing.lend()
        pushing = Push(
            self.stage.ws.repo, target, [(part, self.destination.ref)], stall=self.stall,
            small=self.stage.is_small(self.there), alternates=lent.variable if lent else "",
        )  # fmt: skip
        try:
            if tracking:
                landing.launch_before("ccsync: push")
            else:
                landing.launch()
            self.stage.save()
            sent = pushing.finish(self.on_progress)[0]
            if tracking and sent.status in ("pushed", "up-to-date"):
                landing.follow(tracking, part)
            return sent
        finally:
            pushing.close()
            if lent:
                lent.close()

    def _further(self, url: str) -> RemoteResult:
        try:
            return self._send(url, "")
        except RemoteFailed as error:
            return RemoteResult(without_credentials(url), "failed", reason=error.message)

    def _catch_up(self) -> bool:
        """After a rejection: fetch, and put what is ours onto their tip. True if nothing is left to push."""
        from git_ccsync.operations import pull

        self.stage.landing.waits = False
        ours, before = self.stage.base, (self.there, self.stage.tip)
        theirs, merged, said = pull.catch_up(self.stage, self.destination, self.on_progress)
        self.warnings += said
        if theirs.rewound and not self.stage.remarks:
            self._warn_rewound()
        if self.stage.barred:
            from git_ccsync.operations.exchange import unsent

            self.result = unsent.without_purged(self.stage, self.result, ours, self.there)
        self.expected = self.there = theirs.tip
        self.unmoved = self.unmoved + 1 if before == (theirs.tip, self.stage.tip) else 0
        self.outcomes += [outcome for outcome in merged if outcome.scenario == DIVERGED]
        if dropped.notice(self.stage, ours):
            intake.take(self.stage, (), self.on_progress, save=False)
        self.stage.save()  # the index speaks of the branch as it is now
        return theirs.tree == self.stage.base


def _pause(limit: float) -> None:
    import random

    time.sleep(random.uniform(0, limit))  # noqa: S311 - jitter, not a secret
