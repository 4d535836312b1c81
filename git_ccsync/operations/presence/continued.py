"""Which open sessions another machine has gone on with, as far as was fetched. Looks; fetches and writes no line.

What was found is kept in `auto/look` in the repository's state together with a stamp of the refs that it was found in, so
that a prompt with nothing new costs one small file.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import nearby
from git_ccsync.operations.destinations import route
from git_ccsync.operations.run import clear
from git_ccsync.operations.run.workspace import open_workspace, refreshed
from git_ccsync.state import files, held
from git_ccsync.state.index import Index
from git_ccsync.state.marks import Marks
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.objects import Reader
    from git_ccsync.model import Meta
    from git_ccsync.operations.run.workspace import Workspace

    #: Names of refs, and what changes with them (`nearby.stamp`).
    Stamp = tuple[tuple[str, ...], tuple[object, ...]]


class Continued(Frozen):
    """A session that went on elsewhere: the state of its folder on the branch, who added to it last, and when that was
    (ISO 8601).
    """

    subtree: str
    machine: str
    updated: str


def now(cwd: str, session: str, before: Stamp) -> Continued | None:
    """Look at one session from scratch, and at all that are open here; what is found is kept for the next prompt.

    `before`: the refs that were looked at last (if any), and their stamp as it is now.
    """
    try:
        ws = open_workspace(cwd)
        return keep(ws, session, before=before).get(session) if ws.initialised else None
    except CcsyncError:
        return None


def keep(ws: Workspace, *more: str, before: Stamp = ((), ())) -> dict[str, Continued | None]:
    """Look at all sessions that are open here (and `more`), and keep what was found.

    `before` is a stamp that is older than the refs in `ws`; without one they are read anew.
    """
    open_ = (name for name, one in held.every(ws.state).items() if one.state == held.OPEN)
    index = Index(ws.memory)
    tracking = route.find(ws, "", index).tracking
    names, stamp = before
    if names != (ws.ref, tracking):
        names = (ws.ref, tracking)
        stamp = nearby.stamp(
            ws.repo.common_dir, names
        )  # and only then the refs: one that moves in between is seen again
        ws = refreshed(ws)
    found = look(ws, index, tracking, tuple({*open_, *more}))
    plain = {name: tuple(one) if one else None for name, one in found.items()}
    files.save_cache(f"{ws.state}/auto/look", (names, stamp, plain))
    return found


def look(ws: Workspace, index: Index, tracking: str, sessions: Sequence[str]) -> dict[str, Continued | None]:
    """For each of the sessions: what another machine did with it beyond what lies on this disk, None for nothing."""
    trees = {os.path.basename(path)[:-6]: str(entry[6]) for path, entry in index.raw().items()}
    seen = Marks(ws.state).get(f"seen {tracking}")
    with clear.reader(ws) as reader:
        judge = _Judge(ws, reader, tracking, seen)
        return {session: judge.one(session, trees.get(session)) for session in sessions}


class _Judge:
    """The branch here, the branch there as it was fetched last, and how that was when ours last held all of it."""

    def __init__(self, ws: Workspace, reader: Reader, tracking: str, seen: str) -> None:
        self.ws, self.reader = ws, reader
        self.ours, self.theirs = ws.tree(), ws.tree(tracking)
        self.merged = self.theirs if seen == ws.tip(tracking) else self._tree_of(seen)

    def _tree_of(self, commit: str) -> str:
        try:
            return branch.parse_commit(self.reader.read(commit, cap=layout.SMALL_CAP)[1])[0] if commit else ""
        except BadData:
            return ""

    def one(self, session: str, here: str | None) -> Continued | None:
        """`here`: the transcript that the file on this disk stands for, "" if it is none that is on the branch."""
        if here is None:
            return None
        path = layout.session_path(session)
        there = branch.folder(self.reader, self.theirs, path)
        if there != branch.folder(self.reader, self.merged, path):
            found = self._judge(there, here)
            if found:
                return found
        return self._judge(branch.folder(self.reader, self.ours, path), here)

    def _judge(self, subtree: str, here: str) -> Continued | None:
        parts = branch.parts(self.reader, subtree)
        if not parts.transcript or parts.transcript == here:
            return None
        meta = self._meta(parts.meta)
        if not meta or meta.machine in ("", self.ws.here.id):
            return None
        return Continued(subtree, self._name(meta.machine), meta.updated)

    def _name(self, machine: str) -> str:
        from git_ccsync.operations.overview import names

        known = names.machines_in(self.reader, self.theirs or self.ours)
        return names.of_machines(self.ws, known).machine(machine)

    def _meta(self, oid: str) -> Meta | None:
        try:
            return layout.load_meta(self.reader.blob(oid, layout.SMALL_CAP)) if oid else None
        except BadData:
            return None
