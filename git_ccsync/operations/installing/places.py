"""Where each session lies on this disk, or belongs. Looks, never writes."""

from __future__ import annotations

import os

from git_ccsync.claude import files, home
from git_ccsync.errors import Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.run.workspace import project_keys

if TYPE_CHECKING:
    from git_ccsync.model import Meta
    from git_ccsync.operations.run.stage import Stage


class Place(Frozen):
    """Where a session goes on this disk: project directory name, work tree, transcript."""

    key: str
    worktree: str
    path: str


class Unseen(Refused):
    """A place that cannot be looked at. `directory` (below Claude's, fit to be shown) is the project's, `reason` why."""

    def __init__(self, directory: str, reason: str) -> None:
        super().__init__(f"'{directory}' cannot be looked into: {reason}")
        self.directory, self.reason = directory, reason


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

    def lies(self, session: str, place: Place) -> bool:
        """Whether the transcript lies at `place`. Unseen if that cannot be looked at, or where it was before:
        what cannot be seen is not gone, and nothing may be written beside it.
        """
        key, _ = self.stage.journal.known.get(session, ("", ""))
        journaled = os.path.join(self.stage.ws.claude, "projects", key, f"{session}.jsonl") if key else ""
        for path in {self.ours.get(session, ""), journaled} - {"", place.path}:
            _lies(path)
        return _lies(place.path)

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


def _lies(path: str) -> bool:
    """Whether anything lies at `path`, in a directory that may be a link to one; Unseen if only a look could tell."""
    directory = os.path.dirname(path)
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        if not os.path.islink(directory) or os.path.isdir(directory):
            return False
        reason = error.strerror
    except OSError as error:
        reason = error.strerror
    else:
        return True
    raise Unseen(files.shown(f"projects/{os.path.basename(directory)}"), (reason or "cannot be read").lower())
