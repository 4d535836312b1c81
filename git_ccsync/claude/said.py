"""One row of a transcript as what was said in it, for people to read. Pure; judges nothing, shows nothing.

Everything here is foreign text, not yet made safe to show.
"""

from __future__ import annotations

from git_ccsync.claude.rows import PARSE_CAP, loads
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What a piece is: words of a side, thoughts, a call of a tool, what it gave back, a remark of ours.
TEXT, THOUGHT, CALL, RESULT, REMARK = "text", "thought", "call", "result", "remark"
#: Arguments that tell most of a call, in this order.
_TELLING = (
    "command",
    "file_path",
    "notebook_path",
    "path",
    "pattern",
    "query",
    "url",
    "description",
    "prompt",
    "skill",
)
#: Characters of an argument or a result that are looked at for their first line.
_GLANCE = 1000


class Said(Frozen):
    """A piece of a conversation. `role` is user or assistant ("" for a remark), `name` the tool of a call, `failed` of
    a result; `when` is the row's timestamp.
    """

    role: str
    kind: str
    text: str
    name: str = ""
    when: str = ""
    failed: bool = False


def said(row: bytes) -> list[Said]:
    """The pieces of one row; [] for rows that say nothing to a reader (bookkeeping, meta rows, attachments)."""
    if not row.strip():
        return []
    if len(row) > PARSE_CAP:
        return [Said("", REMARK, f"a row of {len(row):,} bytes")]
    value = loads(row)
    if not isinstance(value, dict):
        return [Said("", REMARK, "a line that is no row")]
    role, when = value.get("type"), value.get("timestamp")
    when = when if isinstance(when, str) else ""
    if role == "system" and value.get("subtype") == "compact_boundary":
        return [Said("", REMARK, "what was said before was summed up here", when=when)]
    if role not in ("user", "assistant") or value.get("isMeta") is True:
        return []
    if value.get("isCompactSummary") is True:
        return [Said("", REMARK, "a summary of what was said before", when=when)]
    return list(_message(str(role), when, value.get("message")))


def _message(role: str, when: str, message: object) -> Iterator[Said]:
    content = message.get("content") if isinstance(message, dict) else None
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    for block in blocks:
        if isinstance(block, dict) and (piece := _piece(role, when, block)):
            yield piece


def _piece(role: str, when: str, block: dict[str, object]) -> Said | None:
    kind, text = block.get("type"), block.get("text")
    if kind == "text":
        return Said(role, TEXT, text, when=when) if isinstance(text, str) and text.strip() else None
    if kind == "thinking":
        thought = block.get("thinking")
        return Said(role, THOUGHT, thought, when=when) if isinstance(thought, str) and thought.strip() else None
    if kind == "tool_use":
        return Said(role, CALL, _argument(block.get("input")), name=_word(block.get("name")), when=when)
    if kind == "tool_result":
        return Said(role, RESULT, _result(block.get("content")), when=when, failed=block.get("is_error") is True)
    return Said(role, REMARK, f"({_word(kind)})", when=when)


def _word(value: object) -> str:
    return value[:100] if isinstance(value, str) else "?"


def _argument(given: object) -> str:
    """The most telling argument of a call, at most a line of it."""
    if not isinstance(given, dict):
        return ""
    texts = {key: value for key, value in given.items() if isinstance(value, str) and value.strip()}
    told = next((texts[key] for key in _TELLING if key in texts), None)
    told = next(iter(texts.values()), "") if told is None else told
    return first_line(told)


def first_line(text: str) -> str:
    """The first line of a text that has anything on it, with … if there is more."""
    lines = text[:_GLANCE].strip().split("\n")
    return lines[0] + (" …" if len(lines) > 1 or len(text) > _GLANCE else "")


def _result(content: object) -> str:
    """What a tool gave back, as text."""
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    texts = [block.get("text") or f"({_word(block.get('type'))})" for block in blocks if isinstance(block, dict)]
    return "\n".join(text for text in texts if isinstance(text, str))
