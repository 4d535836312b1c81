"""What a purge, here or elsewhere, has left to be dropped on this machine: former tips of our refs, and the sessions.

`dropping` in the repository's state directory, a line each: `tip TAB <commit>`, `id TAB <session>`. It is there until all
of it is dropped, and may be added to at any time; a torn last line is ignored.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterable


class Dropping(Frozen):
    """Commits whose objects are to go, and the sessions that were purged since the last time."""

    tips: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()

    @property
    def due(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.tips or self.ids)


def load(directory: str) -> Dropping:
    """What is to be dropped."""
    text = files.read(_path(directory))
    lines = text[: text.rfind(b"\n") + 1].decode("ascii", "replace").split("\n")
    rows = [line.split("\t") for line in lines]
    tips, ids = (tuple(dict.fromkeys(row[1] for row in rows if len(row) == 2 and row[0] == k)) for k in ("tip", "id"))
    return Dropping(tips, ids)


def is_due(directory: str) -> bool:
    """Whether there is anything to drop, at the price of a stat."""
    return os.path.exists(_path(directory))


def add(directory: str, tips: Iterable[str], ids: Iterable[str]) -> None:
    """Have these dropped too; on disk when this returns."""
    held = load(directory)
    pairs = [*(("tip", tip) for tip in (*held.tips, *tips) if tip), *(("id", one) for one in (*held.ids, *ids))]
    text = "".join(f"{kind}\t{word}\n" for kind, word in dict.fromkeys(pairs))
    files.replace(_path(directory), text.encode("ascii", "replace"), durable=True)


def clear(directory: str) -> None:
    """All of it was dropped."""
    try:
        os.unlink(_path(directory))
    except FileNotFoundError:
        pass


def _path(directory: str) -> str:
    return os.path.join(directory, "dropping")
