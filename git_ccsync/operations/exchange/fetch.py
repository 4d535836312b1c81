"""Fetching the branch from a remote into its tracking ref, and judging how it stands to ours. Merges nothing."""

from __future__ import annotations

from git_ccsync.errors import (
    BadData,
    CcsyncError,
    KeyMissing,
    ObjectRefused,
    Refused,
    RemoteFailed,
    Stalled,
    Unsupported,
)
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.git.url import BUNDLES
from git_ccsync.model import Progress
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import gate, underway
from git_ccsync.store import branch
from git_ccsync.store.format import FORMAT, SEALED_FORMAT, SMALL_CAP

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.stage import Stage

ABSENT, SAME, AHEAD, BEHIND, FORKED, UNRELATED = "absent", "same", "ahead", "behind", "forked", "unrelated"
#: Commits walked back from their tip before git is asked for the merge base.
NEAR = 64


#: No directory has more machines.
BUNDLES_AT_MOST = 200
#: The mark of a machine that cannot read what the remote has.
LOCKED_OUT = "locked-out"


class Fetched(Frozen):
    """Their tip and tree ("" if absent), how ours stands to it, the newest common commit's tree ("" for none) and, if
    both went on since, that commit, and whether the remote lost commits that we saw there before. `odd` is what git has to
    say against an object that was brought all the same.
    """

    tip: str = ""
    tree: str = ""
    relation: str = ABSENT
    base_tree: str = ""
    base: str = ""
    rewound: bool = False
    authors: tuple[str, ...] = ()
    odd: str = ""


def fetch(stage: Stage, destination: Destination, on_progress: OnProgress) -> Fetched:
    """Bring the destination's branch here. RemoteFailed if it cannot be reached, Unsupported for a foreign format."""
    on_progress(Progress("fetching", 0, 0))
    there, odd = _tolerant(stage, destination, on_progress)
    if not there:
        _note_absence(stage, destination)
        return Fetched(rewound=bool(stage.marks.get(f"seen {destination.tracking}")))
    return vet(stage, destination)._replace(odd=odd)


def vet(stage: Stage, destination: Destination) -> Fetched:
    """What was fetched, judged. If it is not to be followed, nobody is to read it either: the tracking ref is led back, and
    BadData says why, or KeyMissing.
    """
    try:
        return _followable(stage, destination)
    except KeyMissing:
        if not stage.dry_run:
            gate.lead_back(stage, destination)
            stage.marks.put({LOCKED_OUT: "1"})
        raise
    except BadData as error:
        raise gate.refused(stage, destination, error) from error


def _followable(stage: Stage, destination: Destination) -> Fetched:
    """What was fetched, judged. BadData if it is not to be followed."""
    tip, commit = stage.reader.tip(destination.tracking, cap=SMALL_CAP)
    if not tip:
        raise BadData("its tip is no commit, or a very large one")
    tree = branch.parse_commit(commit)[0]
    found = judge(stage, destination.tracking, tip, tree)
    gate.check(stage, tree)
    if stage.marks.get(gate.refusal(destination)):
        stage.marks.put({gate.refusal(destination): ""})
    if stage.lens and stage.marks.get(LOCKED_OUT):
        stage.marks.put({LOCKED_OUT: ""})
    return found


def _note_absence(stage: Stage, destination: Destination) -> None:
    """The tracking ref goes with what it tracked, so that the next push is due."""
    held = stage.ws.tip(destination.tracking)
    if held and not stage.dry_run:
        refs.update(stage.ws.repo, destination.tracking, "", held, "gone from the remote")


def begin_there(stage: Stage, destination: Destination, on_progress: OnProgress) -> None:
    """A local branch that is gone begins again where the remote's stands, never with a second root."""
    if stage.tip or stage.dry_run:
        return
    tip, tree = _followed(stage, destination.tracking)
    try:
        if tip:
            judge(stage, destination.tracking, tip, tree)
    except KeyMissing:  # let in since then, perhaps
        tip = ""
    if not tip:
        theirs = _readable(stage, destination, on_progress)
        tip, tree = theirs.tip, theirs.tree
    if tip:
        stage.move(tip, tree, "begin again where the remote stands")


def _followed(stage: Stage, tracking: str) -> tuple[str, str]:
    """What was followed there last, and its tree. The tracking ref may be ahead of that already: the fetch that a pull
    begins with moves it to what nobody has judged, while we ask git for our refs.
    """
    tip, seen = stage.ws.tip(tracking), stage.marks.get(f"seen {tracking}")
    try:
        if seen and seen != tip:
            return seen, tree_of(stage, seen)
    except CcsyncError:  # gone from here
        pass
    return tip, stage.ws.tree(tracking)


def _readable(stage: Stage, destination: Destination, on_progress: OnProgress) -> Fetched:
    """`fetch`; of a directory of bundles, that of the first one that we have the key of. KeyMissing if there is none."""
    if destination.is_file:
        return named(stage, destination, on_progress)
    if not destination.urls[0].startswith(BUNDLES):
        return fetch(stage, destination, on_progress)
    from git_ccsync.git import bundles

    refusal: KeyMissing | None = None
    for _ in range(BUNDLES_AT_MOST):
        try:
            theirs = fetch(stage, destination, on_progress)
        except KeyMissing as error:
            refusal = error
            bundles.reject(error.message)
            continue
        if not refusal or theirs.tip:
            return theirs
        break
    raise refusal or KeyMissing(f"'{destination.shown}' has no bundle that this machine can read")


def named(stage: Stage, destination: Destination, on_progress: OnProgress) -> Fetched:
    """`fetch` from one bundle, which was named. Refused if it is damaged."""
    try:
        return fetch(stage, destination, on_progress)
    except RemoteFailed as error:
        raise Refused(f"'{destination.shown}' is damaged, or has not arrived whole") from error


def _tolerant(stage: Stage, destination: Destination, on_progress: OnProgress) -> tuple[bool, str]:
    """As `_brought`, also where an object does not pass git's own check: one such commit, which anybody can add and nobody
    take away, would stop every pull for ever. All that is read of it is judged by our own readers.
    """
    try:
        return _brought(stage, destination, on_progress), ""
    except ObjectRefused as error:
        there = route.start_fetch(stage.ws, destination, lenient=True).finish(on_progress)
        what = "object " + error.message.partition("': object ")[2]
        told = f"has an object that does not pass git's own check ({what}); it was brought all the same, and is judged here"
        return there, f"'{destination.shown}' {told}"


def _brought(stage: Stage, destination: Destination, on_progress: OnProgress) -> bool:
    """Whether the remote has the branch, which is in its tracking ref then."""
    stage.landing.settle()
    begun = underway.take(stage.ws, destination)
    if begun:
        try:
            stage.landing.prepare("ccsync: pull: fast-forward")
            if stage.tip:  # git's first answer takes a millisecond, the next ones a tenth
                stage.reader.read(stage.tip, cap=SMALL_CAP)
                stage.codecs.ready()
            if stage.lens:
                stage.lens.warm()
            return begun.finish(on_progress)
        except Stalled:
            raise
        except RemoteFailed:  # perhaps only because another process moved the tracking ref
            pass
    return route.start_fetch(stage.ws, destination).finish(on_progress)


def judge(stage: Stage, tracking: str, tip: str, tree: str) -> Fetched:
    """How the local branch stands to the commit `tip` that was fetched into `tracking`."""
    if stage.lens:
        from git_ccsync.operations.sealed import sealing

        sealing.check(stage, tracking, tip)
    if check_format(stage, tree) and not stage.lens:
        from git_ccsync.operations.sealed import enrol

        enrol.enter(stage, tracking, tip, tree)
    near, authors = _ancestors(stage, tip, NEAR)
    found = _relation(stage, tip, tree, near)
    seen = stage.marks.get(f"seen {tracking}")
    rewound = bool(seen) and seen not in near and not _is_before(stage, seen, tip)
    return found._replace(rewound=rewound, authors=authors)


def _is_before(stage: Stage, seen: str, tip: str) -> bool:
    """Whether the commit that was seen is behind `tip`; of one that is no more here, as after a purge, nothing is said."""
    try:
        return refs.is_ancestor(stage.ws.repo, seen, tip)
    except CcsyncError:
        return True


def _relation(stage: Stage, tip: str, tree: str, near: set[str]) -> Fetched:
    ours = stage.tip
    if not ours:
        return Fetched(tip, tree, BEHIND)
    if ours == tip:
        return Fetched(tip, tree, SAME, tree)
    if ours in near:
        return Fetched(tip, tree, BEHIND, stage.base)
    base = refs.merge_base(stage.ws.repo, ours, tip)
    if not base:
        return Fetched(tip, tree, UNRELATED)
    relation = AHEAD if base == tip else BEHIND if base == ours else FORKED
    return Fetched(tip, tree, relation, tree_of(stage, base), base)


def check_format(stage: Stage, tree: str) -> bool:
    """Whether the tree is that of an encrypted branch. Unsupported unless it says that it is format 1, BadData if it says
    nothing.
    """
    found = branch.entry(stage, tree, "format")
    if not found:
        raise BadData(
            "the branch on the remote was not made by git-ccsync: it has no 'format'",
            "git ccsync init --branch <name>",
            "    leaves it as it is, and begins another one",
        )
    said = stage.blob(found[1], SMALL_CAP)
    if said not in (FORMAT, SEALED_FORMAT):
        word = said[:40].decode("ascii", "replace").strip()
        raise Unsupported(
            f"the branch has format '{word}', this version knows 'git-ccsync 1'", "install a newer git-ccsync"
        )
    return said == SEALED_FORMAT


def _ancestors(stage: Stage, tip: str, limit: int) -> tuple[set[str], tuple[str, ...]]:
    """The tip and up to `limit` commits behind it, along the only line there is, to ours at most; and their authors."""
    return _line(stage, tip, limit, stage.tip)


def authors(stage: Stage, tip: str) -> tuple[str, ...]:
    """Who wrote the commit and the NEAR ones behind it."""
    return _line(stage, tip, NEAR, "")[1]


def _line(stage: Stage, tip: str, limit: int, end: str) -> tuple[set[str], tuple[str, ...]]:
    """Up to `limit` first parents from `tip` on, with `end`, if that is among them, as the last; and who wrote those before it."""
    found: set[str] = set()
    by: dict[str, None] = {}
    while tip and len(found) < limit and tip not in found:
        found.add(tip)
        if tip == end:
            break
        try:
            kind, data = stage.reader.read(tip, cap=SMALL_CAP)
        except BadData:  # a commit of megabytes, say: what lies behind it is git's to find
            break
        parents = branch.parse_commit(data)[1] if kind == "commit" else ()
        by[branch.author(data)] = None
        tip = parents[0] if parents else ""
    return found, tuple(by)


def tree_of(stage: Stage, oid: str) -> str:
    """The tree of a commit."""
    return branch.parse_commit(stage.reader.read(oid, cap=SMALL_CAP)[1])[0]
