"""sessions: what there is to choose from, and which one a word on the command line means. Offline, changes nothing."""

from __future__ import annotations

from git_ccsync.errors import NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.overview import standing
from git_ccsync.store.format import is_session_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.model import Problem, Session
    from git_ccsync.operations.run.workspace import Workspace

#: As few digits of an id as make a name.
SHORTEST = 4
DIGITS = frozenset("0123456789abcdef-")
#: So many are shown where a word means several.
SHOWN = 8


def sessions(
    ws: Workspace,
    *,
    not_here: bool = False,
    conflicts: bool = False,
    open_only: bool = False,
    removed: bool = False,
    machine: str = "",
    since: str = "",
    problems: list[Problem] | None = None,
) -> tuple[Session, ...]:
    """Sessions on this disk and on the branch, newest first; those that all the filters fit.

    `conflicts`: the conflict copies, each before its original. `removed`: those that are gone from this disk, and those
    that `rm` took off, which are told of nowhere else. `machine` is a name, an id or the beginning of one;
    `since` a day, YYYY-MM-DD. `problems` takes up what could not be read. Raises Usage for another form of day, NotFound for a machine that nobody knows.
    """
    found = standing.look(ws)
    if problems is not None:
        problems += found.problems
    shown = found.standings
    if machine:
        ids = _machines(machine, found)
        shown = tuple(one for one in shown if one.machine in ids or one.session.machine in ids)
    every = [one.session for one in shown]
    if removed:
        every = _newest([one for one in every if _says(one, "removed")], found.hidden)
    if conflicts:
        every = _copies(every)
    if not_here:
        every = [one for one in every if _says(one, "not-here", "removed")]
    if open_only:
        every = [one for one in every if _says(one, "open", "live")]
    if since:
        first = day(since)
        every = [one for one in every if one.updated[:10] >= first]
    return tuple(every)


def _says(one: Session, *words: str) -> bool:
    return any(word in one.state.split(" ") for word in words)


def _copies(every: Iterable[Session]) -> list[Session]:
    """Conflict copies, newest first, and behind the copies of each session that session itself."""
    by_id = {one.id: one for one in every}
    families: dict[str, list[Session]] = {}
    for one in by_id.values():
        if _says(one, "copy"):
            families.setdefault(one.parent, []).append(one)
    found = [one for parent, copies in families.items() for one in (*copies, by_id.get(parent)) if one]
    return list(dict.fromkeys(found))


def _newest(every: Iterable[Session], hidden: Iterable[Session]) -> list[Session]:
    return sorted((*every, *hidden), key=lambda one: (one.updated, one.id), reverse=True)


def _machines(word: str, found: standing.Look) -> set[str]:
    """The machines that a word means, by id (by name, where that is not known): those of that name, or whose id begins
    with it, also if they were forgotten.
    """
    used = {(one.machine, one.session.machine) for one in found.standings}
    every = used | {(one.id, one.name) for one in found.known.machines.values()}
    ids = {identity or name for identity, name in every if name == word}
    if not ids and len(word) >= SHORTEST:
        ids = {identity for identity, _ in every if identity.startswith(word.lower())}
    if not ids:
        raise NotFound(f"no machine '{word}' is known here", "run 'git ccsync machine list' to see them")
    return ids


def day(text: str) -> str:
    """A day of the form YYYY-MM-DD; Usage for anything else."""
    import time

    try:
        return time.strftime("%Y-%m-%d", time.strptime(text, "%Y-%m-%d"))
    except ValueError:
        raise Usage(f"'{text}' is not a day of the form YYYY-MM-DD") from None


def find(ws: Workspace, name: str) -> Session:
    """The session that `name` means: an id, the beginning of one (four digits or more), `@{latest}`, an exact title.

    Raises NotFound if it means none, Usage, with the candidates, if it means several.
    """
    return choose([one.session for one in standing.look(ws).standings], name)


def choose(every: Sequence[Session], name: str) -> Session:
    """`find` among `every`, newest first."""
    found = _meant(every, name)
    if not found:
        short = 0 < len(name) < SHORTEST and not set(name.lower()) - DIGITS
        hints = [f"the beginning of an id needs at least {SHORTEST} digits"] if short else []
        hints += ["run 'git ccsync list' to see them"] if every else []
        raise NotFound(f"no session '{name}'", *hints)
    if len(found) > 1:
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        digits = _apart([one.id for one in found])
        raise Usage(f"'{name}' means {len(found)} sessions", *(_candidate(one, digits) for one in found[:SHOWN]), *more)
    return found[0]


def _meant(every: Sequence[Session], name: str) -> list[Session]:
    if name == "@{latest}":
        return list(every[:1])
    digits = name.lower()
    if is_session_id(digits):
        return [one for one in every if one.id == digits]
    titled = [one for one in every if name and one.title == name]
    if len(name) < SHORTEST or set(digits) - DIGITS:
        return titled
    return [one for one in every if one.id.startswith(digits)] or titled


def _apart(ids: Sequence[str]) -> int:
    """How many digits tell them apart: two groups at least."""
    return next((size for size in range(13, 36) if len({one[:size] for one in ids}) == len(set(ids))), 36)


def _candidate(one: Session, digits: int) -> str:
    return f"{one.id[:digits]}  {one.updated[:10]}  {one.title or '(no title)'}"
