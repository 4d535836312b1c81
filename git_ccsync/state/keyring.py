"""The keys of encrypted branches on this machine, unwrapped, and which branch of a repository is one. No ciphers here.

`keys/<fingerprint>` in the machine's state (0600 in 0700): all clones of a repository on this machine share it. The mark
`sealed` of the repository's state names the fingerprint, `sealed-epoch` the highest epoch that was seen on the branch.
A repository whose marks do not say `sealed` has a plain branch: nobody looks for a key then.

    keyring.save(ws.here.state, marks, keyring.create())             begin an encrypted branch
    keyring.save(ws.here.state, marks, keyring.extended(ring, 2, key))   a new epoch, or an old one, learned
    ring = keyring.load(ws.here.state, marks)                        None: the branch is plain
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, KeyMissing
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Keyring
from git_ccsync.state import files

if TYPE_CHECKING:
    from git_ccsync.state.marks import Marks

#: Bytes of an epoch's key, of the three keys derived from it (64 each: AES-256-SIV), and the largest file that is read.
SIZE, SUBKEYS, CAP = 32, 192, 1 << 20
#: Epochs are 1 to this: nine digits fit four bytes.
LAST_EPOCH = 999_999_999
SEALED, EPOCH = "sealed", "sealed-epoch"
_HEX = frozenset("0123456789abcdef")


def fingerprint_of(key: bytes) -> str:
    """What a key is known by: 32 hex digits, from which nothing can be learned of it. Anyone may see them."""
    from hashlib import sha256

    return sha256(b"git-ccsync key fingerprint 1\0" + key).hexdigest()[:32]


def is_fingerprint(text: str) -> bool:
    """Whether `text` has the form of a fingerprint."""
    return len(text) == 32 and _HEX.issuperset(text)


def create() -> Keyring:
    """The keyring of a new branch: epoch 1, a random key. Nothing is written."""
    key = os.urandom(SIZE)
    return Keyring(fingerprint_of(key), 1, ((1, key),), ((1, derived(key)),))


def single(epoch: int, key: bytes, fingerprint: str = "") -> Keyring:
    """The keyring of a machine that learned one key so far: that of epoch 1, or a later one of the branch `fingerprint`."""
    ring = Keyring(fingerprint or fingerprint_of(key), epoch, ())
    return extended(ring, epoch, key)


def extended(keyring: Keyring, epoch: int, key: bytes) -> Keyring:
    """The keyring with the key of another epoch; `current` becomes the highest one. BadData if it knows another key for
    that epoch, or if the epoch or the key is none.
    """
    known = dict(keyring.keys)
    if not 0 < epoch <= LAST_EPOCH or len(key) != SIZE:
        raise BadData("that is no key of an encrypted branch")
    if known.get(epoch, key) != key or (epoch == 1 and fingerprint_of(key) != keyring.fingerprint):
        raise BadData(f"that is another key than the one of epoch {epoch}")
    known[epoch] = key
    subkeys = {**dict(keyring.subkeys), epoch: derived(key)}
    return keyring._replace(keys=_pairs(known), current=max(known), subkeys=_pairs(subkeys))


def is_sealed(marks: Marks) -> str:
    """The fingerprint of the repository's encrypted branch, "" if its branch is plain."""
    return marks.get(SEALED)


def pinned(marks: Marks) -> int:
    """The highest epoch that was ever seen on the branch; commits of an older one are not taken any more."""
    held = marks.get(EPOCH)
    return int(held) if held.isdecimal() else 0


def pin(marks: Marks, epoch: int) -> None:
    """Remember that this epoch was seen on the branch."""
    if epoch > pinned(marks):
        marks.put({EPOCH: str(epoch)})


def load(machine: str, marks: Marks) -> Keyring | None:
    """The keyring of the repository's branch, None if it is plain. `machine` is the machine's state (`ws.here.state`),
    `marks` the repository's (`Marks(ws.state)`, or `stage.marks`).

    KeyMissing if the branch is encrypted and the key is gone from this machine.
    """
    fingerprint = is_sealed(marks)
    if not fingerprint:
        return None
    found = read(machine, fingerprint)
    if not found:
        raise KeyMissing(
            "the sessions of this repository are encrypted, and their key is gone from this machine",
            "'git ccsync key recover' brings it back with the recovery code",
            "without one, 'git ccsync init' asks another machine of yours for it",
        )
    return found


def read(machine: str, fingerprint: str) -> Keyring | None:
    """The keyring with that fingerprint as far as it lies on this machine, bound to a repository or not."""
    path = _path(machine, fingerprint)
    keys: dict[int, bytes] = {}
    subkeys: dict[int, bytes] = {}
    for line in files.read(path, CAP).decode("ascii", "replace").split("\n"):
        word, _, rest = line.partition(" ")
        epoch, _, value = rest.partition(" ")
        size = {"key": SIZE, "subkeys": SUBKEYS}.get(word)
        if size and epoch.isdecimal() and len(value) == 2 * size and _HEX.issuperset(value):
            (keys if word == "key" else subkeys)[int(epoch)] = bytes.fromhex(value)
    subkeys |= {number: derived(key) for number, key in keys.items() if number not in subkeys}
    return Keyring(fingerprint, max(keys), _pairs(keys), _pairs(subkeys)) if keys else None


def _pairs(table: dict[int, bytes]) -> tuple[tuple[int, bytes], ...]:
    return tuple(sorted(table.items()))


def save(machine: str, marks: Marks, keyring: Keyring) -> Keyring:
    """Keep a keyring on this machine, durably, and bind the repository with these marks to it. What the file knew before
    of other epochs stays. Out: the keyring as `load` gives it, with its subkeys.
    """
    held = read(machine, keyring.fingerprint)
    keys = {**(dict(held.keys) if held else {}), **dict(keyring.keys)}
    subkeys = {epoch: derived(key) for epoch, key in keys.items()}  # of which a hot path need not import any hash
    lines = [f"key {epoch} {key.hex()}\n" for epoch, key in _pairs(keys)]
    lines += [f"subkeys {epoch} {key.hex()}\n" for epoch, key in _pairs(subkeys)]
    files.replace(_path(machine, keyring.fingerprint), "".join(lines).encode("ascii"), durable=True)
    marks.put({SEALED: keyring.fingerprint, EPOCH: str(max(pinned(marks), keyring.current))})
    return Keyring(keyring.fingerprint, max(keys), _pairs(keys), _pairs(subkeys))


def forget(marks: Marks) -> None:
    """Unbind the repository: its branch counts as plain from here on. The key stays on the machine."""
    marks.put({SEALED: "", EPOCH: ""})


def derived(key: bytes) -> bytes:
    """The subkeys of an epoch's key: HKDF with SHA-256 (RFC 5869), 192 bytes: for names, contents and commits."""
    import hmac

    prk = hmac.digest(b"git-ccsync 1 sealed", key, "sha256")
    out = block = b""
    while len(out) < SUBKEYS:
        block = hmac.digest(prk, block + b"names, contents, commits" + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out


def _path(machine: str, fingerprint: str) -> str:
    if not is_fingerprint(fingerprint):
        raise BadData("that is no fingerprint of a key")
    return os.path.join(machine, "keys", fingerprint)
