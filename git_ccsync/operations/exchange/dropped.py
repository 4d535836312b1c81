"""Sessions that the branch has no more, though no tombstone says that they were meant to go: those on this disk are new
again. Changes the index alone.
"""

from __future__ import annotations

import os

from git_ccsync.claude import scan
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.model import Installed
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP, is_session_id, load

if TYPE_CHECKING:
    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.operations.run.stage import Stage


def head(stage: Stage) -> str:
    """The index speaks of one branch up to one commit. If the local branch is another one, or has lost that commit (a ref
    moved by hand, a run cut short), it is not believed. The tree of that commit, if the branch has gone on from there, else
    "".
    """
    held = stage.index.value("head")
    if held is None or held == (stage.ws.ref, stage.tip):
        return ""
    ref, tip = held if isinstance(held, tuple) else ("", "")
    if ref == stage.ws.ref and tip and stage.tip:
        try:
            if refs.is_ancestor(stage.ws.repo, tip, stage.tip):
                return branch.parse_commit(stage.reader.read(tip, cap=SMALL_CAP)[1])[0]
        except CcsyncError:  # that commit never came to be
            pass
    stage.index.forget("memory", "memory-tree", "history")
    return ""


def notice(stage: Stage, before: str) -> tuple[str, ...]:
    """Sessions of the tree `before` that the stage's tree lacks for no reason told; the next capture takes their files for
    new ones.
    """
    if not before or not stage.base or before == stage.base:
        return ()
    try:
        changed = branch.changed(stage, before, stage.base)
    except CcsyncError:  # that tree is gone
        return ()
    gone = {name for name, (_, after) in changed.items() if not after and not _meant(stage, name)}
    if gone:
        for path, entry in list(stage.index.raw().items()):
            if entry[5] in gone and entry[8] and entry[8] != "side":
                forget(stage, path)
    return tuple(sorted(gone))


def removed(stage: Stage, before: str) -> list[Installed]:
    """The sessions that others took off the lists (`rm`) since the tree `before`, as pull tells of them."""
    before = stage.ws.tree() if stage.dry_run else before  # what a dry run drafted was never written
    if not before or not stage.base or before == stage.base:
        return []
    try:
        old, new = ({one.name: one.oid for one in _tombstones(stage, root)} for root in (before, stage.base))
    except CcsyncError:  # that tree is gone
        return []
    fresh = {name.decode("ascii", "replace"): oid for name, oid in new.items() if name not in old}
    return [
        Installed(name, "deleted", title=_title(stage, name), machine=_remover(stage, oid))
        for name, oid in fresh.items()
        if is_session_id(name)
    ]


def _tombstones(stage: Stage, root: str) -> tuple[TreeEntry, ...]:
    folder = branch.folder(stage, root, "deleted")
    return stage.tree(folder) if folder else ()


def _title(stage: Stage, session: str) -> str:
    try:
        return stage.meta(stage.parts(session).meta).title
    except CcsyncError:
        return ""


def _remover(stage: Stage, oid: str) -> str:
    try:
        return str(load(stage.blob(oid, SMALL_CAP), "tombstone").get("who", ""))
    except CcsyncError:
        return ""


def _meant(stage: Stage, session: str) -> bool:
    return any(branch.entry(stage, stage.base, f"{folder}/{session}") for folder in ("deleted", "purged"))


def forget(stage: Stage, path: str) -> None:
    """Drop from the index a transcript and what lies beside it."""
    beside = path.removesuffix(".jsonl") + "/", f"{os.path.dirname(path)}/{scan.AGENT}"
    for each in [path, *(name for name in stage.index.raw() if name.startswith(beside))]:
        stage.index.drop(each)


def told(sessions: tuple[str, ...], ref: str) -> tuple[str, ...]:
    """The warning about them, none if there are none."""
    if not sessions:
        return ()
    what = "1 session was" if len(sessions) == 1 else f"{len(sessions):,} sessions were"
    return (f"{what} taken off '{ref}' without a word; the next push sends again what lies on this disk",)
