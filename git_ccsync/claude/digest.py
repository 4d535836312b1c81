"""A conversation in short: what was asked, said, called and planned, gathered row by row. Pure; foreign text throughout.

Made of the beginning and the end of a transcript, so that a huge one costs no more than a small one.
"""

from __future__ import annotations

from git_ccsync.claude import transcript
from git_ccsync.claude.readable import texts
from git_ccsync.claude.rows import PARSE_CAP, field, loads, row_type
from git_ccsync.claude.said import CALL, RESULT, TEXT, first_line, said
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.claude.said import Said

#: Characters that are kept of one prompt or answer, of a summary that Claude Code made itself, of a call.
PIECE, SUMMARY, CALLED = 4000, 8000, 200
#: Entries that are kept; what is older falls out.
MOST = 2000
#: Tools that change files, with the file as their most telling argument.
CHANGING = frozenset(("Edit", "Write", "MultiEdit", "NotebookEdit"))
#: Calls and plans that are kept.
CALLS, PLANNED = 40, 100
#: Stands where rows were left out.
GAP = "[…]"

_STATES = {"completed": "done", "in_progress": "now", "pending": "next"}


class Step(Frozen):
    """One thing on Claude's own list: `state` is done, now or next."""

    text: str
    state: str


class Digest:
    """Takes rows in order. `first` is the first prompt; `prompts` and `answers` the texts of each side; `files` those that
    were changed; `calls` what was called since the last text; `steps` Claude's list; `summary` the last compaction's.

    `last` is the uuid of the last row of the conversation, `when` its timestamp.
    """

    def __init__(self, top: str = "") -> None:
        """`top`: the directory in which paths are told relative to it."""
        self._top = top.rstrip("/") + "/" if top else ""
        self.first = self.summary = self.last = self.when = ""
        self.prompts: list[str] = []
        self.answers: list[str] = []
        self.calls: list[str] = []
        self.files: dict[str, None] = {}
        self.entries: list[str] = []
        self._todos: list[Step] = []
        self._tasks: dict[str, Step] = {}

    @property
    def steps(self) -> tuple[Step, ...]:
        """Claude's list of what there is to do, as it stood last."""
        return (*self._todos, *self._tasks.values())

    def gap(self) -> None:
        """Rows were left out here."""
        self._enter(GAP)

    def add(self, row: bytes) -> None:
        """The next row of the transcript, with this machine's paths."""
        kind = row_type(row, 0, len(row))
        if kind not in ("user", "assistant") or b'"isSidechain":true' in row or len(row) > PARSE_CAP:
            return
        self.last = transcript.row_uuid(row) or self.last
        self.when = field(row, b"timestamp", 0, len(row)) or self.when
        if b'"isCompactSummary":true' in row:
            self._sum_up(row)
            return
        typed = kind == "user" and bool(transcript.typed(row))
        for piece in said(row):
            self._take(piece, typed=typed)
        if b'"Todo' in row or b'"Task' in row:
            self._plan(row)

    def _sum_up(self, row: bytes) -> None:
        self.summary = "\n".join(text.text for text in texts(row))[:SUMMARY]
        self._enter(f"SUMMARY SO FAR: {self.summary}")

    def _take(self, piece: Said, *, typed: bool) -> None:
        if piece.kind == TEXT and piece.role == "user":
            if typed:
                self._asked(piece.text.strip()[:PIECE])
        elif piece.kind == TEXT:
            self.answers.append(piece.text.strip()[:PIECE])
            self.calls.clear()
            self._enter(f"ASSISTANT: {self.answers[-1]}")
        elif piece.kind == CALL:
            self._called(piece.name, piece.text[:CALLED])
        elif piece.kind == RESULT and piece.failed:
            self._enter(f"FAILED: {first_line(piece.text)[:CALLED]}")

    def _asked(self, text: str) -> None:
        self.first = self.first or text
        self.prompts.append(text)
        self.answers.append("")
        self.calls.clear()
        self._enter(f"USER: {text}")

    def _called(self, name: str, argument: str) -> None:
        if name in CHANGING and argument:
            argument = argument.removeprefix(self._top)
            self.files.pop(argument, None)
            self.files[argument] = None
        self.calls = [*self.calls[-CALLS:], f"{name}({argument})"]
        self._enter(f"CALLED: {name} {argument}")

    def _enter(self, text: str) -> None:
        self.entries.append(text)
        if len(self.entries) > 2 * MOST:
            del self.entries[:MOST]

    def _plan(self, row: bytes) -> None:
        """What calls of the tools for lists say: the whole list at once, or one thing after the other."""
        for name, given in _calls(row):
            if name == "TodoWrite" and isinstance(given.get("todos"), list):
                todos = (_step(one, "content") for one in given["todos"][:PLANNED])  # type: ignore[index]
                self._todos = [step for step in todos if step]
            elif name == "TaskCreate" and len(self._tasks) < PLANNED:
                step = _step(given, "subject")
                if step:
                    self._tasks[str(len(self._tasks) + 1)] = step
            elif name == "TaskUpdate":
                self._update(str(given.get("taskId")), given)

    def _update(self, task: str, given: dict[str, object]) -> None:
        known = self._tasks.get(task)
        if known and given.get("status") == "deleted":
            del self._tasks[task]
        elif known:
            self._tasks[task] = known._replace(state=_STATES.get(str(given.get("status")), known.state))

    def text(self, cap: int) -> str:
        """The conversation in at most about `cap` characters: its first prompt, a summary if there is one, and its end."""
        head = [f"USER: {self.first}"] if self.first else []
        if self.summary:
            head.append(f"SUMMARY SO FAR: {self.summary}")
        left = cap - sum(map(len, head))
        tail: list[str] = []
        for entry in reversed(self.entries):
            left -= len(entry) + 2
            if left < 0:
                break
            tail.append(entry)
        if len(tail) == len(self.entries):
            return "\n\n".join(self.entries)
        return "\n\n".join([*head, GAP, *reversed(tail)])


def _calls(row: bytes) -> Iterator[tuple[str, dict[str, object]]]:
    """(tool, arguments) of each call in a row."""
    value = loads(row)
    message = value.get("message") if isinstance(value, dict) else None
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_use" and isinstance(block.get("input"), dict):
            yield str(block.get("name")), block["input"]


def _step(value: object, key: str) -> Step | None:
    text = value.get(key) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(text, str) or not text.strip():
        return None
    return Step(first_line(text), _STATES.get(str(value.get("status")), "next"))
