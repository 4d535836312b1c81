"""new: the session that Claude Code has just made gets its name, where this Claude Code cannot give it one itself."""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.claude.scan import is_id
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations import rename
from git_ccsync.operations.installing import naming

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace


def transcripts(ws: Workspace, cwd: str) -> frozenset[str]:
    """The transcripts that a Claude Code started in `cwd` may have written so far."""
    key = home.forced_key(ws.environ) or home.project_key(os.path.realpath(cwd))
    directory = os.path.join(ws.claude, "projects", key)
    try:
        names = os.listdir(directory)
    except OSError:
        return frozenset()
    return frozenset(
        os.path.join(directory, name)
        for name in names
        if name.endswith(".jsonl") and is_id(name.removesuffix(".jsonl"))
    )


def give_name(ws: Workspace, cwd: str, before: frozenset[str], title: str) -> str:
    """Name the session that was made since `before`, the newest of several; its id, "" if there is none.

    Refused if it is being written to.
    """
    made = sorted(transcripts(ws, cwd) - before, key=os.path.getmtime)
    if not made:
        return ""
    session = os.path.basename(made[-1]).removesuffix(".jsonl")
    rename.append_title(ws, made[-1], session, naming.title(title))
    return session
