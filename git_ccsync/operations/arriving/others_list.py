"""The sessions of another person's branch, as `list` and `show` tell of them, and which of them were taken over. Reads only."""

from __future__ import annotations

import os

from git_ccsync.errors import NotFound
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import apart, refs
from git_ccsync.model import Session
from git_ccsync.operations import sessions as choosing
from git_ccsync.operations.overview import catalogue, names, standing
from git_ccsync.operations.presence import leases
from git_ccsync.operations.run.workspace import LOCAL, TRACKING
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from git_ccsync.model import Meta, OnProgress
    from git_ccsync.operations.others import Other
    from git_ccsync.operations.run.workspace import Workspace


def sessions(ws: Workspace, other: Other) -> tuple[Session, ...]:
    """Its sessions, newest first. Of the words of a state they have `open`, `copy`, `taken` (a copy is on this
    repository's own branch) and `not-here`.
    """
    known = other.known
    leases.watch(other.ws, other.reader, other.tree)
    shown = names.of_machines(other.ws, known.machines)
    open_on, mine = standing.opened_on(known, other.ws), taken(ws, other.name)
    found = []
    for name, card in known.cards.items():
        meta = card.meta
        if name in known.purged or known.deleted.get(name, -1) >= meta.lines or not card.transcript:
            continue
        words = ("open",) * (name in open_on), ("taken" if name in mine else "not-here",), _copy(meta)
        found.append(
            Session(
                id=name, title=shown.title(name, meta), machine=shown.machine(meta.machine), created=meta.created,
                updated=meta.updated, messages=meta.messages, lines=meta.lines, bytes=meta.bytes,
                directory=meta.directory, worktree=meta.worktree, git_branch=meta.git_branch,
                state=" ".join(word for some in words for word in some), parent=meta.parent,
                open_on=open_on.get(name, ()), repository=ws.place,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.updated, one.id), reverse=True))


def find(ws: Workspace, other: Other, name: str) -> Session:
    """The one that `name` means (`sessions.choose`). NotFound, Usage."""
    try:
        return choosing.choose(sessions(ws, other), name)
    except NotFound as error:
        raise NotFound(error.message, f"run 'git ccsync list --branch {other.name}' to see them") from None


def _copy(meta: Meta) -> tuple[str, ...]:
    return ("copy",) if meta.parent and meta.suffix else ()


def taken(ws: Workspace, name: str) -> Mapping[str, tuple[str, ...]]:
    """Sessions of the branch `name` that were taken over: id there -> ids of their copies here."""
    found: dict[str, tuple[str, ...]] = {}
    for copy, card in catalogue.load(ws).cards.items():
        if names.taken_from(card.meta).partition("/")[0] == name:
            found[card.meta.parent] = (*found.get(card.meta.parent, ()), copy)
    return found


def kept(ws: Workspace) -> Iterator[Workspace]:
    """The branches of others that were looked at here, each as a workspace of its own. Offline."""
    top = os.path.join(ws.state, "others")
    try:
        names = sorted(os.listdir(top))
    except OSError:
        return
    for name in names:
        repo = apart.at(os.path.join(top, name, "git"), ws.repo)
        for ref in refs.list_refs(repo, TRACKING).values():
            held = {ref.name: ref, LOCAL + ref.name.rpartition("/")[2]: ref}
            branch = ref.name.rpartition("/")[2]
            yield ws._replace(repo=repo, state=os.path.join(top, name), branch=branch, refs=held)


def lines(other: Other, session: str, on_progress: OnProgress) -> Iterator[bytes]:
    """The lines of one of its sessions, fetched now if they were not yet, with this machine's paths."""
    from git_ccsync.operations.installing.places import Where
    from git_ccsync.operations.run.stage import Stage

    card = other.known.cards[session]
    oids = segments.listing(other.reader, card.transcript)
    other.bring(list(oids), on_progress)
    with Stage(other.ws, dry_run=True) as stage:
        place = Where(stage).place(session, card.meta)
        codec = stage.codec(session, place.worktree, place.key)
        for block in segments.blocks(other.reader, oids):
            yield from segments.lines([codec.local(block)])
