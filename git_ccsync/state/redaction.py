"""What redaction needs to remember on this machine: a random key for each branch, and the tags of values that may be sent.

`redaction/<name>` in the machine's state; the name alone stands in the repository's. Nobody else ever gets either: with
the key, a short secret could be guessed from its tag.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import Frozen
from git_ccsync.state import files

#: Bytes of a key; the largest file that is read.
SIZE, CAP = 32, 4 << 20
_HEX = frozenset("0123456789abcdef")


class Known(Frozen):
    """What is remembered for one branch: its key, keys of other branches of this repository, allowed tags; `path` is where."""

    key: bytes
    former: tuple[bytes, ...]
    allowed: frozenset[str]
    path: str


def load(machine: str, repository: str, branch: str) -> Known:
    """What is known for `branch` of the repository with the state directory `repository`; `machine` is the machine's.

    A key is made, and on disk, if there is none yet.
    """
    path = os.path.join(machine, "redaction", _name(repository))
    keys: dict[str, bytes] = {}
    allowed: set[str] = set()
    for line in files.read(path, CAP).decode("utf-8", "replace").split("\n"):
        word, _, value = line.partition(" ")
        name, _, key = value.rpartition(" ")
        if word == "key" and name and len(key) == 2 * SIZE and _HEX.issuperset(key):
            keys[name] = bytes.fromhex(key)
        elif word == "allow":
            allowed.add(value)
        elif word == "forbid":
            allowed.discard(value)
    if branch not in keys:
        keys[branch] = os.urandom(SIZE)
        _add(path, f"key {branch} {keys[branch].hex()}\n")
    return Known(keys.pop(branch), tuple(keys.values()), frozenset(allowed), path)


def is_tag(text: str) -> bool:
    """Whether `text` has the form of a tag."""
    return len(text) == 8 and _HEX.issuperset(text)


def allow(known: Known, tags: tuple[str, ...], *, remove: bool = False) -> None:
    """Remember that values with these tags may be sent, or no more."""
    _add(known.path, "".join(f"{'forbid' if remove else 'allow'} {tag}\n" for tag in tags))


def _add(path: str, text: str) -> None:
    """Put `text` behind what stands in the file, whole or not at all: a torn key would be another one tomorrow."""
    before = files.read(path, CAP)
    gap = b"\n" if before and not before.endswith(b"\n") else b""
    files.replace(path, before + gap + text.encode(), durable=True)


def _name(repository: str) -> str:
    """The name of the repository's file: random, so that it stays the same when the repository moves."""
    path = os.path.join(repository, "redaction")
    held = files.read(path, 64).decode("ascii", "replace").strip()
    if len(held) == 16 and _HEX.issuperset(held):
        return held
    made = os.urandom(8).hex()
    files.replace(path, f"{made}\n".encode(), durable=True)
    return made
