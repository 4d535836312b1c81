"""Undoing what a run did to files under the Claude directory: each as it was, unless somebody wrote to it since.

Nothing is deleted and no byte of others is touched: what is taken away goes to the trash, what is cut back too, whole.
"""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.claude import install_trash, live
from git_ccsync.claude.files import CHUNK
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.exchange import dropped
from git_ccsync.operations.installing import installed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.undo import File, State

REMOVED, CUT, PUT_BACK, LEFT = "removed", "cut back", "put back", "left"


class Step(Frozen):
    """What becomes of one file: `action` is one of the four words above, `reason` why it is left as it is."""

    path: str
    action: str
    reason: str = ""


def plan(stage: Stage, files: Sequence[File]) -> list[Step]:
    """What is to be done, the last change first. Files that are as they were are passed over."""
    steps = (_step(stage, file) for file in reversed(files))
    return [step for step in steps if step]


def returning(files: Sequence[File]) -> dict[str, int]:
    """The transcripts that come back from the trash: session -> size."""
    gone = (file for file in files if file.after and file.after.size < 0 <= file.before.size)
    kept = [file for file in gone if file.path.endswith(".jsonl") and file.after and os.path.lexists(file.after.other)]
    return {os.path.basename(file.path).removesuffix(".jsonl"): file.before.size for file in kept}


def _step(stage: Stage, file: File) -> Step | None:
    now, after = _state(file.path), file.after
    if _same(now, file.before) and not _only_looks_so(file):
        return None
    if after is None:
        return Step(file.path, LEFT, "that run did not end, and something was written since")
    if after.size < 0 <= file.before.size and now is None:
        kept = os.path.lexists(after.other)
        return Step(file.path, PUT_BACK) if kept else Step(file.path, LEFT, "it is in the trash no more")
    if not _same(now, after):
        return Step(file.path, LEFT, "something was written to it since" if now else "it is gone")
    busy = _busy(stage, file)
    if busy:
        return Step(file.path, LEFT, busy)
    if file.before.size < 0:
        return Step(file.path, REMOVED)
    if not after.other:
        return Step(file.path, CUT) if after.size >= file.before.size else Step(file.path, LEFT, "no original was kept")
    kept = os.path.lexists(after.other)
    return Step(file.path, PUT_BACK) if kept else Step(file.path, LEFT, "its original is in the trash no more")


def _only_looks_so(file: File) -> bool:
    """Whether a file of the size and time of its original has other bytes: then the original was replaced by its like."""
    after = file.after
    if not after or not after.other or after[:2] != file.before[:2] or not os.path.lexists(after.other):
        return False
    size = file.before.size
    return any(a != b for a, b in zip(_bytes(file.path, size), _bytes(after.other, size), strict=False))


def _state(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _same(now: os.stat_result | None, then: State) -> bool:
    if now is None or then.size < 0:
        return now is None and then.size < 0
    return _stamp(now) == (then.size, then.mtime_ns)


def _stamp(now: os.stat_result) -> tuple[int, int]:
    return now.st_size, now.st_mtime_ns


def _busy(stage: Stage, file: File) -> str:
    """`live.busy` of the session that the file belongs to; only a transcript tells by its time."""
    held = any(name.removesuffix(".jsonl") in stage.live for name in file.path.split("/")[-4:])
    if not held and not file.path.endswith(".jsonl"):
        return ""
    return live.busy(file.path, held=held, ours_mtime_ns=file.after.mtime_ns if file.after else 0)


def run(stage: Stage, files: Sequence[File]) -> list[Step]:
    """Do what `plan` says, as it is by now; what became of each file."""
    done = []
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        folders = dict.fromkeys(os.path.dirname(file.path) for file in files)
        writing.heal(folders, installed.tag(stage), installed.trash(stage))
        for file in reversed(files):
            step = _step(stage, file)
            if step and step.action != LEFT:
                step = _attempt(stage, file, step)
            dropped.forget(stage, file.path)
            if file.before.other and not os.path.lexists(file.path):
                install_trash.remove_empty(os.path.dirname(file.path), file.before.other)
            if step:
                done.append(step)
    return done


def _attempt(stage: Stage, file: File, step: Step) -> Step:
    try:
        _do(stage, file, step.action)
    except (CcsyncError, OSError) as error:
        reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
        return Step(file.path, LEFT, reason)
    return step


def _do(stage: Stage, file: File, action: str) -> None:
    after = file.after
    assert after
    if action == REMOVED:
        install_trash.discard(file.path, installed.trash(stage))
    elif after.size < 0:
        install_trash.put_back(after.other, file.path)
    else:
        source = after.other if action == PUT_BACK else file.path
        _exchange(stage, file, source, file.before.size)


def _exchange(stage: Stage, file: File, source: str, size: int) -> None:
    """Give the file the first `size` bytes of `source`; what it is now goes to the trash, with what comes meanwhile."""
    now = os.lstat(file.path)
    kept = writing.exchange(
        file.path,
        _bytes(source, size),
        expected=(now.st_size, now.st_mtime_ns, now.st_ino),
        tag=installed.tag(stage),
        trash=installed.trash(stage),
        mtime_ns=file.before.mtime_ns,
    )
    if kept.grown:
        raise CcsyncError(f"something was written to it meanwhile; that lies in '{kept.path}'")


def _bytes(path: str, size: int) -> Iterator[bytes]:
    fd = claude_files.open_regular(path)
    try:
        at = 0
        while at < size and (data := os.pread(fd, min(CHUNK, size - at), at)):
            at += len(data)
            yield data
    finally:
        os.close(fd)
