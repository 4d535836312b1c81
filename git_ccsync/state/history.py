"""How far the history of prompts has been read here, and which prompts are known to be in it or on the branch.

One file, `history` in the state directory of the repository. If it is lost, all is read once more.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import Frozen
from git_ccsync.state import files

VERSION = 1


class Read(Frozen):
    """`inode` and `offset` of the file; `known` are the keys of prompts; `ref` and `tip` the commit that had those of this
    machine.
    """

    inode: int = 0
    offset: int = 0
    known: frozenset[bytes] = frozenset()
    ref: str = ""
    tip: str = ""


def load(state: str) -> Read:
    """What is remembered, empty if nothing."""
    held = files.load_cache(os.path.join(state, "history"))
    if not isinstance(held, tuple) or len(held) != 6 or held[0] != VERSION:
        return Read()
    return Read(*held[1:])


def save(state: str, read: Read) -> None:
    """Remember it."""
    files.save_cache(os.path.join(state, "history"), (VERSION, *read))
