"""tasks: sessions that some machine left without an end, or has open elsewhere; and taking them off that list. Offline.

A machine says in `machines/<id>` what it left. That counts as long as its own lines are the session's newest: whoever adds
lines takes the work up, and says then how it stands. A session of another machine is taken off by a mark in our own file,
which names the transcript as it is now: with the next line that is no mere bookkeeping it is a task again.
"""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError, NotFound
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import machines, sessions
from git_ccsync.operations.overview import catalogue, standing
from git_ccsync.operations.presence import leases, taken_off
from git_ccsync.operations.run import locking, own_file
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import refreshed, require_init
from git_ccsync.state import files, held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from git_ccsync.model import Machine, Session
    from git_ccsync.operations.overview.catalogue import Card
    from git_ccsync.operations.run.workspace import Workspace

UNFINISHED, OPEN = "unfinished", "open"
#: Longer numbers are the beginnings of ids.
DIGITS = 3
#: Seconds that a silent remote is waited for where somebody wants to see what is known.
PATIENCE = 10


class Task(Frozen):
    """One session that waits. `number` is its name until tasks are listed again, `state` is unfinished or open, `machine`
    the name of whoever left it so; `prompt` is the last thing that was asked there, foreign text as the title is.
    """

    number: int
    id: str
    state: str
    title: str
    machine: str
    updated: str
    git_branch: str
    directory: str
    prompt: str
    repository: str


class Found(Frozen):
    """The tasks, newest first. `known` is false where no hooks tell this machine of ends: then more may be unfinished."""

    tasks: tuple[Task, ...]
    known: bool


class Done(Frozen):
    """A task that was taken off."""

    id: str
    title: str
    machine: str


class _Claim(Frozen):
    state: str
    machine: Machine


class _View(Frozen):
    """How things stand on all machines, as far as was fetched. `claims` are by session; `here` are those of this machine."""

    sessions: dict[str, Session]
    cards: dict[str, Card]
    claims: dict[str, list[_Claim]]


def tasks(ws: Workspace, *, machine: str = "") -> Found:
    """What is unfinished anywhere, or open on another machine; with `machine` (a name, an id or its beginning), there.

    Gives numbers, and remembers them for `named`. Raises NotInitialised, NotFound for a machine that nobody knows.
    """
    require_init(ws)
    view = _look(ws)
    wanted = machines.named(_machines(ws).values(), machine).id if machine else ""
    chosen = [one for one in _waiting(view) if not wanted or wanted in {claim.machine.id for claim in one[1]}]
    prompts = _prompts(ws, [session for session, _ in chosen])
    found = tuple(
        _task(number, session, claims, prompts.get(session.id, ""))
        for number, (session, claims) in enumerate(chosen, 1)
    )
    _remember(ws, found)
    return Found(found, os.path.isdir(f"{ws.state}/auto/sessions"))


def fetch(ws: Workspace) -> None:
    """Bring here what the remote knows, without merging it. RemoteFailed, and what a destination can lack."""
    from git_ccsync.operations.unattended import deliver

    require_init(ws)
    deliver.fetch(ws, patience=PATIENCE)


def _task(number: int, session: Session, claims: Sequence[_Claim], prompt: str) -> Task:
    state = OPEN if any(claim.state == OPEN for claim in claims) else UNFINISHED
    names = dict.fromkeys(claim.machine.name for claim in claims if claim.state == state)
    return Task(
        number, session.id, state, session.title, ", ".join(names), session.updated, session.git_branch,
        session.directory, prompt, session.repository,
    )  # fmt: skip


def _look(ws: Workspace) -> _View:
    look = standing.look(ws)
    cards = {**look.known.cards, **look.behind}
    found: dict[str, list[_Claim]] = {}
    every = _machines(ws)
    marks = [mark for one in every.values() for mark in one.done]
    with Stage(ws, dry_run=True) as stage:
        open_here, left_here = own_file.opened(stage)
        done = taken_off.taken_off(stage, marks, {name: card.transcript for name, card in cards.items()})
    every[ws.here.id] = every[ws.here.id]._replace(open=(), unfinished=left_here)
    for session, claim in (*_claims(every.values()), *_leased(ws, every)):
        card = cards.get(session)
        gone_on = claim.state == UNFINISHED and card and card.meta.machine not in ("", claim.machine.id)
        if card and not gone_on and session not in done and session not in open_here:
            found.setdefault(session, []).append(claim)
    return _View({one.session.id: one.session for one in look.standings}, cards, found)


def _machines(ws: Workspace) -> dict[str, Machine]:
    """What every machine says of itself, as far as was fetched."""
    from git_ccsync.model import Machine

    found = {**catalogue.load(ws).machines, **machines.seen(ws)[1]}
    return {**found, ws.here.id: found.get(ws.here.id, Machine(ws.here.id, ws.here.name))._replace(name=ws.here.name)}


def _claims(every: Iterable[Machine]) -> Iterator[tuple[str, _Claim]]:
    for machine in every:
        yield from ((session, _Claim(OPEN, machine)) for session in machine.open)
        yield from (
            (session, _Claim(UNFINISHED, machine)) for session in machine.unfinished if session not in machine.open
        )


def _leased(ws: Workspace, every: Mapping[str, Machine]) -> Iterator[tuple[str, _Claim]]:
    """Sessions that another machine holds by a lease and says nothing else of: `resume` runs there, and no hooks do."""
    for session, machine in leases.in_force(ws).items():
        holder = every.get(machine)
        if holder and session not in holder.open and session not in holder.unfinished:
            yield session, _Claim(OPEN, holder)


def _waiting(view: _View) -> list[tuple[Session, list[_Claim]]]:
    """Sessions with their claims, newest first."""
    return [(one, view.claims[name]) for name, one in view.sessions.items() if name in view.claims]


def _prompts(ws: Workspace, chosen: Sequence[Session]) -> dict[str, str]:
    """The last prompt of each session; what cannot be read has none."""
    from git_ccsync.operations.overview.glance import Glance

    found, glance = {}, Glance(ws)
    try:
        for one in chosen:
            try:
                found[one.id] = glance.last(one).prompt
            except (CcsyncError, OSError):
                continue
    finally:
        glance.close()
    return found


def is_number(word: str) -> bool:
    """Whether `word` is a number of a task."""
    return word.isascii() and word.isdecimal() and len(word) <= DIGITS


def named(ws: Workspace, word: str) -> str:
    """The id of the task that had the number `word` when tasks were listed last; any other word as it is.

    NotFound for a number that none had.
    """
    if not is_number(word):
        return word
    known = files.load_cache(_path(ws))
    found = known.get(int(word)) if isinstance(known, dict) else None
    if not isinstance(found, str):
        raise NotFound(f"no task has the number {int(word)}", "run 'git ccsync tasks' to see them")
    return found


def _remember(ws: Workspace, found: Iterable[Task]) -> None:
    files.save_cache(_path(ws), {one.number: one.id for one in found})


def _path(ws: Workspace) -> str:
    return os.path.join(ws.state, "tasks")


def done(ws: Workspace, words: Sequence[str]) -> tuple[Done, ...]:
    """Take tasks off the list: numbers, or sessions as everywhere. Committed here; the next push tells the others.

    All or none: NotFound if one of them is no task, Usage if it runs or a word means several sessions; NotInitialised.
    """
    require_init(ws)
    locking.locked(ws, False, _merge)
    return locking.locked(refreshed(ws), False, lambda stage: _done(stage, words))


def _merge(stage: Stage) -> None:
    """What was fetched comes first: a mark names what all machines have."""
    from git_ccsync.operations.restore import merge_fetched

    merge_fetched(stage)
    stage.save()


def _done(stage: Stage, words: Sequence[str]) -> tuple[Done, ...]:
    view = _look(stage.ws)
    every = [one.session for one in standing.look(stage.ws).standings]
    chosen = list(dict.fromkeys(sessions.choose(every, named(stage.ws, word)).id for word in words))
    for session in chosen:
        if session not in view.claims:
            title = view.sessions[session].title
            raise NotFound(f"'{title or session[:8]}' is not unfinished", "run 'git ccsync tasks' to see what is")
    taken = tuple(_take_off(stage, view, session) for session in chosen)
    stage.commit(stage.tip, 0, 0, f"{len(taken)} {'task' if len(taken) == 1 else 'tasks'} done")
    stage.save()
    return taken


def _take_off(stage: Stage, view: _View, session: str) -> Done:
    claims = view.claims[session]
    if any(claim.machine.id == stage.ws.here.id for claim in claims):
        for name in _local_names(stage, session):
            held.put(stage.ws.state, name, held.Held(held.CLOSED))
    if any(claim.machine.id != stage.ws.here.id for claim in claims):
        stage.done[session] = view.cards[session].transcript
    return Done(session, view.sessions[session].title, ", ".join(claim.machine.name for claim in claims))


def _local_names(stage: Stage, session: str) -> Iterator[str]:
    """The ids under which hooks know a session of the branch: its own, or that of the file that holds its lines."""
    yield session
    for path, entry in stage.index.raw().items():
        name = os.path.basename(path)[:-6]
        if entry[8] and entry[5] == session and name != session and held.is_id(name):
            yield name
