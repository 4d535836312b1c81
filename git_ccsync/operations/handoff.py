"""handoff: what somebody must know who takes a session up elsewhere; read from the branch, or made of the transcript.

It is `handoff` in the session's folder on the branch: portable text, censored as the lines are. Making one never holds the
lock while the summarizer thinks; a session that cannot be read, or a secret, is left alone.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import handoff as text
from git_ccsync.claude import rows, transcript
from git_ccsync.claude.digest import Digest
from git_ccsync.errors import BadData, CcsyncError, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import show, tasks
from git_ccsync.operations.capturing import intake
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import glance
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.state import files
from git_ccsync.store import branch
from git_ccsync.store.format import session_path
from git_ccsync.store.segments import BLOB

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from git_ccsync.claude.handoff import Note, Sections
    from git_ccsync.model import Session
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.operations.run.workspace import Workspace

#: Seconds that handoffs of one session keep apart (ccsync.handoffInterval).
INTERVAL = 1800
#: Bytes of the beginning and of the end of a transcript that are read for one.
HEAD, TAIL = 256 << 10, 4 << 20
#: Sessions whose last handoff is remembered.
REMEMBERED = 500
#: In a session's folder.
ENTRY = b"handoff"
MADE, FRESH, RECENT = "made", "fresh", "recent"


class Handoff(Frozen):
    """A handoff of `session`. `made` is summarized or extracted, `stored` whether it is on the branch. `when` is the time of
    the last row that it knows ("" if that cannot be told), `since` the messages after it (-1 likewise). `directory` is
    where the session goes on here.
    """

    session: Session
    sections: Sections
    made: str
    stored: bool
    when: str
    since: int
    directory: str


class Written(Frozen):
    """What came of writing one: `state` is made, fresh (nothing was said since the last one) or recent (the last one is
    less than `ccsync.handoffInterval` old). `trouble` is why the summarizer's was not taken.
    """

    session: str
    state: str
    made: str = ""
    trouble: str = ""
    minutes: int = 0


def read(ws: Workspace, name: str) -> Handoff:
    """The handoff of the session that `name` means (a task's number too): the stored one, else one made of its transcript.

    Errors as `sessions.find`; BadData, OSError for a transcript that cannot be read.
    """
    session = show.choose(ws, tasks.named(ws, name)).session
    with Stage(ws, dry_run=True) as stage:
        place = _place(stage, session)
        directory = _directory(place, session)
        note = _stored(stage, session.id, place)
        if note:
            when, since = _since(glance.ends(stage, session), note.after)
            return Handoff(session, note.sections, note.made, True, when, since, directory)
        digest = _digest(glance.ends(stage, session), glance.head(stage, session), place.worktree)
        return Handoff(session, text.extract(digest), text.EXTRACTED, False, digest.when, 0, directory)


def _place(stage: Stage, session: Session) -> Place:
    parts = show.fullest(stage, session.id)
    from git_ccsync.model import Meta

    meta = stage.meta(parts.meta) if parts else Meta(directory=session.directory, worktree=session.worktree)
    return Where(stage).place(session.id, meta)


def _directory(place: Place, session: Session) -> str:
    """Where the session goes on: its directory, or the work tree's root where that is not here."""
    parts = [part for part in session.directory.split("/") if part not in ("", ".", "..")]
    wanted = os.path.join(place.worktree, *parts)
    return wanted if os.path.isdir(wanted) else place.worktree


def _stored(stage: Stage, session: str, place: Place) -> Note | None:
    """The handoff on the branch; of two, that of what was fetched last: it is merged so."""
    from git_ccsync.operations.exchange import gap

    route = gap.route(stage.ws)
    roots = (stage.ws.tree(route.tracking) if route else "", stage.ws.tree())
    codec = stage.codec(session, place.worktree, place.key)
    for root in filter(None, dict.fromkeys(roots)):
        try:
            found = branch.entry(stage, root, f"{session_path(session)}/{ENTRY.decode()}")
            data = stage.blob(found[1], text.CAP) if found and found[0] == BLOB else b""
        except BadData:
            continue
        note = text.load(codec.local(data).decode("utf-8", "replace")) if data else None
        if note:
            return note
    return None


def _since(ends: tuple[Iterator[bytes], Callable[[bytes], bytes]], row: str) -> tuple[str, int]:
    """(time of the row with this uuid, messages after it); ("", -1) if it is not found near the end."""
    needle = b'"uuid":"%b"' % row.encode("utf-8", "replace")
    for data in ends[0] if row else ():
        at = data.rfind(needle)
        if at >= 0:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            start = data.rfind(b"\n", 0, at) + 1
            return rows.field(data, b"timestamp", start, end), transcript.facts(data[end + 1 :]).messages
    return "", -1


def _digest(ends: tuple[Iterator[bytes], Callable[[bytes], bytes]], head: bytes, top: str) -> Digest:
    """A transcript in short: its head, and as much of its end as is read."""
    tail = b""
    for data in ends[0]:
        tail = data
        if len(tail) >= TAIL:
            break
    digest, whole = Digest(top), ends[1]
    first = head[:HEAD].rpartition(b"\n")[0]
    if not tail.startswith(head[:1024]):
        for row in first.split(b"\n"):
            digest.add(whole(row))
        digest.gap()
    for row in tail.split(b"\n"):
        if row:
            digest.add(whole(row))
    return digest


def write(ws: Workspace, name: str, *, force: bool = False) -> Written:
    """Make the handoff of the session that `name` means, and commit it here. With `force` however young the last one is.

    Raises NotInitialised, NotFound, Usage, SecretFound (where secrets block); `Written.trouble` tells of the summarizer's.
    """
    require_init(ws)
    session = show.choose(ws, tasks.named(ws, name)).session
    locking.locked(ws, False, lambda stage: _bring(stage, session))
    return make(refreshed(ws), session.id, force=force)


def _bring(stage: Stage, session: Session) -> None:
    """See to it that the branch has what is to be summed up."""
    if not stage.draft.session(session.id):
        from git_ccsync.operations.restore import merge_fetched

        merge_fetched(stage)
    if session.path and "elsewhere" not in session.state.split(" "):
        from git_ccsync.model import silent

        intake.take(stage, (session.id,), silent)
    if not stage.draft.session(session.id):
        raise NotFound(
            f"'{session.id[:8]}' is not on the branch, and is not to be sent", "see ccsync.since, ccsync.ignore"
        )


def make(ws: Workspace, session: str, *, force: bool = False, ask: bool = True) -> Written:
    """Make a handoff of what the branch has of `session`, unless there is a fresh or a recent one, and commit it.

    `ask`: whether the summarizer may be asked.
    """
    age = _age(ws, session)
    limit = ws.config.get_int("ccsync.handoffInterval", INTERVAL)
    with Stage(ws, dry_run=True) as stage:
        parts = branch.parts(stage, stage.draft.session(session))
        if not parts.transcript:
            raise NotFound(f"'{session[:8]}' is not on the branch")
        place = Where(stage).place(session, stage.meta(parts.meta))
        before = _stored(stage, session, place)
        digest = _digest(glance.stored(stage, session), glance.stored_head(stage, session), place.worktree)
    if before and before.after == digest.last and not force:
        return Written(session, FRESH, before.made)
    if before and 0 <= age < limit and not force:
        return Written(session, RECENT, before.made, minutes=int(age / 60))
    _remember(ws, session)
    sections, trouble = _summarized(ws, digest) if ask else (None, "")
    note = text.Note(sections or text.extract(digest), text.SUMMARIZED if sections else text.EXTRACTED, digest.last)
    locking.locked(refreshed(ws), False, lambda stage: _put(stage, session, note))
    return Written(session, MADE, note.made, trouble)


def _summarized(ws: Workspace, digest: Digest) -> tuple[Sections | None, str]:
    """The summarizer's sections, with those that it left out from the transcript; else why there are none."""
    from git_ccsync.operations import summary

    try:
        found = summary.summarize(ws, digest.text(summary.GIVEN))
    except (CcsyncError, OSError) as error:
        return None, getattr(error, "message", "") or str(error.strerror)  # type: ignore[union-attr]
    if not found:
        return None, ""
    plain = text.extract(digest)
    return found._replace(files=found.files or plain.files, prompt=found.prompt or plain.prompt), ""


def _put(stage: Stage, session: str, note: Note) -> None:
    tree = stage.draft.session(session)
    if not tree:
        return
    place = Where(stage).place(session, stage.meta(branch.parts(stage, tree).meta))
    codec = stage.codec(session, place.worktree, place.key)
    stored = codec.portable(text.dump(note).encode("utf-8", "replace"), whole=True)
    stage.draft.put(f"{session_path(session)}/{ENTRY.decode()}", stage.sink.add("blob", stored))
    stage.commit(stage.tip, 0, 0, f"handoff of {session[:8]}")
    stage.save()


def due(ws: Workspace, session: str) -> bool:
    """Whether a session that has just paused is to get a handoff by itself."""
    limit = ws.config.get_int("ccsync.handoffInterval", INTERVAL)
    age = _age(ws, session)
    return limit > 0 and not 0 <= age < limit


def stored_as(ws: Workspace, session: str) -> str:
    """The id under which the branch has the lines of the file `session`: a copy's, after a divergence."""
    from git_ccsync.state.index import Index

    known = (str(entry[5]) for path, entry in Index(ws.memory).raw().items() if path.endswith(f"/{session}.jsonl"))
    return next(filter(None, known), session)


def _age(ws: Workspace, session: str) -> float:
    """Seconds since this machine made the last handoff of a session, -1 if it made none, or the clock was put back."""
    made = _made(ws).get(session)
    return max(-1.0, time.time() - made) if made else -1.0


def _made(ws: Workspace) -> dict[str, int]:
    known = files.load_cache(_path(ws))
    return dict(known) if isinstance(known, dict) else {}


def _remember(ws: Workspace, session: str) -> None:
    known = _made(ws)
    known.pop(session, None)
    known[session] = int(time.time())
    files.save_cache(_path(ws), dict(list(known.items())[-REMEMBERED:]))


def _path(ws: Workspace) -> str:
    return os.path.join(ws.state, "handoffs")
