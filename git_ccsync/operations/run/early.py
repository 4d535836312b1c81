"""Processes that a run with work to do will need, started before its modules are imported, so that both go on at once."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.checkout import Code
from git_ccsync.git.objects import Reader

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace

_begun: dict[str, tuple[Reader, Code]] = {}


def begin(ws: Workspace, *, sends: bool) -> None:
    """Where something is known to be sent, start looking at the work tree that sessions are most likely held in: a commit
    says what was checked out. Else start reading objects, which a fetch is going to bring.
    """
    reader, code = Reader(ws.repo), Code()
    if not sends:
        reader.warm()
    elif ws.trees and not ws.is_home:
        code.ask(ws.trees[0])
    _begun[ws.repo.git_dir] = reader, code


def take(ws: Workspace) -> tuple[Reader, Code]:
    """What was begun for this repository, or new ones; each is handed out once."""
    return _begun.pop(ws.repo.git_dir, None) or (Reader(ws.repo), Code())
