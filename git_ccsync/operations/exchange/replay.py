"""Replaying the local branch onto a fetched tip: the merge of gitformat-ccsync(5), carried out on a draft.

The outcome is a plan as data, and a new commit whose parent is their tip; nothing under Claude's directory changes.
"""

from __future__ import annotations

from itertools import chain

from git_ccsync.claude import home, reading, transcript
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, NEW, SAME, Facts, Outcome
from git_ccsync.operations.capturing import describe
from git_ccsync.operations.companions import beside
from git_ccsync.operations.exchange import copies, entries, slices, versions
from git_ccsync.operations.exchange.follow import Followed, Stored, follow_stored
from git_ccsync.operations.installing import hidden
from git_ccsync.state.index import UNKNOWN
from git_ccsync.store import branch, segments, titles
from git_ccsync.store import format as layout
from git_ccsync.store.branch import Parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec

#: What of a session's folder is merged by rules of its own.
OWN = (b"meta", b"transcript", b"files")


def replay(stage: Stage, theirs: Fetched) -> list[Outcome]:
    """Put what is ours since the common commit onto `theirs`, and move the local branch there.

    A large backlog goes slice by slice, each a commit that a push may end with. The local branch, which may be the only
    place of some lines, stays where it is until the last one is there.
    """
    beside.look(stage)
    *first, ours = _trees(stage, theirs)
    stage.begin(theirs.tree)
    before, parent = theirs.base_tree, theirs.tip
    outcomes: dict[str, Outcome] = {}
    for tree in first:
        done = step(stage, before, tree, outcomes)
        parent = stage.commit_aside(parent, len(done), sum(one.lines for one in done))
        before = tree
    done = step(stage, before, ours, outcomes)
    what = "" if done else beside.message(stage)
    if not stage.commit(parent, len(done), sum(one.lines for one in done), what):
        stage.move(parent, stage.base, "fast-forward")
    stage.beside.agree()
    return list(outcomes.values())


def _trees(stage: Stage, theirs: Fetched) -> list[str]:
    """Our trees that are put onto theirs one after the other: as the branch is sent in slices; the last is what we have."""
    if stage.dry_run:
        return [stage.base]
    commits = slices.cut(stage.ws.repo, theirs.base, stage.tip, stage.slice)
    parsed = (branch.parse_commit(stage.reader.read(oid, cap=layout.SMALL_CAP)[1])[0] for oid in commits[:-1])
    return [*parsed, stage.base]


def step(stage: Stage, before: str, ours: str, told: dict[str, Outcome]) -> list[Outcome]:
    """Draft what changed between two trees of ours; what became of each session, also added to what is `told`."""
    outcomes = []
    for session, (old, mine) in branch.changed(stage, before, ours).items():
        try:
            outcome = _session(stage, session, old, mine, stage.draft.session(session))
        except BadData as error:
            outcome = _set_aside(stage, session, mine, error)
        if outcome:
            outcomes.append(outcome)
            first = told.get(session)
            lines = outcome.lines + (first.lines if first else 0)
            told[session] = (first if first and not outcome.copy else outcome)._replace(lines=lines)
    entries.merge(stage, before, ours, stage.base)
    if branch.folder(stage, stage.base, "deleted"):
        for session in branch.changed(stage, before, ours):
            hidden.lift(stage, session, stage.meta(stage.parts(session).meta).lines)
    return outcomes


def _session(stage: Stage, session: str, before: str, mine: str, theirs: str) -> Outcome | None:
    """One session that changed here: scenario 1 to 5."""
    if not mine or mine == theirs or session in stage.barred or branch.entry(stage, stage.base, f"purged/{session}"):
        return None
    if theirs in (before, ""):
        stage.draft.put_session(session, mine)
        return _taken(stage, session, before, mine)
    return _Both(stage, session, before, mine, theirs).merge()


def _set_aside(stage: Stage, session: str, mine: str, error: BadData) -> Outcome:
    """Theirs cannot be read, so nothing can be compared: ours is kept whole under a copy's id."""
    copy = copies.copy_id(session, stage.writer.id, 0, b"")
    stage.draft.put_session(copy, mine)
    return Outcome(session, DIVERGED, 0, f"theirs is unreadable: {error.message}", "", copy)


def _taken(stage: Stage, session: str, before: str, mine: str) -> Outcome:
    meta = stage.meta(branch.parts(stage, mine).meta)
    old = stage.meta(branch.parts(stage, before).meta) if before else None
    lines = meta.lines - (old.lines if old else 0)
    return Outcome(session, AHEAD if before else NEW, max(0, lines), "", meta.title)


class _Both:
    """A session that changed here and there since the common commit."""

    def __init__(self, stage: Stage, session: str, before: str, mine: str, theirs: str) -> None:
        self.stage, self.session, self.their_tree = stage, session, theirs
        self.old_tree, self.my_tree = before, mine
        self.before, self.mine, self.theirs = (branch.parts(stage, tree) for tree in (before, mine, theirs))

    @property
    def codec(self) -> Codec:
        tree = self.stage.ws.trees[0]
        return self.stage.codec(self.session, tree, home.project_key(tree))

    def merge(self) -> Outcome | None:
        files = tuple(sorted(self._files().items()))
        parts = self.theirs._replace(files=files)
        mine, theirs = (segments.listing(self.stage, side.transcript) for side in (self.mine, self.theirs))
        found = follow_stored(self.stage, self.codec, Stored(theirs), Stored(mine))
        scenario, lines, copy = found.verdict.scenario, 0, ""
        title = self.stage.meta(parts.meta).title
        if scenario == AHEAD:
            parts, lines = self._append(parts, mine, theirs, found)
        elif scenario == DIVERGED:
            copy, lines, title = self._copy(mine, theirs, found)
        self._put(self.session, self.their_tree if copy else self._with_ours(), parts)
        reason = copies.BOTH if copy else ""
        return Outcome(self.session, scenario, lines, reason, title, copy) if scenario != SAME else None

    def _put(self, session: str, tree: str, parts: Parts) -> None:
        self.stage.draft.put_session(session, self.stage.draft.session_with(tree, parts))

    def _with_ours(self) -> str:
        """Their folder, with the further entries (the handoff, and what later versions keep there) that only we changed."""
        before, mine, theirs = (self._further(tree) for tree in (self.old_tree, self.my_tree, self.their_tree))
        changed = {name for name in before | mine if theirs.get(name) == before.get(name) != mine.get(name)}
        if not changed:
            return self.their_tree
        kept = [entry for entry in self.stage.tree(self.their_tree) if entry.name not in changed]
        return self.stage.draft.add_tree((*kept, *(mine[name] for name in sorted(changed) if name in mine)))

    def _further(self, tree: str) -> dict[bytes, TreeEntry]:
        return {entry.name: entry for entry in self.stage.tree(tree) if entry.name not in OWN} if tree else {}

    def _append(
        self, parts: Parts, mine: tuple[str, ...], theirs: tuple[str, ...], found: Followed
    ) -> tuple[Parts, int]:
        """Scenario 3: our lines behind theirs; by their own segments where theirs are the first of ours."""
        meta, ours = self.stage.meta(parts.meta), self.stage.meta(self.mine.meta)
        if mine[: len(theirs)] == theirs:
            return parts._replace(meta=self.mine.meta, transcript=self.mine.transcript), ours.lines - meta.lines
        rows = found.rest() if found.verdict.ordered else found.lacking()
        tree, facts, size = append_rows(self.stage, parts.transcript, segments.pack_lines(rows, reading.BLOCK), "")
        stored = lambda: describe.stored_text(self.stage, parts.transcript)  # noqa: E731 -- needed now and then
        grown, _ = describe.grown(self.stage.ws, meta, UNKNOWN, facts, size, stored=stored)
        blob = self.stage.sink.add("blob", layout.dump_meta(grown, self.stage.blob(parts.meta, layout.SMALL_CAP)))
        return parts._replace(meta=blob, transcript=tree), facts.lines

    def _copy(self, mine: tuple[str, ...], theirs: tuple[str, ...], found: Followed) -> tuple[str, int, str]:
        """Scenario 5: theirs keeps the id, ours goes on as a copy, one that is there already or a new one. The copy's id,
        its new lines and its title.
        """
        ours = self.stage.meta(self.mine.meta)
        only_ours = tuple(item for item in self.mine.files if item[0] not in dict(self.theirs.files))
        copy = copies.existing(
            self.stage, self.session, lambda view: follow_stored(self.stage, self.codec, view, Stored(mine))
        )
        if copy and copy.followed:
            return copy.id, self._continue(copy, copy.followed), copy.meta.title
        rest = segments.pack_lines(found.rest(), reading.BLOCK)
        copy = copies.make(
            self.stage, self.session, ours, theirs, fork=found.common, row=found.verdict.first, rest=rest
        )
        blob = self.stage.sink.add("blob", layout.dump_meta(copy.meta))
        further = tuple(self._further(self.my_tree).values())
        base = self.stage.draft.add_tree(further) if further else ""
        self._put(copy.id, base, Parts(blob, copy.transcript, only_ours))
        if self.stage.writer == self.stage.ws.here:
            self._go_on_as(copy)
        return copy.id, copy.meta.lines - copy.meta.fork, copy.meta.title

    def _go_on_as(self, copy: copies.Copy) -> None:
        """While a running Claude Code goes on with the local transcript, so does the copy. The copy was never installed: its
        lines lie in that file, or nowhere on this disk if that was deleted or cut short meanwhile.
        """
        if self.session not in self.stage.live:
            return
        for path, entry in list(self.stage.index.items()):
            ours = entry.session == self.session and entry.tree == self.mine.transcript
            if ours and entry.worktree not in ("", "side"):
                aside = entry._replace(session=copy.id, tree=copy.transcript, rank=describe.CUSTOM)
                self.stage.index.put(path, aside)

    def _continue(self, copy: copies.Copy, found: Followed) -> int:
        if found.verdict.scenario != AHEAD:
            return 0
        rows = found.rest() if found.verdict.ordered else found.lacking()
        blocks = segments.pack_lines(rows, reading.BLOCK)
        tree, facts, size = append_rows(self.stage, copy.transcript, blocks, copy.meta.suffix)
        meta, _ = describe.grown(self.stage.ws, copy.meta, describe.CUSTOM, facts, size)
        old = self.stage.draft.session(copy.id)
        parts = branch.parts(self.stage, old)
        blob = self.stage.sink.add("blob", layout.dump_meta(meta, self.stage.blob(parts.meta, layout.SMALL_CAP)))
        self._put(copy.id, old, parts._replace(meta=blob, transcript=tree))
        return facts.lines

    def _files(self) -> dict[bytes, str]:
        """Side files, three-way by name; where both changed one, theirs, and ours beside it."""
        before, mine, theirs = (dict(side.files) for side in (self.before, self.mine, self.theirs))
        merged, both = dict(theirs), []
        for name, oid in mine.items():
            there, base = theirs.get(name, ""), before.get(name, "")
            if oid in (there, base):
                continue
            if there in ("", base):
                merged[name] = oid
            else:
                both.append(name)
        for name in both:  # last, so that no name is taken which is ours already
            kept, tree = self._file(name, mine[name], merged)
            merged[kept] = tree
        return merged

    def _file(self, name: bytes, mine: str, held: dict[bytes, str]) -> tuple[bytes, str]:
        """Where our version of a side file goes, and what it is there: its own name if theirs has all that ours has, or
        ours goes on from theirs.
        """
        for kept in chain((name,), versions.names(self.stage, layout.unescape_name(name))):
            there = held.get(kept, mine)
            tree = self._together(there, mine) if name.endswith(b".jsonl") and there != mine else ""
            if tree or there == mine:
                return kept, tree or mine
        raise AssertionError("names end")

    def _together(self, theirs: str, mine: str) -> str:
        """Both versions of an append file as one, "" if they have diverged."""
        ours, there = segments.listing(self.stage, mine), segments.listing(self.stage, theirs)
        found = follow_stored(self.stage, self.codec, Stored(there), Stored(ours))
        if found.verdict.scenario in (SAME, BEHIND):
            return theirs
        if found.verdict.scenario == DIVERGED or not segments.is_whole(self.stage, there):
            return ""
        rows = found.rest() if found.verdict.ordered else found.lacking()
        return append_rows(self.stage, theirs, segments.pack_lines(rows, reading.BLOCK), "")[0]


def append_rows(stage: Stage, tree: str, blocks: Iterable[bytes], suffix: str) -> tuple[str, Facts, int]:
    """Draft portable blocks behind the file `tree`: its new tree, what the blocks say, their size."""
    facts, size, oids = Facts(), 0, []
    for block in blocks:
        text = titles.suffixed_text(block, suffix)
        facts = transcript.merge_facts(facts, transcript.facts(text))
        for piece in segments.cut(text):
            oids.append(stage.sink.add("blob", piece))
            size += len(piece)
    return stage.draft.append(tree, oids), facts, size
