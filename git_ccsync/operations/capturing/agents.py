"""Agents' transcripts that Claude Code 2.0.x puts beside its sessions: side files like those of today, in another place.

On the branch they have today's name (`subagents/agent-<hex>.jsonl`), and so they are installed; where one lies beside its
session already, as on the machine that it comes from, it stays and grows there. Looks, never writes.
"""

from __future__ import annotations

import os

from git_ccsync.claude.scan import AGENTS, is_agent
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state.index import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.claude.scan import SideFile
    from git_ccsync.operations.installing.places import Place
    from git_ccsync.state.index import Index


def by_transcript(index: Index, agents: Iterable[SideFile]) -> dict[str, list[SideFile]]:
    """Those that are new or have grown, by the transcript of their session, as far as that is sent.

    Whose the others are is remembered, so that no file is opened again until it changes or its session is sent.
    """
    found: dict[str, list[SideFile]] = {}
    for agent in agents:
        entry = index.get(agent.path)
        same = entry is not None and entry[:3] == (agent.size, agent.mtime_ns, agent.inode)
        if entry and entry.worktree and same:
            continue
        owner = entry.session if entry and same else _owner(agent.path)
        transcript = os.path.join(os.path.dirname(agent.path), f"{owner}.jsonl")
        held = index.get(transcript) if owner else None
        if held and held.worktree and held.synced and not _doubled(transcript, agent):
            if entry and not entry.worktree:
                index.drop(agent.path)
            found.setdefault(transcript, []).append(agent)
        elif not same:
            index.put(agent.path, Entry(agent.size, agent.mtime_ns, agent.inode, session=owner))
    return found


def _owner(path: str) -> str:
    from git_ccsync.claude.sessions import agent_of

    return agent_of(path)


def _doubled(transcript: str, agent: SideFile) -> bool:
    """Whether the session has a file of that name in today's place too, which is the one that counts."""
    return os.path.lexists(os.path.join(transcript.removesuffix(".jsonl"), agent.name))


def beside(place: Place, session: str, name: str) -> str:
    """Where the side file `name` of a session that lies at `place` lies beside it, "" if it does not."""
    if not name.startswith(AGENTS) or not is_agent(name.removeprefix(AGENTS)):
        return ""
    path = os.path.join(os.path.dirname(place.path), name.removeprefix(AGENTS))
    return path if os.path.lexists(path) and _owner(path) == session else ""
