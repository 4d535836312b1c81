"""What the Messages API demands of a conversation that comes back to it, and how to read one. Pure: no network, no files.

Signatures are keyed digests of the text that they sign, so a judge needs no memory: it recognises what it issued, however
many machines and processes lie in between.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from typing import Any

KEY = b"only the API knows this"

#: The real API's words for a signed block that is not what it issued.
CHANGED = (
    "messages.{at}.content.{index}: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be "
    "modified. These blocks must remain as they were in the original response."
)
UNANSWERED = (
    "messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {ids}. Each `tool_use` "
    "block must have a corresponding `tool_result` block in the next message."
)
UNASKED = "messages.{at}: unexpected `tool_use_id` found in `tool_result` blocks: {ids}."

Message = dict[str, Any]


def sign(text: str) -> str:
    """The signature of a thinking block."""
    return base64.b64encode(hmac.digest(KEY, text.encode(), hashlib.sha512)).decode()


def redact(text: str) -> str:
    """The data of a redacted_thinking block."""
    return base64.b64encode(text.encode() + hmac.digest(KEY, text.encode(), hashlib.sha256)).decode()


def complaint(body: dict[str, Any]) -> str:
    """Why the API refuses this request with status 400; "" if it does not."""
    messages = [message for message in body.get("messages", []) if message["role"] != "system"]
    return next((why for at, message in enumerate(messages) for why in _faults(at, message, messages[at + 1 :])), "")


def _faults(at: int, message: Message, rest: list[Message]) -> Iterator[str]:
    if message["role"] == "assistant":
        for index, block in enumerate(blocks(message)):
            if not genuine(block):
                yield CHANGED.format(at=at, index=index)
    asked = _ids(message, "tool_use", "id")
    answered = _ids(rest[0], "tool_result", "tool_use_id") if rest else set()
    if message["role"] == "assistant" and rest and asked - answered:
        yield UNANSWERED.format(at=at, ids=", ".join(sorted(asked - answered)))
    if message["role"] == "assistant" and answered - asked:
        yield UNASKED.format(at=at + 1, ids=", ".join(sorted(answered - asked)))


def genuine(block: Message) -> bool:
    """Whether a block is unsigned, or signed by us and unchanged."""
    if block["type"] == "thinking":
        return hmac.compare_digest(block.get("signature", ""), sign(block["thinking"]))
    if block["type"] == "redacted_thinking":
        return bool(secret(block["data"]))
    return True


def secret(data: str) -> str:
    """What a redacted_thinking block hides; "" if we did not make it."""
    try:
        found = base64.b64decode(data)[:-32].decode()
    except ValueError:
        return ""
    return found if data == redact(found) else ""


def _ids(message: Message, kind: str, key: str) -> set[str]:
    return {block[key] for block in blocks(message) if block["type"] == kind}


def blocks(message: Message) -> list[Message]:
    """A message's content as blocks, also where it came as a bare string."""
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def turns(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(speaker, text) of a conversation, without Claude Code's reminders and its system messages."""
    for message in body.get("messages", []):
        for block in blocks(message) if message["role"] != "system" else []:
            yield from _turn(message["role"], block)


def _turn(role: str, block: Message) -> Iterator[tuple[str, str]]:
    if block["type"] == "text":
        text = block["text"] if role == "assistant" else typed(block["text"])
        if text:
            yield role, text
    elif block["type"] == "thinking":
        yield "thinking", block["thinking"]
    elif block["type"] == "redacted_thinking":
        yield "redacted", secret(block["data"])
    elif block["type"] == "tool_use":
        yield "tool", f"{block['name']} {json.dumps(block['input'], ensure_ascii=False)}"
    elif block["type"] == "tool_result":
        content = block.get("content", "")
        yield "result", content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def typed(text: str) -> str:
    """A user's text without the reminders that Claude Code wraps into it."""
    return re.sub(r"<system-reminder>.*?</system-reminder>\s*", "", text, flags=re.DOTALL).strip()


def answers_since_prompt(body: dict[str, Any]) -> int:
    """How many assistant messages follow the last typed prompt."""
    count = 0
    for message in reversed(body.get("messages", [])):
        if message["role"] == "assistant":
            count += 1
        elif message["role"] == "user" and _is_prompt(message):
            break
    return count


def _is_prompt(message: Message) -> bool:
    return any(speaker == "user" for block in blocks(message) for speaker, _text in _turn("user", block))
