"""Claude Code's history of prompts, `history.jsonl`, one for all projects: reading what was added, and what a row says.

Rows are bytes and stay as they are. Nothing here writes.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import open_regular
from git_ccsync.claude.reading import blocks, last_newline
from git_ccsync.claude.rows import loads
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A row with more bytes has a paste in it that is no prompt to go back to.
CAP = 64 << 10


class Prompt(Frozen):
    """What a row says: when (ms since 1970), where, in which session ("" in old rows), what was typed."""

    time: int
    project: str
    session: str
    display: str

    @property
    def key(self) -> str:
        """What tells it from every other: nobody types twice in one session in one millisecond."""
        return f"{self.time}\t{self.session or self.display}"


def path(claude: str) -> str:
    """Where it lies."""
    return f"{claude}/history.jsonl"


def prompt(row: bytes) -> Prompt | None:
    """What a row says, None if it is none of a prompt's, or too long."""
    if len(row) > CAP or b'"project"' not in row:
        return None
    value = loads(row)
    if not isinstance(value, dict):
        return None
    time, project, display = value.get("timestamp"), value.get("project"), value.get("display")
    session = value.get("sessionId", "")
    if not isinstance(time, int) or isinstance(time, bool) or not 0 <= time < 1 << 53:
        return None
    if not isinstance(project, str) or not isinstance(display, str) or not isinstance(session, str):
        return None
    return Prompt(time, project, session, display)


class Added(Frozen):
    """The rows behind an offset, and where the next look begins."""

    inode: int
    offset: int
    rows: tuple[bytes, ...]


def added(where: str, inode: int, offset: int) -> Added:
    """The whole rows behind `offset`; all of them if the file is another one than `inode`, or shorter.

    BadData if it is no regular file; OSError as open().
    """
    fd = open_regular(where)
    try:
        status = os.fstat(fd)
        start = offset if (status.st_ino, status.st_size >= offset) == (inode, True) else 0
        end = last_newline(fd, status.st_size, start)
        return Added(status.st_ino, end, tuple(_rows(fd, start, end)))
    finally:
        os.close(fd)


def _rows(fd: int, start: int, end: int) -> Iterator[bytes]:
    for block in blocks(fd, start, end):
        for row in block.split(b"\n")[:-1]:
            if len(row) <= CAP:
                yield row
