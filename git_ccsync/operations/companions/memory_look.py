"""How memory stands between this disk, the branch and the remote as it was seen last. Offline; changes nothing."""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.model import Remembered
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.companions import memory
from git_ccsync.operations.run.stage import Stage
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP
from git_ccsync.store.memory import FOLDER

if TYPE_CHECKING:
    from git_ccsync.model import Problem
    from git_ccsync.operations.run.workspace import Workspace


class Look(Frozen):
    """How many files are to be pushed, and how many to be pulled or installed."""

    ahead: int = 0
    behind: int = 0
    problems: tuple[Problem, ...] = ()


def look(ws: Workspace, tracking: str) -> Look:
    """Count them; `tracking` is the destination's tracking ref."""
    with Stage(ws, dry_run=True) as stage:
        ours = _entries(stage, ws.tree())
        ahead, behind = _apart(stage, ours, tracking)
        if (branch.folder(stage, stage.base, FOLDER) or None) != stage.index.value(memory.INSTALLED):
            known = memory.of(stage)
            stored = memory.on_branch(stage, stage.base, known.files)
            names = {*stored.files, *known.files} - {*stored.refused}
            behind |= {name for name in names if stored.files.get(name) != known.files.get(name)}
        if idle.is_memory_new(ws, stage.index):
            memory.capture(stage)
            ahead |= {one.name for one in memory.of(stage).told}
            behind -= {one.name for one in memory.of(stage).told if one.action == "added"}
        return Look(len(ahead), len(behind), tuple(stage.beside.memory.problems) if stage.beside.memory else ())


def _apart(stage: Stage, ours: dict[str, str], tracking: str) -> tuple[set[str], set[str]]:
    """Names that the branch has otherwise than the remote: changed here, changed there."""
    ws = stage.ws
    if not tracking or ws.tree() == ws.tree(tracking):
        return set(), set()
    theirs = _entries(stage, ws.tree(tracking))
    if ours == theirs:
        return set(), set()
    base = _entries(stage, _base(stage, tracking))
    apart = [name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name)]
    return (
        {name for name in apart if ours.get(name) != base.get(name)},
        {name for name in apart if theirs.get(name) != base.get(name)},
    )


def unsent(stage: Stage, tracking: str) -> tuple[Remembered, ...]:
    """What the branch has that the remote, as it was seen last, has not."""
    ours = _entries(stage, stage.ws.tree())
    theirs = _entries(stage, stage.ws.tree(tracking))
    words = {name: "updated" if name in theirs else "added" for name in ours}
    return tuple(
        Remembered(name, words.get(name, "deleted"), "branch") for name in sorted(_apart(stage, ours, tracking)[0])
    )


def differing(stage: Stage, before: str, after: str) -> frozenset[str]:
    """Names of the memory files that are not the same in two root trees."""
    old, new = _entries(stage, before), _entries(stage, after)
    return frozenset(name for name in {*old, *new} if old.get(name) != new.get(name))


def _entries(stage: Stage, root: str) -> dict[str, str]:
    """Names and object ids of a tree's memory."""
    tree = branch.folder(stage, root, FOLDER) if root else ""
    found = stage.tree(tree) if tree else ()
    return {name: entry.oid for entry in found if (name := memory.name_of(entry))}


def _base(stage: Stage, tracking: str) -> str:
    ours, theirs = stage.ws.tip(), stage.ws.tip(tracking)
    common = refs.merge_base(stage.ws.repo, ours, theirs) if ours and theirs else ""
    try:
        return branch.parse_commit(stage.reader.read(common, cap=SMALL_CAP)[1])[0] if common else ""
    except BadData:
        return ""
