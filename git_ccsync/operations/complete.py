"""complete: what TAB offers, from caches alone: no session is opened, no object read that was read before."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.run.workspace import LOCAL, TRACKING, open_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.run.workspace import Workspace

#: As many digits as `list` shows at least.
DIGITS = 8


def candidates(kind: str, prefix: str) -> list[tuple[str, str]]:
    """(value, description) of every session, machine, remote, branch or placeholder that begins with `prefix`;
    "restorable" are the sessions with those that `rm` hides, "others" the branches of other people.

    A session is offered by its abbreviated id; by its title where `prefix` begins one; newest first. Raises what
    open_workspace raises.
    """
    ws = open_workspace(".")
    if kind in ("sessions", "restorable"):
        return list(_sessions(ws, prefix, hidden=kind == "restorable"))
    listed = _LISTED.get(kind)
    return [pair for pair in (listed(ws) if listed else ()) if pair[0].startswith(prefix)]


def _sessions(ws: Workspace, prefix: str, *, hidden: bool) -> Iterator[tuple[str, str]]:
    from git_ccsync.operations.overview import catalogue, names

    known = catalogue.load(ws)
    shown = names.of_machines(ws, known.machines)
    digits = _distinct(sorted(known.cards))
    newest = sorted(known.cards.items(), key=lambda item: item[1].meta.updated, reverse=True)
    told = [(name, card.meta) for name, card in newest if known.deleted.get(name, -1) < card.meta.lines]
    if told and "@{latest}".startswith(prefix or " "):
        yield "@{latest}", shown.title(*told[0])
    if hidden:
        told = [(name, card.meta) for name, card in newest]
    for name, meta in told:
        title = shown.title(name, meta)
        if name.startswith(prefix):
            length = max(digits, len(prefix))
            yield name[:length], f"{title or '(no title)'} ({shown.machine(meta.machine)})"
        elif prefix and title.startswith(prefix):
            yield title, name[:digits]


def _distinct(ids: list[str]) -> int:
    """How many digits tell all the ids, in order, apart; at least DIGITS."""
    digits = DIGITS
    for one, other in zip(ids, ids[1:], strict=False):
        while digits < len(one) and one[:digits] == other[:digits]:
            digits += 1
    return digits


def _machines(ws: Workspace) -> Iterator[tuple[str, str]]:
    from git_ccsync.operations.overview import catalogue

    for one in catalogue.load(ws).machines.values():
        yield one.name, "this machine" if one.id == ws.here.id else one.os


def _remotes(ws: Workspace) -> Iterator[tuple[str, str]]:
    from git_ccsync.git.url import without_credentials

    for name in ws.config.remotes():
        yield name, without_credentials(ws.config.get(f"remote.{name}.url"))


def _branches(ws: Workspace) -> Iterator[tuple[str, str]]:
    names = {name.rpartition("/")[2]: name for name in ws.refs if name.startswith((LOCAL, TRACKING))}
    for name in sorted(names):
        yield name, "this repository's" if name == ws.branch else ""


def _placeholders(ws: Workspace) -> Iterator[tuple[str, str]]:
    yield from ws.here.placeholders


def _others(ws: Workspace) -> Iterator[tuple[str, str]]:
    """The branches of other people, as their remote named them last."""
    from git_ccsync.operations.others import NAMES
    from git_ccsync.state.marks import Marks

    known = {name for names in Marks(ws.state).starting(NAMES).values() for name in names.split()}
    fetched = {name.rpartition("/")[2] for name in ws.refs if name.startswith(TRACKING)}
    for name in sorted((known | fetched) - {ws.branch}):
        yield name, ""


_LISTED = {
    "machines": _machines,
    "remotes": _remotes,
    "branches": _branches,
    "others": _others,
    "placeholders": _placeholders,
}
