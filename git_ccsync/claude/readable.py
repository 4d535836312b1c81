"""All that a row of a transcript says to a reader, whole: what is searched. `said` is the same, folded, to be read."""

from __future__ import annotations

from git_ccsync.claude.rows import loads
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

USER, ASSISTANT, TOOL, TITLE = "user", "assistant", "tool", "title"
#: Longer rows are not read: their text would be held several times.
READ_CAP = 64 << 20


class Text(Frozen):
    """What one side said in one go. `name` is the tool of a call, `when` the row's timestamp, `row` its uuid."""

    role: str
    text: str
    name: str = ""
    when: str = ""
    row: str = ""


def texts(row: bytes) -> list[Text]:
    """The texts of one row; [] for rows that say nothing to a reader, and for what is no row.

    Those of a user and of an assistant (thoughts and summaries too), the name and the arguments of a tool that is
    called and what it gave back: never keys, encoded images, signatures.
    """
    value = loads(row)
    if not isinstance(value, dict):
        return []
    role = value.get("type")
    if role not in (USER, ASSISTANT) or value.get("isMeta") is True:
        return []
    message = value.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    speaker = ASSISTANT if value.get("isCompactSummary") is True else str(role)
    when, row_id = _string(value.get("timestamp")), _string(value.get("uuid"))
    return [Text(said, text, name, when, row_id) for said, text, name in _texts(speaker, content) if text]


def _texts(speaker: str, content: object) -> Iterator[tuple[str, str, str]]:
    """(role, text, name of the tool that is called)."""
    if isinstance(content, str):
        yield speaker, content, ""
        return
    for block in content if isinstance(content, list) else []:
        kind = block.get("type") if isinstance(block, dict) else ""
        if kind in ("text", "thinking"):
            yield speaker, _string(block.get(kind)), ""
        elif kind == "tool_use":
            name = _string(block.get("name"))
            yield TOOL, "\n".join([name, *_strings(block.get("input"))]), name
        elif kind == "tool_result":
            yield TOOL, _result(block.get("content")), ""


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _result(content: object) -> str:
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(_string(block.get("text")) for block in blocks if isinstance(block, dict))


def _strings(value: object) -> Iterator[str]:
    """Every string in a JSON value but the keys, in order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
