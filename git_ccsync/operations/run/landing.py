"""Landing: how new commits become durable and the local branch moves to them, at once or while a push is under way.

In this order, always: objects on disk, their names on disk, the branch, the tracking ref. A push may go on meanwhile, for it
sends commits by their ids; a power cut between leaves a remote that is ahead, which the next run takes for what it is. So it
is not the push itself that moves the tracking ref: that would name what a kill of ours can leave unwritten.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.git.sharing import settle

if TYPE_CHECKING:
    from git_ccsync.git.recent import Recent
    from git_ccsync.git.scratch import Scratch
    from git_ccsync.git.sink import Sink
    from git_ccsync.operations.run.workspace import Workspace

#: Bytes that arrive in less than the stall limit over any link that is of use.
SMALL = 64 << 10


class Landing:
    """The commits of one run that are not settled yet. `waits`: a push follows at once, so that a small commit may become
    durable while it goes on; until then no git process but that push may be asked for the new objects.
    """

    def __init__(self, ws: Workspace, recent: Recent) -> None:
        self._ws, self._recent = ws, recent
        self._held: Sink | None = None
        self._names: tuple[str, ...] = ()
        self._due: tuple[str, str, str] | None = None
        self._moving: refs.Move | None = None
        self._following: refs.Move | None = None
        self._late: refs.Late | None = None
        self._behind: refs.Late | None = None
        self.waits = False
        self.size = 0
        #: A commit did not get to the disk, or the branch not to it; no ref moves any more, whoever settles what is left.
        self.lost = False
        self._why: CcsyncError | None = None
        #: Files that were made in the object store.
        self.files = 0

    def take(self, sink: Sink) -> None:
        """Take over a sink with a whole commit in it; that is ours to finish or to abort from here on.

        CcsyncError if it cannot be written, or one before it could not: this one may rest on that.
        """
        if self._why:
            raise self._why
        self._finish()
        self.size = sink.added
        self._held = sink
        objects = sink.waiting() if self.waits and self.size < SMALL else ()
        if not objects:
            self._finish()
        for oid, kind, data in objects:
            self._recent.put(oid, kind, data, unwritten=True)

    def holds(self, sink: Sink) -> bool:
        """Whether the sink has a commit that is still to be written."""
        return sink is self._held

    def lend(self) -> Scratch | None:
        """What is not durable yet, for the push that sends it; None if all is, or if it cannot be lent."""
        objects = self._held.waiting() if self._held else ()
        if not objects:
            return None
        from git_ccsync.git.scratch import Scratch

        try:
            return Scratch(self._ws.state, objects)
        except OSError:
            self._finish()
            return None

    def move(self, oid: str, before: str, text: str) -> None:
        """Let the local branch move from the commit `before` to `oid`, once that is durable. CcsyncError as for `take`."""
        if self._why:
            raise self._why
        if self._due or self._moving or self._behind:
            self.settle()
        self._due = oid, before, text

    def launch(self) -> None:
        """Make the new commits durable and set the local branch on its way, if it is to move."""
        before, due = self.lost, self._durable()
        if due:
            self._moving = self._start(*due)
        self.lost = before

    def launch_before(self, text: str) -> None:
        """`launch`, and start the git by which a ref is going to follow, with `text` for its reflog. It is the same git that
        moves the local branch where that has a reflog already: nothing makes one for the other then.
        """
        if self._behind:  # of a push that was rejected
            self.settle()
        if self._due and self._due[1] and not self._late and refs.has_log(self._ws.repo, self._ws.ref):
            before, due = self.lost, self._durable()
            if due:
                self._behind = refs.Late(self._ws.repo, due[2])
                self._behind.begin(self._ws.ref, due[0], due[1])
            self.lost = before
        else:
            self.launch()
            self._behind = refs.Late(self._ws.repo, text)

    def _durable(self) -> tuple[str, str, str] | None:
        """What is due, with all that it rests on on disk; this run counts as lost until the local branch is on its way."""
        self._finish()
        due, self._due = self._due, None
        if due:
            self.lost = True
            settle(self._names)
            self._names = ()
        return due

    def prepare(self, text: str) -> None:
        """Start a git for a move that is likely to come, with `text` for the reflog."""
        self._late = refs.Late(self._ws.repo, text, reflog=True)

    def _start(self, oid: str, before: str, text: str) -> refs.Move:
        late, self._late = self._late, None
        if late and before and late.message == text:
            return late.move(self._ws.ref, oid, before)
        if late:
            late.close()
        return refs.start_update(self._ws.repo, self._ws.ref, oid, before, text)

    def follow(self, name: str, oid: str) -> None:
        """Let the tracking ref `name` note that the remote stands at `oid`, once the local branch has moved."""
        if self._moving or self._following:
            self._wait()
        behind, self._behind = self._behind, None
        assert behind
        self._following = behind.move(name, oid)

    def settle(self) -> None:
        """Wait until the refs have moved."""
        self.launch()
        late, self._late = self._late, None
        if late:
            late.close()
        self._wait()
        behind, self._behind = self._behind, None
        self._moving = behind.end() if behind else None
        self._wait()

    def end(self, error: BaseException | None) -> None:
        """`settle` behind work that ended with `error`: an interrupt stays one."""
        try:
            self.settle()
        except CcsyncError:
            if not error or isinstance(error, CcsyncError):
                raise

    def _wait(self) -> None:
        moves = self._moving, self._following
        self._moving = self._following = None
        for move in moves:
            if move:
                before, self.lost = self.lost, True
                move.finish()
                self.lost = before

    def _finish(self) -> None:
        held, self._held = self._held, None
        if held:
            before, due, self._due, self.lost = held.files, self._due, None, True
            try:
                self._names += held.finish()
            except CcsyncError as error:
                self._why = error
                raise
            self._due, self.lost = due, False
            self.files += held.files - before
