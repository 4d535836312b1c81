"""What is broken in the rows of a transcript: torn ones, a chain of parents with a link missing, rows that are there twice,
thoughts without their signature. Pure; rows are fed in blocks, so that memory grows with their number alone.
"""

from __future__ import annotations

from git_ccsync.claude.rows import loads
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

TORN, LINK, DOUBLE, UNSIGNED, FORGED = "torn", "link", "double", "unsigned", "forged"


class Flaw(Frozen):
    """One broken row: its kind, its line (from 1), and the uuid that it is about: of a LINK the parent that is missing."""

    kind: str
    line: int
    uuid: str = ""


class Chain:
    """The rows of one transcript, as they come. `lines` counts them, `thoughts` tells what each signed row thought;
    `others` are those of another version, from which these must not differ.
    """

    def __init__(self, others: dict[int, int] | None = None) -> None:
        self.lines = 0
        self.thoughts: dict[int, int] = {}
        self._others = others or {}
        self._seen: set[int] = set()
        self._waiting: dict[str, int] = {}
        self._flaws: list[Flaw] = []

    def feed(self, block: bytes) -> None:
        """Take in a block of whole lines."""
        rows = block.split(b"\n")
        rows.pop()
        for row in rows:
            self.lines += 1
            if row.strip():
                self._take(row)

    def _take(self, row: bytes) -> None:
        value = loads(row)
        if value is None:
            self._flaws.append(Flaw(TORN, self.lines))
        if not isinstance(value, dict):  # other JSON is passed over by Claude Code, too
            return
        uuid, parent = value.get("uuid"), value.get("parentUuid")
        if isinstance(uuid, str) and uuid:
            self._named(uuid)
            if isinstance(parent, str) and parent and mark(parent) not in self._seen:
                self._waiting.setdefault(parent, self.lines)
        if b"thinking" in row:
            self._thought(list(thoughts(value)), uuid if isinstance(uuid, str) else "")

    def _thought(self, found: list[dict[str, object]], uuid: str) -> None:
        """A row that may hold thoughts; one that held them in the other version must hold the same."""
        known = self._others.get(mark(uuid))
        self.thoughts[mark(uuid)] = said = hash(repr(found))
        if known not in (None, said):
            self._flaws.append(Flaw(FORGED, self.lines, uuid))
        elif not all(map(signed, found)):
            self._flaws.append(Flaw(UNSIGNED, self.lines, uuid))

    def _named(self, uuid: str) -> None:
        known = mark(uuid)
        if known in self._seen:
            self._flaws.append(Flaw(DOUBLE, self.lines, uuid))
        self._seen.add(known)
        self._waiting.pop(uuid, None)

    def flaws(self) -> list[Flaw]:
        """Everything that is broken, in the order of the lines; to be asked when all rows were fed."""
        links = [Flaw(LINK, line, parent) for parent, line in self._waiting.items()]
        return sorted((*self._flaws, *links), key=lambda flaw: flaw.line)

    def has(self, uuid: str) -> bool:
        """Whether a row has that uuid."""
        return mark(uuid) in self._seen


def mark(uuid: str) -> int:
    """What stands for a uuid in a set of thousands, for the life of this process. Of all its digits: other programs count up
    in the last ones.
    """
    return hash(uuid)


def content(row: object) -> list[object]:
    """The content blocks of an assistant's row, [] for any other."""
    message = row.get("message") if isinstance(row, dict) and row.get("type") == "assistant" else None
    found = message.get("content") if isinstance(message, dict) else None
    return found if isinstance(found, list) else []


def thoughts(row: object) -> Iterator[dict[str, object]]:
    """The thinking blocks of a row: those that the API takes back only as it gave them."""
    for block in content(row):
        if isinstance(block, dict) and block.get("type") in ("thinking", "redacted_thinking"):
            yield block


def signed(block: dict[str, object]) -> bool:
    """Whether a thinking block has its signature; of a redacted one its data is that."""
    value = block.get("signature" if block.get("type") == "thinking" else "data")
    return isinstance(value, str) and bool(value)
