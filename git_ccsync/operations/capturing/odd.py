"""What could not be read: a session of this repository, which is a failure, or a stray thing in its place, which is told.

Looks, never writes.
"""

from __future__ import annotations

import os

from git_ccsync.claude import scan
from git_ccsync.claude.files import shown
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Problem
from git_ccsync.operations.run.workspace import project_keys

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.claude.scan import Found
    from git_ccsync.operations.run.stage import Stage

#: How the index remembers a file without any row of Claude Code's.
NO_ROWS = "?"


class NoRows(BadData):
    """A file in a transcript's place holds nothing that Claude Code wrote."""

    def __init__(self) -> None:
        super().__init__("holds nothing that Claude Code wrote; it is not sent")


def of_scan(stage: Stage, problems: Iterable[Problem]) -> list[Problem]:
    """What a scan met in place of transcripts: strays, unless a session of this repository is known by that name, or one
    of its own directories, or one that had sessions of its, cannot be listed.
    """
    keys = frozenset(project_keys(stage.ws))
    return [one._replace(stray=not _is_ours(stage, one.subject, keys)) for one in problems]


def _is_ours(stage: Stage, subject: str, keys: frozenset[str]) -> bool:
    name = os.path.basename(subject)
    if scan.is_id(name[:36]):
        return is_known(stage, name[:36])
    return name in keys or any(shown(key) == name for key, _ in stage.journal.known.values())


def is_known(stage: Stage, session: str) -> bool:
    """Whether the session was here before, or is on the branch."""
    return session in stage.journal.known or bool(stage.draft.session(session))


def problem(stage: Stage, item: Found, error: Exception) -> Problem:
    """A transcript that could not be read. What holds nothing of Claude Code's, and what lies in a directory that may be
    another project's, is ours only if a session was known there.
    """
    certain = item.key in project_keys(stage.ws) and not isinstance(error, NoRows)
    reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
    return Problem(item.path, reason, not certain and not is_known(stage, item.id), hints(error))


def hints(error: Exception) -> tuple[str, ...]:
    """What may be done about it."""
    return error.hints if isinstance(error, BadData) else ()
