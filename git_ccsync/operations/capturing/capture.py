"""Capture: read what is new in the local transcripts and draft it onto the local branch. Never writes a transcript."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import SAME, Outcome, Problem, Progress
from git_ccsync.operations.capturing import find, holding, odd, redacted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage


class Captured(Frozen):
    """What a capture drafted. `found` are all the transcripts of this repository, changed or not."""

    outcomes: tuple[Outcome, ...]
    problems: tuple[Problem, ...]
    found: tuple[Found, ...]
    lines: int
    bytes: int


def capture(stage: Stage, only: Sequence[str], on_progress: OnProgress) -> Captured:
    """Draft everything new of this repository's sessions (of `only`, if given). One bad file never stops the rest."""
    agents: list[SideFile] = []
    holding.release(stage, only)
    found, problems = find.sessions(stage, only, agents)
    found = holding.without(stage, found)
    outcomes: list[Outcome] = []
    lines = size = 0
    changed = [item for item in found if not stage.index.unchanged(item.path, item.size, item.mtime_ns, item.inode)]
    fresh = [_fresh(stage, item) for item in changed]
    told = _Told(on_progress, sum(fresh))
    for item, unread in zip(changed, fresh, strict=True):
        told.begin(unread)
        try:
            outcome, added = _capture(stage, item, told)
        except FileNotFoundError:
            continue  # gone since the scan: not ours to worry about, and no deletion
        except (BadData, OSError) as error:
            problems.append(odd.problem(stage, item, error))
            redacted.note(stage, item.id, sent=False)
            continue
        redacted.note(stage, item.id)
        if outcome and outcome.scenario != SAME:
            outcomes.append(outcome)
            lines, size = lines + outcome.lines, size + added
        stage.checkpoint(len(outcomes), lines)
    more, bad = _sides(stage, found, agents)
    return Captured((*outcomes, *more), (*problems, *bad), tuple(found), lines, size)


def _fresh(stage: Stage, item: Found) -> int:
    """Bytes of a file that no capture has read yet, as far as its size tells."""
    entry = stage.index.get(item.path)
    return max(0, item.size - entry.synced) if entry else item.size


class _Told:
    """Tells how many of `total` bytes have been read, file by file."""

    def __init__(self, on_progress: OnProgress, total: int) -> None:
        self._on_progress, self._total, self._before, self._size = on_progress, total, 0, 0

    def begin(self, size: int) -> None:
        """The next file, of which `size` bytes are to be read."""
        self._before, self._size = self._before + self._size, size
        self.read(0)

    def read(self, size: int) -> None:
        """So many bytes of the file have been read."""
        done = self._before + min(size, self._size)
        self._on_progress(Progress("reading", done, self._total, "bytes"))


def _sides(stage: Stage, found: list[Found], legacy: list[SideFile]) -> tuple[list[Outcome], list[Problem]]:
    if not legacy and not any(item.side for item in found):
        return [], []
    from git_ccsync.operations.capturing import agents, sides

    return sides.capture(stage, found, agents.by_transcript(stage.index, legacy))


def _capture(stage: Stage, item: Found, told: _Told) -> tuple[Outcome | None, int]:
    fd = claude_files.open_regular(item.path)
    try:
        entry = stage.index.get(item.path)
        worktree = entry.worktree if entry else ""
        if not worktree:
            worktree = find.owner(stage, item, fd) or ""
        if not worktree:
            return None, 0
        from git_ccsync.operations.capturing.capture_file import File

        return File(stage, item, fd, entry, worktree, told=told.read).run()
    finally:
        os.close(fd)
