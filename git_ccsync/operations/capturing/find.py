"""Finding the transcripts of this repository: which files there are, whose they are, which are left out."""

from __future__ import annotations

import os

from git_ccsync.claude import home, scan
from git_ccsync.claude.files import read_small
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Problem
from git_ccsync.operations.capturing import holding, odd
from git_ccsync.operations.run.workspace import project_keys
from git_ccsync.state.index import Entry
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

_RULES_CAP = 1 << 20


def sessions(
    stage: Stage, only: Sequence[str], agents: list[SideFile] | None = None
) -> tuple[list[Found], list[Problem]]:
    """Every transcript that is or may be this repository's (of the ids `only`, if given), and what was odd; `agents`
    takes up the agents' transcripts beside them.
    """
    found, problems = scan.scan(stage.ws.claude, project_keys(stage.ws), agents)
    problems = odd.of_scan(stage, problems) if problems else []
    raw = stage.index.raw()
    kept = []
    for item in found:
        if only and item.id not in only:
            continue
        entry = raw.get(item.path)
        if entry and not entry[8] and entry[5] != holding.HELD and entry[:3] == (item.size, item.mtime_ns, item.inode):
            if entry[5] == odd.NO_ROWS:
                problems.append(odd.problem(stage, item, odd.NoRows()))
            continue  # looked at before: another repository's, or without a message yet
        kept.append(item)
    if stage.ws.is_home:
        from git_ccsync.operations.capturing import outside

        kept, problems = outside.still_ours(stage, kept), [one for one in problems if not one.stray]
    if not only:
        stage.index.remember("odd", bool(problems))
    return kept, problems


def owner(stage: Stage, item: Found, fd: int) -> str | None:
    """The work tree that a transcript belongs to, None if to none of this repository's (remembered).

    NoRows, remembered too, if it holds bytes and no row of Claude Code's.
    """
    from git_ccsync.claude import sessions as claude_sessions

    known = _known(stage, item)
    head = claude_sessions.head(item.path, item.key)
    tree = None
    if head.rows and stage.ws.is_home:
        from git_ccsync.operations.capturing import outside

        tree = outside.owner(stage, item, head, known=bool(known))
    elif head.rows:
        tree = known or claude_sessions.belongs(head, stage.ws.trees, stage.ws.former, item.key)
    # A session that is sent already goes on, as git goes on with a tracked file.
    if tree and not known and ignored(stage.ws, tree, head.relocated or head.cwd):
        tree = None
    if not tree:
        status = os.fstat(fd)
        left_out = Entry(status.st_size, status.st_mtime_ns, status.st_ino)
        empty = head.empty and status.st_size > 0
        stage.index.put(item.path, left_out._replace(session=odd.NO_ROWS) if empty else left_out)
        if empty:
            stage.index.remember("odd", True)
            raise odd.NoRows
    return tree


def _known(stage: Stage, item: Found) -> str | None:
    """The work tree of a session that the state or the branch has, in a directory of one of our work trees."""
    journaled = stage.journal.known.get(item.id)
    if not (journaled and journaled[0] == item.key) and not stage.draft.session(item.id):
        return None
    fitting = [tree for tree in (*stage.ws.trees, *stage.ws.former) if _under(item.key, home.project_key(tree))]
    return max(fitting, key=len, default=None)


def _under(key: str, top: str) -> bool:
    return key == top or key.startswith(top + "-")


def wanted(stage: Stage, item: Found) -> bool:
    """Whether a session that the branch does not have is to be sent: not purged, not last used before `ccsync.since`.

    BadData and OSError as `last_day`.
    """
    root = stage.draft.root
    if root and branch.entry(stage, root, f"purged/{item.id}"):
        return False
    since = stage.ws.config.get("ccsync.since")
    return not since or last_day(item, since) >= since


def last_day(item: Found, first: str = "") -> str:
    """The day (YYYY-MM-DD, UTC) of a transcript's last row that has a time; of its mtime, if no row has one.

    Of a file last written before the day `first` that one is told, unread: no row of it is younger. A copy or a
    backup that was put back is younger than its rows. BadData and OSError if it cannot be read.
    """
    written = _day(item.mtime_ns / 1e9)
    if written < first:
        return written
    from git_ccsync.claude import transcript

    said = transcript.last_timestamp(item.path)
    return written if said is None else min(written, _day(said))


def _day(seconds: float) -> str:
    import time

    return time.strftime("%Y-%m-%d", time.gmtime(max(0, seconds)))


def ignored(ws: Workspace, tree: str, cwd: str) -> bool:
    """Whether the ignore rules leave out the sessions of directory `cwd` (gitignore patterns, relative to the tree)."""
    relative = os.path.relpath(os.path.realpath(cwd), tree) if cwd else "."
    return matches(ws, tree, "" if relative == "." else relative + "/")


def matches(ws: Workspace, tree: str, path: str) -> bool:
    """Whether `.ccsyncignore` or `ccsync.ignore` match `path`. pathspec is loaded only where there are rules.

    Each by itself: the file may come with a clone, and a "!" in it must not send what the owner leaves out.
    """
    own = ws.config.get_all("ccsync.ignore")
    brought = read_small(os.path.join(ws.trees[0] if ws.is_home else tree, ".ccsyncignore"), _RULES_CAP)
    if not path or not (own or brought):
        return False
    from git_ccsync.operations.capturing import ignoring

    given = (own, (brought or b"").decode("utf-8", "replace").split("\n"))
    return any(ignoring.match(rules, path) for rules in given)
