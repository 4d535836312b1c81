"""What the tree of an encrypted branch says of keys: whose they are, who asks for them, an epoch's key for each of them.

keys/<epoch>/<recipient's id>    the epoch's key, wrapped for one recipient        plain names, age files
keys/<epoch>/recovery            the same for the recovery code
keys/<epoch>/proof               from epoch 2 on: made with the key of the one before it
keys/<epoch>/inbox               the public key that requests are addressed to
requests/<recipient's id>        a machine that asks to be let in                  plain, unsealed
recipients/<recipient's id>      its public key and its name                       as everything else: sealed
recipients/recovery              the public key of the recovery code
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.privacy import keys
from git_ccsync.privacy.keys import EpochKey, Public
from git_ccsync.state import machine
from git_ccsync.store import branch
from git_ccsync.store import format as layout
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from typing import Protocol

    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.model import Keyring
    from git_ccsync.operations.run.stage import Stage

    class Reads(Protocol):
        """What reads objects: a Reader, a Stage."""

        def tree(self, oid: str) -> tuple[TreeEntry, ...]:
            """Entries of a tree."""

        def blob(self, oid: str, cap: int) -> bytes:
            """Content of a blob of at most `cap` bytes."""


KEYS, REQUESTS, RECIPIENTS = "keys", "requests", "recipients"
RECOVERY, PROOF, INBOX = "recovery", "proof", "inbox"
#: Epochs, recipients and requests of a branch; what is beyond is not looked at.
MAX_EPOCHS, MAX_RECIPIENTS, MAX_REQUESTS = 10_000, 1000, 100


class Recipient(Frozen):
    """Who reads the branch: a machine (`machine` is its id) or a person's ssh key (""). `id` is its key's, or RECOVERY."""

    id: str
    public: Public
    name: str
    machine: str = ""


def epochs(trees: Reads, root: str) -> dict[int, dict[str, str]]:
    """Epoch -> name -> blob, as `keys/` has them, in their order."""
    top = branch.folder(trees, root, KEYS)
    found = {}
    for entry in trees.tree(top)[:MAX_EPOCHS] if top else ():
        number = _number(entry.name)
        if number and entry.mode == TREE:
            found[number] = _blobs(trees, entry.oid)
    return dict(sorted(found.items()))


def _number(name: bytes) -> int:
    """The epoch that a name means, 0 for none."""
    good = name.isdigit() and len(name) < 10 and name[:1] != b"0"
    return int(name) if good else 0


def _blobs(trees: Reads, oid: str) -> dict[str, str]:
    known = (RECOVERY, PROOF, INBOX)
    named = ((e.name.decode("ascii", "replace"), e) for e in trees.tree(oid)[: MAX_RECIPIENTS + len(known)])
    return {name: e.oid for name, e in named if e.mode == BLOB and (name in known or keys.is_recipient_id(name))}


def recipients(trees: Reads, root: str) -> dict[str, Recipient]:
    """Everybody who reads the branch, by id; what cannot be read is left out."""
    top = branch.folder(trees, root, RECIPIENTS)
    found = {}
    for entry in trees.tree(top)[:MAX_RECIPIENTS] if top else ():
        name = entry.name.decode("ascii", "replace")
        try:
            found[name] = _recipient(name, trees.blob(entry.oid, layout.SMALL_CAP))
        except BadData:
            continue
    return found


def _recipient(name: str, data: bytes) -> Recipient:
    raw = layout.load(data, "recipient")
    words = {key: value for key, value in raw.items() if isinstance(value, str)}
    public = keys.parse_public(words.get("key", ""))
    if name not in (public.id, RECOVERY):
        raise BadData("a recipient on the branch does not fit its name")
    return Recipient(name, public, machine.clean_name(words.get("name", "")), words.get("machine", "")[:16])


def requests(trees: Reads, root: str) -> dict[str, keys.Request]:
    """The machines that ask to be let in, by id; what is malformed is left out."""
    top = branch.folder(trees, root, REQUESTS)
    found = {}
    for entry in trees.tree(top)[:MAX_REQUESTS] if top else ():
        name = entry.name.decode("ascii", "replace")
        try:
            found[name] = keys.load_request(name, trees.blob(entry.oid, keys.PUBLIC_CAP + keys.WRAPPED_CAP))
        except BadData:
            continue
    return found


def sweep(stage: Stage) -> None:
    """Draft that what lies among the requests and is none goes: anybody can put it there, and there is no room for all."""
    top = branch.folder(stage, stage.base, REQUESTS)
    good = requests(stage, stage.base)
    for entry in stage.tree(top) if top else ():
        name = entry.name.decode("utf-8", "surrogateescape")
        if name not in good:
            stage.draft.remove(f"{REQUESTS}/{name}")


def inbox(trees: Reads, root: str) -> str:
    """The public key that requests are addressed to. BadData if the branch has none."""
    found = epochs(trees, root)
    oid = found[max(found)].get(INBOX, "") if found else ""
    if not oid:
        raise BadData("the encrypted branch has no keys: it was not made by git-ccsync, or was tampered with")
    return keys.parse_public(trees.blob(oid, keys.PUBLIC_CAP).decode("ascii", "replace")).text


def put_epoch(stage: Stage, ring: Keyring, number: int, to: dict[str, Recipient]) -> None:
    """Draft the key of epoch `number` for all of `to`; what its folder holds for others goes."""
    held = EpochKey(ring.fingerprint, number, dict(ring.keys)[number])
    _put(stage, f"{KEYS}/{number}/{INBOX}", keys.public_of(keys.inbox(held.key)).text.encode() + b"\n")
    if number > 1:
        _put(stage, f"{KEYS}/{number}/{PROOF}", keys.proof(dict(ring.keys)[number - 1], held))
    for one in to.values():
        _put(stage, f"{KEYS}/{number}/{one.id}", keys.wrap(held, one.public.text))


def let_in(stage: Stage, ring: Keyring, one: Recipient) -> None:
    """Draft a new recipient, with the keys of all epochs; a request of its goes."""
    text = layout.dump({"key": one.public.text, "name": one.name, "machine": one.machine})
    stage.draft.put(f"{RECIPIENTS}/{one.id}", stage.sink.add("blob", text))
    for number, key in ring.keys:
        _put(stage, f"{KEYS}/{number}/{one.id}", keys.wrap(EpochKey(ring.fingerprint, number, key), one.public.text))
    stage.draft.remove(f"{REQUESTS}/{one.id}")


def shut_out(stage: Stage, ring: Keyring, one: str) -> None:
    """Draft that the recipient `one` is none any more."""
    stage.draft.remove(f"{RECIPIENTS}/{one}")
    for number, _ in ring.keys:
        stage.draft.remove(f"{KEYS}/{number}/{one}")


def _put(stage: Stage, path: str, data: bytes) -> None:
    stage.draft.put(path, stage.sink.add_plain(data))
