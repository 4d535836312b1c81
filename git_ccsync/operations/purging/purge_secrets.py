"""purge --secrets: values in what the branch has that would not be sent today, taken out of their lines.

What is a secret is judged in local text, as a capture does; it is cut out of the stored text where that holds it in so many
bytes. A line that would not be the same line any more for the machines that have it is left, and told of.
"""

from __future__ import annotations

from git_ccsync.claude import home
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.capturing import censor
from git_ccsync.operations.companions import history
from git_ccsync.operations.purging import purged
from git_ccsync.portable import grammar, match, shield
from git_ccsync.privacy.secrets import Censor
from git_ccsync.store import branch, segments
from git_ccsync.store import format as layout
from git_ccsync.store.branch import Parts
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec

#: Folders beside the sessions whose entries are one text each.
WHOLE = ("memory", "global")


class Cleaned(Frozen):
    """How many values were taken out, each time counted; of which sessions; and in which some are left, since they stand
    where nothing may be changed.
    """

    values: int = 0
    sessions: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def clean(stage: Stage, only: Collection[str] | None = None) -> Cleaned:
    """Draft the branch without what today's rules find in it; of sessions `only` these, if given, and nothing beside them."""
    run = _Run(stage)
    for session in sorted(branch.sessions(stage, stage.base) if only is None else only):
        run.session(session)
    if only is None:
        for folder in WHOLE:
            run.folder(folder)
        run.prompts()
    return Cleaned(run.values, tuple(run.sessions), tuple(run.left))


class _Run:
    """One clean-up: the rules, and what was done so far."""

    def __init__(self, stage: Stage) -> None:
        known = censor.Censor(stage.ws).known
        self.stage = stage
        self.rules = Censor(known.key, allowed=known.allowed, former=known.former)
        self.values = 0
        self.sessions: list[str] = []
        self.left: list[str] = []
        self._stuck = False

    def session(self, session: str) -> None:
        """Take them out of one session: transcript, side files, handoff, title."""
        stage, before = self.stage, self.values
        tree, self._stuck = stage.draft.session(session), False
        try:
            made = self._session(session, tree) if tree else tree
        except BadData:  # `verify` tells of it
            self.left.append(session)
            return
        if made != tree:
            stage.draft.put_session(session, made)
        if self.values > before:
            self.sessions.append(session)
        if self._stuck:
            self.left.append(session)

    def _session(self, session: str, tree: str) -> str:
        stage = self.stage
        parts, codec = branch.parts(stage, tree), self._codec(session)
        transcript = self._rows(codec, parts.transcript)
        files = tuple(
            (name, self._rows(codec, oid) if name.endswith(b".jsonl") else self._file(codec, oid))
            for name, oid in parts.files
        )
        made = Parts(
            self._meta(codec, parts.meta, transcript if transcript != parts.transcript else ""), transcript, files
        )
        if made != parts:
            tree = stage.draft.session_with(tree, made)
            purged.rewritten(stage, session, parts.transcript, transcript)
        handoff = next((e for e in stage.tree(tree) if e.name == b"handoff" and e.mode == BLOB), None)
        text = self._text(codec, stage.blob(handoff.oid, layout.SMALL_CAP)) if handoff else None
        if handoff and text is not None:
            rest = [e for e in stage.tree(tree) if e.name != b"handoff"]
            tree = stage.draft.add_tree((*rest, handoff._replace(oid=stage.sink.add("blob", text))))
        return tree

    def _codec(self, session: str) -> Codec:
        place = self.stage.ws.trees[0]
        return self.stage.codec(session, place, home.project_key(place))

    def _meta(self, codec: Codec, oid: str, rewritten: str) -> str:
        """What is told of the session: a title without them, and the bytes of the `rewritten` transcript, if it is one."""
        if not oid:
            return oid
        data = self.stage.blob(oid, layout.SMALL_CAP)
        before = meta = layout.load_meta(data)
        title = self._text(codec, meta.title.encode("utf-8", "surrogateescape"))
        if title is not None:
            meta = meta._replace(title=title.decode("utf-8", "surrogateescape"))
        if rewritten:
            meta = meta._replace(bytes=self._size(rewritten))
        return self.stage.sink.add("blob", layout.dump_meta(meta, data)) if meta != before else oid

    def _size(self, tree: str) -> int:
        return sum(len(self.stage.blob(one, layout.SEGMENT_CAP)) for one in segments.listing(self.stage, tree))

    def _rows(self, codec: Codec, tree: str) -> str:
        """A file of lines; segments without a find stay the objects that they are."""
        oids = segments.listing(self.stage, tree)
        out: list[str] = []
        held: list[str] = []
        for oid in oids:
            held.append(oid)
            if self.stage.blob(oid, layout.SEGMENT_CAP).endswith(b"\n"):
                out += self._block(codec, held)
                held = []
        out += held
        return self.stage.draft.append("", out) if tuple(out) != oids else tree

    def _block(self, codec: Codec, oids: list[str]) -> list[str]:
        text = b"".join(self.stage.blob(oid, layout.SEGMENT_CAP) for oid in oids)
        if not self.rules.spans(codec.local(text)):
            return oids
        made = b"".join(self._line(codec, line) for line in segments.lines([text]))
        if made == text:
            return oids
        return [self.stage.sink.add("blob", piece) for piece in segments.cut(made)]

    def _line(self, codec: Codec, line: bytes) -> bytes:
        local = codec.local(line)
        made = self._cut(line, local, whole=False)
        if made is not None and not match.in_step(codec, made, local):
            self._stuck, made = True, None
        return line if made is None else made

    def _file(self, codec: Codec, tree: str) -> str:
        """A file that is one thing."""
        text = b"".join(self.stage.blob(oid, layout.SEGMENT_CAP) for oid in segments.listing(self.stage, tree))
        made = self._text(codec, text)
        if made is None:
            return tree
        return self.stage.draft.append("", [self.stage.sink.add("blob", piece) for piece in segments.cut(made)])

    def _text(self, codec: Codec, text: bytes) -> bytes | None:
        """One text without what is found in it; None if that is nothing."""
        if b"\0" in text:
            self._stuck = self._stuck or bool(self.rules.spans(text.replace(b"\0", b""), whole=True))
            return None
        return self._cut(text, codec.local(text), whole=True)

    def _cut(self, stored: bytes, local: bytes, *, whole: bool) -> bytes | None:
        """The stored text with a marker for each value that is found in the local one; None if none was put."""
        made = stored
        for span in sorted(self.rules.spans(local, whole=whole), key=lambda one: one.start - one.end):
            value = local[span.start : span.end]
            marker = grammar.mark(grammar.Secret(span.kind, len(value), span.tag, span.key))
            times, made = _replaced(made, value, marker)
            self.values += times
            self._stuck = self._stuck or (not times and marker not in made)
        return made if made != stored else None

    def folder(self, name: str) -> None:
        """Texts beside the sessions."""
        stage = self.stage
        oid = branch.folder(stage, stage.base, name)
        codec = self._codec("")
        for entry in stage.tree(oid) if oid else ():
            made = self._text(codec, stage.blob(entry.oid, layout.SEGMENT_CAP)) if entry.mode == BLOB else None
            if made is not None:
                path = f"{name}/{entry.name.decode('utf-8', 'surrogateescape')}"
                stage.draft.put(path, stage.sink.add("blob", made))

    def prompts(self) -> None:
        """The prompts that were typed."""
        for name, tree in history.files_of(self.stage):
            made = self._rows(self._codec(""), tree)
            if made != tree:
                self.stage.draft.put(f"{history.FOLDER}/{name}", made, TREE)


def _replaced(text: bytes, value: bytes, marker: bytes) -> tuple[int, bytes]:
    """How often the value stands where text may be changed, and the text with the marker there."""
    if grammar.OPEN in value or grammar.CLOSE in value:
        return 0, text
    out: list[bytes] = []
    at = times = 0
    for start, end in (*_fixed(text), (len(text), len(text))):
        times += text.count(value, at, start)
        out += (text[at:start].replace(value, marker), text[start:end])
        at = end
    return times, b"".join(out)


def _fixed(text: bytes) -> Iterator[tuple[int, int]]:
    """What is signed or encoded, and markers that stand there already."""
    at = 0
    for start, end in shield.spans(text):
        yield from _markers(text, at, start)
        yield start, end
        at = end
    yield from _markers(text, at, len(text))


def _markers(text: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    while (start := text.find(grammar.REDACTED, at, end)) >= 0:
        at = text.find(grammar.CLOSE, start, end) + 2
        if at < 2:
            return
        yield start, at
