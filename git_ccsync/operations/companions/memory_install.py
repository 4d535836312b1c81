"""Installing memory: what the branch has new is written to this disk, and what it has no more is taken away.

Only where the file is as the branch knows it: one that changed since the last capture waits for the next.
"""

from __future__ import annotations

import os

from git_ccsync.claude import install as writing
from git_ccsync.claude import install_memory
from git_ccsync.claude import memory as claude_memory
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.companions import memory_text
from git_ccsync.operations.companions.memory import INSTALLED, SEEN, Memory, of, on_branch, seen
from git_ccsync.operations.installing.installed import tag, trash
from git_ccsync.store import branch, memory

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage


def install(stage: Stage) -> None:
    """Bring this disk's memory files to what the branch has, after a capture, which tells what cannot be looked at."""
    known = of(stage)
    try:
        known.listing()
    except OSError:
        return
    stored = on_branch(stage, stage.base, known.files)
    files = stored.files
    names = {*files, *known.files} - {*stored.refused}
    due = [name for name in sorted(names) if files.get(name) != known.files.get(name)]
    if stage.dry_run:
        for name in due:
            known.tell(name, _action(known, files, name), "disk")
        return
    done = True
    if due:
        with writing.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
            run = _Install(known)
            for name in due:
                done = run.one(name, files.get(name)) and done
            run.finish()
        known.agree()
    if done:
        stage.index.remember(INSTALLED, branch.folder(stage, stage.base, memory.FOLDER) or None)


def _action(known: Memory, files: dict[str, bytes], name: str) -> str:
    return "deleted" if name not in files else "updated" if name in known.files else "added"


class _Install:
    """The files of one run."""

    def __init__(self, known: Memory) -> None:
        self.known, self.stage = known, known.stage
        self.how = install_memory.Write(tag(self.stage), trash(self.stage))
        listing = claude_memory.listing(known.directory)
        self.now = {file.name: file for file in listing.files}
        folders = {os.path.dirname(known.path(name)) for name in (*self.now, "")}
        writing.heal(folders, self.how.tag, self.how.trash)
        before = self.stage.index.value(SEEN)
        self.seen = {str(one[0]): one for one in before} if isinstance(before, tuple) else {}

    def one(self, name: str, want: bytes | None) -> bool:
        """Write or take away one file; False if it has to wait."""
        try:
            kept = self._take(name) if want is None else self._write(name, want)
        except (CcsyncError, OSError) as error:
            reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
            self.known.refuse(name, reason)
            return False
        if kept is None:
            return False
        if want is None:
            self.known.files.pop(name, None)
            self.seen.pop(name, None)
        else:
            self.known.files[name] = want
            self._look(name)
        return True

    def _take(self, name: str) -> str | None:
        file = self.now.get(name)
        if file is None or self._units(name) is None:
            return None
        path = self.known.path(name)
        self.stage.undo.before(path)
        kept = install_memory.remove(path, file[1:], self.how)
        self.stage.undo.after(path, kept)
        self.known.tell(name, "deleted", "disk", kept=kept)
        return kept

    def _write(self, name: str, want: bytes) -> str | None:
        file, path, codec = self.now.get(name), self.known.path(name), self.known.codec()
        if file is None:
            if name in self.known.files or os.path.lexists(path):
                return None
            if name not in memory.fitting([*self.now, name]):
                self.known.refuse(name, "differs from a file here by case alone; it stays on the branch", stray=True)
                return None
            self.stage.undo.before(path)
            install_memory.create(path, codec.local(want), self.how)
            self.stage.undo.after(path)
            self.known.tell(name, "added", "disk")
            return ""
        found = self._units(name)
        if found is None:
            return None
        data, kept = memory_text.local(codec, want, found), ""
        if data != b"\n".join([unit[1] for unit in found]):
            self.stage.undo.before(path)
            kept = install_memory.replace(path, data, file[1:], self.how)
            self.stage.undo.after(path, kept)
            self.known.tell(name, "updated", "disk", kept=kept)
        return kept

    def _units(self, name: str) -> list[tuple[bytes, bytes]] | None:
        """The lines of the file that lies here; None unless it is what the base says."""
        have = self.known.files.get(name)
        if have is None:
            return None
        data = claude_memory.read(self.known.path(name), memory.CAP)
        found = memory_text.units(self.known.codec(), data, (have,))
        return found if memory_text.stored(found) == have else None

    def _look(self, name: str) -> None:
        status = os.lstat(self.known.path(name))
        self.seen[name] = name, status.st_size, status.st_mtime_ns, status.st_ino

    def finish(self) -> None:
        """Remember what lies here now: what somebody else wrote meanwhile is new to the next capture."""
        self.known.inode = claude_memory.listing(self.known.directory).inode
        files = [self.seen[name] for name in sorted(self.seen)]
        self.stage.index.remember(SEEN, seen(files))
