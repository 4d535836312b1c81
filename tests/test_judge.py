"""The judge of the scripted Messages API: what it lets pass, and what it refuses as the real one does."""

from __future__ import annotations

import pytest

from tests.support import judge

ASK = {"role": "user", "content": "hello"}
SIGNED = {"type": "thinking", "thinking": "hm", "signature": judge.sign("hm")}
HIDDEN = {"type": "redacted_thinking", "data": judge.redact("psst")}
CALL = {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}}
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "a.txt"}]}
REMINDER = {"type": "text", "text": "<system-reminder>\nbe brief\n</system-reminder>"}


def body(*messages: dict[str, object]) -> dict[str, object]:
    return {"messages": list(messages)}


def answer(*blocks: dict[str, object]) -> dict[str, object]:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: dict[str, object]) -> dict[str, object]:
    return {"role": "user", "content": list(blocks)}


WHOLE = body(ASK, answer(SIGNED, HIDDEN, CALL), user(RESULT, REMINDER), {"role": "system", "content": "now"})


def test_a_whole_conversation_passes() -> None:
    assert judge.complaint(WHOLE) == ""
    assert list(judge.turns(WHOLE)) == [
        ("user", "hello"), ("thinking", "hm"), ("redacted", "psst"), ("tool", 'Bash {"command": "ls"}'), ("result", "a.txt"),
    ]  # fmt: skip
    assert judge.answers_since_prompt(WHOLE) == 1


@pytest.mark.parametrize(
    "block",
    [
        SIGNED | {"thinking": "hm."},
        SIGNED | {"signature": judge.sign("hm.")},
        {"type": "thinking", "thinking": "hm"},
        HIDDEN | {"data": "A" + judge.redact("psst")[1:]},
        HIDDEN | {"data": "é"},
    ],
)
def test_a_changed_signed_block_is_refused(block: dict[str, object]) -> None:
    assert "messages.1.content.0: `thinking` or `redacted_thinking`" in judge.complaint(body(ASK, answer(block), ASK))


def test_calls_and_results_belong_together() -> None:
    assert "without `tool_result`" in judge.complaint(body(ASK, answer(CALL), ASK))
    assert "unexpected `tool_use_id`" in judge.complaint(body(ASK, answer(SIGNED), user(RESULT)))
    assert judge.complaint(body(ASK, answer(CALL))) == "", "the call may be the last word so far"
