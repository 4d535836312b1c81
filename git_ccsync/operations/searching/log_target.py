"""What a person means by the one word behind `log`: a session, a commit, or a path. As git does: never a guess."""

from __future__ import annotations

import os

from git_ccsync.errors import NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import revision
from git_ccsync.operations import sessions
from git_ccsync.operations.overview import standing

if TYPE_CHECKING:
    from git_ccsync.git.refs import Commit
    from git_ccsync.model import Session
    from git_ccsync.operations.run.workspace import Workspace


class Target(Frozen):
    """What was meant: one of the three is set, `path` absolute; none for the whole log."""

    session: Session | None = None
    commit: Commit | None = None
    path: str = ""


def meant(ws: Workspace, word: str, *, separated: bool) -> Target:
    """The target of `word`, typed in the current directory; `separated` if it stood behind `--`: then it is a path.

    NotFound if it is nothing, Usage if it is several things, several sessions or several commits.
    """
    if not word:
        return Target()
    if separated:
        return Target(path=os.path.abspath(word))
    session, commit = _session(ws, word), _commit(ws, word)
    path = os.path.abspath(word) if os.path.lexists(word) else ""
    kinds = [kind for kind, found in (("session", session), ("commit", commit), ("path", path)) if found]
    if len(kinds) > 1:
        from shlex import quote

        hint = f"'git ccsync log -- {quote(word)}' takes it for a path" if path else "more digits tell them apart"
        raise Usage(f"ambiguous argument '{word}': both a {kinds[0]} and a {kinds[1]}", hint)
    if not kinds:
        raise NotFound(
            f"'{word}' is no session, commit or path",
            "put '--' before a path that is gone",
        )
    return Target(session, commit, path)


def _session(ws: Workspace, word: str) -> Session | None:
    try:
        return sessions.choose([one.session for one in standing.look(ws).standings], word)
    except NotFound:
        return None


def _commit(ws: Workspace, word: str) -> Commit | None:
    try:
        return revision.commit(ws.repo, word)
    except NotFound:
        return None
