"""Making `meta`: what is told of a session without reading it. Written only in the commit that adds its lines."""

from __future__ import annotations

import os

from git_ccsync.claude import files, transcript
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Facts, Meta

if TYPE_CHECKING:
    from collections.abc import Callable

    from git_ccsync.operations.workspace import Workspace

#: Where a title came from, least telling first (CLAUDE-CODE's own order; see git-ccsync-list(1)).
PROMPT, SUMMARY, AI, FILE, CUSTOM = 1, 2, 3, 4, 5
#: Of a title that was made elsewhere, or before the index was lost: a prompt must not take the place of a given one.
UNKNOWN = 6
_FILE_CAP = 256 << 10


def given_title(path: str, stored: Callable[[bytes], bytes] = bytes) -> str:
    """The title in the custom-title.json beside the transcript at `path`, "" if there is none; of what `stored` makes of
    the file.
    """
    data = files.read_small(os.path.join(path.removesuffix(".jsonl"), "custom-title.json"), _FILE_CAP)
    return transcript.custom_title_file(stored(data)) if data else ""


def rank(facts: Facts, given: str = "") -> int:
    """How telling the best title in some lines is, with the one `given` in a file beside them; 0 if there is none."""
    if facts.custom_title:
        return CUSTOM
    if given and not facts.cleared:
        return FILE
    if facts.ai_title:
        return AI
    if facts.summary:
        return SUMMARY
    return PROMPT if facts.last_prompt or facts.first_prompt else 0


def grown(
    ws: Workspace, before: Meta, before_rank: int, facts: Facts, size: int, *, given: str = ""
) -> tuple[Meta, int]:
    """The meta after `facts` (of new lines, `size` bytes as stored) were added to `before`; and the title's rank.

    `given` is the title in custom-title.json, which counts less than one in a row.
    """
    title, kept = before.title, before_rank
    given = "" if before_rank == UNKNOWN and title else given
    found = rank(facts, given)
    if found >= (AI if before_rank == UNKNOWN else before_rank) or not before.title or facts.cleared:
        title, kept = transcript.title(facts, given) or before.title, found or before_rank
    return (
        before._replace(
            title=title,
            created=before.created or facts.created,
            updated=max(before.updated, facts.updated),
            messages=before.messages + facts.messages,
            lines=before.lines + facts.lines,
            bytes=before.bytes + size,
            machine=ws.here.id,
            origin=before.origin or ws.here.id,
            git_branch=facts.git_branch or before.git_branch,
            claude_version=facts.version or before.claude_version,
        ),
        kept,
    )


def place(ws: Workspace, cwd: str, worktree: str) -> tuple[str, str]:
    """(directory relative to the work tree, name of the linked work tree or "") of a session started in `cwd`."""
    real = os.path.realpath(cwd) if cwd else worktree
    relative = os.path.relpath(real, worktree) if _inside(real, worktree) else "."
    main = ws.trees[0] if ws.trees else worktree
    name = (
        "" if worktree == main or (worktree in ws.former and worktree not in ws.trees) else os.path.basename(worktree)
    )
    return relative.replace(os.sep, "/"), name


def _inside(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)
