"""How a machine comes to read an encrypted branch: it begins it, asks those who read it, or has the recovery code."""

from __future__ import annotations

import os
import random
import time

from git_ccsync.errors import KeyMissing, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import commit, refs
from git_ccsync.git.objects import Reader
from git_ccsync.git.sink import Sink
from git_ccsync.model import Progress, silent
from git_ccsync.operations import keys
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import gate
from git_ccsync.operations.purging import rewrite
from git_ccsync.operations.run import message
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.operations.sealed import keys_send, keys_tree, unlock
from git_ccsync.privacy import keys as wrapping
from git_ccsync.state import keyring
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import KEY_UNTOLD, Marks
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP

if TYPE_CHECKING:
    from git_ccsync.model import Keyring, OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace

#: What the commit of a request says, to everybody.
MESSAGE = "ccsync: ask to be let in\n"
TRIES = 16


class Asked(Frozen):
    """A request on the remote: this machine's fingerprint in words. `again`: it was there before; `why` no key that we have
    opens the branch, "" if that needs no word; `lost`: this machine could read the branch before.
    """

    words: str
    name: str
    again: bool = False
    why: str = ""
    lost: bool = False


def draft_first(stage: Stage, ring: Keyring) -> None:
    """Draft the keys of a branch that begins, or begins to be encrypted: this machine reads it, and nobody else yet."""
    keys_tree.put_epoch(stage, ring, ring.current, {})
    keys_tree.let_in(stage, ring, keys.own(stage.ws))


def begin(stage: Stage) -> str:
    """Begin an encrypted branch in one commit without a parent, also where a plain one was here that nobody has: its tip.

    The key is on this disk before anything is sealed with it.
    """
    wrapping.check_installed()
    ring = keyring.save(stage.ws.here.state, stage.marks, stage.keyring or keyring.create())
    stage.seal_with(ring)
    draft_first(stage, ring)
    oid = stage.commit_aside("", 0, 0, message.BEGIN)
    stage.move(oid, stage.base, "begin an encrypted branch")
    stage.landing.settle()
    return oid


def take_back(stage: Stage, tip: str, tree: str) -> None:
    """Let an encrypted branch that was begun here and is nowhere else be what it was before: the commit `tip` with its `tree`,
    "" for nothing.
    """
    stage.landing.settle()
    refs.update(stage.ws.repo, stage.ws.ref, tip, stage.tip, "ccsync: another machine was faster")
    keyring.forget(stage.marks)
    stage.tip, stage.base = tip, tree
    stage.seal_with(None)


def convert(stage: Stage, to: Destination, on_progress: OnProgress) -> str:
    """Encrypt a branch that was plain, from now on, on top of what the remote has of it: its tip. RemoteFailed.

    What was committed here and never sent goes as it is sealed now, and no other way.
    """
    wrapping.check_installed()
    ring = keyring.create()
    for attempt in range(TRIES):
        there = keys_send.up_to_date(stage, to, on_progress)
        before = stage.base
        stage.seal_with(ring)
        draft_first(stage, ring)
        oid = stage.commit_aside(there, 0, 0, "encrypt the branch")
        stage.landing.settle()
        if keys_send.push(stage.ws, to, oid, on_progress):
            keyring.save(stage.ws.here.state, stage.marks, ring)
            stage.move(oid, stage.base, "encrypt the branch")
            stage.landing.settle()
            rewrite.follow(stage, to.tracking, oid)
            return oid
        stage.seal_with(None)
        stage.begin(before)
        time.sleep(min(2.0, 0.05 * 2**attempt))
    raise RemoteFailed(f"'{to.name}' moved on {TRIES} times meanwhile", "nothing was changed; try again")


def enter(stage: Stage, tracking: str, tip: str, tree: str) -> None:
    """Read an encrypted branch from now on whose keys were wrapped for this machine, or its user's ssh key, since last time.

    `tip` was fetched into `tracking`, `tree` is its tree. KeyMissing if they were not; whatever speaks against the tip. People
    must compare the fingerprint, which is told later (`untold`): whoever answers for the remote could give us a key.
    """
    from git_ccsync.operations.sealed import sealing

    try:
        ring = unlock.learn(stage.ws.here.state, stage.ws.environ, stage.reader, tree, None)
    except KeyMissing:
        if stage.marks.get(keys_send.ASKED):
            raise keys_send.not_yet() from None
        raise
    stage.seal_with(ring)
    try:
        sealing.check(stage, tracking, tip)
    except BaseException:
        stage.seal_with(None)
        raise
    if not stage.dry_run:
        keyring.save(stage.ws.here.state, stage.marks, ring)
        stage.marks.put({keys_send.ASKED: "", KEY_UNTOLD: ring.fingerprint})


def untold(stage: Stage) -> list[str]:
    """The fingerprint of a branch that this machine began to read since somebody last looked: told once."""
    fingerprint = stage.marks.get(KEY_UNTOLD)
    if not fingerprint or stage.dry_run:
        return []
    stage.marks.put({KEY_UNTOLD: ""})
    words = wrapping.words_of(fingerprint)
    said = f"this machine reads the encrypted branch from now on; its fingerprint is '{words}', which must be what "
    return [said + "'git ccsync key show' says on a machine that read it before"]


def ask_for(stage: Stage, to: Destination, why: KeyMissing, on_progress: OnProgress) -> Asked:
    """`ask`, and remember that. `why` is what was said of our own keys."""
    asked = ask(stage.ws, to, on_progress)
    gate.lead_back(stage, to)
    stage.marks.put({keys_send.ASKED: unlock.own_public(stage.ws.here.state).id})
    return asked._replace(why=why.message if why.hints and "passphrase" in why.message else "")


def ask(ws: Workspace, to: Destination, on_progress: OnProgress = silent) -> Asked:
    """Put a request of this machine on the branch: nothing else changes. RemoteFailed, BadData.

    The commit is not sealed, for we have no key; others take such commits if they add requests and nothing else.
    """
    own = unlock.own_public(ws.here.state)
    asked = Asked(own.words, ws.here.name)
    route.start_fetch(ws, to).finish(on_progress)
    with Reader(ws.repo) as reader:
        for attempt in range(TRIES):
            tip, tree = _theirs(reader, to)
            if branch.entry(reader, tree, f"{keys_tree.REQUESTS}/{own.id}"):
                return asked._replace(again=not attempt)
            data = wrapping.dump_request(own, keys.sealed_name(ws, keys_tree.inbox(reader, tree)))
            if keys_send.push(ws, to, _commit(ws, reader, (tip, tree), (own.id, data)), on_progress):
                return asked
            time.sleep(random.uniform(0, min(2.0, 0.05 * 2**attempt)))  # noqa: S311 - jitter, not a secret
            route.start_fetch(ws, to).finish(on_progress)
    raise RemoteFailed(f"'{to.name}' moved on {TRIES} times meanwhile", "try again")


def _theirs(reader: Reader, to: Destination) -> tuple[str, str]:
    """Tip and tree of what was fetched. KeyMissing if there is nothing."""
    tip, data = reader.tip(to.tracking, cap=SMALL_CAP)
    if not tip:
        raise KeyMissing(f"'{to.ref}' is gone from '{to.name}'")
    return tip, branch.parse_commit(data)[0]


def _commit(ws: Workspace, reader: Reader, onto: tuple[str, str], request: tuple[str, bytes]) -> str:
    """The commit with the request (id, content) on top of `onto` (commit, tree), on disk; no ref has moved."""
    with Sink(ws.repo) as sink:
        draft = branch.Draft(reader, sink, onto[1])
        draft.put(f"{keys_tree.REQUESTS}/{request[0]}", sink.add("blob", request[1]))
        made = commit.build(draft.write(), onto[0], MESSAGE, commit.identity(ws.repo.git_dir, ws.config))
        oid = sink.add("commit", made)
        sink.finish()
    return oid


def recover(ws: Workspace, code: str, *, on_progress: OnProgress = silent) -> str:
    """Read the branch by its recovery code, and let this machine's own key in. Out: the branch's fingerprint in words.

    Usage for a code that is none, KeyMissing if it is not this branch's, KeySubstituted, BadData, RemoteFailed.
    """
    require_init(ws)
    identity = wrapping.identity(keys.check_code(code))
    opener = unlock.Opener(keys_tree.RECOVERY, lambda: identity)
    to = destinations.resolve(ws.repo, ws.config, ws.branch)
    with Lock(os.path.join(ws.state, "lock")):
        ring = _opened(ws, to, opener, on_progress)
        keyring.save(ws.here.state, Marks(ws.state), ring)

    def draft(stage: Stage, ring: Keyring) -> tuple[keys_send.Change, str]:
        keys_tree.let_in(stage, ring, keys.own(stage.ws))
        return keys_send.Change("let in a machine by the recovery code", ring), wrapping.words_of(ring.fingerprint)

    return keys_send.change(refreshed(ws), draft, on_progress)


def _opened(ws: Workspace, to: Destination, opener: unlock.Opener, on_progress: OnProgress) -> Keyring:
    """The keys of what is there now, by the recovery code. KeySubstituted if this machine knows the branch by another
    fingerprint.
    """
    with Reader(ws.repo) as reader:
        wanted = keys_tree.epochs(reader, _fetched(ws, reader, to, on_progress))
        if not wanted:
            raise keys_send.not_encrypted()
        try:
            return _known(ws, unlock.unlock(reader, wanted, None, [opener]))
        except KeyMissing:
            raise KeyMissing(
                "the recovery code does not open this branch: a newer one took its place, or it is another branch's"
            ) from None


def _fetched(ws: Workspace, reader: Reader, to: Destination, on_progress: OnProgress) -> str:
    """The tree of what is there now, however it looks. KeyMissing if there is nothing."""
    on_progress(Progress("fetching", 0, 0))
    route.start_fetch(ws, to).finish(on_progress)
    return _theirs(reader, to)[1]


def _known(ws: Workspace, ring: Keyring) -> Keyring:
    """The keyring. KeySubstituted if this machine knows the branch by another fingerprint."""
    pinned = keyring.is_sealed(Marks(ws.state))
    if pinned and pinned != ring.fingerprint:
        raise unlock.other_branch(pinned, ring.fingerprint)
    return ring


def reopen(ws: Workspace, on_progress: OnProgress = silent) -> Asked | None:
    """Where the keys of an encrypted branch are gone from this machine: unwrap them again with its own key, or with its
    user's; where these are gone, too, ask to be let in. None if nothing had to be asked.
    """
    fingerprint = keyring.is_sealed(Marks(ws.state))
    if not fingerprint or keyring.read(ws.here.state, fingerprint):
        return None
    to = destinations.resolve(ws.repo, ws.config, ws.branch)
    with Lock(os.path.join(ws.state, "lock")), Reader(ws.repo) as reader:
        tree = _fetched(ws, reader, to, on_progress)
        try:
            ring = _known(ws, unlock.learn(ws.here.state, ws.environ, reader, tree, None))
        except KeyMissing:
            return ask(ws, to, on_progress)._replace(lost=True)
        keyring.save(ws.here.state, Marks(ws.state), ring)
    return None
