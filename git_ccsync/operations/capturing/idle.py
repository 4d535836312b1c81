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
    index = Index(ws.memory)
    held = index.value(f"route {remote}")
    if not isinstance(held, tuple) or held[0] != stamp(ws):
        return None
    said = index.value("machine")
    if isinstance(said, tuple) and said[0] != ws.here.name:
        return None
    name, urls, ref, _, tracking = held[1]
    if (
        index.value("head") != (ws.ref, ws.tip())
        or ws.tree() != ws.tree(tracking)
        or live_here(ws) != index.value("live")
        or index.value("odd")  # what is odd is told each time
        or index.value("mended") == (tracking, ws.tip(tracking))  # the same is there, behind what nobody can follow
        or (len(urls) > 1 and further.lacking(Marks(ws.state), urls, ref, ws.tip()))
    ):
        return None
    agents: list[SideFile] = []
    found, problems = scan.scan(ws.claude, project_keys(ws), agents)
    if problems or not all(_seen(index, item) for item in found) or not _all_seen(index, agents):
        return None
    if is_memory_new(ws, index) or are_prompts_new(ws, index) or is_global_new(ws, index):
        return None
    return Place(name, urls[0], ref)


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
