"""sessions: what there is to choose from, and which one a word on the command line means. Offline, changes nothing."""

from __future__ import annotations

from git_ccsync.errors import NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations import standing
from git_ccsync.store.format import is_session_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.model import Session
    from git_ccsync.operations.workspace import Workspace

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
    machine: str = "",
    since: str = "",
) -> tuple[Session, ...]:
    """Sessions on this disk and on the branch, newest first; those that all the filters fit.

    `conflicts`: the conflict copies, each before its original. `machine` is a name, an id or the beginning of one;
    `since` a day, YYYY-MM-DD. Raises Usage for another form of day, NotFound for a machine that nobody knows.
    """
    found = standing.look(ws)
    every = [one.session for one in found.standings]
    if conflicts:
        every = _copies(every)
    if not_here:
        every = [one for one in every if _says(one, "not-here", "removed")]
    if open_only:
        every = [one for one in every if _says(one, "open", "live")]
    if machine:
        names = _names(machine, found, {one.machine for one in every})
        every = [one for one in every if one.machine in names]
    if since:
        day = _day(since)
        every = [one for one in every if one.updated[:10] >= day]
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


def _names(word: str, found: standing.Look, used: Iterable[str]) -> set[str]:
    """The machine names that a word means: a name itself, or those of the machines whose id begins with it."""
    known = found.known.machines.values()
    names = {word} & {*used, *(one.name for one in known)}
    if not names and len(word) >= SHORTEST:
        names = {one.name for one in known if one.id.startswith(word.lower())}
    if not names:
        raise NotFound(f"no machine '{word}' is known here", "run 'git ccsync machine list' to see them")
    return names


def _day(text: str) -> str:
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
        raise Usage(f"'{name}' means {len(found)} sessions", *map(_candidate, found[:SHOWN]), *more)
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


def _candidate(one: Session) -> str:
    return f"{one.id[:13]}  {one.updated[:10]}  {one.title or '(no title)'}"
