"""Sessions as rows of the picker, and what it reads beside them. Imports the picker only where a person is to choose."""

from __future__ import annotations

import os

from git_ccsync.cli import ask, colour, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from git_ccsync.cli.picker_match import Row
    from git_ccsync.model import Session
    from git_ccsync.operations.overview.glance import Exchange
    from git_ccsync.operations.run.workspace import Workspace


def possible() -> bool:
    """Whether a person can choose: stdin is a terminal and the picker has one to draw on."""
    return ask.possible() and os.environ.get("TERM", "dumb") != "dumb"


def pick(ws: Workspace, sessions: Sequence[Session], *, unfinished: Collection[str] = ()) -> str | None:
    """The id of the session that a person chose among `sessions` (newest first), None if they left.

    `unfinished` are ids of sessions that some machine left without an end.
    """
    from git_ccsync.cli import picker
    from git_ccsync.operations.overview.glance import Glance

    by_id = {one.id: one for one in sessions}
    glance = Glance(ws)
    try:
        return picker.pick(
            [row(one, unfinished) for one in sessions],
            lambda name: words(glance.last(by_id[name])),
            prompts=glance.prompts(sessions),
            colour=colour.wanted(ws.config, terminal=True),
        )
    finally:
        glance.close()


def row(one: Session, unfinished: Collection[str]) -> Row:
    """What the picker shows of a session."""
    from git_ccsync.cli.picker_match import Row

    size = render.size(one.bytes) if one.bytes else ""
    return Row(one.id, one.title, "", one.machine, one.updated, one.git_branch, size, marks(one, unfinished))


def marks(one: Session, unfinished: Collection[str]) -> tuple[str, ...]:
    """The marks that a session's state earns it."""
    state = one.state.split(" ")
    said = {
        "live": "live" in state,
        "open elsewhere": bool(one.open_on),
        "unfinished": one.id in unfinished,
        "copy": "copy" in state,
        "not here": bool({"not-here", "removed", "elsewhere"} & set(state)),
    }
    return tuple(word for word, true in said.items() if true)


def words(last: Exchange) -> str:
    """The last exchange as the picker's preview wants it."""
    if not last.prompt and not last.answer:
        return "(nothing was said)"
    asked = f"> {last.prompt}\n" if last.prompt else ""
    return asked + (last.answer or "(no answer yet)")
