"""What the last runs changed, so that they can be undone: reads what `record` wrote. Knows nothing of what to do with it."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files
from git_ccsync.state.record import END

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Fields behind the run and the kind, the mark of a whole line left out.
_FIELDS = {"run": 2, "ref": 3, "sent": 5, "mark": 2, "file": 5, "now": 5, "journal": 3, "begun": 1, "undone": 1}


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


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    pieces = text.split("\\\\")
    return "\\".join(piece.replace("\\t", "\t").replace("\\n", "\n") for piece in pieces)


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
            found[key] = joined(found[key], one) if key in found else one
    return list(found.values())


def _lines(directory: str) -> Iterator[tuple[str, str, list[str]]]:
    text = files.read(os.path.join(directory, "undo")).decode("utf-8", "surrogateescape")
    for line in text.split("\n")[:-1]:
        fields = line.split("\t")
        if len(fields) < 3 or fields[-1] != END or _FIELDS.get(fields[1]) != len(fields) - 3:
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


def joined(one: Run, more: Run) -> Run:
    """Two runs as one that is undone as a whole: `more` came later."""
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
