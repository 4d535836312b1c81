"""Making `meta`: what is told of a session without reading it. Written only in the commit that adds its lines."""

from __future__ import annotations

import os

from git_ccsync.claude import files, transcript
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Facts, Meta
from git_ccsync.state.index import UNKNOWN
from git_ccsync.store import segments
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: Where a title came from, least telling first (CLAUDE-CODE's own order; see git-ccsync-list(1)).
FIRST, LAST, SUMMARY, AI, FILE, CUSTOM = 1, 2, 3, 4, 5, 6
#: How many pieces of a file are read, from its end, for where such a title came from.
PIECES = 4
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
    if facts.last_prompt:
        return LAST
    return FIRST if facts.first_prompt else 0


def grown(
    ws: Workspace,
    before: Meta,
    before_rank: int,
    facts: Facts,
    size: int,
    *,
    given: str = "",
    stored: Callable[[], Sequence[Callable[[], bytes]]] = tuple,
) -> tuple[Meta, int]:
    """The meta after `facts` (of new lines, `size` bytes as stored) were added to `before`; and the title's rank.

    `given` is the title in custom-title.json, which counts less than one in a row; `stored` gives the pieces that the
    file had before, each to be read when it is called, where they are needed.
    """
    title, kept = _titled(before, before_rank, facts, given, stored)
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


def _titled(
    before: Meta, known: int, facts: Facts, given: str, stored: Callable[[], Sequence[Callable[[], bytes]]]
) -> tuple[str, int]:
    """The title after `facts` were added, and its rank: what counts more, of equals the newer, but of first prompts the
    first.
    """
    if facts.cleared:
        for piece in reversed(stored()):
            facts = transcript.merge_facts(transcript.facts(piece()), facts)
        return transcript.title(facts, given) or before.title, rank(facts, given) or known
    if not before.title:
        return transcript.title(facts, given), rank(facts, given)
    if known == UNKNOWN and given:
        known, given = (FILE, given) if transcript.title(Facts(), given) == before.title else (UNKNOWN, "")
    found = rank(facts, given)
    if known == UNKNOWN and found in (LAST, SUMMARY, AI):
        known = _source(before.title, stored(), len(stored()) if found == AI else PIECES)
    least = AI if known == UNKNOWN else max(known, LAST)
    return (transcript.title(facts, given), found) if found >= least else (before.title, known)


def _source(title: str, stored: Sequence[Callable[[], bytes]], limit: int) -> int:
    """Where `title` came from, as far as the last `limit` pieces and the first one tell; else UNKNOWN."""
    if not stored:
        return UNKNOWN
    last = Facts()
    for piece in reversed(stored[-limit:]):
        last = transcript.merge_facts(transcript.facts(piece()), last)
        named = {last.last_prompt: LAST, last.summary: SUMMARY, last.ai_title: AI, last.custom_title: CUSTOM}
        if title in named:
            return named[title]
    return FIRST if title == transcript.facts(stored[0]()).first_prompt else UNKNOWN


def stored_text(stage: Stage, tree: str) -> Sequence[Callable[[], bytes]]:
    """The pieces of a stored file, for `grown`."""
    oids = segments.listing(stage, tree) if tree else ()
    return [lambda oid=oid: stage.blob(oid, SEGMENT_CAP) for oid in oids]  # type: ignore[misc]


def place(ws: Workspace, cwd: str, worktree: str) -> tuple[str, str]:
    """(directory relative to the work tree, name of the linked work tree or "") of a session started in `cwd`."""
    real = os.path.realpath(cwd) if cwd else worktree
    relative = os.path.relpath(real, worktree) if _inside(real, worktree) else "."
    main = ws.trees[0] if ws.trees else worktree
    name = (
        ""
        if worktree == main or (worktree in ws.former and worktree not in ws.trees)
        else os.path.basename(worktree) or worktree
    )
    return relative.replace(os.sep, "/"), name


def _inside(path: str, top: str) -> bool:
    return path == top or path.startswith(top.rstrip(os.sep) + os.sep)
