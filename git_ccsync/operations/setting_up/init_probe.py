"""The probe of `init`: make the branch on the remote, or take up the one that is there. Shows whether the remote takes our ref."""

from __future__ import annotations

import time

from git_ccsync.errors import BadData, RefNotAllowed, RemoteFailed, Unsupported
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import answers, refs, transport
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.exchange import replay
from git_ccsync.operations.exchange.sending import UNMOVED, stuck
from git_ccsync.operations.purging import follow_purge
from git_ccsync.operations.run import message
from git_ccsync.operations.run.workspace import LOCAL
from git_ccsync.store import branch

if TYPE_CHECKING:
    from git_ccsync.git.answers import RefPushed
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.init import Answers
    from git_ccsync.operations.run.stage import Stage

#: Times that a rejected probe is tried again: several machines may run init at once.
TRIES = 16


class Probe:
    """Make the branch on the remote, or take up the one that is there; again, if another machine was faster."""

    def __init__(self, stage: Stage, destination: Destination, answers: Answers, on_progress: OnProgress) -> None:
        self.stage, self.destination, self.answers, self.on_progress = stage, destination, answers, on_progress
        self.stall = stage.ws.config.get_int("ccsync.stallLimit", 60)
        #: The branch became an encrypted one by this.
        self.sealed = False
        self._before = "", ""
        self._said: RefPushed | None = None

    def run(self) -> tuple[str, str]:
        """How the branch came to be (see InitResult) and its tip there. RefNotAllowed, Unrelated, RemoteFailed."""
        how, had = "", bool(self.stage.tip)
        route.settle(self.stage, self.destination)
        before, unmoved = None, 0
        for attempt in range(TRIES):
            theirs = self._theirs()
            unmoved, before = (unmoved + 1 if theirs.tip == before else 0), theirs.tip
            if unmoved == UNMOVED and self._said:
                raise stuck(self.destination, self._said, "once that is mended there, run 'git ccsync init' again")
            if theirs.relation == fetching.ABSENT:
                how = "new"
            elif not had or theirs.relation == fetching.UNRELATED:
                how = "adopted"
            tip = self._adopt(theirs) if theirs.tip else self._first()
            if not tip or self._push(tip, theirs.tip):
                seen = self._encrypted() or tip or theirs.tip
                self.stage.seen(self.destination.tracking, seen, branch=self.destination.branch)
                return how, seen
            _pause(attempt)
        raise RemoteFailed(f"'{self.destination.name}' changed {TRIES} times while we looked at it", "try again")

    def _theirs(self) -> Fetched:
        """What is there; of a directory of bundles, that of one which is ours."""
        for _ in range(TRIES):
            try:
                return fetching.fetch(self.stage, self.destination, self.on_progress)
            except (BadData, Unsupported) as error:
                if self._came_too_late():
                    continue
                if not self.destination.urls[0].startswith(urls.BUNDLES):
                    raise
                from git_ccsync.git import bundles

                bundles.reject(error.message)
        return fetching.fetch(self.stage, self.destination, self.on_progress)

    def _came_too_late(self) -> bool:
        """Whether another machine began the branch while we began an encrypted one that nobody has: then ours never was."""
        stage = self.stage
        if not stage.keyring or stage.marks.get(f"seen {self.destination.tracking}"):
            return False
        if not self.sealed and not self._is_empty():
            return False
        from git_ccsync.operations.sealed import enrol

        enrol.take_back(stage, *self._before)
        self.sealed = False
        return True

    def _first(self) -> str:
        """The branch's first commit: that of the local branch, or a new one."""
        if self._is_to_seal:
            from git_ccsync.operations.sealed import enrol

            self.sealed, self._before = True, (self.stage.tip, self.stage.base)
            return enrol.begin(self.stage)
        if not self.stage.tip:
            self.stage.commit("", 0, 0, message.BEGIN)
        return _root(self.stage)

    @property
    def _is_to_seal(self) -> bool:
        """Whether the branch becomes an encrypted one: then nothing is sent as it was committed here."""
        return self.answers.encrypt and not self.stage.keyring

    def _encrypted(self) -> str:
        """Encrypt the branch if that was asked for and it is not: its tip then, "" if nothing was done."""
        if not self._is_to_seal:
            return ""
        from git_ccsync.operations.sealed import enrol

        self.sealed = True
        return enrol.convert(self.stage, self.destination, self.on_progress)

    def _adopt(self, theirs: Fetched) -> str:
        """Bring the local branch to theirs as far as that loses nothing; what to push on top of it, "" for nothing."""
        if theirs.relation == fetching.UNRELATED and not self._is_empty():
            merge = follow_purge.merge if follow_purge.kind(self.stage, theirs) else replay.replay
            if merge is replay.replay and not self.answers.join:
                raise destinations.unrelated(self.destination)
            merge(self.stage, theirs)
            return ""
        if theirs.relation in (fetching.UNRELATED, fetching.BEHIND):
            self.stage.move(theirs.tip, theirs.tree, f"adopt {self.destination.ref}")
        elif theirs.relation != fetching.SAME:
            if (
                self._is_to_seal
                or theirs.relation == fetching.AHEAD
                or branch.changed(self.stage, theirs.base_tree, self.stage.base)
            ):
                return ""  # sessions wait here: the next push carries this machine's file too
            replay.replay(self.stage, theirs)
            return self.stage.tip
        if self._is_to_seal or branch.entry(self.stage, self.stage.base, f"machines/{self.stage.ws.here.id}"):
            return ""
        self.stage.commit(self.stage.tip, 0, 0, message.JOIN)
        return self.stage.tip

    def _is_empty(self) -> bool:
        """Whether the local branch holds no session: nothing but a probe of ours that came too late."""
        return not branch.sessions(self.stage, self.stage.base)

    def _push(self, tip: str, there: str) -> bool:
        """Push the probe to where the remote stands at `there`; False if another machine was faster."""
        ws, to = self.stage.ws, self.destination
        target = git_remote.target_at(ws.config, to.remote, to.urls[0], to.tracking)._replace(
            machine=ws.here.id, own=to.branch
        )
        try:
            begun = transport.push(ws.repo, target, [(tip, to.ref)], stall=self.stall, tracking=to.tracking)
            try:
                (sent,) = begun.finish(self.on_progress)
            finally:
                begun.close()
        except RemoteFailed as error:
            if answers.denied(error):
                raise no_permission(to, error.stderr) from error
            raise
        if sent.status == "refused":
            raise _refused(to, sent) if there else _not_allowed(to, sent)
        self._said = sent
        return sent.status != "rejected"


def _refused(to: Destination, sent: RefPushed) -> RemoteFailed:
    """The error where it took this ref before, so that another one would not help."""
    return RemoteFailed(f"'{to.name}' refused the push: {sent.reason}", stderr=sent.quoted())


def _not_allowed(to: Destination, sent: RefPushed) -> RefNotAllowed:
    """The error where the remote takes no such ref; with what helps, as long as it has not been tried."""
    instead = destinations.in_heads(to.ref)
    hints = (
        f"'git ccsync init --yes' takes '{instead}' instead,",
        "    a git branch that every clone fetches",
    )
    reason = sent.reason.encode("utf-8", "replace") if sent.said else b""
    return RefNotAllowed(
        f"'{to.name}' does not accept '{to.ref}'",
        *(hints if to.ref.startswith(LOCAL) else ()),
        stderr=reason + b"\n" + sent.quoted(),
    )


def no_permission(destination: Destination, said: bytes) -> RemoteFailed:
    """The error where we may read but not write."""
    return RemoteFailed(
        f"you have no permission to push to '{destination.name}'",
        "sessions can go to a repository of your own instead:",
        "git ccsync init --remote <url>",
        stderr=said,
    )


def _root(stage: Stage) -> str:
    """The first commit of the local branch, which is a line."""
    oid = ""
    for commit in refs.commits(stage.ws.repo, stage.tip, limit=1 << 30):
        oid = commit.oid
    return oid


def _pause(attempt: int) -> None:
    import random

    time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))  # noqa: S311 - jitter, not a secret
