"""Processes that a run with work to do will need, started before its modules are imported, so that both go on at once."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.checkout import Code
from git_ccsync.git.objects import Reader

if TYPE_CHECKING:
    from git_ccsync.operations.workspace import Workspace

_begun: dict[str, tuple[Reader, Code]] = {}


def begin(ws: Workspace) -> None:
    """Start reading objects, and looking at the work tree that sessions are most likely held in."""
    reader, code = Reader(ws.repo), Code()
    reader.warm()
    if ws.trees:
        code.ask(ws.trees[0])
    _begun[ws.repo.git_dir] = reader, code


def take(ws: Workspace) -> tuple[Reader, Code]:
    """What was begun for this repository, or new ones; each is handed out once."""
    return _begun.pop(ws.repo.git_dir, None) or (Reader(ws.repo), Code())
