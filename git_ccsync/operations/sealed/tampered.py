"""What was done to an encrypted branch: a closer look, taken only at a commit that was refused already. Changes nothing."""

from __future__ import annotations

from git_ccsync.errors import (
    BadData,
    CcsyncError,
    CutOff,
    Downgraded,
    KeySubstituted,
    Outdated,
    Replayed,
    Swapped,
    Tampered,
)
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.codec import TreeEntry, hash_object, parse_tree
from git_ccsync.state import keyring
from git_ccsync.store import branch, seal_commit, seal_name
from git_ccsync.store.format import SMALL_CAP
from git_ccsync.store.seal_blob import SEALED_FORMAT
from git_ccsync.store.sealed import Lens
from git_ccsync.store.segments import TREE

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.store.seal_commit import Sealed

#: Commits of ours that a seal, or a tree, is looked for in.
_FAR = 2000
#: Commits among which one must be sealed with our key if it is our branch.
_NEAR = 100
#: Objects of ours that a folder which was exchanged is looked for among.
_MANY = 200_000
_CAP = 16 << 20
_KEYS, _SEALED = b"keys", hash_object("blob", SEALED_FORMAT)
_TOLD: dict[str, tuple[type[BadData], str]] = {
    "keys": (KeySubstituted, "the keys of the branch were exchanged by somebody who does not have them"),
    "less": (CutOff, "part of what the branch holds was cut off"),
    "other": (Swapped, "something on the branch was put in the place of something else"),
}


def diagnose(stage: Stage, what: str, tip: str, found: Sealed | None) -> BadData:
    """The refusal of the commit `tip`: `what` is unsealed (`found` is None then), outdated or forged."""
    hints = _hints(stage)
    if what == "outdated" and found:
        newest = max(keyring.pinned(stage.marks), found.epoch + 1)
        return Outdated(
            f"the newest commit is sealed with the key of epoch {found.epoch}, though epoch {newest} has begun: whoever made "
            "it was removed",
            *hints,
        )
    try:
        if not _ours(stage, stage.tip or tip):
            return KeySubstituted(
                "the branch is encrypted with another key than the one that this machine has for it",
                "'git ccsync key' tells the fingerprint of this one",
                *hints,
            )
        return _closer(stage, tip, found, hints)
    except CcsyncError:  # whatever it is made of
        return Tampered("the newest commit was not made by anyone with the branch's key", *hints)


def _ours(stage: Stage, tip: str) -> bool:
    """Whether one of the last commits, of which the last may be forged, was sealed with a key that this machine has."""
    assert isinstance(stage.lens, Lens)
    at, seen = tip, False
    for _ in range(_NEAR):
        data = stage.reader.stored(at, cap=SMALL_CAP)[1]
        sealed = seal_commit.parse(data)
        if sealed and stage.lens.ciphers.knows(sealed.epoch):
            seen = True
            if seal_commit.unseal(stage.lens.ciphers, sealed) is not None:
                return True
        parents = branch.parse_commit(data)[1]
        if not parents:
            break
        at = parents[0]
    return not seen


def _hints(stage: Stage) -> tuple[str, ...]:
    return ("nothing of it was taken; what is here stays as it is", f"the last good commit here is '{stage.tip[:12]}'")[
        : 2 if stage.tip else 1
    ]


def _closer(stage: Stage, tip: str, found: Sealed | None, hints: tuple[str, ...]) -> BadData:
    data = stage.reader.stored(tip, cap=SMALL_CAP)[1]
    tree, parents = branch.parse_commit(data)
    if _entries(stage, tree).get(b"format", (0, ""))[1] != _SEALED:
        return Downgraded("a branch that is not encrypted was put in the place of the encrypted one", *hints)
    history = _history(stage)
    base = _tree(stage, parents[0] if parents and parents[0] in history else stage.tip)
    if tree != base and any(one.tree == tree.encode() for one in history.values()):
        return Replayed("an older state of the branch was put on top of it as if it were new", *hints)
    said = _difference(stage, base, tree, _everything(stage, base)) if base else ""
    if said in _TOLD:
        kind, words = _TOLD[said]
        return kind(words, *hints)
    if not parents and stage.tip:
        return CutOff("the history of the branch was cut off before the newest commit", *hints)
    if found and found.seal in {one.seal for one in history.values()}:
        return Replayed("the seal of another commit was put on the newest one", *hints)
    return Tampered("the newest commit was not made by anyone with the branch's key", *hints)


def _tree(stage: Stage, oid: str) -> str:
    return branch.parse_commit(stage.reader.stored(oid, cap=SMALL_CAP)[1])[0] if oid else ""


def _history(stage: Stage) -> dict[str, Sealed]:
    """The sealed commits of the local branch, newest first."""
    found: dict[str, Sealed] = {}
    at = stage.tip
    while at and len(found) < _FAR:
        data = stage.reader.stored(at, cap=SMALL_CAP)[1]
        sealed = seal_commit.parse(data)
        if sealed:
            found[at] = sealed
        parents = branch.parse_commit(data)[1]
        at = parents[0] if parents else ""
    return found


def _everything(stage: Stage, root: str) -> frozenset[str]:
    """Every object below a tree of ours, as far as it is worth a look."""
    found, waiting = {root}, [root]
    while waiting and len(found) < _MANY:
        for mode, oid in _entries(stage, waiting.pop()).values():
            if mode == TREE and oid not in found:
                waiting.append(oid)
            found.add(oid)
    return frozenset(found)


def _difference(stage: Stage, before: str, after: str, ours: frozenset[str]) -> str:
    """What makes a tree other than an older one, where nobody with the key has done it: "keys" if those of the branch were
    exchanged, "less" if something is only gone, "other" if something is in the place of something else; "" if that cannot
    be said.

    The token of a file that stands for another object than before is false; one that is new and opens is somebody's with
    the key. Folders keep their tokens: one that holds what lay elsewhere (`ours`: all that there was) was exchanged.
    """
    old, new = _entries(stage, before), _entries(stage, after)
    if _KEYS in old and old[_KEYS] != new.get(_KEYS):
        return "keys"
    names = {_name(stage, name, entry) for name, entry in new.items()}
    said = ""
    for name, entry in new.items():
        held = old.get(name)
        if held == entry or name == b"requests":
            continue
        if held and held[0] == entry[0] == TREE:
            names.add(_name(stage, name, held))
            below = "other" if entry[1] in ours else _difference(stage, held[1], entry[1], ours)
        else:
            below = "" if _name(stage, name, entry) else "other"
        said = below if below == "other" else said or below
    lost = any(_name(stage, name, entry) not in names for name, entry in old.items() if name not in new)
    return said or ("less" if lost else "")


def _name(stage: Stage, name: bytes, entry: tuple[int, str]) -> bytes:
    """What an entry is really called, b"" if it does not say so truly."""
    assert isinstance(stage.lens, Lens)
    try:
        return seal_name.unseal(stage.lens.ciphers, TreeEntry(entry[0], name, entry[1])).name
    except BadData:
        return b""


def _entries(stage: Stage, oid: str) -> dict[bytes, tuple[int, str]]:
    kind, data = stage.reader.stored(oid, cap=_CAP)
    if kind != "tree":
        raise BadData(f"object '{oid}' is a {kind}, not a tree")
    return {entry.name: (entry.mode, entry.oid) for entry in parse_tree(data)}
