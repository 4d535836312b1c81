"""`resume --all`: one session out of all repositories that this machine knows, each fetched first."""

from __future__ import annotations

import os

from git_ccsync.cli import colour, every, failure, pick, render
from git_ccsync.errors import CcsyncError, NotFound
from git_ccsync.operations import resume, sessions
from git_ccsync.operations.run.workspace import open_workspace, refreshed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

    from git_ccsync.cli.options import ResumeOptions
    from git_ccsync.model import Session
    from git_ccsync.operations.overview.glance import Glance
    from git_ccsync.operations.run.workspace import Workspace


def choose(options: ResumeOptions) -> tuple[Workspace, str] | None:
    """The repository and the id of the session that was named, was used last, or that a person chooses; None if they
    choose none. NotFound, Usage.
    """
    found = _rows(options.machine)
    if not found:
        raise NotFound("there are no sessions yet")
    listed = [one for _, one in found]
    if options.session:
        chosen = sessions.choose(listed, options.session)
    elif options.latest:
        chosen = listed[0]
    else:
        return _pick(found)
    return next((ws, one.id) for ws, one in found if one is chosen)


def _rows(machine: str) -> list[tuple[Workspace, Session]]:
    """Every session of every repository that was set up, newest first."""
    rows = list(every.each(open_workspace))
    every.complain(rows)
    known = [row.result for row in rows if row.error is None and row.result.initialised]
    for ws, reason in resume.fetch_all(known):
        render.warning(f"{render.home(ws.place)}: {failure.hide_passwords(reason)}")
    found: list[tuple[Workspace, Session]] = []
    for ws in map(refreshed, known):
        try:
            found += [(ws, one) for one in sessions.sessions(ws, machine=machine)]
        except NotFound:  # nobody of that name there
            continue
        except CcsyncError as error:
            render.warning(f"{render.home(ws.place)}: {failure.hide_passwords(error.message)}")
    return sorted(found, key=lambda pair: pair[1].updated, reverse=True)


def _pick(found: list[tuple[Workspace, Session]]) -> tuple[Workspace, str] | None:
    from git_ccsync.cli import picker

    by_key = {f"{pair[1].id} {number}": pair for number, pair in enumerate(found)}  # clones may share ids
    left = {ws.place: resume.unfinished(ws) for ws, _ in found}
    rows = [
        pick.row(one, left[ws.place])._replace(id=key, place="~" if ws.is_home else os.path.basename(ws.place))
        for key, (ws, one) in by_key.items()
    ]
    glances = _Glances()
    try:
        chosen = picker.pick(
            rows, lambda key: pick.words(glances.of(by_key[key][0]).last(by_key[key][1])),
            prompts=_prompts(glances, by_key), colour=colour.wanted(None, terminal=True),
        )  # fmt: skip
    finally:
        glances.close()
    if not chosen:
        return None
    ws, session = by_key[chosen]
    return ws, session.id


def _prompts(glances: _Glances, by_key: dict[str, tuple[Workspace, Session]]) -> Generator[tuple[str, str]]:
    """(key, first prompt) of all sessions, one repository after the other."""
    groups: dict[str, list[str]] = {}
    for key, (ws, _) in by_key.items():
        groups.setdefault(ws.place, []).append(key)
    for keys in groups.values():
        found = glances.of(by_key[keys[0]][0]).prompts([by_key[key][1] for key in keys])
        for key, (name, prompt) in zip(keys, found, strict=False):
            yield (key, prompt) if name else ("", "")


class _Glances:
    """A look into each repository that is asked about."""

    def __init__(self) -> None:
        self._made: dict[str, Glance] = {}

    def of(self, ws: Workspace) -> Glance:
        """The look into this one."""
        from git_ccsync.operations.overview.glance import Glance

        return self._made.setdefault(ws.place, Glance(ws))

    def close(self) -> None:
        """End them all."""
        for glance in self._made.values():
            glance.close()
