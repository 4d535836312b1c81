"""Whether there is nothing to push: by stats and refs alone, importing nothing that only work needs.

May say no though nothing is new (then the long way finds that out); must never say yes wrongly.
"""

from __future__ import annotations

import os
import zlib

from git_ccsync.claude import home, scan
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.destinations import further
from git_ccsync.operations.run.workspace import project_keys
from git_ccsync.state import files
from git_ccsync.state.index import Index
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.claude.memory import File
    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.operations.run.workspace import Workspace


class Place(Frozen):
    """Where a push would have gone."""

    remote: str
    url: str
    ref: str


def stamp(ws: Workspace) -> int:
    """What the routes and the ignore rules hang on: changes with the configuration and with `.ccsyncignore`."""
    rules = [files.stamp(f"{tree}/.ccsyncignore") for tree in ws.trees]
    return zlib.crc32(
        repr((ws.config.items(), rules, ws.trees, ws.former, ws.branch)).encode("utf-8", "surrogateescape")
    )


def nothing_to_push(ws: Workspace, remote: str) -> Place | None:
    """Where everything is already, if nothing has changed here since the last look; None if it must be looked into."""
    still = Still(ws, remote)
    return still.place(ws) if still.found else None


class Still:
    """Whether the files are as they were at the last look (`found`), which takes no ref to tell, and whether all of that
    is on the remote.
    """

    def __init__(self, ws: Workspace, remote: str) -> None:
        self._index = Index(ws.memory)
        self._route = self._index.value(f"route {remote}")
        self.found = self._is_known(ws) and _is_unchanged(ws, self._index)

    def _is_known(self, ws: Workspace) -> bool:
        if not isinstance(self._route, tuple) or self._route[0] != stamp(ws):
            return False
        said = self._index.value("machine")
        return not isinstance(said, tuple) or said[0] == ws.here.name

    def place(self, ws: Workspace) -> Place | None:
        """Where everything is already, by the refs of WS, if the files are as they were; None if it must be looked into."""
        assert isinstance(self._route, tuple)
        name, urls, ref, _, tracking = self._route[1]
        if (
            self._index.value("head") != (ws.ref, ws.tip())
            or ws.tree() != ws.tree(tracking)
            # The same is there, behind what nobody can follow.
            or self._index.value("mended") == (tracking, ws.tip(tracking))
            or (len(urls) > 1 and further.lacking(Marks(ws.state), urls, ref, ws.tip()))
        ):
            return None
        return Place(name, urls[0], ref)


def _is_unchanged(ws: Workspace, index: Index) -> bool:
    if live_here(ws) != index.value("live") or index.value("odd"):  # what is odd is told each time
        return False
    agents: list[SideFile] = []
    found, problems = scan.scan(ws.claude, project_keys(ws), agents)
    if problems or not all(_seen(index, item) for item in found) or not _all_seen(index, agents):
        return False
    return not (is_memory_new(ws, index) or are_prompts_new(ws, index) or is_global_new(ws, index))


def memory_key(ws: Workspace) -> str:
    """The project directory that has this repository's memory: that of the main work tree."""
    return home.forced_key(ws.environ) or home.project_key(ws.trees[0])


def memory_directory(ws: Workspace) -> str:
    """Where the memory files of this repository lie, "" where there is no work tree."""
    return os.path.join(ws.claude, "projects", memory_key(ws), "memory") if ws.trees else ""


def is_memory_new(ws: Workspace, index: Index) -> bool:
    """Whether the memory files are others than those that were seen last. Their module is loaded only if there are any."""
    return carries_memory(ws) and memory_files(ws) != (index.value("memory") or ())


def carries_memory(ws: Workspace) -> bool:
    """Whether memory is carried here (`ccsync.memory`)."""
    return bool(ws.trees) and ws.config.get_bool("ccsync.memory", True)


def memory_files(ws: Workspace) -> tuple[File, ...]:
    """The memory files as they lie here."""
    place = memory_directory(ws)
    try:
        names = os.listdir(place)
    except OSError:
        names = []
    if not names:
        return ()
    from git_ccsync.claude import memory

    try:
        return memory.listing(place).files
    except OSError:
        return ()


def is_global_new(ws: Workspace, index: Index) -> bool:
    """Whether Claude's files for all projects, where they are carried, are others than those that were seen last."""
    if not ws.is_home or not ws.config.get_bool("ccsync.global"):
        return False
    from git_ccsync.claude import globals as own

    return own.listing(ws.claude) != index.value("global")


def carries_prompts(ws: Workspace) -> bool:
    """Whether the history of prompts is carried here (`ccsync.promptHistory`)."""
    return bool(ws.trees) and ws.config.get_bool("ccsync.promptHistory")


def are_prompts_new(ws: Workspace, index: Index) -> bool:
    """Whether Claude Code's history of prompts, which all projects share, is another than the one that was read last."""
    if not carries_prompts(ws):
        return False
    read = os.path.exists(f"{ws.memory}/history")
    return not read or files.stamp(f"{ws.claude}/history.jsonl") != index.value("history")


def live_here(ws: Workspace) -> tuple[str, ...]:
    """Sessions that a running Claude Code holds, sorted."""
    return tuple(sorted(running(ws)))


def running(ws: Workspace) -> dict[str, int]:
    """`live.live_sessions`: each session that a running Claude Code holds, and its process. Where there are no markers of
    any, nothing is imported to tell.
    """
    try:
        markers = os.listdir(os.path.join(ws.claude, "sessions"))
    except OSError:
        markers = []
    if not markers:
        return {}
    from git_ccsync.claude import live

    return live.live_sessions(ws.claude)


def _seen(index: Index, item: Found) -> bool:
    if not index.unchanged(item.path, item.size, item.mtime_ns, item.inode):
        return False
    if not item.side:
        return True
    sides, problems = scan.side_files(item.path.removesuffix(".jsonl"))
    return not problems and _all_seen(index, sides)


def _all_seen(index: Index, sides: list[SideFile]) -> bool:
    return all(index.unchanged(side.path, side.size, side.mtime_ns, side.inode) for side in sides)
