"""pull --branch: one session of another person's branch as a session of one's own. Nothing of theirs is written to.

The copy has its own id, made of theirs, so that it is the same one each time; `parent` and `origin` of its meta say where it
came from (gitformat-ccsync(5), META). What they went on with later goes behind it, unless it was gone on with here too:
then it is another copy.
"""

from __future__ import annotations

from git_ccsync.claude import live, reading, transcript
from git_ccsync.errors import BadData, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.objects import Reader
from git_ccsync.model import AHEAD, BEHIND, SAME, Facts, Installed, silent
from git_ccsync.operations.arriving import others_list
from git_ccsync.operations.capturing import came_from, describe, intake
from git_ccsync.operations.exchange import copies
from git_ccsync.operations.exchange.follow import Stored, follow_stored
from git_ccsync.operations.exchange.replay import append_rows
from git_ccsync.operations.installing import hidden
from git_ccsync.operations.installing.places import Where
from git_ccsync.operations.restore import bring
from git_ccsync.operations.run import clear, locking
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.state.index import UNKNOWN
from git_ccsync.store import branch, segments
from git_ccsync.store import format as layout
from git_ccsync.store.branch import Parts
from git_ccsync.store.format import SEGMENT_CAP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.model import Meta, OnProgress, Session
    from git_ccsync.operations.exchange.follow import Followed
    from git_ccsync.operations.others import Other
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.text import Codec

#: What became of it: a new copy; a further one, since both went on; lines added to one that was here; nothing new there.
NEW, FURTHER, GROWN, KEPT = "new", "further", "grown", "kept"


class Taken(Frozen):
    """What was done with their session `theirs`: `action` is one of the words above. `installed` tells of the copy; with
    `more` it has lines that theirs has not. `size` bytes were fetched; `origin` is `<branch>/<machine>`.
    """

    theirs: Session
    action: str
    installed: Installed
    origin: str
    size: int
    lines: int = 0
    more: bool = False


def take(ws: Workspace, other: Other, name: str, *, dry_run: bool = False, on_progress: OnProgress = silent) -> Taken:
    """Take over the session of the branch `other` that `name` means; a dry run fetches, and says what it would do. Raises NotInitialised, NotFound, Usage, Refused,
    RemoteFailed, BadData, SecretFound.
    """
    require_init(ws)
    if clear.is_sealed(other.ws) and not clear.is_sealed(ws):
        from shlex import quote

        raise Refused(
            f"branch '{other.name}' is encrypted and yours is not: what is taken over would be sent in clear",
            "git ccsync init --encrypt",
            "    encrypts yours, too; until then you can read theirs:",
            f"git ccsync show --branch {other.name} {quote(name)}",
        )
    theirs = others_list.find(ws, other, name)
    parts = branch.parts(other.reader, branch.folder(other.reader, other.tree, layout.session_path(theirs.id)))
    files = [oid for _, tree in parts.files for oid in segments.listing(other.reader, tree)]
    wanted = [*segments.listing(other.reader, parts.transcript), *files]
    with Reader(ws.repo) as reader:  # what was taken over before need not come again
        here = frozenset(oid for oid, size in reader.sizes(wanted) if size >= 0)
    size = other.bring([oid for oid in wanted if oid not in here], on_progress)

    def work(stage: Stage) -> Taken:
        done = _Taking(stage, other, theirs, parts, here).run(on_progress)
        return done._replace(size=size)

    return locking.locked(ws, dry_run, work, verb="pull")


class _Taking:
    """One session being taken over."""

    def __init__(self, stage: Stage, other: Other, theirs: Session, parts: Parts, here: frozenset[str]) -> None:
        self.stage, self.other, self.theirs, self.parts, self.here = stage, other, theirs, parts, here
        self.meta = layout.load_meta(other.reader.blob(parts.meta, layout.SMALL_CAP))
        self.origin = f"{other.name}/{theirs.machine}"

    def run(self, on_progress: OnProgress) -> Taken:
        said = others_list.taken(self.stage.ws, self.other.name).get(self.theirs.id, ())
        # Whatever bears the first copy's id may be one, too, though it does not say so; what was said in them here comes first.
        undone = came_from.taken(self.stage.marks, self.other.name, self.theirs.id)
        found = tuple(dict.fromkeys((*said, *undone, taken_id(self.other.name, self.theirs.id))))
        intake.take(self.stage, found, on_progress)
        meta, made = self._copied()
        action, copy, lines, more = self._joined(found, made) or self._new(meta, made, bool(said))
        shown = hidden.lift(self.stage, copy)
        if action != KEPT or shown:
            self.stage.commit(self.stage.tip, 1, lines, f"take over {self.theirs.id[:8]} of {self.other.name}")
        told = Installed(copy, "kept") if self.stage.dry_run else self._installed(copy)
        return Taken(
            self.theirs, action, told._replace(title=told.title or self.theirs.title), self.origin, 0, lines, more
        )

    def _installed(self, copy: str) -> Installed:
        try:
            return bring(self.stage, copy)
        except (BadData, Refused) as error:
            why = error.message.partition(": ")[2] or error.message
            here = "its file here is as it was" if Where(self.stage).known(copy) else "not on this disk"
            raise Refused(f"it is on your branch now, as '{copy[:8]}', but {here}: {why}") from error

    def _copied(self) -> tuple[Meta, Parts]:
        """Their session as it would lie here, drafted: what is a secret by the rules of this machine is left out."""
        oids, facts, size = [], Facts(), 0
        for block in self._blocks(self.parts.transcript, whole=False):
            facts = transcript.merge_facts(facts, transcript.facts(block))
            oids.append(self.stage.sink.add("blob", block))
            size += len(block)
        if not oids:
            raise BadData(f"'{self.theirs.id[:8]}' has no whole line")
        meta = self.meta._replace(
            title=self._codec(self.theirs.id).redacted_title(self.meta.title), machine=self.stage.ws.here.id, origin=self.origin,
            parent=self.theirs.id, fork=0, suffix="", lines=facts.lines, bytes=size,
        )  # fmt: skip
        return meta, Parts("", self.stage.draft.append("", oids), tuple(self._files()))

    def _files(self) -> Iterator[tuple[bytes, str]]:
        """Their side files; one that cannot be read, or must not be carried, stays there."""
        for name, tree in self.parts.files:
            try:
                layout.unescape_name(name)
                oids = [
                    self.stage.sink.add("blob", piece)
                    for piece in self._blocks(tree, whole=not name.endswith(b".jsonl"))
                ]
            except BadData:
                continue
            if oids:
                yield name, self.stage.draft.append("", oids)

    def _blocks(self, tree: str, *, whole: bool) -> Iterator[bytes]:
        """Their segments, one by one, where lines end; all together, if it is no file of lines."""
        codec, held = self._codec(self.theirs.id), b""
        for oid in segments.listing(self.other.reader, tree):
            held += (self.stage.reader if oid in self.here else self.other.reader).blob(oid, SEGMENT_CAP)
            if not whole and held.endswith(b"\n"):
                yield from segments.cut(codec.redacted(held).text)
                held = b""
        if whole and held:
            yield from segments.cut(codec.checked(held) if b"\0" in held else codec.redacted(held, whole=True).text)

    def _codec(self, session: str) -> Codec:
        place = Where(self.stage).place(session, self.meta)
        return self.stage.codec(session, place.worktree, place.key)

    def _joined(self, found: tuple[str, ...], made: Parts) -> tuple[str, str, int, bool] | None:
        """What becomes of it if one of its copies `found` here is as far, farther, or can go on with what is new."""
        for copy in found:
            before = self.stage.parts(copy)
            if not before.transcript or not before.meta:
                continue
            listings = (segments.listing(self.stage, tree) for tree in (before.transcript, made.transcript))
            ours, theirs = (Stored(oids) for oids in listings)
            followed = follow_stored(self.stage, self._codec(copy), ours, theirs)
            if followed.verdict.scenario == AHEAD and self._go_on(copy, before, made):
                return GROWN, copy, self._grow(copy, before, made, followed), False
            if followed.verdict.scenario in (SAME, BEHIND):
                return KEPT, copy, 0, followed.verdict.scenario == BEHIND
        return None

    def _go_on(self, copy: str, before: Parts, made: Parts) -> bool:
        """Whether theirs have every line of the side files `before` that they have, too."""
        theirs = dict(made.files)
        for name, tree in before.files:
            if theirs.get(name, tree) == tree or not name.endswith(b".jsonl"):
                continue
            ours, there = (Stored(segments.listing(self.stage, one)) for one in (tree, theirs[name]))
            verdict = follow_stored(self.stage, self._codec(copy), ours, there).verdict
            if verdict.scenario not in (SAME, AHEAD):
                return False
        return True

    def _grow(self, copy: str, before: Parts, made: Parts, followed: Followed) -> int:
        """Draft what is new there behind the copy; how many lines. Refused while a running Claude Code holds the copy."""
        path = Where(self.stage).known(copy)
        if path:
            hint = "end it, then what is new there goes behind it"
            live.check_free(self.stage.ws.claude, copy, path, hint, whose="your copy ")
        rows = followed.rest() if followed.verdict.ordered else followed.lacking()
        blob = self.stage.blob(before.meta, layout.SMALL_CAP)
        tree, facts, size = append_rows(self.stage, before.transcript, segments.pack_lines(rows, reading.BLOCK), "")
        stored = lambda: describe.stored_text(self.stage, before.transcript)  # noqa: E731 -- needed now and then
        meta, _ = describe.grown(self.stage.ws, layout.load_meta(blob), UNKNOWN, facts, size, stored=stored)
        self._put(copy, layout.dump_meta(meta, blob), before._replace(transcript=tree, files=_union(before, made)))
        return facts.lines

    def _new(self, meta: Meta, made: Parts, said: bool) -> tuple[str, str, int, bool]:
        first = taken_id(self.other.name, self.theirs.id)
        copy = next(name for name in self._ids(made, first="" if said else first) if self._is_free(name))
        if branch.entry(self.stage, self.stage.draft.root, f"purged/{copy}"):
            raise Refused(f"'{self.theirs.id[:8]}' was taken over before, and purged here")
        self._put(copy, layout.dump_meta(meta), made)
        return NEW if copy == first else FURTHER, copy, meta.lines, False

    def _put(self, copy: str, meta: bytes, parts: Parts) -> None:
        whole = parts._replace(meta=self.stage.sink.add("blob", meta))
        self.stage.draft.put_session(copy, self.stage.draft.session_with(self.stage.draft.session(copy), whole))

    def _ids(self, made: Parts, *, first: str) -> Iterator[str]:
        """The ids that a new copy can have: `first` if there is none yet, then those of this version."""
        version = made.transcript
        yield from (first,) * bool(first)
        while True:
            yield taken_id(self.other.name, self.theirs.id, version)
            version += "+"

    def _is_free(self, copy: str) -> bool:
        """Whether nothing here bears that id. None of the branch's own sessions is replaced, wherever it says that it came
        from, nor is a file on this disk: either may have lines that are nowhere else.
        """
        where = Where(self.stage)
        return not self.stage.draft.session(copy) and not where.lies(copy, where.place(copy, self.meta))


def taken_id(name: str, session: str, version: str = "") -> str:
    """The id of the copy of `session` of the branch `name`; of one version of it (a transcript's tree) that went its own way."""
    import uuid

    which = f"at{version}" if version else ""
    return str(uuid.uuid5(uuid.UUID(copies.NAMESPACE), f"{name}/{session}{which}"))


def _union(ours: Parts, theirs: Parts) -> tuple[tuple[bytes, str], ...]:
    """Side files of both; where both have one, the longer list of their segments is not to be told: theirs is newer."""
    return tuple(sorted((dict(ours.files) | dict(theirs.files)).items()))
