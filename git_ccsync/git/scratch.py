"""Objects that one git process may read before they are durable: a throw-away pack, named to that process alone.

A power cut leaves this behind and nothing else: the objects get into the repository only after they are on disk.
"""

from __future__ import annotations

import os

from git_ccsync.git import packfile
from git_ccsync.git.sharing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What a directory of this kind is called; the process's id follows.
PREFIX = "scratch."


class Scratch:
    """A pack in a directory of its own below `folder`. `close` it."""

    def __init__(self, folder: str, objects: Iterable[tuple[str, str, bytes]]) -> None:
        """`objects` are (id, kind, content). OSError if it cannot be written; nothing stays then."""
        self.path = os.path.join(folder, f"{PREFIX}{os.getpid()}")
        self._pack = self.path + "/pack"
        try:
            os.makedirs(self._pack, mode=0o700, exist_ok=True)
            for ending, content in zip(("pack", "idx"), packfile.small(objects), strict=True):
                handle = os.open(self._name(ending), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
                try:
                    write_all(handle, content)
                finally:
                    os.close(handle)
        except OSError:
            self.close()
            raise

    def _name(self, ending: str) -> str:
        return f"{self._pack}/pack-ccsync.{ending}"

    @property
    def variable(self) -> str:
        """The value of GIT_ALTERNATE_OBJECT_DIRECTORIES (git(1)) that names it."""
        if ":" not in self.path and not self.path.startswith('"'):
            return self.path
        return '"' + self.path.replace("\\", "\\\\").replace('"', '\\"') + '"'

    def close(self) -> None:
        """Take it away."""
        try:
            for ending in ("idx", "pack"):
                os.unlink(self._name(ending))
            os.rmdir(self._pack)
            os.rmdir(self.path)
        except OSError:
            pass
