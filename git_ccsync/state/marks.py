"""Small facts of one repository on this machine that must survive: high-water marks, times, what was said once.

`marks` in the repository's state directory: `<key> TAB <value>` lines, of which the last one of a key counts; a torn last
line is ignored. Appending costs a thirtieth of replacing, and a push does it before it says that it is done.
"""

from __future__ import annotations

import os

from git_ccsync.state import files

#: The key of a branch whose fingerprint nobody was shown yet on this machine.
KEY_UNTOLD = "key-untold"


class Marks:
    """Keys and values, both without tabs and newlines."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "marks")
        text = files.read(self._path)
        lines = text[: text.rfind(b"\n") + 1].decode("utf-8", "surrogateescape").split("\n")
        self._held = dict(line.split("\t", 1) for line in lines if "\t" in line)
        #: Too long, or torn: what was cut off must not become a line by what comes behind it.
        self._stale = len(lines) > 4 * len(self._held) + 100 or text[-1:] not in (b"", b"\n")

    def get(self, key: str) -> str:
        """The value of a key, "" if unset."""
        return self._held.get(key, "")

    def starting(self, prefix: str) -> dict[str, str]:
        """All marks whose keys begin with `prefix`, by the rest of the key."""
        return {key[len(prefix) :]: value for key, value in self._held.items() if key.startswith(prefix)}

    def set(self, **values: str) -> None:
        """Set several marks by keyword (see `put` for keys that are no identifiers)."""
        self.put(values)

    def put(self, values: dict[str, str]) -> None:
        """Set several marks at once, on disk when this returns."""
        fresh = {key: value for key, value in values.items() if self._held.get(key) != value}
        if not fresh:
            return
        self._held |= fresh
        pairs = self._held if self._stale else fresh
        data = "".join(f"{key}\t{value}\n" for key, value in sorted(pairs.items())).encode("utf-8", "surrogateescape")
        if self._stale:
            files.replace(self._path, data)
        else:
            files.append(self._path, data)
        self._stale = False
