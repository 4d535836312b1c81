"""key rotate --rewrite: all that is on an encrypted branch sealed anew with a new key, and the history before dropped.

So what a removed machine can still read is no longer on the remote. What it has fetched before, it has.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.objects import TreeEntry
from git_ccsync.model import silent
from git_ccsync.operations import keys
from git_ccsync.operations.destinations import route
from git_ccsync.operations.purging import rewrite
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.operations.sealed import keys_send
from git_ccsync.privacy import recovery
from git_ccsync.state import keyring
from git_ccsync.store.format import SEGMENT_CAP
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: How deep a tree is walked: that of a branch has six levels.
_DEEPEST = 12


def rotate(ws: Workspace, *, on_progress: OnProgress = silent) -> tuple[int, str]:
    """As `keys.rotate`, with everything sealed anew in one commit that takes the place of the branch. Out: epoch, code."""
    require_init(ws)
    code = recovery.make()

    def work(stage: Stage) -> tuple[int, str]:
        before = keys_send.require_keys(stage)
        to = route.find_for(stage, "")
        anew: list[_Anew] = []

        def draft() -> str:
            ring = keys.next_epoch(stage, keys_send.require_keys(stage), code, after=before)
            anew.append(_Anew(stage))
            anew[-1].run()
            assert ring.current > before.current
            return "begin anew with another key"

        def arrived() -> None:
            keyring.save(ws.here.state, stage.marks, keys_send.require_keys(stage))
            anew[-1].follow()

        rewrite.run(stage, to, draft, on_progress, arrived=arrived)
        return keys_send.require_keys(stage).current, code

    return locking.locked(ws, False, work)


class _Anew:
    """Seals the tree of a stage with the stage's newest key."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.made: dict[str, str] = {}

    def run(self) -> None:
        """Draft the same content under every name that is sealed."""
        from git_ccsync.store.sealed import PLAIN

        for entry in self.stage.tree(self.stage.base):
            if entry.name not in PLAIN:
                name = entry.name.decode("utf-8", "surrogateescape")
                self.stage.draft.put(name, self._sealed(entry, _DEEPEST), entry.mode)

    def follow(self) -> None:
        """Let what is known of files here go by the new trees: they say the same."""
        for path, entry in list(self.stage.index.items()):
            if entry.tree in self.made:
                self.stage.index.put(path, entry._replace(tree=self.made[entry.tree]))
        for session, (key, tree) in list(self.stage.journal.known.items()):
            if tree in self.made:
                self.stage.journal_later(session, key, self.made[tree])

    def _sealed(self, entry: TreeEntry, depth: int) -> str:
        found = self.made.get(entry.oid)
        if not found:
            found = self._tree(entry.oid, depth) if entry.mode == TREE else self._blob(entry)
            self.made[entry.oid] = found
        return found

    def _tree(self, oid: str, depth: int) -> str:
        if not depth:
            raise BadData("the branch is deeper than a branch is")
        entries = (entry._replace(oid=self._sealed(entry, depth - 1)) for entry in self.stage.tree(oid))
        return self.stage.draft.add_tree(tuple(entries))

    def _blob(self, entry: TreeEntry) -> str:
        if entry.mode != BLOB:  # nothing of ours: a link, a commit of somewhere else
            return entry.oid
        return self.stage.sink.add("blob", self.stage.blob(entry.oid, SEGMENT_CAP))
