"""The marks of a purge in the tree: `purged/<id>` binds a session's id for ever, `former/<commit>` names a history that was
replaced. Reads and drafts them; decides nothing.
"""

from __future__ import annotations

import os
import time
from itertools import islice

from git_ccsync.claude import transcript
from git_ccsync.errors import BadData, CcsyncError, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.codec import is_oid
from git_ccsync.operations.run.workspace import LOCAL
from git_ccsync.store import branch, segments
from git_ccsync.store import format as layout
from git_ccsync.store.segments import BLOB

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.store.branch import Parts
    from git_ccsync.store.segments import Trees

FOLDER, FORMER = "purged", "former"
#: So many rows with a uuid from the start of a session are enough to know it again under another id.
ROWS = 5
#: So many are looked at where a copy is to be known by them.
MANY = 1000
#: Bytes in which they are looked for.
HEAD = 4 << 20


class Mark(Frozen):
    """Who purged a session, and when (ISO 8601). `of`: the session that it was purged with, as its copy or fork; `rows` are
    the uuids of its first rows, random numbers by which a further copy is known.
    """

    machine: str
    when: str
    of: str = ""
    rows: tuple[str, ...] = ()


def path(session: str) -> str:
    """Where the mark of a session lies in the tree."""
    return f"{FOLDER}/{session}"


def ids(trees: Trees, root: str) -> frozenset[str]:
    """The sessions that a tree says were purged."""
    return frozenset(name for name, _ in _entries(trees, root, FOLDER) if layout.is_session_id(name))


def refuse(stage: Stage, session: str) -> None:
    """NotFound if the session was purged: no push sends it, and nothing brings it back."""
    if session in ids(stage, stage.base):
        raise NotFound(
            f"'{session[:8]}' was purged", "its file here is yours to keep; nothing brings it back on the branch"
        )


def former(trees: Trees, root: str) -> frozenset[str]:
    """The first commits of the histories that the one of this tree has taken the place of."""
    return frozenset(name for name, _ in _entries(trees, root, FORMER) if is_oid(name))


def _entries(trees: Trees, root: str, folder: str) -> Iterator[tuple[str, str]]:
    oid = branch.folder(trees, root, folder) if root else ""
    for entry in trees.tree(oid) if oid else ():
        if entry.mode == BLOB:
            yield entry.name.decode("ascii", "replace"), entry.oid


def now() -> str:
    """The time, as marks tell it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def load(stage: Stage, root: str, session: str) -> Mark | None:
    """The mark of a session in the tree `root`; None without one. One that cannot be read binds as any other."""
    found = branch.entry(stage, root, path(session)) if root else None
    if not found:
        return None
    try:
        raw = layout.load(stage.blob(found[1], layout.SMALL_CAP), "purge mark")
    except BadData:
        return Mark("", "")
    machine, when, of = (str(raw.get(key, "")) for key in ("machine", "when", "of"))
    rows = raw.get("rows")
    named = tuple(one for one in rows if isinstance(one, str)) if isinstance(rows, (list, tuple)) else ()
    return Mark(machine, when, of, named)


def put(stage: Stage, session: str, mark: Mark) -> None:
    """Draft the mark, and away with everything of the session that has its id in its path."""
    drop(stage, session)
    said = {"machine": mark.machine, "when": mark.when} | ({"of": mark.of} if mark.of else {})
    data = layout.dump(said | ({"rows": mark.rows} if mark.rows else {}))
    stage.draft.put(path(session), stage.sink.add("blob", data))


def bind_as_elsewhere(stage: Stage) -> bool:
    """Draft the marks of this clone's other local branches, but for sessions that this branch has; whether there are any.
    One that cannot be read, as it is encrypted with another key, binds nothing.
    """
    held, found = ids(stage, stage.base) | branch.sessions(stage, stage.base).keys(), dict[str, Mark]()
    for name in stage.ws.refs:
        if name.startswith(LOCAL) and name != stage.ws.ref:
            try:
                tree = stage.ws.tree(name)
                found |= {one: load(stage, tree, one) or Mark("", "") for one in ids(stage, tree) - held}
            except CcsyncError:
                continue
    for session, mark in found.items():
        put(stage, session, mark)
    return bool(found)


def drop(stage: Stage, session: str) -> None:
    """Draft away what lies of a session in the tree."""
    if stage.draft.session(session):
        stage.draft.put_session(session, "")
        stage.draft.remove(layout.session_path(session))
    for folder in ("leases", "deleted"):
        if branch.entry(stage, stage.base, f"{folder}/{session}") if stage.base else None:
            stage.draft.remove(f"{folder}/{session}")


def rewritten(stage: Stage, session: str, before: str, after: str) -> None:
    """The transcript `before` of a session is `after` now, with the same lines: what is known of files here stays true."""
    if not before or before == after:
        return
    for path, entry in list(stage.index.items()):
        if entry.session == session and entry.tree == before:
            stage.index.put(path, entry._replace(tree=after))
    key, tree = stage.journal.known.get(session, ("", ""))
    if tree == before:
        stage.journal_later(session, key, after)


def put_former(stage: Stage, root: str, tip: str, *, secrets: bool) -> None:
    """Draft that the history from the commit `root` to `tip` is replaced; `secrets`: for what was found in it."""
    data = layout.dump({"machine": stage.ws.here.id, "when": now(), "tip": tip, "secrets": secrets})
    stage.draft.put(f"{FORMER}/{root}", stage.sink.add("blob", data))


def tip_of(stage: Stage, tree: str, root: str) -> str:
    """Where the history that began with `root` stood when it was replaced, as the tree says; "" if it does not."""
    tip = _record(stage, tree, root).get("tip")
    return tip if isinstance(tip, str) and is_oid(tip) else ""


def is_cleaned(stage: Stage, tree: str) -> bool:
    """Whether a history that the one of this tree took the place of was replaced for the secrets in it."""
    return any(_record(stage, tree, root).get("secrets") is True for root in former(stage, tree))


def _record(stage: Stage, tree: str, root: str) -> dict[str, object]:
    found = branch.entry(stage, tree, f"{FORMER}/{root}")
    try:
        return layout.load(stage.blob(found[1], layout.SMALL_CAP), "record") if found else {}
    except BadData:
        return {}


def first_rows(stage: Stage, parts: Parts, most: int = ROWS, other_than: Container[str] = ()) -> tuple[str, ...]:
    """The uuids of the first rows of a session on the branch, at most so many."""
    try:
        lines = segments.lines(segments.blocks(stage, segments.listing(stage, parts.transcript)))
        return rows_in(lines, most, other_than)
    except BadData:
        return ()


def rows_in(lines: Iterable[bytes], most: int, other_than: Container[str] = ()) -> tuple[str, ...]:
    """The uuids of the first of some rows that have one."""
    named = (transcript.row_uuid(line) for line in lines)
    return tuple(islice((one for one in named if one and one not in other_than), most))


def original(stage: Stage, rows: Iterable[str]) -> str:
    """The purged session that began with one of these rows, "" for none."""
    folder = branch.folder(stage, stage.base, FOLDER) if stage.base else ""
    wanted = set(rows)
    if not folder or not wanted:
        return ""
    for name in sorted(ids(stage, stage.base)):
        mark = load(stage, stage.base, name)
        if mark and wanted & set(mark.rows):
            return name
    return ""


def bind_file(stage: Stage, session: str, fd: int, end: int) -> bool:
    """Bind the session of the transcript `fd`, if the branch has none of that id, as a copy or fork of a purged one; whether
    it is one.
    """
    head = os.pread(fd, min(end, HEAD), 0)
    of = original(stage, rows_in((line + b"\n" for line in head.split(b"\n")), MANY))
    if of and not stage.draft.session(session):
        put(stage, session, Mark(stage.ws.here.id, now(), of))
    return bool(of)
