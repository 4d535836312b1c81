"""Memory between this disk and the branch: what is new here goes to the branch, merged with what it has. Writes no file of
Claude's (`memory_install` does).

Three states meet: what lay here when the branch last had all of it (state.memory), what lies here now, the branch.
"""

from __future__ import annotations

from git_ccsync.claude import memory as claude_memory
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import hash_object
from git_ccsync.model import Problem, Remembered
from git_ccsync.operations.capturing import find, idle, redacted
from git_ccsync.operations.companions import beside, memory_text
from git_ccsync.state import memory as remembered
from git_ccsync.store import branch, memory
from git_ccsync.store.format import escape_name, unescape_name
from git_ccsync.store.segments import BLOB

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec

#: In the index: the files as they were looked at last; the folder of the branch that was installed last.
SEEN, INSTALLED = "memory", "memory-tree"
#: Bytes of all memory files of a branch that are looked at.
TOTAL = 64 << 20
#: A file changed this shortly before it was read may change again without a new time stamp.
RACY_NS = 20_000_000


class Stored(Frozen):
    """The memory files of a tree: portable texts. `refused` are names that cannot lie here, or contents too large."""

    files: dict[str, bytes]
    refused: tuple[str, ...] = ()


class Memory:
    """What one run knows of memory: the base, which moves on as it is merged and installed, and what is to be told."""

    def __init__(self, stage: Stage) -> None:
        ws = stage.ws
        self.stage, self.directory = stage, idle.memory_directory(ws)
        held = remembered.load(ws.memory)
        # Of another commit, or directory: what the branch lacks was not taken away there, nor here what this one lacks.
        trusted = held.directory == self.directory and beside.holds(stage, held.ref, held.tip)
        self.inode = held.inode if trusted else 0
        self.files: dict[str, bytes] = dict(held.files) if trusted else {}
        self._held = self._agreed = held
        self.told: list[Remembered] = []
        self.problems: list[Problem] = []

    def codec(self) -> Codec:
        """The codec of this project's memory, as of a session of the main work tree."""
        ws = self.stage.ws
        return self.stage.codec("", ws.trees[0], idle.memory_key(ws))

    def listing(self) -> claude_memory.Listing:
        """What lies here. If the whole directory went, as where a machine was set up anew or a repository moved, nobody
        took its files away: there is no base any more.
        """
        found = claude_memory.listing(self.directory)
        if found.inode != self.inode:
            self.files, self.inode = {}, found.inode
            self.stage.index.remember(INSTALLED, None)
        return found

    def path(self, name: str) -> str:
        """Where a memory file lies here."""
        return f"{self.directory}/{name}"

    def tell(self, name: str, action: str, place: str, copy: str = "", kept: str = "") -> None:
        """Note what became of a file."""
        self.told.append(Remembered(name, action, place, copy, kept))

    def refuse(self, name: str, reason: str, hints: tuple[str, ...] = (), *, stray: bool = False) -> None:
        """Note a file that was left alone."""
        self.problems.append(Problem(f"memory/{name}", reason, stray, hints))

    def agree(self) -> None:
        """What lies here is on the branch, at the commit that the stage has made last."""
        files = tuple(sorted(self.files.items()))
        self._agreed = remembered.Base(self.directory, self.inode, self.stage.ws.ref, self.stage.tip, files)

    def save(self) -> None:
        """Write the base down, once the local branch has moved."""
        if not self.stage.dry_run and self._agreed != self._held:
            remembered.save(self.stage.ws.memory, self._agreed)
            self._held = self._agreed


def of(stage: Stage) -> Memory:
    """What this run knows of memory."""
    if stage.beside.memory is None:
        stage.beside.memory = Memory(stage)
    return stage.beside.memory


def begin_again(stage: Stage, before: Memory, was: str, done: Container[str]) -> None:
    """After the local branch went back from the tree `was` ("" if that was not sent), and from what was known `before`: of
    the files that lie here, the base is what the branch has of them now. So it is of those that were taken away here: the
    next push takes them away again, unless others change them. What the run did to the paths `done` was nobody's wish.
    """
    known = stage.beside.memory = Memory(stage)
    listing = claude_memory.listing(known.directory)
    stored = on_branch(stage, stage.base, {}).files
    here = {file.name for file in listing.files}
    base = {name: text for name, text in stored.items() if name in here}
    if before.inode == listing.inode and listing.inode:  # else the directory went, which takes nothing away
        sent = on_branch(stage, was, {}) if was else Stored(stored)
        gone = stored.keys() - here - sent.files.keys() - {*sent.refused}
        base |= {name: stored[name] for name in gone if known.path(name) not in done}
        base |= {name: text for name, text in before.files.items() if name in stored and name not in here}
    known.files, known.inode = base, listing.inode
    stage.index.remember(SEEN, None)
    stage.index.remember(INSTALLED, None)
    known.agree()
    known.save()


def capture(stage: Stage) -> None:
    """Draft what is new in the memory files of this disk onto the branch."""
    known = of(stage)
    try:
        listing = known.listing()
    except OSError as error:  # nobody took away what cannot be looked at
        known.refuse("", error.strerror or "cannot be read")
        return
    if listing.inode:
        _Capture(known, listing).run()
    elif listing.odd:
        known.refuse("", "is not a directory", stray=True)
    failed = {one.subject for one in known.problems if not one.stray}  # these are looked at, and told, each time
    stage.index.remember(SEEN, seen(file for file in listing.files if f"memory/{file.name}" not in failed))


def seen(files: Iterable[tuple[object, ...]]) -> tuple[tuple[object, ...], ...]:
    """Stats of files as the index keeps them; those of just now are looked at once more."""
    import time

    limit = time.time_ns() - RACY_NS
    return tuple((name, size, 0 if mtime > limit else mtime, inode) for name, size, mtime, inode in files)  # type: ignore[operator]


class _Capture:
    """The files of this disk against base and branch."""

    def __init__(self, known: Memory, listing: claude_memory.Listing) -> None:
        self.known, self.stage, self.listing = known, known.stage, listing
        self.theirs = on_branch(self.stage, self.stage.base, known.files)
        before = self.stage.index.value(SEEN)
        self.same = set(before) & {tuple(file) for file in listing.files} if isinstance(before, tuple) else set()

    def run(self) -> None:
        """Draft what is new, and move the base on to what lies here."""
        base, theirs = self.known.files, self.theirs.files
        ours = self._here()
        left = {*self.theirs.refused, *self.listing.odd, *(name for name in ours if ours[name] is None)}
        mine = {name: text for name, text in ours.items() if text is not None and name not in left}
        old = {name: text for name, text in base.items() if name not in left}
        there = {name: text for name, text in theirs.items() if name not in left}
        merged = memory.merge(old, mine, there, self.stage.ws.here.name)
        for name, action in put(self.stage, there, merged.files):
            self.known.tell(name, action, "branch")
        tell_conflicts(self.known, merged)
        self.known.files = mine | {name: text for name, text in base.items() if name in left}

    def _here(self) -> dict[str, bytes | None]:
        """Portable texts of the files here; None for one that is left alone."""
        names = {file.name for file in self.listing.files}
        fit = memory.fitting([*self.theirs.files, *sorted(names)])
        found: dict[str, bytes | None] = {}
        for file in self.listing.files:
            if file.name not in fit:
                self.known.refuse(file.name, "has a name that not every machine can have; it stays here", stray=True)
                found[file.name] = None
            elif self._is_ignored(file.name):
                found[file.name] = None
            elif len(found) >= memory.MAX_FILES:
                self.known.refuse(file.name, f"is one of more than {memory.MAX_FILES:,}; it stays here", stray=True)
                found[file.name] = None
            elif tuple(file) in self.same and file.name in self.known.files:
                found[file.name] = self.known.files[file.name]
            else:
                found.update(self._read(file.name))
        return found

    def _is_ignored(self, name: str) -> bool:
        """Whether the ignore rules hold it back; what is sent already goes on, as git goes on with a tracked file."""
        ws = self.stage.ws
        return name not in self.theirs.files and find.matches(ws, ws.trees[0], f"{memory.FOLDER}/{name}")

    def _read(self, name: str) -> dict[str, bytes | None]:
        known = [text for text in (self.known.files.get(name), self.theirs.files.get(name)) if text is not None]
        try:
            if not known:
                self.known.codec().checked_name(name, "its name")
            data = claude_memory.read(self.known.path(name), memory.CAP)
            if b"\0" in data:  # what is no text hides secrets, and cannot be merged
                self.known.refuse(name, "is no text; it stays here", stray=True)
                return {name: None}
            text = memory_text.stored(memory_text.units(self.known.codec(), data, known))
        except FileNotFoundError:
            return {}
        except (BadData, OSError) as error:
            reason = getattr(error, "message", "") or getattr(error, "strerror", "") or "cannot be read"
            self.known.refuse(name, reason, getattr(error, "hints", ()))
            redacted.note(self.stage, redacted.BESIDE, sent=False)
            return {name: None}
        redacted.note(self.stage, redacted.BESIDE, known=known)
        return {name: text}


def tell_conflicts(known: Memory, merged: memory.Merged) -> None:
    """Note where both sides did not agree."""
    for one in merged.conflicts:
        known.tell(one.name, "conflict", "branch", one.copy)


def on_branch(stage: Stage, root: str, known: Mapping[str, bytes], folder: str = memory.FOLDER) -> Stored:
    """The memory files of the tree `root` (or those of another `folder`); texts that are `known` are not read again."""
    tree = branch.folder(stage, root, folder) if root else ""
    entries = stage.tree(tree) if tree else ()
    named = {name: entry.oid for entry in entries if (name := name_of(entry))}
    fit = memory.fitting(sorted(named))[: memory.MAX_FILES]
    files: dict[str, bytes] = {}
    refused, size = [name for name in named if name not in fit], 0
    for name in fit:
        try:
            text = known.get(name)
            if text is None or hash_object("blob", text) != named[name]:
                text = stage.blob(named[name], memory.STORED_CAP)
            size += len(text)
        except BadData:
            text = None
        if text is None or size > TOTAL:
            refused.append(name)
        else:
            files[name] = text
    return Stored(files, tuple(refused))


def name_of(entry: TreeEntry) -> str:
    """The name of the memory file that an entry of the folder is, "" if it is none."""
    try:
        return unescape_name(entry.name) if entry.mode == BLOB else ""
    except BadData:
        return ""


def put(stage: Stage, before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[tuple[str, str]]:
    """Draft the files `after` where the branch has `before`; each that changes, and how."""
    changed = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        path = f"{memory.FOLDER}/{escape_name(name)}"
        if new is None:
            stage.draft.remove(path)
        else:
            stage.draft.put(path, stage.sink.add("blob", new))
        changed.append((name, "deleted" if new is None else "updated" if old is not None else "added"))
    return changed


def replay(stage: Stage, before: str, mine: str, theirs: str) -> None:
    """Draft the merge of two trees' memory onto the tree `theirs`, where both changed one file since `before`."""
    known = of(stage)
    old, ours, there = (on_branch(stage, root, known.files) for root in (before, mine, theirs))
    left = {*old.refused, *ours.refused, *there.refused}
    parts = [{n: text for n, text in one.files.items() if n not in left} for one in (old, ours, there)]
    merged = memory.merge(parts[0], parts[1], parts[2], stage.writer.name)
    put(stage, parts[2], merged.files)
    tell_conflicts(known, merged)
