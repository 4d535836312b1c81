"""undo: what the last pull, push, sync, rm, restore, rename or fork of this machine did, taken back: files, refs, the remote.

Each step can be cut short and done again: what is as it was already is passed over, and the run counts as undone at the end.
"""

from __future__ import annotations

import os

from git_ccsync.errors import NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import silent
from git_ccsync.operations.capturing import came_from, find, holding
from git_ccsync.operations.companions import memory
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.workspace import TRACKING, require_init
from git_ccsync.operations.undoing import steps, undo_files, undo_refs
from git_ccsync.operations.undoing.undo_files import LEFT, Step
from git_ccsync.state import undo as records
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress, RemoteResult
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.undoing.undo_refs import Refs
    from git_ccsync.state.index import Entry
    from git_ccsync.state.undo import Run


class Undone(Frozen):
    """What was done. `seconds` is when the run was (since 1970); `ref` moved from `old` to `new`, both "" if it stayed;
    `remote` is where it was taken back too, "" if nothing was, and `remotes` all URLs where; `missed` are those that could
    not be reached. `held` are sessions that are not sent again by themselves.
    """

    verb: str
    seconds: int
    ref: str
    old: str
    new: str
    remote: str
    files: tuple[Step, ...]
    held: tuple[str, ...]
    dry_run: bool = False
    remotes: tuple[str, ...] = ()
    missed: tuple[RemoteResult, ...] = ()

    @property
    def left(self) -> int:
        """How many files were left as they are."""
        return sum(step.action == LEFT for step in self.files)


def undo(ws: Workspace, *, dry_run: bool = False, on_progress: OnProgress = silent) -> Undone:
    """Take back what the last run did that is not undone yet; the next call takes back the one before.

    Raises NotInitialised; NotFound if there is nothing; Refused where the branch or the remote has gone on since, or lines
    would be nowhere any more; RemoteFailed if a push is to be taken back and the remote cannot be reached.
    """
    require_init(ws)
    return locking.locked(ws, dry_run, lambda stage: _undo(stage, on_progress), verb="undo")


def _undo(stage: Stage, on_progress: OnProgress) -> Undone:
    every = steps.of(records.runs(stage.ws.state))
    run, refs = _last(stage, every, on_progress)
    held = _to_hold(stage, run, refs)
    told = Undone(run.verb, run.seconds, stage.ws.ref, stage.tip, refs.target, refs.remote, (), tuple(sorted(held)))
    if stage.dry_run:
        planned = tuple(undo_files.plan(stage, run.files))
        return told._replace(files=planned, dry_run=True, remotes=refs.remotes)
    for one in run.id.split(" "):
        stage.undo.begun(one)
    holding.add(stage.ws, held)
    came_from.keep(stage, refs.tree if refs.follows else undo_refs.tree_of(stage, refs.target))
    if refs.sent:
        refs = undo_refs.take_back(stage, run, refs, on_progress)
    files = undo_files.run(stage, run.files)
    before, known = told.old, memory.Memory(stage)
    undo_refs.move(stage, run, refs)
    _forget(stage, before, run, known)
    if run.verb == "global apply":
        from git_ccsync.operations import globals as own

        own.Globals(stage).offer_again([os.path.relpath(file.path, stage.ws.claude) for file in run.files])
    _settled(stage, run, *(steps.along(run, every) if refs.sent and refs.follows else ()))
    return told._replace(files=tuple(files), new=stage.tip, remotes=refs.remotes, missed=refs.missed)


def _last(stage: Stage, every: list[Run], on_progress: OnProgress) -> tuple[Run, Refs]:
    """The last run of which there is something left to take back, and what is to become of its refs."""
    for run in reversed(every):
        if run.verb in steps.QUIET or run.undone:
            continue
        refs = undo_refs.judge(stage, run, every, on_progress)
        if run.begun or not _is_nothing(stage, run, refs) or undo_files.plan(stage, run.files):
            return run, refs
        if not stage.dry_run:
            _settled(stage, run)
    raise NotFound("nothing to undo")


def _is_nothing(stage: Stage, run: Run, found: Refs) -> bool:
    """Whether no ref is to move: of a push that never arrived, or that came off with a later one."""
    fetched = (ref for ref in run.refs if ref.name.startswith(TRACKING))
    stays = all(stage.ws.tip(ref.name) != ref.new or ref.new == ref.old for ref in fetched)
    return not found.sent and found.target == stage.tip and stays


def _settled(stage: Stage, *runs: Run) -> None:
    """Note that nothing of the runs is left to undo."""
    for run in runs:
        for one in run.id.split(" "):
            stage.undo.undone(one)


def _to_hold(stage: Stage, run: Run, refs: Refs) -> dict[str, tuple[int, str]]:
    """The files of this disk that hold what is taken back from the remote: else the next push would send it again."""
    if not refs.sent:
        return {}
    gone = branch.changed(stage, refs.tree, stage.base)
    sizes = {name: size for name, size in undo_files.returning(run.files).items() if name in gone}
    for path, entry in stage.index.items():
        if entry.worktree and entry.worktree != "side" and ({entry.session, _id(path)} & gone.keys()):
            try:
                sizes[_id(path)] = os.stat(path).st_size
            except OSError:
                continue
    for item in find.sessions(stage, tuple(gone))[0] if gone else ():
        sizes.setdefault(item.id, item.size)  # an undo before this one has dropped it from the index
    return {name: (size, _transcript(stage, refs.tree, name)) for name, size in sizes.items()}


def _transcript(stage: Stage, root: str, session: str) -> str:
    return branch.parts(stage, branch.folder(stage, root, layout.session_path(session))).transcript


def _id(path: str) -> str:
    return os.path.basename(path).removesuffix(".jsonl")


def _forget(stage: Stage, before: str, run: Run, held: memory.Memory) -> None:
    """What the index and the journal say of sessions that are otherwise on the branch now, they say no more; nor does
    what was `held` of memory.
    """
    was = undo_refs.tree_of(stage, before)
    gone = branch.changed(stage, was, stage.base) if was else {}
    for path, entry in list(stage.index.items()):
        if entry.worktree and entry.worktree != "side" and ({entry.session, _id(path)} & gone.keys()):
            _look_again(stage, path, entry)
    if "installed" in run.marks:
        stage.index.remember("installed", run.marks["installed"] or None)
    for session, (key, tree) in run.journal.items():
        stage.journal.put_back(session, key, tree)
    if branch.folder(stage, was, "memory") != branch.folder(stage, stage.base, "memory"):
        memory.begin_again(stage, held, was if run.sent else "", {file.path for file in run.files})
    stage.save()


def _look_again(stage: Stage, path: str, entry: Entry) -> None:
    """Drop from the index what it says of a transcript and its side files that the branch does not say."""
    parts = stage.parts(entry.session)
    if entry.tree != parts.transcript:
        stage.index.drop(path)
    stored, top = {tree for _, tree in parts.files}, path.removesuffix(".jsonl") + "/"
    for beside, values in list(stage.index.raw().items()):
        if beside.startswith(top) and values[6] not in stored:
            stage.index.drop(beside)
