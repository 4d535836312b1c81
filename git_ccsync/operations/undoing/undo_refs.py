"""Undoing what a run did to refs: where the branch is to stand, whether that loses nothing, and taking a push back.

A push is taken back by one more commit whose tree is the one before: no ref of a remote ever goes backwards.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, Refused, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.git.sharing import settle
from git_ccsync.git.url import BUNDLES, without_credentials
from git_ccsync.model import PushResult, RemoteResult
from git_ccsync.operations.destinations import further, route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.exchange import sending
from git_ccsync.operations.run import message
from git_ccsync.operations.run.workspace import LOCAL, TRACKING
from git_ccsync.operations.undoing import undo_files
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.claude.scan import Found
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.undo import Run, Sent


class Refs(Frozen):
    """Where the local branch is to stand; "" for nowhere. `sent`: a push is to be taken back, from `remote` (its URL, for
    showing), which had `tree` before and stands at `tip`; the branch then stands at the commit that says so if `follows`.
    `done`: that commit, if it is there. `remotes`: the URLs, for showing, where it is to be taken back; `missed`: those
    where it was not, and why.
    """

    target: str
    sent: bool = False
    remote: str = ""
    tree: str = ""
    follows: bool = False
    done: str = ""
    tip: str = ""
    remotes: tuple[str, ...] = ()
    missed: tuple[RemoteResult, ...] = ()


def judge(stage: Stage, run: Run, every: list[Run], on_progress: OnProgress) -> Refs:
    """What is to become of the refs of `run`. Refused if that cannot be, or would lose lines."""
    target = _before(stage, run, every)
    if not run.sent:
        _check_kept(stage, run, (tree_of(stage, target), _theirs(stage, run)))
        return Refs(target)
    destination = _destination(stage, run)
    tip = _there(stage, run, destination, on_progress)
    done = next((tip for one in _own(every) if one.new == tip != "" and _equal(one.old, every) == run.sent[-1].new), "")
    if not done and not _arrived(stage, run, destination, tip, every):
        _check_kept(stage, run, (tree_of(stage, target), stage.ws.tree(destination.tracking)))
        return Refs(target)
    old = run.sent[-1].old
    tree = tree_of(stage, old) or _empty(stage)
    follows = not any(ref.name.startswith(TRACKING) for ref in run.refs)  # else it brought what is to go again, too
    _check_kept(stage, run, (tree, "" if follows else tree_of(stage, target)))
    if done and not run.begun:  # an undo before this one has taken it off with a later push
        return Refs(stage.tip if follows else target, tree=tree, follows=follows)
    shown = tuple(map(without_credentials, destination.urls))
    return Refs("" if follows else target, True, destination.shown, tree, follows, done, tip, shown)


def tree_of(stage: Stage, oid: str) -> str:
    """The tree of a commit, "" for none."""
    return branch.parse_commit(stage.reader.read(oid, cap=layout.SMALL_CAP)[1])[0] if oid else ""


def _before(stage: Stage, run: Run, every: list[Run]) -> str:
    """Where the local branch stood before the run; where it stands, if the run did not move it."""
    ours = [ref for ref in run.refs if ref.name.startswith(LOCAL)]
    if any(ref.name != stage.ws.ref for ref in ours):
        raise Refused(f"that was on another branch: '{ours[0].name}'")
    told = [ref for one in every for ref in one.refs if ref.name == stage.ws.ref]
    if stage.tip and told and not any(stage.tip in (ref.old, ref.new) for ref in told):
        raise Refused(f"something else has moved '{stage.ws.ref}' since", f"'git reflog {stage.ws.ref}' shows it")
    later = {ref.old for ref in told[told.index(ours[-1]) + 1 :]} if ours else set()
    if ours and ours[-1].new in later | {stage.tip}:
        return ours[0].old
    return stage.tip  # it was cut short before the branch moved


def _theirs(stage: Stage, run: Run) -> str:
    """The tree that the run fetched, if that is what was fetched last."""
    fetched = [ref for ref in run.refs if ref.name.startswith(TRACKING)]
    return next((stage.ws.tree(ref.name) for ref in fetched if ref.new == stage.ws.tip(ref.name)), "")


def _check_kept(stage: Stage, run: Run, trees: tuple[str, ...]) -> None:
    """Refused if a session has lines on the branch that are neither in one of `trees` nor on this disk (or in the
    trash, from where they are put back). Looked at before anything is done.
    """
    if run.begun:
        return
    here = {
        entry.session: path for path, entry in stage.index.items() if _holds(stage, path, entry.session, entry.tree)
    }
    lost = set(branch.changed(stage, "", stage.base)) - here.keys() - undo_files.returning(run.files).keys()
    for tree in trees:
        if tree:
            lost -= {name for name in lost if _same(stage, tree, name)}
    if lost:
        lost -= _read_here(stage, lost)
    if lost:
        raise Refused(
            f"undone, the lines of '{min(lost)[:8]}' would be neither on this branch nor on this disk",
            "after a pull that was cut short, pull again first",
        )


def _same(stage: Stage, tree: str, session: str) -> bool:
    there = branch.parts(stage, branch.folder(stage, tree, layout.session_path(session)))
    return there.transcript == stage.parts(session).transcript


def _holds(stage: Stage, path: str, session: str, tree: str) -> bool:
    """Whether the file at `path` has every line that the branch has of the session."""
    if not tree or stage.parts(session).transcript != tree:
        return False
    entry = stage.index.get(path)
    try:
        return entry is not None and os.stat(path).st_size >= entry.synced
    except OSError:
        return False


def _read_here(stage: Stage, sessions: set[str]) -> set[str]:
    """Those of the sessions of which every line on the branch is in a file that the index does not know: an undo before
    this one has let it be looked at again.
    """
    from git_ccsync.claude import files as claude_files
    from git_ccsync.errors import BadData
    from git_ccsync.operations.capturing import find

    kept = set()
    for item in find.sessions(stage, tuple(sessions))[0]:
        try:
            fd = claude_files.open_regular(item.path)
        except (OSError, BadData):
            continue
        try:
            if _has_all(stage, item, fd):
                kept.add(item.id)
        except (OSError, BadData):
            continue
        finally:
            os.close(fd)
    return kept


def _has_all(stage: Stage, item: Found, fd: int) -> bool:
    from git_ccsync.claude import reading
    from git_ccsync.model import AHEAD, SAME
    from git_ccsync.operations.capturing import find
    from git_ccsync.operations.exchange.follow import Stored, follow_disk
    from git_ccsync.store import segments

    tree, worktree = stage.parts(item.id).transcript, find.owner(stage, item, fd)
    if not tree or not worktree:
        return False
    end, codec = reading.last_newline(fd, os.fstat(fd).st_size), stage.codec(item.id, worktree, item.key)
    found = follow_disk(stage, codec, Stored(segments.listing(stage, tree)), fd, end)
    return found.verdict.scenario in (SAME, AHEAD)


def _destination(stage: Stage, run: Run) -> Destination:
    last = run.sent[-1]
    found = route.find_for(stage, last.remote)
    if found.urls[0].startswith(BUNDLES):
        raise Refused(f"what went to '{found.name}' cannot be taken back", "a bundle of it may be anywhere by now")
    if found.ref != last.ref:
        raise Refused(f"that went to '{last.ref}', and a push would go to '{found.ref}' now")
    return found


def _there(stage: Stage, run: Run, destination: Destination, on_progress: OnProgress) -> str:
    """Where the remote's branch stands. A dry run does not ask it; one that cannot be asked counts as it was seen last,
    unless that is with what is to be taken back.
    """
    seen = stage.ws.tip(destination.tracking)
    if stage.dry_run:
        return seen
    try:
        return fetching.fetch(stage, destination, on_progress).tip
    except RemoteFailed:
        if seen == run.sent[-1].new:
            raise
        return seen


def _own(every: list[Run]) -> list[Sent]:
    """What undo itself has pushed, also where it was cut short after that."""
    return [one for run in every if run.verb == "undo" for one in run.sent if one.old != one.new]


def _equal(tip: str, every: list[Run]) -> str:
    """The commit that was pushed whose tree `tip` has: the one before what undo took back by `tip`, else `tip`."""
    taken = {one.new: one.old for one in _own(every)}
    before = {run.sent[-1].new: run.sent[-1].old for run in every if run.verb != "undo" and run.sent}
    behind = []
    while tip in taken:
        behind.append(tip)
        tip = taken[tip]
    for _ in behind:
        tip = before.get(tip, "")
        tip = _equal(tip, every) if tip in taken else tip
    return tip


def _arrived(stage: Stage, run: Run, destination: Destination, tip: str, every: list[Run]) -> bool:
    """Whether the remote, which stands at `tip`, has what was pushed, and nothing more, but for what undo itself has
    taken back since. Refused if it went on.
    """
    new = run.sent[-1].new
    if tip and _equal(tip, every) == new:
        return True
    if tip and tip != new and _is_here(stage, new) and refs.is_ancestor(stage.ws.repo, new, tip):
        raise Refused(
            f"'{destination.name}' has gone on since: what was pushed cannot be taken back any more",
            "'git ccsync rm' takes a session off everybody's lists",
        )
    return tip == new


def _is_here(stage: Stage, oid: str) -> bool:
    """Whether there is such a commit: one that was lost before it got to the disk is nobody's."""
    try:
        stage.reader.read(oid, cap=layout.SMALL_CAP)
    except BadData:
        return False
    return True


def _empty(stage: Stage) -> str:
    """The tree of a branch that has nothing yet."""
    stage.begin("")
    stage.put_format()
    tree = stage.draft.write()
    settle(stage.sink.finish())
    stage.begin(tree_of(stage, stage.tip))
    return tree


def take_back(stage: Stage, run: Run, found: Refs, on_progress: OnProgress) -> Refs:
    """Push a commit behind what was pushed whose tree is the one before; where the branch is to stand after that."""
    oid = found.done or _revert(stage, run, found)
    if oid != stage.tip:
        stage.move(oid, found.tree, f"undo {run.verb}")
    destination = _destination(stage, run)
    if found.done:
        lacking = further.lacking(stage.marks, destination.urls, destination.ref, oid)
        missed = tuple(RemoteResult(without_credentials(url), "failed") for url in lacking)
    else:
        result = sending.send(stage, destination, PushResult(), on_progress)
        if not any(one.new == oid for one in result.remotes):
            raise Refused(f"'{destination.name}' went on meanwhile: what was pushed could not be taken back")
        missed = tuple(one for one in result.remotes if one.status not in further.ARRIVED)
    off = tuple(url for url in found.remotes if url not in {one.url for one in missed})
    found = found._replace(remotes=off, missed=missed)
    return found._replace(target=oid) if found.follows else found


def _revert(stage: Stage, run: Run, found: Refs) -> str:
    """A commit behind where the remote stands, with the tree of before."""
    text = message.subject_and_trailers(stage.ws, 0, 0, f"undo {run.verb}").rstrip("\n") + f"{message.UNDO}{run.verb}\n"
    before = found.tip
    stage.begin(found.tree)
    oid = stage.add_commit(found.tree, before, text)
    stage.landing.take(stage.sink)
    stage.made[oid] = before
    return oid


def move(stage: Stage, run: Run, found: Refs) -> None:
    """Let the local branch stand where it is to stand, and what was fetched and is not merged any more be unfetched."""
    stage.landing.settle()
    if found.target != stage.tip:
        ours, why = stage.ws.ref, f"ccsync: undo {run.verb}"
        stage.undo.ref(ours, stage.tip, found.target)
        refs.update(stage.ws.repo, ours, found.target, stage.tip, why)
        stage.tip = found.target
        stage.begin(tree_of(stage, found.target))
    if not found.sent:
        for ref in run.refs:
            if ref.name.startswith(TRACKING) and stage.ws.tip(ref.name) == ref.new != ref.old:
                refs.update(stage.ws.repo, ref.name, ref.old, ref.new, f"ccsync: undo {run.verb}")
    if not found.follows:
        stage.marks.put({key: value for key, value in run.marks.items() if key.startswith(("seen ", "merged "))})
