"""Small facts of one repository on this machine that must survive: high-water marks, times, what was said once.

`marks` in the repository's state directory: `<key> TAB <value>` lines, replaced as a whole.
"""

from __future__ import annotations

import os

from git_ccsync.state import files


class Marks:
    """Keys and values, both without tabs and newlines."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "marks")
        text = files.read(self._path).decode("utf-8", "surrogateescape")
        pairs = (line.split("\t", 1) for line in text.split("\n") if "\t" in line)
        self._held = {pair[0]: pair[1] for pair in pairs}

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
        if all(self._held.get(key) == value for key, value in values.items()):
            return
        self._held |= values
        text = "".join(f"{key}\t{value}\n" for key, value in sorted(self._held.items()))
        files.replace(self._path, text.encode("utf-8", "surrogateescape"))
