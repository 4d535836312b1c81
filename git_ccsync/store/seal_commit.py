"""Sealed commits: a message that says nothing, and a seal that vouches for everything (gitformat-ccsync(5)). Pure.

The seal is bound to the commit's tree, parent, author and committer: whoever has the key made this commit, and since both
ids are hashes, all that it holds and all that was before it. The real message is inside.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.store.seal_cipher import COMMITS
from git_ccsync.store.seal_name import b64, unb64

if TYPE_CHECKING:
    from git_ccsync.store.seal_cipher import Ciphers

SUBJECT = "ccsync: sealed"
TRAILER = "Ccsync-Seal: "
_START = f"{SUBJECT}\n\n{TRAILER}".encode()
#: Messages are filled up with NULs to a multiple of this.
_STEP = 128


class Sealed(Frozen):
    """A commit as it is stored: what its seal is bound to, and the seal ("" for none)."""

    tree: bytes
    parent: bytes
    author: bytes
    committer: bytes
    epoch: int = 0
    seal: bytes = b""


def parse(data: bytes) -> Sealed | None:
    """The parts of a sealed commit, None if its headers are not those of our commits, or its message is another one."""
    head, _, message = data.partition(b"\n\n")
    lines = head.split(b"\n")
    words = [line.partition(b" ")[0] for line in lines]
    if words not in ([b"tree", b"author", b"committer"], [b"tree", b"parent", b"author", b"committer"]):
        return None
    values = [line.partition(b" ")[2] for line in lines]
    if len(values) == 3:
        values.insert(1, b"")
    epoch, _, text = message.removeprefix(_START).removesuffix(b"\n").partition(b" ")
    if message != b"%s%s %s\n" % (_START, epoch, text) or b"\n" in text:
        return None
    if not epoch.isdigit() or len(epoch) > 9 or epoch[:1] == b"0":
        return None
    return Sealed(values[0], values[1], values[2], values[3], int(epoch), text)


def message(ciphers: Ciphers, tree: str, parent: str, idents: tuple[str, str], text: str) -> str:
    """The message of the commit with this tree and parent ("" for a root), whose real message is `text`."""
    author, committer = (ident.encode("utf-8", "surrogateescape") for ident in idents)
    plain = text.encode("utf-8", "surrogateescape")
    plain += bytes(-len(plain) % _STEP if plain else _STEP)
    bound = _bound(Sealed(tree.encode("ascii"), parent.encode("ascii"), author, committer, ciphers.epoch))
    sealed = ciphers.of(ciphers.epoch, COMMITS).encrypt(plain, bound)
    return f"{SUBJECT}\n\n{TRAILER}{ciphers.epoch} {b64(sealed).decode('ascii')}\n"


def unseal(ciphers: Ciphers, found: Sealed) -> bytes | None:
    """The real message, None if the seal was not made for this commit, or with another key. BadData for a key of an epoch
    that this machine does not have.
    """
    try:
        sealed = unb64(found.seal)
    except BadData:
        return None
    plain = ciphers.open(found.epoch, COMMITS, sealed, _bound(found))
    return None if plain is None or b64(sealed) != found.seal else plain.rstrip(b"\0")


def open_message(ciphers: Ciphers, data: bytes) -> bytes:
    """A commit object with its real message; one that is not sealed, or cannot be opened, as it is."""
    found = parse(data)
    if not found or not ciphers.knows(found.epoch):
        return data
    told = unseal(ciphers, found)
    return data if told is None else data.partition(b"\n\n")[0] + b"\n\n" + told


def _bound(found: Sealed) -> list[bytes]:
    epoch = found.epoch.to_bytes(4, "big")
    return [b"commit", found.tree, found.parent, found.author, found.committer, epoch]
