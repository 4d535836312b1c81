"""What the owner says of Claude's files for all projects: carry them or not; take what others changed, or keep what is here.

The only place that writes them; what lay there before is kept in the trash.
"""

from __future__ import annotations

import os

from git_ccsync.claude import install as writing
from git_ccsync.claude import install_memory
from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import config as git_config
from git_ccsync.model import Problem
from git_ccsync.operations import globals as own
from git_ccsync.operations.installing.installed import tag, trash
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.store import three_way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.operations.run.workspace import Workspace


#: Lines around a change that are shown with it.
CONTEXT = 2


class Waiting(Frozen):
    """A file that others changed: its name, what was done to it, its text here and as it would be here (None: absent)."""

    name: str
    what: str
    before: bytes | None
    after: bytes

    def difference(self) -> Iterator[bytes]:
        """What `apply` would change: lines that begin with "@", " ", "-" or "+". Its cost is bounded, whatever the text."""
        old = self.before.split(b"\n") if self.before is not None else []
        for edit in three_way.edits(old, self.after.split(b"\n")):
            yield b"@ line %d" % (edit.start + 1)
            yield from (b" " + line for line in old[max(0, edit.start - CONTEXT) : edit.start])
            yield from (b"-" + line for line in old[edit.start : edit.end])
            yield from (b"+" + line for line in edit.lines)
            yield from (b" " + line for line in old[edit.end : edit.end + CONTEXT])


class Done(Frozen):
    """What became of the files: `taken` are (name, where the original is kept, "" for none), `problems` were left alone."""

    taken: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


class State(Frozen):
    """Whether the files are carried; those here, those that are not on the branch yet, those that wait to be taken."""

    on: bool
    files: tuple[str, ...] = ()
    fresh: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()


def switch(ws: Workspace, *, on: bool) -> None:
    """Carry them from now on, or no more; what is on the branch stays there."""
    require_init(ws)
    git_config.set_value(ws.repo, own.KEY, "true" if on else "false")


def state(ws: Workspace, names: Sequence[str] = ()) -> State:
    """How they stand (of `names`, if given), as of the last fetch. NotFound for a name of which nothing waits."""
    require_init(ws)
    with Stage(ws, dry_run=True) as stage:
        if not own.is_on(stage):
            return State(False)
        known = own.Globals(stage)
        waiting = tuple(
            Waiting(one.name, own.changed(stage, one), _text(one), known.merged(one)) for one in known.staged(names)
        )
        here = tuple(one.name for one in known.files.values() if one.here is not None)
        fresh = tuple(one.name for one in known.files.values() if one.is_new_here)
        return State(True, here, fresh, waiting)


def _text(one: own.File) -> bytes | None:
    return b"\n".join([unit[1] for unit in one.units]) if one.here is not None else None


def apply(ws: Workspace, names: Sequence[str]) -> Done:
    """Write what others changed (all of it, or `names`); where both sides did, the lines of both. Refused, NotFound."""
    require_init(ws)
    return locking.locked(ws, False, lambda stage: _apply(stage, names), verb="global apply")


def _apply(stage: Stage, names: Sequence[str]) -> Done:
    own.require(stage)
    known, taken, problems = own.Globals(stage), [], []
    how = install_memory.Write(tag(stage), trash(stage))
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        for one in known.staged(names):
            try:
                taken.append((one.name, _write(known, one, how)))
            except (CcsyncError, OSError) as error:
                reason = getattr(error, "message", "") or getattr(error, "strerror", "") or "cannot be written"
                problems.append(Problem(one.name, reason))
                continue
            known.take(one, written=known.merged(one) != _text(one))
            known.save()
    stage.save()
    return Done(tuple(taken), tuple(problems))


def _write(known: own.Globals, one: own.File, how: install_memory.Write) -> str:
    path, data = os.path.join(known.claude, one.name), known.merged(one)
    if one.here is None and os.path.lexists(path):
        raise BadData("something that is not carried lies in its place")
    undo, kept = known.stage.undo, ""
    undo.before(path)
    if one.here is None:
        install_memory.create(path, data, how)
    else:
        kept = install_memory.replace(path, data, one.stat, how)
    undo.after(path, kept)
    return kept


def keep(ws: Workspace, names: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """Let what lies here stand, and be sent by the next push: (name, whether there is one here). Refused, NotFound."""
    require_init(ws)
    return locking.locked(ws, False, lambda stage: _keep(stage, names))


def _keep(stage: Stage, names: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    own.require(stage)
    known = own.Globals(stage)
    kept = known.staged(names)
    for one in kept:
        known.take(one)
    known.save()
    stage.save()
    return tuple((one.name, one.here is not None) for one in kept)
