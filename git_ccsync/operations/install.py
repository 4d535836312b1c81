"""Install: write what is new on the local branch into Claude's directory. Decides; claude.install does the writing.

Judged by content each time, so that it may be cut short anywhere and run again.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import home, live, reading, rows
from git_ccsync.claude import install as writing
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import BEHIND, DIVERGED, SAME, Installed, Meta, Problem, Progress
from git_ccsync.operations import change, find, sides_install
from git_ccsync.operations.follow import Stored, follow_disk
from git_ccsync.state import index as indexing
from git_ccsync.state.index import WINDOW, Entry
from git_ccsync.store import branch, segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.stage import Stage
    from git_ccsync.portable.text import Codec

DAY = 86400.0


class Place(Frozen):
    """Where a session goes on this disk: project directory name, work tree, transcript."""

    key: str
    worktree: str
    path: str


class Rules(Frozen):
    """What to install: sessions idle since before `horizon` (seconds) are not new to this machine; `force` brings even
    removed ones.
    """

    horizon: float
    days: int
    force: bool = False


def rules(stage: Stage, *, force: bool = False) -> Rules:
    """The install horizon: `ccsync.installSince`, else Claude's own clean-up age, in days before now."""
    kept = home.cleanup_days(stage.ws.claude)
    days = stage.ws.config.get_int("ccsync.installSince", 0) or kept
    return Rules(time.time() - days * DAY, kept, force)


def install(
    stage: Stage, sessions: Sequence[str], on_progress: OnProgress
) -> tuple[tuple[Installed, ...], tuple[Problem, ...]]:
    """Bring the sessions that the branch has new (or only the ids `sessions`) onto this disk."""
    if stage.dry_run:
        return (), ()
    wanted = candidates(stage, sessions)
    if not wanted:
        return (), ()
    done: list[Installed] = []
    problems: list[Problem] = []
    waiting: list[str] = []
    policy = rules(stage)
    with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        where = _Where(stage)
        writing.heal(where.directories(), tag(stage), trash(stage))
        for number, (session, tree) in enumerate(wanted.items()):
            on_progress(Progress("installing", number, len(wanted), "sessions"))
            try:
                result = install_one(stage, where, session, tree, policy)
            except (CcsyncError, OSError) as error:
                problems.append(
                    Problem(session, getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5))
                )
                waiting.append(session)
                continue
            if result.action == "waiting":
                waiting.append(session)
            if result.action not in ("kept", "idle"):
                done.append(result)
    stage.index.remember("installed", stage.base)
    stage.index.remember("waiting", tuple(waiting))
    return tuple(done), tuple(problems)


def candidates(stage: Stage, sessions: Sequence[str]) -> dict[str, str]:
    """Sessions whose tree changed since the last install, and those that had to wait: id -> tree."""
    before = stage.index.value("installed")
    held = stage.index.value("waiting")
    found = {}
    if before != stage.base:
        try:
            changed = branch.changed(stage, str(before or ""), stage.base)
        except CcsyncError:  # that tree is gone: look at all
            changed = branch.changed(stage, "", stage.base)
        found = {session: new for session, (_, new) in changed.items() if new}
    for session in held if isinstance(held, tuple) else ():
        if session not in found and (tree := stage.draft.session(session)):
            found[session] = tree
    return {session: tree for session, tree in found.items() if not sessions or session in sessions}


def tag(stage: Stage) -> str:
    """What marks temporaries as this repository's."""
    return indexing.digest(os.fsencode(stage.ws.repo.common_dir)).hex()[:12]


def trash(stage: Stage) -> str:
    """Where replaced originals go."""
    return os.path.join(stage.ws.here.state, "trash")


class _Where:
    """Where each session lies or belongs. One look at the Claude directory serves all sessions of a run."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.ours: dict[str, str] = {}
        for path, entry in stage.index.raw().items():
            if entry[8] and entry[8] != "side" and os.path.exists(path):
                self.ours[os.path.basename(path)[:-6]] = path
        self._keys: list[str] | None = None

    def directories(self) -> list[str]:
        """Project directories of this repository's work trees."""
        top = os.path.join(self.stage.ws.claude, "projects")
        return [os.path.join(top, key) for key in find.keys(self.stage.ws)]

    def place(self, session: str, meta: Meta) -> Place:
        """Where the session lies here, else where it belongs: its work tree's directory, or the main one's."""
        ws = self.stage.ws
        known = self.ours.get(session)
        if known:
            entry = self.stage.index.get(known)
            return Place(os.path.basename(os.path.dirname(known)), entry.worktree if entry else ws.trees[0], known)
        named = [tree for tree in ws.trees[1:] if os.path.basename(tree) == meta.worktree]
        worktree = named[0] if meta.worktree and named else ws.trees[0]
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


def where(stage: Stage) -> _Where:
    """Where this repository's sessions lie on this disk."""
    return _Where(stage)


def install_one(stage: Stage, where: _Where, session: str, tree: str, policy: Rules) -> Installed:
    """Install one session: new, grown, exchanged, or left alone with the reason."""
    parts = branch.parts(stage, tree)
    known = where.ours.get(session)
    if known and _in_step(stage, known, session, parts):
        sides_install.install(stage, session, where.place(session, Meta()), parts, tag(stage))
        return Installed(session, "kept", known)
    meta = stage.meta(parts.meta)
    place = where.place(session, meta)
    told = Installed(session, "kept", place.path, 0, meta.title, meta.machine)
    if os.path.lexists(place.path):
        return _update(stage, place, session, parts, told, policy)
    return _fresh(stage, where, place, session, parts, meta, told, policy)


def _in_step(stage: Stage, path: str, session: str, parts: branch.Parts) -> bool:
    entry = stage.index.get(path)
    return bool(entry and entry.session == session and entry.tree == parts.transcript and entry.ordered)


def _fresh(
    stage: Stage,
    where: _Where,
    place: Place,
    session: str,
    parts: branch.Parts,
    meta: Meta,
    told: Installed,
    policy: Rules,
) -> Installed:
    """A session that is not on this disk."""
    if not parts.transcript or find.tombstoned(stage, session, meta.lines):
        return told._replace(action="skipped", path="")
    journaled = stage.journal.known.get(session)
    if journaled and journaled[1] == parts.transcript and not policy.force:
        return told._replace(action="kept", path="", reason="removed here")
    idle = rows.seconds(meta.updated)
    if not policy.force and idle is not None and idle < policy.horizon:
        return told._replace(action="idle", path="")
    other = where.elsewhere(session, place)
    if other:
        return told._replace(action="elsewhere", path=other, reason=f"already in '{other}'")
    codec = stage.codec(session, place.worktree, place.key)
    oids = segments.listing(stage, parts.transcript)
    local = (codec.local(block) for block in segments.blocks(stage, oids))
    writing.create(place.path, local, tag=tag(stage), mtime_ns=_mtime(meta, policy))
    note(stage, place, session, parts)
    return told._replace(action="created", lines=meta.lines)


def _mtime(meta: Meta, policy: Rules) -> int:
    return writing.mtime_for(rows.seconds(meta.updated), policy.days, time.time())


def note(stage: Stage, place: Place, session: str, parts: branch.Parts) -> None:
    """Remember that the file at `place` is in step with the branch, and install its side files."""
    fd = claude_files.open_regular(place.path)
    try:
        stat = os.fstat(fd)
        end = reading.last_newline(fd, stat.st_size)
        start = max(0, end - WINDOW)
        digest = indexing.digest(os.pread(fd, end - start, start))
    finally:
        os.close(fd)
    entry = Entry(
        stat.st_size, stat.st_mtime_ns, stat.st_ino, end, digest, session, parts.transcript, True, place.worktree, 3,
        stat.st_size - end,
    )  # fmt: skip
    stage.index.put(place.path, entry)
    stage.journal.note(session, place.key, parts.transcript)
    sides_install.install(stage, session, place, parts, tag(stage))


def _update(stage: Stage, place: Place, session: str, parts: branch.Parts, told: Installed, policy: Rules) -> Installed:
    """A session that lies here: append what is new, or exchange it where its rows stand otherwise."""
    entry = stage.index.get(place.path)
    if not entry or not parts.transcript:
        return told._replace(action="skipped", reason="could not be read")
    if session in stage.live or live.recently_written(
        place.path, ours_mtime_ns=0 if entry.tree == "" else entry.mtime_ns
    ):
        return told._replace(action="waiting", reason="a running Claude Code holds it")
    codec = stage.codec(session, place.worktree, place.key)
    mtime = _mtime(stage.meta(parts.meta), policy)
    stored = segments.listing(stage, parts.transcript)
    fd = claude_files.open_regular(place.path)
    try:
        grown = change.growth(stage, entry, session, stored, fd)
        if grown is None:
            follow = follow_disk(stage, codec, Stored(stored), fd, reading.last_newline(fd, entry.size))
            if follow.verdict.scenario == SAME and follow.verdict.ordered:
                note(stage, place, session, parts)
                return told
            if follow.verdict.scenario == BEHIND and follow.verdict.ordered:
                grown = segments.pack_lines(follow.theirs_rest(), reading.BLOCK)
            elif follow.verdict.scenario == DIVERGED or not follow.verdict.ordered:
                return change.exchange(stage, place, session, parts, follow, fd, told, mtime)
            else:
                return told._replace(action="waiting", reason="it has lines that are not captured yet")
        lines = _append(place.path, fd, entry, codec, grown, mtime)
    finally:
        os.close(fd)
    note(stage, place, session, parts)
    return told._replace(action="appended", lines=lines)


def _append(path: str, fd: int, entry: Entry, codec: Codec, blocks: Iterator[bytes], mtime_ns: int) -> int:
    tail = os.pread(fd, entry.torn, entry.size - entry.torn) if entry.torn else b""
    count = 0

    def local() -> Iterator[bytes]:
        nonlocal count
        for block in blocks:
            count += block.count(b"\n")
            yield codec.local(block)

    writing.append(path, at=entry.size, tail=tail, chunks=local(), mtime_ns=mtime_ns)
    return count
