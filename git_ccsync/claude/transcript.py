"""What the rows of a transcript say: counts, times, titles; and which rows are only bookkeeping. Pure but for
`last_timestamp`. Rows are never re-serialised; at most a few are parsed, the rest is judged by its bytes.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import open_regular
from git_ccsync.claude.rows import field, loads, parse, row_type, seconds
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Facts

if TYPE_CHECKING:
    from collections.abc import Callable

#: Types of rows without conversation: state that Claude Code keeps for itself and writes again at each turn or exit.
BOOKKEEPING = frozenset(
    (
        "last-prompt",
        "custom-title",
        "ai-title",
        "agent-name",
        "mode",
        "permission-mode",
        "atis-latch",
        "tools-used",
        "cost-state",
        "queue-operation",
        "worktree-state",
        "relocated",
        "summary",
        "file-history-snapshot",
        "file-history-delta",
        "api-request",
        "api-request-shape",
        "api-request-blob",
    )
)
TITLE_LENGTH = 200
_BOOKKEEPING_CAP = 16 << 20
_TITLE_CAP = 256 << 10
#: How far back from the end a timestamp is looked for.
_TIME_CAP = 32 << 20
#: Which string of which row names what.
_NAMING = {
    "custom-title": b"customTitle",
    "ai-title": b"aiTitle",
    "summary": b"summary",
    "last-prompt": b"lastPrompt",
    "relocated": b"relocatedCwd",
}
#: What a user row starts with if Claude Code wrote it, not the user.
_NOT_TYPED = (
    "<command-",
    "<local-command-",
    "<bash-",
    "<system-reminder>",
    "<user-prompt-submit-hook>",
    "<task-notification>",
    "<ide_",
    "Caveat: ",
    "[Request interrupted",
)


def bookkeeping(line: bytes) -> bool:
    """Whether the row is of a type in BOOKKEEPING; unknown types and lines that cannot be parsed are conversation."""
    if len(line) > _BOOKKEEPING_CAP or row_type(line, 0, len(line)) not in BOOKKEEPING:
        return False
    row = loads(line)  # of two keys `type` the last counts
    kind = row.get("type") if isinstance(row, dict) else None
    return isinstance(kind, str) and kind in BOOKKEEPING


def row_uuid(line: bytes) -> str:
    """The row's own `uuid`, "" if it has none."""
    return field(line, b"uuid", 0, len(line.rstrip(b"\r\n")))


def title(facts: Facts, custom_file: str = "") -> str:
    """The title that Claude Code shows; `custom_file` is the customTitle of custom-title.json.

    An empty custom-title row clears both kinds of custom title.
    """
    custom = facts.custom_title or ("" if facts.cleared else clean(custom_file))
    return custom or facts.ai_title or facts.summary or facts.last_prompt or facts.first_prompt


def clean(text: str) -> str:
    """`text` as one line of at most TITLE_LENGTH characters that can be encoded."""
    text = " ".join(text[: 8 * TITLE_LENGTH].split())
    if not text.isascii():
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text[:TITLE_LENGTH]


def custom_title_file(data: bytes) -> str:
    """The title in a custom-title.json, "" if there is none."""
    row = loads(data) if len(data) <= _TITLE_CAP else None
    value = row.get("customTitle") if isinstance(row, dict) else None
    return clean(value) if isinstance(value, str) else ""


def merge_facts(old: Facts, new: Facts) -> Facts:
    """Facts of a text from those of its first part (whole lines) and the rest."""
    named = new if new.custom_title or new.cleared else old
    return Facts(
        custom_title=named.custom_title,
        cleared=named.cleared,
        ai_title=new.ai_title or old.ai_title,
        summary=new.summary or old.summary,
        last_prompt=new.last_prompt or old.last_prompt,
        first_prompt=old.first_prompt or new.first_prompt,
        created=old.created or new.created,
        updated=new.updated or old.updated,
        messages=old.messages + new.messages,
        lines=old.lines + new.lines,
        git_branch=new.git_branch or old.git_branch,
        version=new.version or old.version,
        cwd=old.cwd or new.cwd,
        relocated=new.relocated or old.relocated,
    )


def facts(lines: bytes) -> Facts:
    """What `lines` (whole lines) say.

    `messages` counts assistant rows and those user rows that are neither tool results nor meta rows. `created` and
    `updated` are the first and last timestamp of a row, in the order of the file.
    """
    messages, count, prompt, named = _walk(lines)
    custom = _custom_title(lines, named["custom-title"])
    return Facts(
        custom_title=custom or "",
        cleared=custom == "",
        ai_title=clean(_last_named(lines, "ai-title", named, clean)),
        summary=clean(_last_named(lines, "summary", named, clean)),
        last_prompt=clean(_last_named(lines, "last-prompt", named, clean)),
        first_prompt=prompt,
        created=_first(lines, b"timestamp", seconds),
        updated=_last(lines, b"timestamp", seconds),
        messages=messages,
        lines=count,
        git_branch=clean(_last(lines, b"gitBranch", clean)),
        version=clean(_last(lines, b"version", clean)),
        cwd=_first(lines, b"cwd"),
        relocated=_last_named(lines, "relocated", named),
    )


def _walk(lines: bytes) -> tuple[int, int, str, dict[str, list[tuple[int, int]]]]:
    """Number of messages and of lines, first prompt, and where the rows lie that name something. The one loop over all rows."""
    messages = count = 0
    prompt = ""
    naming: dict[bytes, list[tuple[int, int]]] = {kind.encode(): [] for kind in _NAMING}
    start, size = 0, len(lines)
    find = lines.find
    while start < size:
        end = find(b"\n", start)
        if end < 0:
            end = size
        else:
            count += 1
        at = find(b'"type":"', start, end)
        close = find(b'"', at + 8, end) if at >= 0 else -1
        if close >= 0 and lines[start] == 0x7B and find(b"{", start + 1, at) < 0:
            kind = lines[at + 8 : close]  # nearly all rows have it so: no call for each of them
        else:
            kind = row_type(lines, start, end).encode("utf-8", "surrogateescape")
        if kind == b"assistant":
            messages += 1
        elif kind == b"user":
            if find(b'"tool_use_id"', start, end) < 0 and find(b'"isMeta":true', start, end) < 0:
                messages += 1
                prompt = prompt or _prompt(lines, start, end)
        elif kind in naming:
            naming[kind].append((start, end))
        start = end + 1
    return messages, count, prompt, {kind.decode(): rows for kind, rows in naming.items()}


def _custom_title(lines: bytes, rows: list[tuple[int, int]]) -> str | None:
    """The last custom title, "" if that row clears it, None without such a row."""
    for start, end in reversed(rows):
        value = field(lines, b"customTitle", start, end)
        if value or parse(lines, start, end).get("customTitle") == "":
            return clean(value)
    return None


def _last_named(
    lines: bytes, kind: str, named: dict[str, list[tuple[int, int]]], good: Callable[[str], object] = bool
) -> str:
    """What the last row of `kind` that names anything good names, "" if none does."""
    for start, end in reversed(named[kind]):
        value = field(lines, _NAMING[kind], start, end)
        if good(value):
            return value
    return ""


def _first(lines: bytes, key: bytes, good: Callable[[str], object] = bool) -> str:
    """The first good string at `key` on the top level of a row, "" for none."""
    needle = b'"%b"' % key
    at = lines.find(needle)
    while at >= 0:
        end = lines.find(b"\n", at)
        end = len(lines) if end < 0 else end
        value = field(lines, key, lines.rfind(b"\n", 0, at) + 1, end)
        if good(value):
            return value
        at = lines.find(needle, end)
    return ""


def _last(lines: bytes, key: bytes, good: Callable[[str], object] = bool) -> str:
    """The last good string at `key` on the top level of a row, "" for none."""
    needle = b'"%b"' % key
    at = lines.rfind(needle)
    while at >= 0:
        start = lines.rfind(b"\n", 0, at) + 1
        end = lines.find(b"\n", at)
        value = field(lines, key, start, len(lines) if end < 0 else end)
        if good(value):
            return value
        at = lines.rfind(needle, 0, start)
    return ""


def _prompt(lines: bytes, start: int, end: int) -> str:
    """What the user typed in this row; "" if the row was written by Claude Code or is too long to parse."""
    if lines.find(b'"isCompactSummary":true', start, end) >= 0:
        return ""
    message = parse(lines, start, end, _TITLE_CAP).get("message")
    content = message.get("content") if isinstance(message, dict) else None
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) and block.get("type") == "text" else None
        if isinstance(text, str) and not text.lstrip().startswith(_NOT_TYPED) and (text := clean(text)):
            return text
    return ""


def typed(row: bytes) -> str:
    """What the user typed in this row, as one line; "" if it is no prompt, or Claude Code wrote it."""
    if row_type(row, 0, len(row)) != "user" or b'"tool_use_id"' in row or b'"isMeta":true' in row:
        return ""
    return _prompt(row, 0, len(row))


def last_timestamp(path: str) -> float | None:
    """When the last row that says so was written, in seconds since 1970; None if no row does.

    Read backwards in blocks that double until one holds such a row. BadData and OSError as open_regular.
    """
    fd = open_regular(path)
    try:
        end = os.fstat(fd).st_size
        block = 64 << 10
        while block < _TIME_CAP:
            begin = max(0, end - block)
            data = _read_at(fd, begin, end - begin)
            if begin:
                data = data[data.find(b"\n") + 1 :]
            if stamp := _last(data, b"timestamp", seconds):
                return seconds(stamp)
            if not begin:
                break
            block *= 4
    finally:
        os.close(fd)
    return None


def _read_at(fd: int, offset: int, length: int) -> bytes:
    pieces = []
    os.lseek(fd, offset, os.SEEK_SET)
    while length and (piece := os.read(fd, length)):
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def tail_version(path: str) -> str:
    """The Claude Code version that the last rows (of 64 KiB) name, "" for none. BadData and OSError as open_regular."""
    fd = open_regular(path)
    try:
        size = min(64 << 10, os.fstat(fd).st_size)
        return _last(_read_at(fd, os.fstat(fd).st_size - size, size), b"version")
    finally:
        os.close(fd)
