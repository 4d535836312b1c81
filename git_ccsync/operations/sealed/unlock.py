"""Unlocking: the keys of an encrypted branch's epochs, unwrapped with what this machine and its user have.

Whoever answers for the remote can wrap a key of its own for us. So a first key counts only once people have compared its
fingerprint; every later one must be proven by the one before it, and the branch's first key never changes.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, KeyMissing, KeySubstituted
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.sealed import keys_tree
from git_ccsync.privacy import keys
from git_ccsync.state import files, identity, keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from git_ccsync.model import Keyring
    from git_ccsync.operations.sealed.keys_tree import Reads
    from git_ccsync.privacy.keys import EpochKey, Identity, Public

#: Bytes of an ssh private key (RSA with 16384 bits has 13 kB), and how many keys are looked at.
SSH_CAP, SSH_KEYS = 64 << 10, 200


class NotGiven(KeyMissing):
    """A machine that reads the branch up to some epoch was not given the key of a later one."""


class Opener(Frozen):
    """Something that unwraps: the id of its public key, and how to get at the secret one, which may raise KeyMissing."""

    id: str
    identity: Callable[[], Identity | None]


def learn(
    machine: str, environ: Mapping[str, str], trees: Reads, root: str, known: Keyring | None, *, before: str = ""
) -> Keyring:
    """The keyring with every epoch of the tree `root`, unwrapped with this machine's key or an ssh key of the user's.

    `known` is what this machine has already, None if nothing. Nothing is written: what the tree says is only true once
    its commit's seal was checked with these keys. KeyMissing if an epoch was not meant for us, KeySubstituted for a key
    that is not the branch's. `before` is a tree that this machine has read: who was let in there and is not now was
    removed, but for one whose key was lost.
    """
    wanted = keys_tree.epochs(trees, root)
    try:
        return unlock(trees, wanted, known, _openers(machine, environ, _named(wanted)))
    except NotGiven:
        there = _named(keys_tree.epochs(trees, before)) if before else set()
        if there and not any(opener.id in there for opener in _openers(machine, environ, there)):
            raise _another_key() from None
        raise


def _named(epochs: dict[int, dict[str, str]]) -> set[str]:
    return {name for names in epochs.values() for name in names}


def unlock(
    trees: Reads, wanted: dict[int, dict[str, str]], known: Keyring | None, openers: Iterable[Opener]
) -> Keyring:
    """`learn` with these openers; `wanted` are the epochs (`keys_tree.epochs`)."""
    found, ready = known, list(openers)
    for number in range(max(dict(known.keys)) + 1 if known else 1, max(wanted, default=0) + 1):
        names = wanted.get(number, {})
        one = _unwrapped(trees, names, ready)
        if not one:
            raise _not_for_us(known, number)
        found = _joined(found, one, number, _proof(trees, names))
    if not found:
        raise BadData("the encrypted branch has no keys: it was not made by git-ccsync, or was tampered with")
    return found


def _unwrapped(trees: Reads, names: dict[str, str], openers: list[Opener]) -> EpochKey | None:
    for opener in openers:
        oid = names.get(opener.id, "")
        held = opener.identity() if oid else None
        one = keys.unwrap(trees.blob(oid, keys.WRAPPED_CAP), [held]) if held else None
        if one:
            return one
    return None


def _proof(trees: Reads, names: dict[str, str]) -> bytes:
    oid = names.get(keys_tree.PROOF, "")
    return trees.blob(oid, 256) if oid else b""


def _joined(ring: Keyring | None, one: EpochKey, number: int, proof: bytes) -> Keyring:
    """The keyring with one more epoch. KeySubstituted unless it is the branch's own."""
    if one.epoch != number:
        raise KeySubstituted(f"the key of epoch {number} was replaced by that of epoch {one.epoch}")
    if not ring:
        if keyring.fingerprint_of(one.key) != one.fingerprint:
            raise KeySubstituted("the first key of the branch does not fit the branch's fingerprint")
        return keyring.single(1, one.key)
    if one.fingerprint != ring.fingerprint:
        raise other_branch(ring.fingerprint, one.fingerprint)
    before = dict(ring.keys).get(number - 1)
    if before is None or not keys.proves(proof, before, one):
        raise KeySubstituted(
            f"the key of epoch {number} was not made by anyone who had that of epoch {number - 1}: it was substituted"
        )
    return keyring.extended(ring, number, one.key)


def other_branch(pinned: str, said: str) -> KeySubstituted:
    """The refusal of a branch with another first key than the one that this machine knows."""
    return KeySubstituted(
        "the branch has another key than the one that this machine knows: it was substituted, or begun anew",
        f"known here  {keys.words_of(pinned)}",
        f"on remote   {keys.words_of(said)}",
    )


def _not_for_us(known: Keyring | None, number: int) -> KeyMissing:
    if known:
        return NotGiven(
            f"this machine was not given the key of epoch {number}: it was removed from the encrypted branch",
            "'git ccsync init' asks to be let in again",
        )
    return KeyMissing(
        "the branch is encrypted, and this machine cannot read it yet",
        "'git ccsync init' asks to be let in, and 'git ccsync key approve' on a machine that reads it lets it in",
        "'git ccsync key recover' does it with the recovery code",
    )


def _another_key() -> KeyMissing:
    return KeyMissing(
        "this machine has another key than the one that was let in to the encrypted branch: that was lost or replaced",
        "'git ccsync init' asks to be let in again, and 'git ccsync key approve' on a machine that reads it lets it in",
        "'git ccsync key recover' does it with the recovery code",
    )


def own_key(machine: str) -> str:
    """This machine's own secret key, made if there is none yet. CryptMissing without the packages."""
    found = identity.read(machine)
    return found or identity.keep(machine, keys.generate())


def own_public(machine: str) -> Public:
    """This machine's own public key."""
    return keys.public_of(own_key(machine))


def _openers(machine: str, environ: Mapping[str, str], wanted: set[str]) -> list[Opener]:
    """This machine's key, if it has one, then the ssh keys of the user's that the branch is encrypted to."""
    found, secret = [], identity.read(machine)
    if secret:
        held = keys.identity(secret)
        found.append(Opener(keys.public_of(secret).id, lambda: held))
    return found + [opener for opener in _ssh(environ) if opener.id in wanted]


def _ssh(environ: Mapping[str, str]) -> list[Opener]:
    """The key pairs in ~/.ssh, by their public halves; no private one is opened yet."""
    folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".ssh")
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".pub"))
    except OSError:
        return []
    found = []
    for name in names[:SSH_KEYS]:
        path = os.path.join(folder, name)
        try:
            public = keys.parse_public(files.read(path, SSH_CAP).decode("utf-8", "replace").strip())
        except (BadData, OSError):
            continue
        found.append(Opener(public.id, _private(path.removesuffix(".pub"))))
    return found


def _private(path: str) -> Callable[[], Identity | None]:
    def opened() -> Identity | None:
        try:
            data = files.read(path, SSH_CAP)
        except OSError:
            return None
        try:
            return keys.ssh_identity(data) if data else None
        except KeyMissing as error:
            raise KeyMissing(
                f"'{path}' has a passphrase, which git-ccsync does not ask for: it cannot open the encrypted branch",
                "'git ccsync init' asks for this machine's own key to be let in",
            ) from error

    return opened
