"""Whether a mark that took a session off the list of tasks still stands: nothing was said in it since. Reads only; who sets
marks is `tasks`, who drops them `opened`.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store import segments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.operations.overview.names import Reads

#: Segments behind those of a mark that are looked at; a name or two, never a conversation.
_FEW = 8


def stands(reader: Reads, marked: str, now: str) -> bool:
    """Whether a transcript's tree `now` is the one that was `marked`, or has nothing but bookkeeping behind that, as a new
    name is.
    """
    if marked == now:
        return True
    from git_ccsync.claude.transcript import bookkeeping

    try:
        before, after = segments.listing(reader, marked), segments.listing(reader, now)
        more = after[len(before) :]
        if not before or not 0 < len(more) <= _FEW or after[: len(before)] != before:
            return False
        return all(bookkeeping(line) for line in segments.lines(segments.blocks(reader, more)))
    except CcsyncError:  # it is not here any more, or was never a transcript
        return False


def taken_off(reader: Reads, marks: Iterable[tuple[str, str]], transcripts: dict[str, str]) -> frozenset[str]:
    """The sessions of `marks` (session, tree of its transcript) whose mark stands; `transcripts` are those of today."""
    return frozenset(
        session for session, tree in marks if session in transcripts and stands(reader, tree, transcripts[session])
    )
