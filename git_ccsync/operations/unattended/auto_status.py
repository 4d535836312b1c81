"""auto status: where our hooks are installed, and how they did in this repository. Reads small files; changes nothing."""

from __future__ import annotations

import time

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import auto, hooks
from git_ccsync.operations.unattended import slash
from git_ccsync.state import log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.operations.auto import Place
    from git_ccsync.operations.run.workspace import Workspace


class Scope(Frozen):
    """One place of settings: `state` is on, off or partly; `commands` are what the hooks there run; `disabled` if the
    settings keep all hooks from running.
    """

    scope: str
    path: str
    state: str
    commands: tuple[str, ...]
    slash_command: bool
    disabled: bool = False


class Trouble(Frozen):
    """Something that went wrong behind a hook; `when` is ISO 8601."""

    when: str
    what: str
    text: str


class AutoStatus(Frozen):
    """`repository` is "" outside of one that was set up. Times are ISO 8601, "" for never: the last run of each event's
    hook, the last push that arrived, the last one that did not, if none has since; the last fetch.
    """

    scopes: tuple[Scope, ...]
    repository: str = ""
    events: tuple[tuple[str, str], ...] = ()
    pushed: str = ""
    failed: str = ""
    fetched: str = ""
    troubles: tuple[Trouble, ...] = ()


def status(places: Sequence[Place], ws: Workspace | None) -> AutoStatus:
    """How the hooks stand in `places`, and, with a workspace, what they did there. Refused for settings that are broken."""
    scopes = tuple(_scope(place) for place in places)
    if not ws or not ws.initialised:
        return AutoStatus(scopes)
    return AutoStatus(
        scopes,
        ws.place,
        tuple((event, _when(ws.state, event)) for event in hooks.EVENTS),
        _when(ws.state, "arrived"),
        _when(ws.state, "failed"),
        _when(ws.state, "fetched"),
        tuple(Trouble(*each) for each in log.troubles(ws.state)),
    )


def _scope(place: Place) -> Scope:
    found = auto.installed(place)
    state = "on" if auto.complete(found.events) else "partly" if found.events else "off"
    return Scope(place.scope, place.path, state, found.commands, slash.installed(place.commands), found.disabled)


def _when(state: str, name: str) -> str:
    seconds = hooks.marked(state, name)
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds)) if seconds else ""
