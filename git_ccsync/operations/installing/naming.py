"""Names that people give to sessions: the row in which Claude Code keeps one, local and as stored. Drafts, never installs."""

from __future__ import annotations

from git_ccsync.claude.transcript import TITLE_LENGTH, clean
from git_ccsync.errors import Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.overview import names

if TYPE_CHECKING:
    from git_ccsync.model import Meta
    from git_ccsync.operations.run.stage import Stage


def title(text: str) -> str:
    """`text` as a title: one line. Usage if nothing is left of it, or it is too long."""
    text = " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
    if not text:
        raise Usage("a title needs a letter")
    if len(text) > TITLE_LENGTH:
        raise Usage(f"the title has {len(text)} characters, at most {TITLE_LENGTH} are kept")
    return clean(text)


def row(session: str, name: str) -> bytes:
    """The custom-title row as Claude Code's /rename writes it, a whole line."""
    import json

    fields = {"type": "custom-title", "customTitle": name, "sessionId": session}
    return json.dumps(fields, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def stored(stage: Stage, session: str, meta: Meta, name: str) -> str:
    """A title as it is stored: what is a path on this machine has its portable name."""
    place = Where(stage).place(session, meta)
    return names.stored_title(stage.codec(session, place.worktree, place.key), name)
