"""The history of prompts: rows of this project go to the branch, and those of other machines behind what stands here.

Each clone of each machine has a file of its own on the branch, which it alone appends to: nothing there can be in conflict.
"""

from __future__ import annotations

import os

from git_ccsync.claude import history as claude_history
from git_ccsync.claude import home, sessions
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Problem
from git_ccsync.operations.capturing import find, redacted
from git_ccsync.operations.companions import beside
from git_ccsync.operations.installing.installed import repository_tag
from git_ccsync.state import files
from git_ccsync.state import history as reading
from git_ccsync.state import index as indexing
from git_ccsync.store import branch, segments
from git_ccsync.store.segments import TREE

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from git_ccsync.claude.history import Prompt
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.text import Codec

#: The folder of the tree. In the index: the file's stamp, the folder that was installed last, how far each file was read.
FOLDER, SEEN, INSTALLED, FAR = "history", "history", "history-tree", "history-read"
#: Bounds of what is taken from a branch: files, and rows at once.
MAX_FILES, MAX_ROWS = 1000, 100_000
_NAME = frozenset("0123456789abcdef-")


class Prompts:
    """What one run knows: which prompts are in the history here, how far it was read, what is to be told."""

    def __init__(self, stage: Stage) -> None:
        ws = stage.ws
        self.stage, self._held = stage, reading.load(ws.memory)
        #: Whether `known` are all prompts of this project that stand here.
        self.ready = beside.holds(stage, self._held.ref, self._held.tip)
        held = self._held if self.ready else reading.Read()
        self.inode, self.offset, self.known = held.inode, held.offset, set(held.known)
        self._agreed = self._held
        self._trees: dict[str, str] = {}
        self.sent = self.came = 0
        self.problems: list[Problem] = []

    def agree(self) -> None:
        """The commit that the stage has made last has all that was read here."""
        if self.ready:
            ref, tip = self.stage.ws.ref, self.stage.tip
            self._agreed = reading.Read(self.inode, self.offset, frozenset(self.known), ref, tip)

    def save(self) -> None:
        """Write that down, once the local branch has moved."""
        if not self.stage.dry_run and self._agreed != self._held:
            reading.save(self.stage.ws.memory, self._agreed)
            self._held = self._agreed

    def tree(self, project: str) -> str:
        """The work tree of ours that the directory `project` lies in, "" for none, or if it is to be left out."""
        found = self._trees.get(project)
        if found is None:
            found = self._trees[project] = _owner(self.stage, project) or ""
        return found

    def refuse(self, reason: str, hints: tuple[str, ...] = ()) -> None:
        """Note what was left alone."""
        self.problems.append(Problem("history.jsonl", reason, True, hints))


def _owner(stage: Stage, project: str) -> str | None:
    ws = stage.ws
    if not os.path.isabs(project) or "\0" in project:
        return None
    if ws.is_home:
        from git_ccsync.operations.capturing import outside

        real = os.path.realpath(project)
        return None if outside.in_repository(real, stage.around) else ws.trees[0]
    tree = sessions.belongs(sessions.Head(cwd=project, rows=True), ws.trees, ws.former, "")
    return None if tree and find.ignored(ws, tree, project) else tree


def of(stage: Stage) -> Prompts:
    """What this run knows of prompts."""
    if stage.beside.prompts is None:
        stage.beside.prompts = Prompts(stage)
    return stage.beside.prompts


def writer(ws: Workspace) -> str:
    """The name of this clone's file."""
    return f"{ws.here.id}-{repository_tag(ws)[:8]}"


def key(prompt: Prompt) -> bytes:
    """What a prompt is known by."""
    return indexing.digest(prompt.key.encode("utf-8", "surrogatepass"))[:8]


def capture(stage: Stage) -> None:
    """Draft the prompts of this project that are new here."""
    known, where = of(stage), claude_history.path(stage.ws.claude)
    stamp = files.stamp(where)
    try:
        found = claude_history.added(where, known.inode, known.offset)
    except FileNotFoundError:
        found = claude_history.Added(0, 0, ())
    except (BadData, OSError) as error:
        known.refuse(getattr(error, "message", "") or getattr(error, "strerror", "") or "cannot be read")
        return
    there = set() if known.ready else set(_on_branch(stage))
    rows = _fresh(known, found.rows, there)
    known.sent += _draft(known, rows)
    known.inode, known.offset, known.ready = found.inode, found.offset, True
    stage.index.remember(SEEN, stamp)


def _fresh(known: Prompts, rows: Iterable[bytes], there: set[bytes]) -> list[tuple[str, bytes]]:
    """The rows of this project that the branch has not, each with its work tree."""
    since, found, gone = known.stage.ws.config.get("ccsync.since"), [], _purged(known.stage)
    for row in rows:
        prompt = claude_history.prompt(row)
        tree = known.tree(prompt.project) if prompt else ""
        if not prompt or not tree or key(prompt) in known.known:
            continue
        known.known.add(key(prompt))
        if key(prompt) not in there and prompt.session not in gone and _day(prompt.time) >= since:
            found.append((tree, row + b"\n"))
    return found


def _purged(stage: Stage) -> frozenset[str]:
    """Sessions whose prompts are not to be sent."""
    folder = branch.folder(stage, stage.base, "purged") if stage.base else ""
    return frozenset(entry.name.decode("ascii", "replace") for entry in stage.tree(folder)) if folder else frozenset()


def without(stage: Stage, sessions: Container[str]) -> None:
    """Draft the prompts of these sessions away, whosever file they are in."""
    for name, tree in files_of(stage):
        rows = list(_rows(stage, segments.listing(stage, tree)))
        told = ((row, claude_history.prompt(row.rstrip(b"\n"))) for row in rows)
        kept = [row for row, prompt in told if not prompt or prompt.session not in sessions]
        if len(kept) < len(rows):
            blocks = segments.pack_lines(kept, 1 << 20)
            oids = [stage.sink.add("blob", piece) for block in blocks for piece in segments.cut(block)]
            path = f"{FOLDER}/{name}"
            stage.draft.remove(path) if not oids else stage.draft.put(path, stage.draft.append("", oids), TREE)


def _day(milliseconds: int) -> str:
    import time

    return time.strftime("%Y-%m-%d", time.gmtime(min(milliseconds // 1000, 1 << 37)))


def _draft(known: Prompts, rows: list[tuple[str, bytes]]) -> int:
    """Draft rows behind this clone's file; how many were."""
    stage = known.stage
    portable = [text for tree, row in rows if (text := _portable(known, tree, row))]
    if portable:
        path = f"{FOLDER}/{writer(stage.ws)}"
        blocks = segments.pack_lines(portable, 1 << 20)
        oids = [stage.sink.add("blob", piece) for block in blocks for piece in segments.cut(block)]
        stage.draft.put(path, stage.draft.append(branch.folder(stage, stage.base, path), oids), TREE)
    return len(portable)


def _portable(known: Prompts, tree: str, row: bytes) -> bytes:
    """The row as it is stored, b"" if it holds a secret and must not go."""
    stage = known.stage
    try:
        text = _codec(stage, tree).portable(row)
    except BadData as error:
        known.refuse(f"a prompt {error.message}", error.hints)
        redacted.note(stage, redacted.BESIDE, sent=False)
        return b""
    redacted.note(stage, redacted.BESIDE)
    return text


def _codec(stage: Stage, tree: str) -> Codec:
    return stage.codec("", tree, home.forced_key(stage.ws.environ) or home.project_key(tree))


def files_of(stage: Stage) -> list[tuple[str, str]]:
    """Names and trees of the files on the branch."""
    top = branch.folder(stage, stage.base, FOLDER) if stage.base else ""
    found = (
        [(entry.name.decode("utf-8", "replace"), entry.oid) for entry in stage.tree(top) if entry.mode == TREE]
        if top
        else []
    )
    return [(name, oid) for name, oid in found if _NAME.issuperset(name)][:MAX_FILES]


def _on_branch(stage: Stage) -> Iterator[bytes]:
    """The keys of all prompts of the branch."""
    for _, tree in files_of(stage):
        for row in _rows(stage, segments.listing(stage, tree)):
            if prompt := claude_history.prompt(row):
                yield key(prompt)


def _rows(stage: Stage, oids: Iterable[str]) -> Iterator[bytes]:
    return segments.lines(segments.blocks(stage, oids))


def install(stage: Stage) -> int:
    """Put the prompts of other machines behind the history here, in order of time; how many."""
    known = of(stage)
    if not known.ready:  # what stands here is not known: the next capture finds out
        stage.index.remember(SEEN, None)
        return 0
    far = dict(held) if isinstance(held := stage.index.value(FAR), dict) else {}
    rows: list[tuple[int, bytes]] = []
    for name, tree in files_of(stage):
        try:
            far[name] = _read(known, segments.listing(stage, tree), far.get(name), rows)
        except BadData as error:
            known.refuse(error.message)
    if rows and not stage.dry_run:
        _append(known, [row for _, row in sorted(rows)])
    stage.index.remember(FAR, far)
    stage.index.remember(INSTALLED, branch.folder(stage, stage.base, FOLDER) or None)
    known.came = len(rows)
    return known.came


def _read(known: Prompts, oids: tuple[str, ...], before: object, rows: list[tuple[int, bytes]]) -> tuple[int, str]:
    """Take up the prompts of one file that are not here, from where it was read last; how far it is read now."""
    count, last = before if isinstance(before, tuple) else (0, "")
    at = count if 0 < count <= len(oids) and oids[count - 1] == last else 0
    codec = _codec(known.stage, known.stage.ws.trees[0])
    for stored in _rows(known.stage, oids[at:]):
        row = codec.local(stored).rstrip(b"\n") if len(stored) <= claude_history.CAP else b""
        prompt = claude_history.prompt(row)
        if prompt and known.tree(prompt.project) and key(prompt) not in known.known and len(rows) < MAX_ROWS:
            known.known.add(key(prompt))
            rows.append((prompt.time, row))
    return len(oids), oids[-1] if oids else ""


def _append(known: Prompts, rows: list[bytes]) -> None:
    from git_ccsync.claude import install, install_history

    stage, where = known.stage, claude_history.path(known.stage.ws.claude)
    with install.lock(os.path.join(stage.ws.here.state, "claude.lock"), 60):
        install_history.append(where, rows)
    known.agree()
