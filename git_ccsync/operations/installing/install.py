"""Install: which sessions of the local branch are to be written into Claude's directory; `install_session` does each.

Judged by content each time, so that it may be cut short anywhere and run again.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import home
from git_ccsync.claude import install as writing
from git_ccsync.errors import CcsyncError, why
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Installed, Problem, Progress
from git_ccsync.operations.installing.install_session import IN_ORIGINAL, Rules, install_one, plan_one
from git_ccsync.operations.installing.installed import tag, trash
from git_ccsync.operations.installing.places import Unseen, Where
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.stage import Stage

DAY = 86400.0
#: What is no news: nothing was done, or what is done to the original is told of that.
UNTOLD = ("kept", IN_ORIGINAL)


def rules(stage: Stage, *, force: bool = False) -> Rules:
    """The install horizon: `ccsync.installSince`, else Claude's own clean-up age, in days before now."""
    kept = home.cleanup_days(stage.ws.claude)
    days = stage.ws.config.get_int("ccsync.installSince", 0) or kept
    return Rules(time.time() - days * DAY, kept, force)


def install(
    stage: Stage, sessions: Sequence[str], on_progress: OnProgress
) -> tuple[tuple[Installed, ...], tuple[Problem, ...]]:
    """Bring the sessions that the branch has new (or only the ids `sessions`) onto this disk."""
    wanted = candidates(stage, sessions)
    if stage.dry_run:
        return planned(stage, wanted)
    if not wanted:
        return (), ()
    stage.undo.mark("installed", str(stage.index.value("installed") or ""))
    done: list[Installed] = []
    problems: list[Problem] = []
    waiting: list[str] = []
    policy = rules(stage)
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        where = Where(stage)
        writing.heal(where.directories(), tag(stage), trash(stage))
        told = _Told(stage, len(wanted), on_progress)
        for session, tree in wanted.items():
            told.begin()
            try:
                result = install_one(stage, where, session, tree, policy)
            except (CcsyncError, OSError, MemoryError) as error:
                problems.append(_problem(session, error))
                waiting.append(session)
                continue
            if result.action in ("waiting", IN_ORIGINAL):
                waiting.append(session)
            if result.action not in UNTOLD:
                done.append(result)
    waiting += stage.sides_left.keys() - {*waiting}
    problems += [problem for found in stage.sides_left.values() for problem in found]
    if not sessions:
        stage.index.remember("installed", stage.base)
        stage.index.remember("waiting", tuple(waiting))
    return tuple(done), tuple(dict.fromkeys(problems))


class _Told:
    """Tells which of `total` sessions is being installed, and how many bytes of all of them have been written."""

    def __init__(self, stage: Stage, total: int, on_progress: OnProgress) -> None:
        self._stage, self._total, self._on_progress, self._room = stage, total, on_progress, stage.room
        self._number = -1
        stage.moved = self.tell

    def begin(self) -> None:
        """The next session."""
        self._number += 1
        self.tell()

    def tell(self) -> None:
        """Say it."""
        written = self._room - self._stage.room
        self._on_progress(Progress("installing", self._number, self._total, "sessions", written))


def _problem(session: str, error: Exception) -> Problem:
    """What hindered one session; a directory that cannot be looked into hinders all of its sessions, and is told once."""
    if isinstance(error, Unseen):
        return Problem(error.directory, f"nothing is installed there: {error.reason}")
    return Problem(session, why(error))


def planned(stage: Stage, wanted: dict[str, str]) -> tuple[tuple[Installed, ...], tuple[Problem, ...]]:
    """What `install` would do, without a lock and without a write."""
    where, policy = Where(stage), rules(stage)
    found: list[Installed] = []
    problems: list[Problem] = []
    for name, tree in wanted.items():
        try:
            found.append(plan_one(stage, where, name, tree, policy))
        except (CcsyncError, OSError) as error:
            problems.append(_problem(name, error))
    return tuple(one for one in found if one.action not in UNTOLD), tuple(dict.fromkeys(problems))


def candidates(stage: Stage, sessions: Sequence[str]) -> dict[str, str]:
    """Sessions whose tree changed since the last install, those that had to wait, and those whose file here is out
    of step though the branch stood still: id -> tree.
    """
    before = stage.index.value("installed")
    held = stage.index.value("waiting")
    found = {}
    if before != stage.base:
        try:
            changed = branch.changed(stage, str(before or ""), stage.base)
        except CcsyncError:  # that tree is gone: look at all
            changed = branch.changed(stage, "", stage.base)
        found = {session: new for session, (_, new) in changed.items() if new}
    for session in (*(held if isinstance(held, tuple) else ()), *_out_of_step(stage)):
        if session not in found and (tree := stage.draft.session(session)):
            found[session] = tree
    return {session: tree for session, tree in found.items() if not sessions or session in sessions}


def _out_of_step(stage: Stage) -> Iterator[str]:
    """Sessions whose file here is behind the branch (it was cut short), or holds a conflict copy's lines."""
    for path, entry in stage.index.raw().items():
        name = os.path.basename(path)[:-6]
        if entry[8] not in ("", "side") and (not entry[6] or entry[5] != name):
            yield name
