"""Growth: the usual pull of a session, known from the index alone to be nothing but more lines behind what lies here."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.index import Entry


def blocks(stage: Stage, entry: Entry, session: str, stored: tuple[str, ...], fd: int) -> Iterator[bytes] | None:
    """The blocks behind what the index knows to be in step, None if it does not know or the branch begins otherwise."""
    stat = os.fstat(fd)
    if (stat.st_size, stat.st_ino) != (entry.size, entry.inode) or not entry.tree or not entry.ordered:
        return None
    if entry.session != session or entry.synced + entry.torn != entry.size:
        return None
    then = segments.listing(stage, entry.tree)
    if stored[: len(then)] != then or len(then) == len(stored):
        return None
    return segments.blocks(stage, stored[len(then) :])
