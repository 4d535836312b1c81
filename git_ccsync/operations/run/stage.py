"""Stage: everything that is open while one locked run works on the branch, and the only place that commits to it."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import commit
from git_ccsync.git.recent import Recent
from git_ccsync.git.sink import Sink
from git_ccsync.model import Meta
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.companions.beside import Beside
from git_ccsync.operations.exchange import dropped
from git_ccsync.operations.installing.roots import Codecs
from git_ccsync.operations.run import early, message, own_file
from git_ccsync.operations.run.landing import SMALL, Landing
from git_ccsync.state import files
from git_ccsync.state.index import Index
from git_ccsync.state.journal import Journal
from git_ccsync.state.machine import binding
from git_ccsync.state.marks import Marks
from git_ccsync.state.record import Recorder
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from git_ccsync.git.objects import TreeEntry
    from git_ccsync.model import Keyring, Problem
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.text import Codec
    from git_ccsync.store.sealed import Lens

#: Bytes that a run writes at most (ccsync.maxFetch).
MOST = 16 << 30
#: Objects that a fetch is taken to have left: nobody has counted them.
FETCHED = 50


class Stage:
    """One run's open files. `tip` and `draft` move on as commits are made; a dry run writes nothing."""

    def __init__(self, ws: Workspace, *, dry_run: bool = False, verb: str = "") -> None:
        self.ws, self.dry_run = ws, dry_run
        self.undo = Recorder(ws.state, verb, off=dry_run)
        self.reader, self.code = early.take(ws)
        self.index, self.journal, self.marks = Index(ws.memory), Journal(ws.memory), Marks(ws.state)
        self.tip, self.writer = ws.tip(), ws.here  # whose lines go on as a copy where two went on
        self.reader.recent = self.recent = Recent(self.index.value("objects"))
        #: What the objects of an encrypted branch are seen through, None where the branch is plain.
        self.lens: Lens | None = None
        if self.marks.get("sealed"):
            from git_ccsync.state import keyring

            self._look_through(keyring.load(ws.here.state, self.marks))
        #: Set where no commit is to be made for the sake of this machine's file alone.
        self.hushed = False
        #: Bytes of new text after which a commit is made, so that no push carries much more.
        self.slice = max(1 << 20, ws.config.get_int("ccsync.sliceSize", 256 << 20))
        #: Bytes of text that this run may still write into Claude's directory, whatever a branch claims to hold.
        self.room = max(1 << 20, ws.config.get_int("ccsync.maxFetch", MOST))
        self.moved: Callable[[], object] = int  # which does nothing
        self._codecs: Codecs | None = None
        self._noted, self._codecs_of = list[tuple[str, str, str]](), ""
        self._drafted: tuple[bool, Lens | None] = (False, None)
        self.live = idle.running(ws)
        #: Sessions that are not to be taken from anywhere, and what is to be said of that (`follow_purge`).
        self.barred: frozenset[str] = frozenset()
        self.remarks, self.unkept = list[str](), list[str]()  # `unkept`: what a merge could not keep of ours
        #: Sessions that are taken off the list of tasks (`tasks.done`); those with side files not installed, and why not.
        self.done, self.sides_left = dict[str, str](), dict[str, "tuple[Problem, ...]"]()
        #: Directories that were looked at in this run, and whether they lie in a repository (`outside`).
        self.around: dict[str, bool] = {}
        self.beside = Beside()
        #: The commits of this run, each with its parent.
        self.made: dict[str, str] = {}
        self.landing = Landing(ws, self.recent)
        before = dropped.head(self)
        self._forget_left_out()
        self.begin(ws.tree())
        dropped.notice(self, before)

    def _forget_left_out(self) -> None:
        """After the configuration or the ignore rules changed, files that were left out are judged anew."""
        stamp = idle.stamp(self.ws)
        if self.index.value("stamp") != stamp:
            for path, entry in list(self.index.raw().items()):
                if not entry[8]:
                    self.index.drop(path)
            self.index.remember("stamp", stamp)
            for key in ("installed", "memory", "memory-tree"):
                self.index.remember(key, None)

    def __enter__(self) -> Stage:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.landing.holds(self.sink):
            self.sink.abort()
        self.reader.close()
        self.undo.close()
        self.landing.end(error)
        if not self.landing.lost:
            self.beside.save()

    def begin(self, tree: str) -> None:
        """Start a draft on top of `tree`."""
        self.sink: Sink
        self.draft: branch.Draft
        if self.dry_run and self._drafted == (True, self.lens):  # what was drafted before is nowhere else
            self.draft.begin(tree)
        elif self.lens:
            self.sink, self.draft = self.lens.begin(self.ws.repo, self.reader, self.recent, tree)
        else:
            self.sink = Sink(self.ws.repo, recent=self.recent)
            self.draft = branch.Draft(self.reader, self.sink, tree)
        self._drafted = True, self.lens
        self.base = tree

    @property
    def keyring(self) -> Keyring | None:
        """The keys of the branch, None where it is plain."""
        return self.lens.keyring if self.lens else None

    def seal_with(self, ring: Keyring | None) -> None:
        """Seal from here on with this keyring, of which nothing is kept; with none if it came to nothing. Where the branch
        was plain, nothing may be drafted yet; the next commit seals all that is on it.
        """
        if not ring:
            self.lens = self.reader.lens = None
            self.begin(self.base)
        elif self.lens:
            self.lens.use(ring)
        else:
            self._look_through(ring)
            self.begin(self.base)

    def _look_through(self, ring: Keyring | None) -> None:
        from git_ccsync.store.sealed import Lens

        if ring:
            self.lens = Lens(ring, self.index.value("objects"))
            self.reader.lens = self.lens

    def put_format(self) -> None:
        """Draft the file that says which format this is, unless there is one."""
        if self.lens:
            self.lens.put_format(self.draft, self.sink)
        elif not branch.entry(self.draft, self.draft.root, "format"):
            self.draft.put("format", self.sink.add("blob", layout.FORMAT))

    def add_commit(self, tree: str, parent: str, text: str) -> str:
        """Take in a commit that says `text`; its id."""
        idents = commit.identity(self.ws.repo.git_dir, self.ws.config)
        said = self.lens.sealed_message(tree, parent, idents, text) if self.lens else text
        return self.sink.add("commit", commit.build(tree, parent, said, idents))

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """Entries of a tree, on disk or drafted."""
        return self.draft.tree(oid)

    def blob(self, oid: str, cap: int) -> bytes:
        """Content of a blob, on disk or just added."""
        found = self.sink.pending(oid)
        return self.reader.blob(oid, cap) if found is None else found

    def parts(self, session: str) -> branch.Parts:
        """The parts of a session as drafted so far."""
        return branch.parts(self, self.draft.session(session))

    def within(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """The same blocks, on their way to Claude's directory; `moved` after each. BadData once a run wrote all it may."""
        for block in blocks:
            self.room -= len(block)
            if self.room < 0:
                raise BadData("is more than may be written here at once (ccsync.maxFetch)")
            yield block
            self.moved()

    def meta(self, oid: str) -> Meta:
        """The meta in the blob `oid`, empty for ""."""
        return layout.load_meta(self.blob(oid, layout.SMALL_CAP)) if oid else Meta()

    def metas(self) -> dict[str, Meta]:
        """The meta of every session on the draft's tree; unreadable ones are left out."""
        found: dict[str, Meta] = {}
        for session, tree in branch.sessions(self, self.draft.root).items():
            try:
                found[session] = self.meta(branch.parts(self, tree).meta)
            except BadData:
                continue
        return found

    def codec(self, session: str, worktree: str, key: str) -> Codec:
        """The codec of one session that lies in project directory `key`."""
        return self.codecs.codec(session, worktree, key)

    @property
    def codecs(self) -> Codecs:
        """This machine's roots, as of the draft's base; made at first use, since a no-op needs none."""
        if self._codecs is None or self._codecs_of != self.base:  # another machine may have proposed a placeholder
            proposed = own_file.machine(self).placeholders
            if self._codecs is None or self._codecs.proposed != proposed:
                self._codecs = Codecs(self.ws, proposed)
            self._codecs_of = self.base
        return self._codecs

    def journal_later(self, session: str, key: str, tree: str) -> None:
        """Note in the journal, once the draft is committed, that `session` lies here with this transcript."""
        self._noted.append((session, key, tree))

    def seen(self, tracking: str, tip: str, **marks: str) -> None:
        """Note the high-water mark of a remote: the last tip seen there that the local branch holds."""
        self.marks.put(
            self.burden(tip not in ("", self.marks.get(f"seen {tracking}"))) | {f"seen {tracking}": tip, **marks}
        )

    def burden(self, moved: bool) -> dict[str, str]:
        """The mark that counts what of ours is not packed (`gc.due`), with what this run made, or seems to have fetched."""
        made = self.landing.files or (FETCHED if moved else 0)
        before = self.marks.get("loose")
        return {"loose": str(made + (int(before) if before.isdecimal() else 0))} if made else {}

    def save(self) -> None:
        """Write the index, unless this is a dry run."""
        if not self.dry_run:
            self.index.remember("live", tuple(sorted(self.live)))
            self.index.remember("head", (self.ws.ref, self.tip))
            self.index.remember("objects", (self.lens or self).recent.plain())
            self.index.save()

    def commit(self, parent: str, sessions: int, lines: int, what: str = "") -> bool:
        """Write the draft as a commit on `parent` and move the local branch to it; False if the tree is parent's.

        `what` is told in the message in place of the counts, where no lines were added.
        Raises RefMoved if somebody else moved the branch.
        """
        before, text = self.base, message.subject_and_trailers(self.ws, sessions, lines, what)
        made, tree = self._write(parent, text)
        if made:
            self.move(made, tree, text.partition("\n")[0])
        return tree != before or not parent

    def commit_aside(self, parent: str, sessions: int, lines: int, what: str = "") -> str:
        """Write the draft as a commit on `parent` and draft on from there; the local branch stays where it is, until a
        `commit` on top moves it. The commit's id: `parent` if nothing changed.
        """
        made, tree = self._write(parent, message.subject_and_trailers(self.ws, sessions, lines, what))
        if made:
            self.begin(tree)
        return made or parent

    def _write(self, parent: str, text: str) -> tuple[str, str]:
        """(commit, tree): the draft as a commit on disk, "" if nothing changed or nothing is to be written."""
        self.put_format()
        own_file.put(self)
        tree = self.draft.write()
        if self.dry_run:
            self.base = tree
        if self.dry_run or (tree == self.base and parent):
            return "", tree
        oid = self.add_commit(tree, parent, text)
        self.landing.take(self.sink)
        self.made[oid] = parent
        return oid, tree

    def is_small(self, there: str) -> bool:
        """Whether all that a remote which stands at `there` lacks is one commit of this run with a few kilobytes."""
        return self.made.get(self.tip) == there and self.landing.size < SMALL

    def checkpoint(self, sessions: int, lines: int) -> bool:
        """Commit what is drafted if it has grown past a slice; True if so."""
        if self.sink.added < self.slice or self.dry_run:
            return False
        self.commit(self.tip, sessions, lines)
        return True

    def move(self, oid: str, tree: str, why: str) -> None:
        """Move the local branch to a commit that is on disk, and draft from there."""
        if not self.dry_run:
            self.undo.ref(self.ws.ref, self.tip, oid)
            self.landing.move(oid, self.tip, why if why.startswith("ccsync: ") else f"ccsync: {why}")
            for noted in self._noted:
                self.journal.note(*noted)
        self._noted = []
        self.tip = oid
        self.begin(tree)


def bind(ws: Workspace) -> None:
    """Leave the machine's binding in the repository's state, so that a lost id can be taken up again."""
    path = os.path.join(ws.state, "binding")
    if not os.path.exists(path):
        files.replace(path, binding(ws.here.id).encode())
