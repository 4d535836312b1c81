"""adopt: the sessions of a directory that this repository had before, or whose repository it is, move to where it is now.

The state remembers the directory as a former work tree; each session is written anew where Claude Code looks from here, with
the paths of here, and its old files go to the trash.
"""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import home, install_trash, live, reading, scan
from git_ccsync.claude import install as writing
from git_ccsync.claude.sessions import agent_of
from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Facts, Progress, silent
from git_ccsync.operations.arriving import adopt_candidates, adopt_memory
from git_ccsync.operations.exchange import dropped
from git_ccsync.operations.installing import installed
from git_ccsync.operations.overview import catalogue, names
from git_ccsync.operations.run import locking
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.claude.sessions import Head
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.arriving.adopt_candidates import Candidate
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.text import Codec

#: What became of a session.
MOVED, LIVE, LEFT = "moved", "live", "left"


class Adopted(Frozen):
    """One session: `action` is moved, live (it stays until Claude Code has ended), or left, for the `reason`; `path` is
    where it lies now.
    """

    session: str
    title: str
    action: str
    path: str
    reason: str = ""


class AdoptResult(Frozen):
    """What was done with the sessions of `path`; `trash` is where their old files are, `memory` names the memory files that
    were copied.
    """

    path: str
    sessions: tuple[Adopted, ...]
    trash: str
    memory: tuple[str, ...] = ()
    dry_run: bool = False


def adopt(ws: Workspace, chosen: Candidate, *, dry_run: bool = False, on_progress: OnProgress = silent) -> AdoptResult:
    """Take over the sessions of `chosen` (see adopt_candidates.named). One that fails is told and stays where it is.

    Can be cut short anywhere and run again: a session that lies in both places is finished.
    """
    if not dry_run and chosen.path not in (*ws.trees, *ws.former) and "\n" not in chosen.path:
        files.append(os.path.join(ws.state, "trees"), os.fsencode(f"{chosen.path}\n"))
    work = lambda stage: _Adoption(stage, chosen.path).run(on_progress)  # noqa: E731 -- too short to be named
    done, memory = locking.locked(ws, dry_run, work, verb="adopt")
    return AdoptResult(chosen.path, tuple(done), installed.trash_of(ws), memory, dry_run)


class _Adoption:
    """One directory being adopted."""

    def __init__(self, stage: Stage, path: str) -> None:
        self.stage, self.path = stage, path
        self.tree = os.path.realpath(stage.ws.repo.work_tree)
        self.tag, self.trash = installed.tag(stage), installed.trash(stage)
        self.agents: list[SideFile] = []

    def run(self, on_progress: OnProgress) -> tuple[list[Adopted], tuple[str, ...]]:
        """All of its sessions, and the names of its memory files that were missing here."""
        ws = self.stage.ws
        found = list(adopt_candidates.sessions_of(ws, self.path))
        scan.scan(ws.claude, (home.project_key(self.path),), self.agents)
        done = []
        with writing.lock(os.path.join(ws.here.state, "claude.lock"), 60):
            writing.heal({os.path.dirname(item.path) for item, _ in found}, self.tag, self.trash)
            for number, (item, head) in enumerate(found):
                on_progress(Progress("adopting", number, len(found), "sessions"))
                done.append(self._one(item, head))
            memory = adopt_memory.bring(self.stage, self.path)
        self.stage.save()
        return done, memory

    def _one(self, item: Found, head: Head) -> Adopted:
        target = self._target(item, head)
        told = Adopted(item.id, self._title(item), MOVED, target)
        reason = live.busy(item.path, held=item.id in live.live_sessions(self.stage.ws.claude))
        if reason:
            return told._replace(action=LIVE, path=item.path, reason=reason)
        try:
            if not self.stage.dry_run:
                _Move(self, item, target).run()
            elif self._taken(item, target):
                raise BadData(f"'{target}' is there already")
        except (CcsyncError, OSError) as error:
            return told._replace(action=LEFT, path=item.path, reason=getattr(error, "message", "") or str(error))
        return told

    def _taken(self, item: Found, target: str) -> bool:
        return target != item.path and os.path.lexists(target) and not _Move(self, item, target).is_done()

    def _target(self, item: Found, head: Head) -> str:
        """Where it belongs from now on: the same place below this work tree."""
        cwd = os.path.realpath(head.relocated or head.cwd)
        relative = os.path.relpath(cwd, self.path)
        key = home.forced_key(self.stage.ws.environ) or home.project_key(
            os.path.normpath(os.path.join(self.tree, relative))
        )
        return os.path.join(self.stage.ws.claude, "projects", key, f"{item.id}.jsonl")

    def _title(self, item: Found) -> str:
        from git_ccsync.claude import transcript

        card = catalogue.load(self.stage.ws).cards.get(item.id)
        if card and card.meta.title:
            return names.of_stage(self.stage).title(item.id, card.meta)
        facts = Facts()
        fd = claude_files.open_regular(item.path)
        try:
            for block in reading.blocks(fd, 0, reading.last_newline(fd, item.size)):
                facts = transcript.merge_facts(facts, transcript.facts(block))
        finally:
            os.close(fd)
        return transcript.title(facts)


class _Move:
    """One session on its way: written there, durable, then taken away here."""

    def __init__(self, adoption: _Adoption, item: Found, target: str) -> None:
        self.stage, self.item, self.target, self.adoption = adoption.stage, item, target, adoption
        key = os.path.basename(os.path.dirname(target))
        self.before: Codec = self.stage.codec(item.id, adoption.path, item.key)
        self.after: Codec = self.stage.codec(item.id, adoption.tree, key)

    def translated(self, text: bytes) -> bytes:
        """Text of there as it reads here; its secrets stay in it, for they stay on this disk."""
        return self.after.local(self.before.unredacted(text))

    def run(self) -> None:
        """Raises BadData where another file is in its place, Changed if it is written to meanwhile."""
        if self.target == self.item.path:
            self._exchange()
            return
        sides = self._sides()
        writing.heal({os.path.dirname(place) for _, place in (*sides, (None, self.target))}, self.adoption.tag)
        if not os.path.lexists(self.target):
            self._write_sides(sides)
            self._create()
        elif not self.is_done():
            raise BadData(f"'{self.target}' is there already, and is another one")
        journaled = self.stage.journal.known.get(self.item.id)
        # The transcript last: as long as it is there, the next run comes back to the rest.
        for path in (self.item.path.removesuffix(".jsonl"), *(one.path for one in self._agents()), self.item.path):
            if os.path.lexists(path):
                self.stage.undo.before(path)
                self.stage.undo.after(path, install_trash.discard(path, self.adoption.trash))
        dropped.forget(self.stage, self.item.path)
        if journaled:
            self.stage.journal.note(self.item.id, os.path.basename(os.path.dirname(self.target)), journaled[1])

    def _content(self, path: str) -> Iterator[bytes]:
        """The file's lines as they read here, and a torn end as it is."""
        fd = claude_files.open_regular(path)
        try:
            size = os.fstat(fd).st_size
            end = reading.last_newline(fd, size)
            yield from (self.translated(block) for block in reading.blocks(fd, 0, end))
            yield os.pread(fd, size - end, end)
        finally:
            os.close(fd)

    def _create(self) -> None:
        self.stage.undo.before(self.target)
        content = self._content(self.item.path)
        writing.create(self.target, content, tag=self.adoption.tag, mtime_ns=self.item.mtime_ns)
        now = os.stat(self.item.path)
        if (now.st_size, now.st_mtime_ns) != (self.item.size, self.item.mtime_ns):
            install_trash.discard(self.target, self.adoption.trash)
            raise writing.Changed("it was written to meanwhile")
        self.stage.undo.after(self.target)

    def is_done(self) -> bool:
        """Whether the file in its place is what it would become: a run was cut short between writing and taking away."""
        fd = claude_files.open_regular(self.target)
        try:
            offset = 0
            for text in self._content(self.item.path):
                if os.pread(fd, len(text), offset) != text:
                    return False
                offset += len(text)
            return os.fstat(fd).st_size >= offset
        finally:
            os.close(fd)

    def _exchange(self) -> None:
        """Another path with the same project directory: its name does not tell all paths apart."""
        stat = os.stat(self.item.path)
        self.stage.undo.before(self.target)
        expected = stat.st_size, stat.st_mtime_ns, stat.st_ino
        kept = writing.exchange(
            self.target, self._content(self.item.path), expected=expected, tag=self.adoption.tag,
            trash=self.adoption.trash, mtime_ns=stat.st_mtime_ns,
        )  # fmt: skip
        self.stage.undo.after(self.target, kept.path)
        dropped.forget(self.stage, self.item.path)

    def _sides(self) -> list[tuple[SideFile, str]]:
        """The files beside it, and where each goes."""
        top, directory = self.target.removesuffix(".jsonl"), os.path.dirname(self.target)
        found = scan.side_files(self.item.path.removesuffix(".jsonl"))[0]
        beside = [(one, os.path.join(directory, os.path.basename(one.path))) for one in self._agents()]
        return [*((one, os.path.join(top, one.name)) for one in found), *beside]

    def _write_sides(self, sides: list[tuple[SideFile, str]]) -> None:
        """Before the transcript: that is what counts."""
        for file, place in sides:
            self.stage.undo.before(place)
            data = b"".join(self._content(file.path)) if file.path.endswith(".jsonl") else self._whole(file.path)
            writing.put_side(place, data, tag=self.adoption.tag, mtime_ns=file.mtime_ns)
            self.stage.undo.after(place)

    def _whole(self, path: str) -> bytes:
        data = claude_files.read_small(path, 1 << 30)
        if data is None:
            raise BadData(f"'{path}' cannot be read")
        return data if b"\0" in data else self.translated(data)

    def _agents(self) -> list[SideFile]:
        """Transcripts of its agents that lie beside it, as Claude Code 2.0 puts them."""
        here = os.path.dirname(self.item.path)
        return [
            one
            for one in self.adoption.agents
            if os.path.dirname(one.path) == here and agent_of(one.path) == self.item.id
        ]
