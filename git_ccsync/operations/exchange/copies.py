"""Conflict copies: the session made from the losing side of a divergence (gitformat-ccsync(5), CONFLICT COPIES)."""

from __future__ import annotations

from git_ccsync.claude import transcript
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import DIVERGED, Facts, Meta
from git_ccsync.operations.exchange.follow import Followed, Stored
from git_ccsync.store import format as layout
from git_ccsync.store import segments, titles
from git_ccsync.store.branch import Parts
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from git_ccsync.operations.run.stage import Stage

#: Namespace of the uuid5 of conflict copies; part of the format, never to change.
NAMESPACE = "8b0f2a52-6f0e-5c5e-9a51-3d9c6c1e7a40"

#: Reasons: two machines went on; or one alone, and its file has no more what it had, which the branch has.
BOTH, REPLACED = "both went on", "its file was replaced here"


class Copy(Frozen):
    """A conflict copy on the draft: its id, transcript tree and meta; `followed` if it was there before, else `bytes` is
    what it has of its own.
    """

    id: str
    transcript: str
    meta: Meta
    followed: Followed | None = None
    bytes: int = 0


def copy_id(session: str, machine: str, fork: int, row: bytes) -> str:
    """The id of the copy that `machine` makes of `session` where they part at line `fork` with our `row` (portable).

    uuid5 over their concatenation, so that every retry makes the same copy and no two divergences share one.
    """
    import uuid

    mark = transcript.row_uuid(row) or _sha256(row)
    return str(uuid.uuid5(uuid.UUID(NAMESPACE), f"{session}{machine}{fork}{mark}"))


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def existing(stage: Stage, session: str, follow: Callable[[Stored], Followed]) -> Copy | None:
    """A copy of `session` that ours is equal to, a prefix or a continuation of; `follow` compares ours with it."""
    for name, meta in stage.metas().items():
        if meta.parent != session or not meta.suffix:  # without one it is a fork or an older version
            continue
        parts = stage.parts(name)
        found = follow(Stored(segments.listing(stage, parts.transcript), meta.fork, meta.suffix))
        if found.verdict.scenario != DIVERGED and (found.common >= meta.fork or not found.verdict.ordered):
            return Copy(name, parts.transcript, meta, found)
    return None


def make(
    stage: Stage, session: str, meta: Meta, theirs: tuple[str, ...], *, fork: int, row: bytes, rest: Iterable[bytes]
) -> Copy:
    """Draft the copy: the `fork` common lines of `theirs`, a title row, then our `rest` (blocks of portable text).

    `meta` is what is known of our side. Common segments are shared with the original by their object ids.
    """
    suffix = f" (from {stage.writer.name})"
    title = shortened(meta.title or "session", suffix)
    oids, facts, common = _common(stage, theirs, fork)
    size = common
    for block in _with_title(rest, titles.fork_row(title), suffix):
        for piece in segments.cut(block):
            oids.append(stage.sink.add("blob", piece))
            size += len(piece)
        facts = transcript.merge_facts(facts, transcript.facts(block))
    made = meta._replace(
        title=title, parent=session, fork=fork, suffix=suffix, machine=stage.writer.id, messages=facts.messages,
        lines=facts.lines, bytes=size, created=facts.created, updated=facts.updated,
    )  # fmt: skip
    made_id = copy_id(session, stage.writer.id, fork, row)
    return Copy(made_id, stage.draft.append("", oids), made, bytes=size - common)


def shortened(title: str, suffix: str) -> str:
    """A stored title with a suffix: short enough for both, and with no half of a placeholder left."""
    kept = title[:160]
    start = kept.rfind("{{")
    if len(title) > len(kept) and start >= 0 and "}}" not in kept[start:]:
        kept = kept[:start]
    return kept + suffix


def _with_title(rest: Iterable[bytes], row: bytes, suffix: str) -> Iterator[bytes]:
    """The title row joined to the first block, and the suffix on later titles."""
    for block in rest:
        yield row + titles.suffixed_text(block, suffix)
        row = b""
    if row:
        yield row


def _common(stage: Stage, theirs: tuple[str, ...], fork: int) -> tuple[list[str], Facts, int]:
    """Segments that hold just the first `fork` lines of `theirs`, shared where they can be, what they say, their bytes."""
    oids: list[str] = []
    facts = Facts()
    seen = size = 0
    for oid in theirs:
        if seen >= fork:
            break
        text = stage.blob(oid, SEGMENT_CAP)
        rows = text.count(b"\n")
        if seen + rows > fork:
            text = b"".join(line + b"\n" for line in text.split(b"\n")[: fork - seen])
        oids.append(oid if seen + rows <= fork else stage.sink.add("blob", text))
        facts = transcript.merge_facts(facts, transcript.facts(text))
        seen, size = seen + rows, size + len(text)
    return oids, facts, size


def branch_off(stage: Stage, session: str, made: str, parts: Parts, *, title: str) -> Meta:
    """Draft the session `made` with all that `parts` of `session` hold, sharing every segment, and a row with its own
    `title`, as stored. Its meta.
    """
    before = stage.blob(parts.meta, layout.SMALL_CAP)
    meta, row = layout.load_meta(before), titles.fork_row(title)
    meta = meta._replace(
        title=title, parent=session, fork=meta.lines, suffix="", lines=meta.lines + 1, bytes=meta.bytes + len(row),
        machine=stage.ws.here.id,
    )  # fmt: skip
    blob = stage.sink.add("blob", layout.dump_meta(meta, before))
    grown = stage.draft.append(parts.transcript, [stage.sink.add("blob", row)])
    stage.draft.put_session(made, stage.draft.session_with("", Parts(blob, grown, parts.files)))
    return meta
