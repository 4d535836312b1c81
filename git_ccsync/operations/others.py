"""Branches of other people on the remote: found, fetched apart (see git.apart), and looked at. Never written to.

Whoever is met for the first time is told of. What is fetched lies in the repository's state under `others/`, a cache.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, NotFound, RemoteFailed, Stalled, TooMuch, Unsupported, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import apart
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.git.objects import Reader
from git_ccsync.git.refs import Ref
from git_ccsync.model import Progress, silent
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run import clear
from git_ccsync.operations.run.workspace import HEADS, LOCAL, TRACKING
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import Marks
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from git_ccsync.git.apart import Source
    from git_ccsync.git.remote import Target
    from git_ccsync.git.repository import Repository
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.overview.catalogue import Catalogue
    from git_ccsync.operations.run.workspace import Workspace

#: Bytes that what tells of a branch (see `_small`) may have where it did not come along.
TELLING = 64 << 20
#: Key of the mark that holds the names of the branches that a remote had when it was asked last.
NAMES = "others "


class News(Frozen):
    """What is to be said of a branch before anything of it is used: `first` if it was never looked at here; its last
    `author` and that one's `machine`; machines and authors that are new since the last look; `remarks` on its keys.
    `size` bytes were fetched.
    """

    first: bool
    author: str
    machine: str
    strangers: tuple[str, ...]
    size: int
    remarks: tuple[str, ...] = ()


class Place(Frozen):
    """Where a branch of somebody else is, and stands at `tip`, and where here it is kept: the directory `top`."""

    destination: Destination
    there: Source
    tip: str
    top: str
    key: str


class Other:
    """A branch of somebody else as it stands on the remote now, with all that can be known without reading transcripts.

    `ws` is this repository's workspace as if that branch were its own: only to look, for names and paths. Close it.
    """

    def __init__(self, ws: Workspace, place: Place, repo: Repository, news: News) -> None:
        self.place, self.repo, self.news = place, repo, news
        self.name = place.destination.branch
        self.tip, commit = _tip(repo, place)
        self.tree = branch.parse_commit(commit)[0]
        self.ws = _view(ws, place, repo, self.tip, self.tree)
        self.reader = clear.reader(self.ws)
        self._lacking: frozenset[str] | None = None

    def __enter__(self) -> Other:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reader.close()

    @property
    def known(self) -> Catalogue:
        """Its sessions and machines."""
        return catalogue.of_tree(self.ws, self.tree)

    def lacking(self) -> frozenset[str]:
        """The blobs of its tree that were not fetched."""
        if self._lacking is None:
            self._lacking = frozenset(apart.lacking(self.repo, self.tree))
        return self._lacking

    def bring(self, oids: list[str], on_progress: OnProgress = silent, *, most: int = 0) -> int:
        """Fetch these of its blobs, at most so many bytes (0: as for any fetch); how many came. RemoteFailed, TooMuch, Stalled."""
        wanted, before = [oid for oid in oids if oid in self.lacking()], apart.size(self.repo)
        if not wanted:
            return 0
        there = self.place.there
        if most:
            there = there._replace(target=there.target._replace(most=most))
        try:
            apart.bring(self.repo, there, wanted, on_progress)
        except (Stalled, TooMuch):
            raise
        except RemoteFailed:  # it hands out refs alone
            self.reader.close()
            apart.begin_anew(self.repo)
            before, to = 0, self.place.destination
            apart.fetch(self.repo, there, to.ref, to.tracking, whole=True, on_progress=on_progress)
        self._lacking = None
        return apart.size(self.repo) - before


def names(ws: Workspace, remote: str = "") -> dict[str, str]:
    """The branches on the remote, this repository's own apart: name -> full ref there. RemoteFailed, Refused."""
    return _names(ws, destinations.resolve(ws.repo, ws.config, ws.branch, remote))[0]


def _names(ws: Workspace, own: Destination) -> tuple[dict[str, str], dict[str, str]]:
    """Their names, and where all refs stand."""
    prefix = _prefix(own.ref)
    patterns = (f"{prefix}*", f"{destinations.in_heads(prefix)}*")
    stall = ws.config.get_int("ccsync.stallLimit", 60)
    there = git_remote.ls_remote(ws.repo, _target(ws, own), *patterns, stall=stall)
    found = destinations.named(tuple(there), prefix)
    found.pop(ws.branch, None)
    Marks(ws.state).put({NAMES + os.path.dirname(own.tracking): " ".join(sorted(found))})
    return found, there


def _prefix(ref: str) -> str:
    """What the names of all branches there begin with: refs/ccsync/, or refs/ccsync/<project>/."""
    return os.path.dirname(ref.replace(HEADS, LOCAL, 1)) + "/"


def _target(ws: Workspace, to: Destination) -> Target:
    return git_remote.target_at(ws.config, to.remote, to.urls[0], to.tracking)


def look(
    ws: Workspace, name: str, *, remote: str = "", history: bool = False, on_progress: OnProgress = silent
) -> Other:
    """The branch `name` of somebody else, fetched as far as it is not here: the newest commit, or with `history` all.

    NotFound if there is none, Usage for this repository's own, Unsupported where branches cannot be looked at apart,
    RemoteFailed, BadData.
    """
    own = destinations.resolve(ws.repo, ws.config, ws.branch or destinations.checked_branch(name), remote)
    place = _place(ws, own, name)
    with Lock(os.path.join(place.top, "lock")):
        repo = apart.at(os.path.join(place.top, "git"), ws.repo)
        before = apart.size(repo)
        on_progress(Progress("fetching", 0, 0))
        other, author, remarks = _opened(ws, place, repo, history=history, on_progress=on_progress)
        if _has_purged(place, other) and before:
            other.reader.close()
            apart.begin_anew(repo)
            other, author, remarks = _opened(ws, place, repo, history=history, on_progress=on_progress)
            before = 0
        other.bring(list(_small(other.reader, other.tree)), on_progress, most=TELLING)
    news = _news(ws, other, author)
    other.news = news._replace(size=apart.size(repo) - before, remarks=remarks)
    return other


def _opened(
    ws: Workspace, place: Place, repo: Repository, *, history: bool, on_progress: OnProgress
) -> tuple[Other, str, tuple[str, ...]]:
    """The branch as it stands there, its last author, and what is to be said of its keys."""
    author = _fetched(repo, place, history=history, on_progress=on_progress)
    remarks = _judged(ws, place, repo, on_progress)
    return Other(ws, place, repo, News(False, author, "", (), 0)), author, remarks


def _has_purged(place: Place, other: Other) -> bool:
    """Whether its owner has purged something since the last look: then what was fetched before is not kept here either."""
    marks, now = Marks(place.top), branch.folder(other.reader, other.tree, "purged")
    before = marks.get("purged")
    marks.put({"purged": now})
    return before != now


def _fetched(repo: Repository, place: Place, *, history: bool, on_progress: OnProgress) -> str:
    """Have the branch here as it stands there; its last author."""
    tip, commit = _tip(repo, place)
    if tip != place.tip or (history and apart.is_shallow(repo)):
        to = place.destination
        apart.fetch(repo, place.there, to.ref, to.tracking, history=history, on_progress=on_progress)
        tip, commit = _tip(repo, place)
    if not tip:
        raise BadData(f"'{place.destination.ref}' on '{place.destination.name}' is no branch of sessions")
    return branch.author(commit)


def _judged(ws: Workspace, place: Place, repo: Repository, on_progress: OnProgress) -> tuple[str, ...]:
    """Whether what was fetched may be used; what is to be said of it. Of an encrypted branch all commits are needed, to judge
    it. Unsupported, KeyMissing, Tampered.
    """
    tip, commit = _tip(repo, place)
    tree = branch.parse_commit(commit)[0]
    with Reader(repo) as reader:
        found = branch.entry(reader, tree, "format")
        said = reader.blob(found[1], layout.SMALL_CAP) if found else b""
    if said == layout.FORMAT and not Marks(place.top).get("sealed"):
        return ()
    if not found or not said.startswith(layout.FORMAT[:-1]):
        raise Unsupported("the branch has a format that this version does not know", "install a newer git-ccsync")
    from git_ccsync.operations.arriving import others_keys

    _fetched(repo, place, history=True, on_progress=on_progress)
    return others_keys.enter(ws, _view(ws, place, repo, tip, tree), place.destination.tracking)


def _tip(repo: Repository, place: Place) -> tuple[str, bytes]:
    with Reader(repo) as reader:
        return reader.tip(place.destination.tracking, cap=layout.SMALL_CAP)


def _place(ws: Workspace, own: Destination, name: str) -> Place:
    if name == ws.branch:
        raise Usage(f"'{name}' is your own branch", "leave out --branch to see it")
    if own.is_file or own.urls[0].startswith(urls.BUNDLES):
        raise Unsupported(
            "of bundles only your own branch can be read", "'--branch' needs a remote that git fetches from"
        )
    found, there = _names(ws, own)
    if destinations.checked_branch(name) not in found:
        listed = ", ".join(f"'{one}'" for one in sorted(found)) or "none"
        raise NotFound(f"there is no branch '{name}' on '{own.name}'", f"the other branches there: {listed}")
    tracking = f"{os.path.dirname(own.tracking)}/{name}"
    to = own._replace(ref=found[name], branch=name, tracking=tracking)
    top = os.path.join(ws.state, "others", urls.key_of(tracking.removeprefix(TRACKING)))
    where = urls.normalise(own.urls[0], ws.repo.work_tree).replace("\t", "%09").replace("\n", "%0A")
    source = apart.source(ws.repo, _target(ws, to), ws.config.get_int("ccsync.stallLimit", 60))
    return Place(to, source, there[to.ref], top, f"{where} {name}")


def _small(reader: Reader, tree: str) -> Iterator[str]:
    """The blobs that tell of the branch without being what was said: metas, machines, leases, tombstones."""
    for folder in branch.sessions(reader, tree).values():
        yield branch.parts(reader, folder).meta
    for name in ("machines", "leases", "deleted", "purged"):
        folder = branch.folder(reader, tree, name)
        yield from (entry.oid for entry in (reader.tree(folder) if folder else ()))


def _view(ws: Workspace, place: Place, repo: Repository, tip: str, tree: str) -> Workspace:
    to = place.destination
    own = LOCAL + to.branch
    there = repo._replace(work_tree=repo.git_dir) if ws.is_home else repo
    held = {name: Ref(name, tip, tree) for name in (own, to.tracking)}
    return ws._replace(repo=there, state=place.top, branch=to.branch, refs=held)


def _news(ws: Workspace, other: Other, author: str) -> News:
    """Who is new on that branch; from here on nobody is, once it is `met`."""
    marks, key = Marks(ws.state), other.place.key
    told = {f"machine {one.id}": one.name for one in other.known.machines.values()} | {f"author {author}": author}
    held = marks.starting(f"met {key} ")
    strangers = tuple(f"{what.partition(' ')[0]} '{name}'" for what, name in told.items() if _plain(what) not in held)
    return News(not held, author, _machine(other), strangers if held else (), 0)


def _machine(other: Other) -> str:
    """The machine that wrote last, by name."""
    from git_ccsync.operations.log import TRAILER

    message = clear.message(other.reader, other.tip)
    found = other.known.machines.get(message.partition(TRAILER)[2][:16])
    return found.name if found else ""


def met(ws: Workspace, other: Other) -> None:
    """Whoever uses this repository was told who writes to that branch."""
    machines = {f"machine {one.id}": "1" for one in other.known.machines.values()}
    told = machines | {f"author {other.news.author}": "1"}
    Marks(ws.state).put({f"met {other.place.key} {_plain(what)}": "1" for what, _ in told.items()})


def _plain(text: str) -> str:
    return " ".join(text.split())
