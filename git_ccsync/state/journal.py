"""Which sessions were installed or captured here, and what of them: state that survives the loss of the index.

`here` in the repository's state directory, one line a change, the last one of a session counts:
`<id> TAB <project directory name> TAB <transcript tree>`; both empty: forgotten. A torn last line is ignored.
"""

from __future__ import annotations

import os

from git_ccsync.state import files


class Journal:
    """Sessions known to this machine: id -> (project directory name, transcript tree)."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "here")
        text = files.read(self._path)
        lines = text[: text.rfind(b"\n") + 1].decode("utf-8", "surrogateescape").split("\n")
        self.known: dict[str, tuple[str, str]] = {}
        for line in lines:
            fields = line.split("\t")
            if len(fields) == 3 and not fields[1] + fields[2]:
                self.known.pop(fields[0], None)
            elif len(fields) == 3:
                self.known[fields[0]] = fields[1], fields[2]
        self._stale = len(lines) > 4 * len(self.known) + 1000
        self._torn = not text.endswith(b"\n") if text else False

    def note(self, session: str, key: str, tree: str) -> None:
        """Remember that the session lies in project directory `key` with the transcript `tree`."""
        if self.known.get(session) == (key, tree):
            return
        self.known[session] = key, tree
        if self._stale:
            self.compact()
            return
        line = f"{session}\t{key}\t{tree}\n"
        files.append(self._path, ("\n" * self._torn + line).encode("utf-8", "surrogateescape"))
        self._torn = False

    def put_back(self, session: str, key: str, tree: str) -> None:
        """Remember again what was known before; nothing, if both are ""."""
        self.note(session, key, tree)
        if not key + tree:
            self.known.pop(session, None)

    def compact(self) -> None:
        """Write the file anew, one line a session."""
        text = "".join(f"{name}\t{key}\t{tree}\n" for name, (key, tree) in self.known.items())
        files.replace(self._path, text.encode("utf-8", "surrogateescape"))
        self._stale = self._torn = False
