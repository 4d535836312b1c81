"""Where each session lies on this disk, or belongs. Looks, never writes."""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.workspace import project_keys

if TYPE_CHECKING:
    from git_ccsync.model import Meta
    from git_ccsync.operations.stage import Stage


class Place(Frozen):
    """Where a session goes on this disk: project directory name, work tree, transcript."""

    key: str
    worktree: str
    path: str


class Where:
    """Where each session lies or belongs. One look at the Claude directory serves all sessions of a run."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ours: dict[str, str] = {}
        for path, entry in stage.index.raw().items():
            if entry[8] and entry[8] != "side":
                self.ours[os.path.basename(path)[:-6]] = path
        self._keys: list[str] | None = None

    def directories(self) -> list[str]:
        """Project directories of this repository's work trees."""
        top = os.path.join(self.stage.ws.claude, "projects")
        return [os.path.join(top, key) for key in project_keys(self.stage.ws)]

    def known(self, session: str) -> str:
        """The transcript of the session in one of this repository's directories, "" if it is not on this disk."""
        path = self.ours.get(session, "")
        return path if path and os.path.lexists(path) else ""

    def place(self, session: str, meta: Meta) -> Place:
        """Where the session lies here, else where it belongs: its work tree's directory, or the main one's."""
        ws = self.stage.ws
        known = self.known(session)
        if known:
            entry = self.stage.index.get(known)
            return Place(os.path.basename(os.path.dirname(known)), entry.worktree if entry else ws.trees[0], known)
        worktree = ws.work_tree(meta.worktree)
        parts = [part for part in meta.directory.split("/") if part not in ("", ".", "..")]
        key = home.forced_key(ws.environ) or home.project_key(os.path.join(worktree, *parts))
        return Place(key, worktree, os.path.join(ws.claude, "projects", key, f"{session}.jsonl"))

    def elsewhere(self, session: str, place: Place) -> str:
        """The project directory that holds another copy of the id, "" if none: Claude Code finds neither of two."""
        top = os.path.join(self.stage.ws.claude, "projects")
        if self._keys is None:
            try:
                self._keys = os.listdir(top)
            except OSError:
                self._keys = []
        for key in self._keys:
            if key != place.key and os.path.lexists(os.path.join(top, key, f"{session}.jsonl")):
                return os.path.join(top, key)
        return ""
