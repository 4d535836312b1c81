"""How a change of keys gets to the remote: fetched, merged, drafted and pushed at once, anew if somebody was faster.

Nothing here moves before the remote has it: neither the local branch nor the keys that are kept. Else a machine whose push
never came through would be ahead of all others, in an epoch of its own.
"""

from __future__ import annotations

import time

from git_ccsync.errors import KeyMissing, Refused, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import remote as git_remote
from git_ccsync.git import transport
from git_ccsync.model import Keyring, Progress, RemoteResult
from git_ccsync.operations import pull
from git_ccsync.operations.destinations import further, guard, route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.purging import rewrite
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.operations.sealed import keys_tree
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

    Result = TypeVar("Result")

#: Times that a rejected change is made anew.
TRIES = 16


class Change(Frozen):
    """A drafted change: what the commit says ("" for nothing to change), and the keys from then on."""

    what: str
    ring: Keyring


#: The mark of a machine that has asked: the id of its key.
ASKED = "key-asked"


def waiting(ws: Workspace) -> str:
    """What is to be said of a machine that asked to read an encrypted branch and was not let in yet; "" of any other."""
    if not Marks(ws.state).get(ASKED):
        return ""
    return "is encrypted; this machine asked to be let in ('git ccsync key show'), and was not yet"


def require_keys(stage: Stage) -> Keyring:
    """The keyring of the branch. Refused if the branch is plain, KeyMissing if this machine cannot read it."""
    if stage.keyring:
        return stage.keyring
    if stage.marks.get(ASKED):
        raise not_yet()
    raise not_encrypted()


def not_yet() -> KeyMissing:
    """The refusal where this machine asked and waits."""
    return KeyMissing(
        "this machine asked to be let in to the encrypted branch, and was not yet",
        "on a machine that reads it: git ccsync key approve",
        "'git ccsync key show' tells this machine's fingerprint",
    )


def not_encrypted() -> Refused:
    """The refusal where there are no keys."""
    return Refused(
        "the sessions of this repository are not encrypted", "'git ccsync init --encrypt' encrypts them from now on"
    )


def change(ws: Workspace, draft: Callable[[Stage, Keyring], tuple[Change, Result]], on_progress: OnProgress) -> Result:
    """Let `draft` change the branch's keys on a stage that is up to date, and bring that to the remote.

    Raises NotInitialised, Refused, KeyMissing, RemoteFailed, and what `draft` raises; nothing has changed then.
    """
    require_init(ws)

    def work(stage: Stage) -> Result:
        require_keys(stage)
        to = route.find_for(stage, "")
        guard.check(stage.ws, to)
        for attempt in range(TRIES):
            up_to_date(stage, to, on_progress)
            made, result = draft(stage, before := require_keys(stage))
            keys_tree.sweep(stage)
            if not made.what or _arrives(stage, to, made, before, on_progress):
                stage.save()
                return result
            time.sleep(min(2.0, 0.05 * 2**attempt))
        raise RemoteFailed(f"'{to.name}' moved on {TRIES} times meanwhile", "nothing was changed; try again")

    return locking.locked(ws, False, work)


def _arrives(stage: Stage, to: Destination, made: Change, before: Keyring, on_progress: OnProgress) -> bool:
    """Commit what is drafted, push it, follow it here. False if somebody was faster: then the draft is as it was before."""
    tree = stage.base
    stage.seal_with(made.ring)
    oid = stage.commit_aside(stage.tip, 0, 0, made.what)
    stage.landing.settle()
    if not push(stage.ws, to, oid, on_progress):
        stage.seal_with(before)
        stage.begin(tree)
        return False
    keyring.save(stage.ws.here.state, stage.marks, made.ring)
    stage.move(oid, stage.base, made.what)
    stage.landing.settle()
    rewrite.follow(stage, to.tracking, oid)
    stage.seen(to.tracking, oid, **_further(stage, to, oid, on_progress))
    return True


def _further(stage: Stage, to: Destination, oid: str, on_progress: OnProgress) -> dict[str, str]:
    """Send the same to the further push URLs; the marks of those that took it. The others get it with the next push."""
    results = []
    for url in to.urls[1:]:
        try:
            taken = push(stage.ws, to._replace(urls=(url,)), oid, on_progress)
        except RemoteFailed:
            taken = False
        results.append(RemoteResult(url, "pushed" if taken else "failed"))
    return further.arrived(to.urls, results, to.ref, oid) if results else {}


def push(ws: Workspace, to: Destination, oid: str, on_progress: OnProgress) -> bool:
    """Push a commit that is on disk, which no ref needs to name. False if somebody was faster; RemoteFailed."""
    on_progress(Progress("pushing", 0, 0))
    target = git_remote.target_at(ws.config, to.remote, to.urls[0], to.tracking)._replace(
        machine=ws.here.id, own=to.branch
    )
    stall = ws.config.get_int("ccsync.stallLimit", 60)
    begun = transport.push(
        ws.repo, target, [(oid, to.ref)], stall=stall
    )  # the tracking ref waits for the keys to be kept
    try:
        (sent,) = begun.finish(on_progress)
    finally:
        begun.close()
    if sent.status == "refused":
        raise RemoteFailed(f"'{to.name}' refused the push: {sent.reason}", stderr=sent.quoted())
    return sent.status != "rejected"


def up_to_date(stage: Stage, to: Destination, on_progress: OnProgress) -> str:
    """Merge what the remote has; its tip. RemoteFailed, and whatever speaks against what is there."""
    theirs = fetching.fetch(stage, to, on_progress)
    pull.merge(stage, to, theirs)
    stage.landing.settle()
    return theirs.tip
