"""Landing: how new commits become durable and the local branch moves to them, at once or while a push is under way.

In this order, always: objects on disk, their names on disk, the ref. A push may begin once the objects can be read, for it
sends commits by their ids; a power cut then leaves a remote that is ahead, which the next run takes for what it is. It may
not begin earlier: git moves the tracking ref with the push, and a ref must never name what a kill of ours can leave unwritten.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.git.sharing import settle

if TYPE_CHECKING:
    from git_ccsync.git.sink import Sink
    from git_ccsync.operations.workspace import Workspace

#: Bytes that arrive in less than the stall limit over any link that is of use.
SMALL = 64 << 10


class Landing:
    """The commits of one run that are not settled yet: their objects are on disk, the names of these may not be."""

    def __init__(self, ws: Workspace) -> None:
        self._ws = ws
        self._names: tuple[str, ...] = ()
        self._due: tuple[str, str, str] | None = None
        self._moving: refs.Move | None = None
        self.size = 0
        #: Files that were made in the object store.
        self.files = 0

    def take(self, sink: Sink) -> None:
        """Write a sink with a whole commit in it."""
        self.size = sink.added
        before = sink.files
        self._names += sink.finish()
        self.files += sink.files - before

    def move(self, oid: str, before: str, text: str) -> None:
        """Let the local branch move from the commit `before` to `oid`, once that is durable."""
        if self._due or self._moving:
            self.settle()
        self._due = oid, before, text

    def launch(self) -> None:
        """Make the new commits durable and set the local branch on its way, if it is to move."""
        if self._due:
            due, self._due = self._due, None
            settle(self._names)
            self._names = ()
            self._moving = refs.Move(self._ws.repo, self._ws.ref, *due)

    def settle(self) -> None:
        """Wait until the local branch has moved."""
        self.launch()
        moving, self._moving = self._moving, None
        if moving:
            moving.finish()
