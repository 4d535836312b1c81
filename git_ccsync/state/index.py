"""The stat index: which local bytes are on the branch already. A cache: deleting it costs time, never a line.

One file, `index` in the repository's state directory: a checksum, then marshalled plain values, which load four times
faster than JSON and without an import.
"""

from __future__ import annotations

import os
from _imp import source_hash

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = 6
#: Bytes before the synced length that are looked at again on each growth: a row taken out or changed further up
#: shifts them. Claude Code's own rewrites happen within the last 64 KiB or shift the rest of the file.
WINDOW = 64 << 10
#: A file changed this shortly before it was read may change again without a new time stamp (git's "racy" entries).
RACY_NS = 20_000_000
#: The `rank` of a title that was made elsewhere, or before the index was lost: a prompt must not take the place of a
#: given one.
UNKNOWN = 7


class Entry(Frozen):
    """One local file as last seen. `tree` is the file's tree on the branch that the first `synced` bytes stand for, ""
    if unknown; `session` the session they are kept under (another id than the file's after a divergence); `ordered`
    false if the rows stand in another order there. `worktree` is "" for a file that does not belong here. `rank` is
    where the title came from, as operations.capturing.describe numbers it, 0 for none.
    `torn`: bytes after the last newline.
    """

    size: int
    mtime_ns: int
    inode: int
    synced: int = 0
    digest: bytes = b""
    session: str = ""
    tree: str = ""
    ordered: bool = True
    worktree: str = ""
    rank: int = 0
    torn: int = 0


class Index:
    """The index of one repository, loaded once a run, saved if it changed."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "index")
        held = files.load_cache(self._path)
        self._entries: dict[str, tuple[object, ...]] = {}
        self._values: dict[str, object] = {}
        if isinstance(held, tuple) and len(held) == 3 and held[0] == VERSION:
            self._entries, self._values = held[1], held[2]
        self._dirty = False

    def get(self, path: str) -> Entry | None:
        """The entry of a file."""
        found = self._entries.get(path)
        return Entry(*found) if found else None  # type: ignore[arg-type]

    def unchanged(self, path: str, size: int, mtime_ns: int, inode: int) -> bool:
        """Whether the file is, by its stat, the one that was seen last."""
        found = self._entries.get(path)
        return found is not None and found[:3] == (size, mtime_ns, inode)

    def put(self, path: str, entry: Entry) -> None:
        """Remember a file. One changed within the last 20 ms is remembered so that it is looked at again."""
        import time

        if entry.mtime_ns > time.time_ns() - RACY_NS:
            entry = entry._replace(mtime_ns=0)
        self._entries[path] = tuple(entry)
        self._dirty = True

    def drop(self, path: str) -> None:
        """Forget a file."""
        if self._entries.pop(path, None) is not None:
            self._dirty = True

    def forget(self, *values: str) -> None:
        """Forget every file, and these values: what is on the branch is found out anew, by reading."""
        self._entries.clear()
        for key in values:
            self._values.pop(key, None)
        self._dirty = True

    def items(self) -> Iterator[tuple[str, Entry]]:
        """All files and their entries."""
        return ((path, Entry(*values)) for path, values in list(self._entries.items()))  # type: ignore[arg-type]

    def raw(self) -> dict[str, tuple[object, ...]]:
        """All entries as plain tuples in Entry's order, for loops over thousands."""
        return self._entries

    def value(self, key: str) -> object:
        """One remembered plain value, None if unknown."""
        return self._values.get(key)

    def remember(self, key: str, value: object) -> None:
        """Remember a plain value."""
        if self._values.get(key) != value:
            self._values[key] = value
            self._dirty = True

    def save(self) -> None:
        """Write the index if anything changed."""
        if self._dirty:
            files.save_cache(self._path, (VERSION, self._entries, self._values))
            self._dirty = False


def digest(data: bytes) -> bytes:
    """What tells one window of bytes from another: 8 bytes of SipHash, against accident, not against an enemy. A window takes
    14 microseconds, and 300 with the SHA-1 that needs no import.
    """
    return source_hash(WINDOW, data)
