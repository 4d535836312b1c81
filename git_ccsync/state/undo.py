"""What the last runs changed, so that they can be undone: refs, what was sent, files. Knows nothing of what to do with it.

`undo` in the repository's state directory: lines of fields, each behind the id of its run, each written before what it
tells of happens and in one piece, so that runs may write at the same time. A line whose change never came is harmless.
"""

from __future__ import annotations

import os
import time

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.url import without_credentials
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Bytes from which on only the last runs are kept, and how many.
CAP, KEPT = 4 << 20, 10
#: Fields behind the run and the kind, the mark of a whole line left out.
_FIELDS = {"run": 2, "ref": 3, "sent": 5, "mark": 2, "file": 5, "now": 5, "journal": 3, "begun": 1, "undone": 1}
_END = "."
_GONE = ("-1", "0", "0")


class Ref(Frozen):
    """A ref of ours that moved from `old` to `new`, "" where there was none."""

    name: str
    old: str
    new: str


class Sent(Frozen):
    """A push of `new` onto `old` to the ref `ref` of a remote, as it was named (a URL, where it has no name)."""

    remote: str
    ref: str
    tracking: str
    old: str
    new: str


class State(Frozen):
    """A file at one time: size -1 if it was not there. Before: `other` is the topmost directory that was missing above it.
    Afterwards: where what was there is kept, "" if nowhere.
    """

    size: int
    mtime_ns: int
    inode: int
    other: str = ""


class File(Frozen):
    """What became of one file; `after` is None if the run did not live to tell."""

    path: str
    before: State
    after: State | None


class Run(Frozen):
    """One run; `begun`: it was found that it can be undone, and that may have been done in part. `marks` and `journal` are values as they were before: key -> value, session -> (key, tree)."""

    id: str
    verb: str
    seconds: int
    refs: tuple[Ref, ...]
    sent: tuple[Sent, ...]
    files: tuple[File, ...]
    marks: dict[str, str]
    journal: dict[str, tuple[str, str]]
    undone: bool
    begun: bool = False

    @property
    def changed(self) -> bool:
        """Whether it changed anything."""
        return bool(self.refs or self.sent or self.files)


def together(verb: str) -> str:
    """The verb for several runs that are undone as one."""
    return f"{verb}#{time.time_ns():x}-{os.getpid()}"


class Recorder:
    """Writes down what one run of `verb` changes ("": nothing that a person would undo). Runs of the same verb of
    `together` are one. `off`: for runs that change nothing.
    """

    def __init__(self, directory: str, verb: str, *, off: bool = False) -> None:
        self._path, self._verb, self._off = os.path.join(directory, "undo"), verb, off
        self._fd, self._id, self._held = -1, "", ""

    def close(self) -> None:
        """No more will come."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def ref(self, name: str, old: str, new: str) -> None:
        """A ref of ours is about to move."""
        self._write("ref", name, old, new)

    def followed(self, name: str, old: str, new: str) -> None:
        """A tracking ref moved. Told only together with something that is a change by itself."""
        if old != new:
            self._hold("ref", name, old, new)

    def mark(self, key: str, value: str) -> None:
        """A mark has this value, and will have another. Told as `followed`."""
        self._hold("mark", key, value)

    def sent(self, remote: str, ref: str, tracking: str, old: str, new: str) -> None:
        """A push is about to begin, to a remote or a URL, of which the password is not kept."""
        self._write("sent", without_credentials(remote), ref, tracking, old, new)

    def journal(self, session: str, before: tuple[str, str] | None) -> None:
        """What the journal says of a session, which it will say no more. Told as `followed`."""
        self._hold("journal", session, *(before or ("", "")))

    def before(self, path: str) -> None:
        """The file at `path` is about to be made, changed or taken away."""
        if not self._off:
            state = _state(path)
            self._write("file", path, *state, _missing(path) if state is _GONE else "")

    def after(self, path: str, kept: str = "") -> None:
        """It was; what was there lies at `kept` now ("": nothing is lost that is not in the file)."""
        if not self._off:
            self._write("now", path, *_state(path), kept)

    def begun(self, run: str) -> None:
        """A run is about to be undone."""
        self._write("begun", run)

    def undone(self, run: str) -> None:
        """A run was undone."""
        self._write("undone", run)

    def _hold(self, *fields: str) -> None:
        if not self._off:
            self._held += self._line(*fields)

    def _write(self, *fields: str) -> None:
        if self._off:
            return
        text = self._line(*fields)
        if self._fd < 0:
            text = self._begin() + text
        text, self._held = self._held + text, ""
        os.write(self._fd, text.encode("utf-8", "surrogateescape"))

    def _begin(self) -> str:
        """Open the file; the run's first line, behind the end of one that may be torn."""
        files.make_parent(self._path)
        if files.stamp(self._path)[0] > CAP:
            _shorten(self._path)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        held, self._held = self._held, ""
        return "\n" + self._line("run", self._verb, str(int(time.time()))) + held

    def _line(self, *fields: str) -> str:
        if not self._id:
            self._id = f"{time.time_ns():x}-{os.getpid()}"
        return "\t".join((self._id, *map(_escaped, fields), _END)) + "\n"


def _state(path: str) -> tuple[str, str, str]:
    try:
        found = os.lstat(path)
    except OSError:
        return _GONE
    return str(found.st_size), str(found.st_mtime_ns), str(found.st_ino)


def _missing(path: str) -> str:
    """The topmost directory above `path` that is not there, "" if all are."""
    found = ""
    while (path := os.path.dirname(path)) and not os.path.lexists(path):
        found = path
    return found


def _escaped(text: str) -> str:
    if "\\" not in text and "\t" not in text and "\n" not in text:
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\t", "\t").replace("\\n", "\n") for piece in pieces)


def _shorten(path: str) -> None:
    """Keep the lines of the last runs."""
    lines = files.read(path).split(b"\n")
    order = dict.fromkeys(line.partition(b"\t")[0] for line in lines if line)
    kept = set(list(order)[-KEPT:])
    files.replace(path, b"".join(line + b"\n" for line in lines if line.partition(b"\t")[0] in kept))


def forget(directory: str) -> None:
    """What was done so far cannot be undone any more."""
    try:
        os.unlink(os.path.join(directory, "undo"))
    except FileNotFoundError:
        pass


def runs(directory: str) -> list[Run]:
    """The runs that changed something, oldest first. Lines that are torn or of no known form are passed over."""
    told: dict[str, list[tuple[str, list[str]]]] = {}
    said: dict[str, set[str]] = {"begun": set(), "undone": set()}
    for run, kind, fields in _lines(directory):
        if kind in said:
            said[kind].add(fields[0])
        told.setdefault(run, []).append((kind, fields))
    found: dict[str, Run] = {}
    for run, rows in told.items():
        one = _run(run, rows, run in said["undone"])._replace(begun=run in said["begun"])
        verb, many, _ = one.verb.partition("#")
        if one.changed:
            key, one = one.verb if many else run, one._replace(verb=verb)
            found[key] = _joined(found[key], one) if key in found else one
    return list(found.values())


def _lines(directory: str) -> Iterator[tuple[str, str, list[str]]]:
    text = files.read(os.path.join(directory, "undo")).decode("utf-8", "surrogateescape")
    for line in text.split("\n")[:-1]:
        fields = line.split("\t")
        if len(fields) < 3 or fields[-1] != _END or _FIELDS.get(fields[1]) != len(fields) - 3:
            continue
        yield fields[0], fields[1], [_unescaped(field) for field in fields[2:-1]]


def _run(run: str, rows: list[tuple[str, list[str]]], undone: bool) -> Run:
    of: dict[str, list[list[str]]] = {}
    for kind, fields in rows:
        of.setdefault(kind, []).append(fields)
    verb, seconds = of.get("run", [["", "0"]])[0]
    marks: dict[str, str] = {}
    for key, value in of.get("mark", []):
        marks.setdefault(key, value)
    journal: dict[str, tuple[str, str]] = {}
    for session, key, tree in of.get("journal", []):
        journal.setdefault(session, (key, tree))
    return Run(
        run, verb, int(seconds) if seconds.isdecimal() else 0, tuple(Ref(*one) for one in of.get("ref", [])),
        tuple(Sent(*one) for one in of.get("sent", [])), _files(of), marks, journal, undone,
    )  # fmt: skip


def _files(of: dict[str, list[list[str]]]) -> tuple[File, ...]:
    """Each file as it was before its first change and after its last one."""
    after = {path: _parsed(rest) for path, *rest in of.get("now", [])}
    kept: dict[str, str] = {}
    for path, *rest in of.get("now", []):
        if rest[-1]:
            kept.setdefault(path, rest[-1])
    found: dict[str, File] = {}
    for path, *rest in of.get("file", []):
        now = after.get(path)
        found.setdefault(path, File(path, _parsed(rest), now._replace(other=kept.get(path, "")) if now else None))
    return tuple(found.values())


def _parsed(fields: list[str]) -> State:
    size, mtime, inode = (int(field) if field.removeprefix("-").isdecimal() else 0 for field in fields[:3])
    return State(size, mtime, inode, fields[3])


def _joined(one: Run, more: Run) -> Run:
    known = {file.path: file for file in one.files}
    for file in more.files:
        old = known.get(file.path)
        known[file.path] = file._replace(before=old.before) if old else file
    return one._replace(
        id=f"{one.id} {more.id}",
        refs=(*one.refs, *more.refs),
        sent=(*one.sent, *more.sent),
        files=tuple(known.values()),
        marks={**more.marks, **one.marks},
        journal={**more.journal, **one.journal},
        undone=one.undone and more.undone,
        begun=one.begun or more.begun,
    )
