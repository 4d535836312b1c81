"""What these stories share: a machine with its Claude Code, and how to tell whose paths a request names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.support.session import project_key

if TYPE_CHECKING:
    from tests.support.anthropic import Request
    from tests.support.claude_code import ClaudeCode
    from tests.support.machine import Machine


class Desk(NamedTuple):
    """A machine, and the real Claude Code on it."""

    machine: Machine
    claude: ClaudeCode


def traces(request: Request, machine: Machine) -> list[str]:
    """Where a request names a path of a machine, or a project directory made of one, each with what stands around it;
    signed blocks are not looked at."""
    base = str(machine.world.directory / machine.name)
    text = json.dumps(_unsigned(request.body), ensure_ascii=False)
    found = []
    for word in (base + "/", project_key(base) + "-"):
        pieces = text.split(word)
        found += [f"{before[-120:]}»{word}«{after[:120]}" for before, after in zip(pieces, pieces[1:], strict=False)]
    return found


def _unsigned(value: Any) -> Any:
    if isinstance(value, dict):
        signed = "signature" in value or value.get("type") == "redacted_thinking"
        return {} if signed else {key: _unsigned(part) for key, part in value.items()}
    return [_unsigned(part) for part in value] if isinstance(value, list) else value


def assert_at_home(request: Request, at: Machine, *, not_at: Machine) -> None:
    """A request speaks of one machine's paths and of no path of the other."""
    left = traces(request, not_at)
    assert not left, "\n".join(left)
    assert traces(request, at), request.said


def listed(machine: Machine, session: str) -> dict[str, Any]:
    """What `list --json` says of a session."""
    rows = json.loads(machine.ok("list", "--json").out)["sessions"]
    return next(row for row in rows if row["id"] == session)


def sync_twice(*desks: Desk) -> None:
    """Each machine in turn, twice."""
    for desk in desks * 2:
        desk.machine.ok("sync")
