"""What the memory files of this disk were when the branch last had all of them: the base of the next merge.

One file, `memory` in the state directory of the repository. If it is lost, both sides' lines are kept, and what was
taken away on one side comes back.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import Frozen
from git_ccsync.state import files

VERSION = 1


class Base(Frozen):
    """Names and stored texts; `directory` and `inode` are of the directory that they lay in, `ref` and `tip` are the commit
    that had all of them.
    """

    directory: str = ""
    inode: int = 0
    ref: str = ""
    tip: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


def load(state: str) -> Base:
    """What is remembered, empty if nothing."""
    held = files.load_cache(os.path.join(state, "memory"))
    if not isinstance(held, tuple) or len(held) != 6 or held[0] != VERSION:
        return Base()
    return Base(*held[1:])


def save(state: str, base: Base) -> None:
    """Remember it."""
    files.save_cache(os.path.join(state, "memory"), (VERSION, *base))
