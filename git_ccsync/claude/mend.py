"""Mending the rows of a broken transcript, for a session of its own: torn rows go, links that lead nowhere lead to the row
before, thoughts that the API would refuse go. Pure; all other rows keep their bytes.
"""

from __future__ import annotations

from git_ccsync.claude.chain import content, mark, signed
from git_ccsync.claude.rows import loads
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


#: In the place of a row's only content, where the row has to stay because one before it names it as its parent.
LEFT_OUT = {"type": "text", "text": "(a thought that is not as it was signed was left out here)"}


class Mender:
    """Rows in, mended rows out. `has` tells whether some row has a uuid; `bad` are uuids of rows whose thoughts are not those
    that were signed. Counts what it did: `torn`, `linked`, `thoughts`, `doubled`.
    """

    def __init__(self, has: Callable[[str], bool], bad: Collection[str] = ()) -> None:
        self._has, self._bad = has, bad
        self._last = ""
        self._instead: dict[str, str] = {}
        self._seen: set[int] = set()
        self._awaited: set[int] = set()
        self.torn = self.linked = self.thoughts = self.doubled = 0

    @property
    def changed(self) -> int:
        """How many rows are other than they were."""
        return self.torn + self.linked + self.thoughts + self.doubled

    def block(self, text: bytes) -> bytes:
        """A block of whole lines, mended."""
        before = self.changed
        rows = text.split(b"\n")
        rows.pop()
        made = [self._row(row) for row in rows]
        return text if self.changed == before and not self._instead else b"".join(made)

    def _row(self, row: bytes) -> bytes:
        """One row with its line end; b"" for one that is left out."""
        if not row.strip():
            return row + b"\n"
        value = loads(row)
        if value is None:
            self.torn += 1
            return b""
        if not isinstance(value, dict):
            return row + b"\n"
        uuid = value.get("uuid")
        if isinstance(uuid, str) and uuid:
            return self._named(row, value, uuid)
        leaf = value.get("leafUuid")
        if isinstance(leaf, str) and leaf in self._instead:
            row = with_value(row, value, "leafUuid", self._instead[leaf])
        return row + b"\n"

    def _named(self, row: bytes, value: dict[str, object], uuid: str) -> bytes:
        if mark(uuid) in self._seen:
            self.doubled += 1
            return b""
        self._seen.add(mark(uuid))
        parent = value.get("parentUuid")
        if isinstance(parent, str) and parent:
            row, value = self._linked(row, value, parent)
        kept = [block for block in content(value) if not self._is_bad(block, uuid)]
        if len(kept) < len(content(value)):
            self.thoughts += 1
            if not kept and mark(uuid) in self._awaited:
                kept = [LEFT_OUT]
            if not kept:  # those that came behind it come behind what it came behind
                before = str(value.get("parentUuid") or "")
                self._instead[uuid] = before if before != uuid else self._last
                return b""
            row = _dumped({**value, "message": {**_message(value), "content": kept}})
        self._last = uuid
        return row + b"\n"

    def _linked(self, row: bytes, value: dict[str, object], parent: str) -> tuple[bytes, dict[str, object]]:
        known = self._has(parent)
        if known and mark(parent) not in self._seen:
            self._awaited.add(mark(parent))
        target = self._instead.get(parent, parent) if known else self._last
        if target == parent:
            return row, value
        self.linked += not known
        return with_value(row, value, "parentUuid", target or None), {**value, "parentUuid": target or None}

    def _is_bad(self, block: object, uuid: str) -> bool:
        if not isinstance(block, dict) or block.get("type") not in ("thinking", "redacted_thinking"):
            return False
        return uuid in self._bad or not signed(block)


def _message(value: dict[str, object]) -> dict[str, object]:
    message = value.get("message")
    return message if isinstance(message, dict) else {}


def with_value(row: bytes, value: dict[str, object], key: str, new: str | None) -> bytes:
    """The row with another string (None: null) at a key of its top level; its other bytes stay where that can be."""
    import json

    wanted = {**value, key: new}
    old = b'"%b":"%b"' % (key.encode(), str(value.get(key)).encode("utf-8", "surrogateescape"))
    made = row.replace(old, b'"%b":%b' % (key.encode(), json.dumps(new).encode()), 1)
    return made if loads(made) == wanted else _dumped(wanted)


def _dumped(value: object) -> bytes:
    """A row as Claude Code writes one."""
    import json

    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogateescape")
