"""key: who can read an encrypted branch, letting machines and people in, shutting them out, new keys.

Each change is on the remote when its function returns, or has not happened.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, NotFound, Refused, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Keyring, silent
from git_ccsync.operations import machines
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.operations.sealed import keys_send, keys_tree, unlock
from git_ccsync.operations.sealed.keys_send import Change
from git_ccsync.operations.sealed.keys_tree import RECOVERY, Recipient
from git_ccsync.privacy import keys, recovery
from git_ccsync.state import files, keyring, machine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.workspace import Workspace

#: How this machine stands to the branch: it reads it, it has asked to, or the branch is not encrypted.
READS, ASKED, PLAIN = "reads", "asked", "plain"


class Party(Frozen):
    """Who reads the branch, or asks to: `kind` is age, ssh-ed25519 or ssh-rsa, `words` the fingerprint of the public `key`."""

    id: str
    name: str
    kind: str
    words: str
    key: str
    here: bool = False


class Shown(Frozen):
    """How the keys stand. `state` is one of the words above; `words` is the branch's fingerprint, "" where this machine cannot
    read it; `epoch` the one that is sealed in; `recovery` whether there is a recovery code; `own` this machine's own key.
    """

    state: str
    words: str
    epoch: int
    recipients: tuple[Party, ...]
    requests: tuple[Party, ...]
    recovery: bool
    own: Party


def show(ws: Workspace, *, on_progress: OnProgress = silent) -> Shown:
    """How the keys stand, as the remote has them. Raises NotInitialised, RemoteFailed, and whatever speaks against that."""
    require_init(ws)

    def work(stage: Stage) -> Shown:
        own = _party(Recipient("", unlock.own_public(ws.here.state), ws.here.name), ws)
        if not stage.keyring:
            return Shown(ASKED if stage.marks.get(keys_send.ASKED) else PLAIN, "", 0, (), (), False, own)
        ring = _refresh(stage, on_progress)
        known = keys_tree.recipients(stage, stage.base)
        readers = tuple(_party(one, ws) for one in known.values() if one.id != RECOVERY)
        asking = tuple(_party(one, ws) for one in _asking(stage, ring).values())
        return Shown(READS, keys.words_of(ring.fingerprint), ring.current, readers, asking, RECOVERY in known, own)

    from git_ccsync.operations.run import locking

    return locking.locked(ws, False, work)


def _refresh(stage: Stage, on_progress: OnProgress) -> Keyring:
    from git_ccsync.operations.destinations import route

    keys_send.up_to_date(stage, route.find_for(stage, ""), on_progress)
    stage.save()
    return keys_send.require_keys(stage)


def _party(one: Recipient, ws: Workspace) -> Party:
    """By its key alone is told whether it is this machine: ids of machines are what somebody says."""
    here = one.public.id == unlock.own_public(ws.here.state).id
    name = one.name or one.public.comment
    return Party(one.public.id, name, one.public.kind, one.public.words, one.public.text, here)


def _asking(stage: Stage, ring: Keyring) -> dict[str, Recipient]:
    """The machines that ask to be let in and do not read the branch already, by id."""
    found, inbox = {}, [keys.identity(keys.inbox(key)) for _, key in ring.keys]
    known = keys_tree.recipients(stage, stage.base)
    for name, request in keys_tree.requests(stage, stage.base).items():
        if name not in known:
            said = (keys.decrypt(request.sealed_name, inbox) or b"").decode("utf-8", "replace")
            identity, _, called = said.partition(" ")
            found[name] = Recipient(name, request.public, machine.clean_name(called), identity[:16])
    return found


def sealed_name(ws: Workspace, inbox: str) -> bytes:
    """This machine's id and name, for those who read the branch."""
    return keys.encrypt(f"{ws.here.id} {ws.here.name}".encode(), (inbox,))


def own(ws: Workspace) -> Recipient:
    """This machine as a recipient."""
    public = unlock.own_public(ws.here.state)
    return Recipient(public.id, public, ws.here.name, ws.here.id)


def publics(word: str) -> tuple[keys.Public, ...]:
    """The public keys that `word` is, or that stand in the file of that name. BadData, Usage for a private one."""
    text = word
    if os.path.isfile(word):
        text = files.read(word, 1 << 20).decode("utf-8", "replace")
    if "PRIVATE KEY-----" in text or "AGE-SECRET-KEY-" in text.upper():
        raise Usage(
            "that is a private key, which stays where it is", "give the public one: of ~/.ssh/<name>, ~/.ssh/<name>.pub"
        )
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(keys.parse_public(line) for line in lines) or (keys.parse_public(""),)


def add(ws: Workspace, word: str, name: str = "", *, on_progress: OnProgress = silent) -> tuple[Party, ...]:
    """Let the owners of public keys read the branch (see `publics`), under `name` or their comments. Raises as `change`."""
    wanted = [
        Recipient(public.id, public, machine.clean_name(name or public.comment) or public.kind)
        for public in publics(word)
    ]  # fmt: skip

    def draft(stage: Stage, ring: Keyring) -> tuple[Change, tuple[Party, ...]]:
        known = keys_tree.recipients(stage, stage.base)
        new = [one for one in wanted if one.id not in known]
        for one in new:
            keys_tree.let_in(stage, ring, one)
        told = tuple(_party(known.get(one.id, one), ws) for one in wanted)
        return Change(f"let in {len(new)} more" if new else "", ring), told

    return keys_send.change(ws, draft, on_progress)


def approve(ws: Workspace, identity: str, *, on_progress: OnProgress = silent) -> Party:
    """Let the machine that asks with the key of this id read the branch. NotFound if none does; raises as `change`."""

    def draft(stage: Stage, ring: Keyring) -> tuple[Change, Party]:
        one = _asking(stage, ring).get(identity)
        if not one:
            raise NotFound(f"nobody asks with the key '{identity[:8]}'")
        keys_tree.let_in(stage, ring, one._replace(name=one.name or one.public.kind))
        return Change("let in a machine", ring), _party(one, ws)

    return keys_send.change(ws, draft, on_progress)


def chosen(parties: Sequence[Party], word: str, what: str) -> Party:
    """The one of `parties` that `word` means. Errors as `machines.named`."""
    return machines.named(parties, word, what, "key show")


def remove(ws: Workspace, word: str, *, on_progress: OnProgress = silent) -> tuple[Party, int]:
    """Shut out the recipient that `word` means: a new epoch begins, whose key all others get. Or turn down a request.

    Out: who, and the epoch from then on. Refused for this machine itself; raises as `change`.
    """

    def draft(stage: Stage, ring: Keyring) -> tuple[Change, tuple[Party, int]]:
        known, asking = keys_tree.recipients(stage, stage.base), _asking(stage, ring)
        every = [_party(one, ws) for one in (*known.values(), *asking.values()) if one.id != RECOVERY]
        gone = chosen(every, word, "machine or key")
        if gone.here:
            raise Refused(f"'{gone.name}' is this machine", "another machine can remove it")
        if gone.id not in known:
            stage.draft.remove(f"{keys_tree.REQUESTS}/{gone.id}")
            return Change("turn down a request", ring), (gone, ring.current)
        keys_tree.shut_out(stage, ring, gone.id)
        ring = _next(stage, ring, {name: one for name, one in known.items() if name != gone.id})
        return Change("begin another epoch", ring), (gone, ring.current)

    return keys_send.change(ws, draft, on_progress)


def _next(stage: Stage, ring: Keyring, to: dict[str, Recipient]) -> Keyring:
    """Draft another epoch for the recipients `to`; the keyring with its key."""
    ring = keyring.extended(ring, ring.current + 1, os.urandom(keyring.SIZE))
    stage.seal_with(ring)
    keys_tree.put_epoch(stage, ring, ring.current, to)
    return ring


def rotate(ws: Workspace, *, on_progress: OnProgress = silent) -> tuple[int, str]:
    """A new epoch and a new recovery code; those who read the branch go on doing so. Out: the epoch, the code.

    What was sealed before can be read with the keys that were given out before. Raises as `change`.
    """
    code = recovery.make()

    def draft(stage: Stage, ring: Keyring) -> tuple[Change, tuple[int, str]]:
        ring = next_epoch(stage, ring, code)
        return Change("begin another epoch", ring), (ring.current, code)

    return keys_send.change(ws, draft, on_progress)


def next_epoch(stage: Stage, ring: Keyring, code: str, *, after: Keyring | None = None) -> Keyring:
    """Draft another epoch for everybody who reads the branch, and a new recovery code. Out: the keyring with its key.
    `after`: the keyring that it is to follow, where an attempt before this one came to nothing.
    """
    known = keys_tree.recipients(stage, stage.base)
    known.pop(RECOVERY, None)
    if after and after.current < ring.current:
        learned = any(number > after.current for number in keys_tree.epochs(stage, stage.base))
        ring = ring if learned else after
    ring = _next(stage, ring, known)
    keys_tree.let_in(stage, ring, _recoverer(code))
    return ring


def new_code(ws: Workspace, *, on_progress: OnProgress = silent) -> str:
    """A new recovery code in the place of the one before, if there was one. Raises as `change`."""
    code = recovery.make()

    def draft(stage: Stage, ring: Keyring) -> tuple[Change, str]:
        keys_tree.let_in(stage, ring, _recoverer(code))
        return Change("make a recovery code", ring), code

    return keys_send.change(ws, draft, on_progress)


def _recoverer(code: str) -> Recipient:
    return Recipient(RECOVERY, keys.public_of(recovery.secret_of(code)), RECOVERY)


def check_code(code: str) -> str:
    """The secret key of a recovery code as it was typed. Usage if it is none."""
    try:
        return recovery.secret_of(code)
    except BadData as error:
        raise Usage(error.message) from None
