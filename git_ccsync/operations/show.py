"""show: the lines of one session, from this disk or from the branch, and what sets two of them apart. Writes nothing."""

from __future__ import annotations

import os
from itertools import islice

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading
from git_ccsync.errors import NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Meta, Session
from git_ccsync.operations import sessions
from git_ccsync.operations.exchange import gap
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import names, standing
from git_ccsync.operations.run.stage import Stage
from git_ccsync.store import branch, segments
from git_ccsync.store.format import session_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.overview.standing import Look
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.store.branch import Parts


class Chosen(Frozen):
    """A session with its meta on the branch (an empty one if it is not there yet), machines by name; and all others."""

    session: Session
    meta: Meta
    every: tuple[Session, ...]


class Difference(Frozen):
    """A copy, what it was made from, and the lines of each after the last common one."""

    original: Session
    copy: Session
    theirs: Iterator[bytes]
    ours: Iterator[bytes]


def choose(ws: Workspace, name: str) -> Chosen:
    """The session that `name` means; errors as sessions.find."""
    found = standing.look(ws)
    every = tuple(one.session for one in found.standings)
    session = sessions.choose(every, name)
    meta, shown = _meta(found, session.id), names.of_machines(ws, found.known.machines)
    return Chosen(session, meta._replace(machine=session.machine, origin=shown.machine(meta.origin)), every)


def _meta(found: Look, session: str) -> Meta:
    card = found.known.cards.get(session)
    return card.meta if card else Meta()


def lines(ws: Workspace, session: Session) -> Iterator[bytes]:
    """Its whole lines, with this machine's paths: from the disk, unless the branch has more or it is not there."""
    words = session.state.split(" ")
    if session.path and not {"behind", "elsewhere"} & set(words):
        return _on_disk(session.path)
    return stored(ws, session.id)


def _on_disk(path: str) -> Iterator[bytes]:
    fd = claude_files.open_regular(path)
    try:
        yield from segments.lines(reading.blocks(fd, 0, reading.last_newline(fd, os.fstat(fd).st_size)))
    finally:
        os.close(fd)


def stored(ws: Workspace, session: str) -> Iterator[bytes]:
    """Its lines on the branch (or, if there are more of them, on what was fetched last), with this machine's paths."""
    with Stage(ws, dry_run=True) as stage:
        parts = fullest(stage, session)
        if parts is None:
            return
        place = Where(stage).place(session, stage.meta(parts.meta))
        codec = stage.codec(session, place.worktree, place.key)
        for block in segments.blocks(stage, segments.listing(stage, parts.transcript)):
            yield from segments.lines([codec.local(block)])


def fullest(stage: Stage, session: str) -> Parts | None:
    """The version with the most lines, None if there is none."""
    route = gap.route(stage.ws)
    roots = dict.fromkeys((stage.ws.tree(), stage.ws.tree(route.tracking) if route else ""))
    trees = [branch.folder(stage, root, session_path(session)) for root in roots if root]
    versions = [branch.parts(stage, tree) for tree in trees if tree]
    return max(versions, key=lambda parts: stage.meta(parts.meta).lines, default=None)


def difference(ws: Workspace, chosen: Chosen) -> Difference:
    """What a copy and its original do not share; of an original its newest copy is taken.

    Raises NotFound if the session is neither, or the other one is gone.
    """
    copy, meta = chosen.session, chosen.meta
    if not meta.parent:
        copies = [one for one in chosen.every if one.parent == chosen.session.id]
        if not copies:
            raise NotFound(
                f"'{chosen.session.id[:8]}' is no copy and has none", "run 'git ccsync list --conflicts' to see them"
            )
        copy = copies[0]
        meta = _meta(standing.look(ws), copy.id)
    original = next((one for one in chosen.every if one.id == meta.parent), None)
    if original is None and names.taken_from(meta):
        raise NotFound(f"'{copy.id[:8]}' was taken over from '{meta.origin}', and its original is not on your branch")
    if original is None:
        raise NotFound(f"the session that '{copy.id[:8]}' was made from is gone")
    theirs, ours = stored(ws, original.id), stored(ws, copy.id)
    return Difference(original, copy, islice(theirs, meta.fork, None), islice(ours, meta.fork, None))
