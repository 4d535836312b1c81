"""doctor: each thing that can be wrong as one check, with its mend. Changes nothing unless asked to fix what is ours."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import scan
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import command, refs, remote
from git_ccsync.git.url import BUNDLES
from git_ccsync.operations.capturing import find
from git_ccsync.operations.destinations.destination import patience, resolve
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import project_keys
from git_ccsync.operations.verifying import leftovers, ref_locks
from git_ccsync.state import files
from git_ccsync.state.lock import Lock
from git_ccsync.store import branch, segments
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.model import Machine, Meta
    from git_ccsync.operations.run.workspace import Workspace

#: The oldest git that has what we call: `rev-parse --path-format` came with 2.31.
OLDEST_GIT = (2, 31)
#: Of ours alone; git wakes at 6,700 and 50 of everybody's.
MUCH_LOOSE, MUCH_PACKS = 5000, 25
#: Seconds that a commit may lie in the future before a clock counts as wrong.
CLOCK_SKEW = 300


class Check(Frozen):
    """One line of doctor's: what was looked at, whether it is well, what was found, how to mend it."""

    name: str
    ok: bool
    found: str
    mend: str = ""


def doctor(ws: Workspace, *, fix: bool = False) -> tuple[Check, ...]:
    """All checks of one repository, in the order of the manual page. `fix` mends what is ours: leftovers, the index."""
    checks = [git_version()]
    if not ws.initialised:
        return (*checks, Check("set up", False, "sessions of this repository go nowhere yet", "git ccsync init"))
    with Stage(ws, dry_run=True) as stage:
        looks: tuple[Callable[[Stage], Iterator[Check]], ...] = (
            _remote, _mirrors, _transcripts, _objects, _size, _copies, _machines, _clock,
        )  # fmt: skip
        for look in looks:
            checks += _carefully(look, stage)
    return (*checks, *_ours(ws, fix=fix))


def _carefully(look: Callable[[Stage], Iterator[Check]], stage: Stage) -> list[Check]:
    try:
        return list(look(stage))
    except (CcsyncError, OSError) as error:
        return [Check(look.__name__.strip("_"), False, getattr(error, "message", "") or str(error))]


def git_version() -> Check:
    """Whether git is new enough."""
    text = command.run(["version"]).stdout.decode("utf-8", "replace").strip()
    numbers = text.removeprefix("git version ").split(".")[:2]
    version = tuple(int(number) for number in numbers if number.isdecimal())
    wanted = ".".join(map(str, OLDEST_GIT))
    return Check("git", version >= OLDEST_GIT, text, "" if version >= OLDEST_GIT else f"install git {wanted} or newer")


def _remote(stage: Stage) -> Iterator[Check]:
    ws = stage.ws
    try:
        place = resolve(ws.repo, ws.config, ws.branch)
    except CcsyncError as error:
        yield Check("remote", False, error.message, error.hints[-1] if error.hints else "")
        return
    target = remote.target_at(ws.config, place.remote, place.urls[0], place.tracking)
    try:
        found = remote.ls_remote(ws.repo, target, place.ref, stall=patience(ws.config, 15))
    except CcsyncError as error:
        yield Check("remote", False, error.message, "check the network and the URL: git remote -v")
        return
    there = found.get(place.ref)
    yield Check("remote", True, f"'{place.name}' answers")
    if place.urls[0].startswith(BUNDLES):
        from git_ccsync.git import bundles

        odd = "; ".join(bundles.trouble())
        yield Check(
            "bundles", not odd, odd or "every one begins as it should", odd and "wait for the syncer, or remove it"
        )
    mend = "git ccsync sync sends it there again; where that is refused, git ccsync init offers another ref"
    yield Check("ref", bool(there), f"'{place.ref}' {'is there' if there else 'is not there'}", "" if there else mend)


def _mirrors(stage: Stage) -> Iterator[Check]:
    """`push --mirror` and refspecs with refs/* send sessions along with the code."""
    from git_ccsync.operations.verifying import mirrors

    ws = stage.ws
    try:
        place = resolve(ws.repo, ws.config, ws.branch)
    except CcsyncError:  # told as "remote"
        return
    loud = mirrors.loud(ws, place)
    for one in loud:
        yield Check("mirrors", False, one.found, one.mend)
    if not loud:
        yield Check("mirrors", True, "no remote mirrors our refs by accident")


def _some(names: Sequence[str]) -> str:
    """The first three, and how many there are besides."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _transcripts(stage: Stage) -> Iterator[Check]:
    # Outside repositories, every project directory may hold one: only the index tells whose they are.
    found, problems = (
        find.sessions(stage, ()) if stage.ws.is_home else scan.scan(stage.ws.claude, project_keys(stage.ws))
    )
    odd = [problem.subject for problem in problems]
    unreadable = [item.path for item in found if not os.access(item.path, os.R_OK)]
    # Asked of the files: what the index says of them is as old as the last push.
    paths = {item.path for item in found} | {path for path, _ in stage.index.items() if path.endswith(".jsonl")}
    torn = sorted(filter(claude_files.is_torn, paths))
    bad = [*odd, *unreadable]
    text = f"{len(found)} here" if not bad else f"{len(bad)} cannot be read: {_some(bad)}"
    yield Check("sessions", not bad, text, "look at their owner, mode and kind" if bad else "")
    ended = f"{len(torn)} end{'s' if len(torn) == 1 else ''} in the middle of a line: {_some([os.path.basename(p)[:8] for p in torn])}"
    mend = "the next prompt in Claude Code ends the line; the rest is safe" if torn else ""
    yield Check("torn", not torn, ended if torn else "every one ends with a whole line", mend)


def _objects(stage: Stage) -> Iterator[Check]:
    """The tree of the branch is as the format has it, and every segment of a transcript is there and what its name says."""
    from git_ccsync.operations.verifying import verify_tree

    bad = {one.session or one.subject for one in verify_tree.check(stage.reader, stage.base)} if stage.base else set()
    owners: dict[str, str] = {}
    for session, tree in branch.sessions(stage, stage.base).items() if stage.base else ():
        try:
            owners |= dict.fromkeys(segments.listing(stage, branch.parts(stage, tree).transcript), session)
        except CcsyncError:
            bad.add(session)
    bad |= {owners[oid] for oid in verify_tree.unreadable(stage.reader, tuple(owners))}
    told = _some(sorted(one[:8] for one in bad))
    found = f"{len(bad)} parts of the branch cannot be read: {told}" if bad else f"{len(owners)} segments are whole"
    yield Check(
        "objects", not bad, found, "git ccsync verify; git ccsync push from a machine that has them" if bad else ""
    )


def _size(stage: Stage) -> Iterator[Check]:
    """What the sessions take on this disk, and whether git's own gc is about to wake of it."""
    from git_ccsync.operations import gc

    found = gc.size(stage.ws)
    loose = f"{found.loose:,} loose object{'' if found.loose == 1 else 's'}"
    packs = f"{found.packs} pack{'' if found.packs == 1 else 's'}"
    much = found.loose > MUCH_LOOSE or found.packs > MUCH_PACKS
    text = f"{found.bytes / 1e6:,.1f} MB; {loose} and {packs} of our own"
    yield Check("size", not much, text, "git ccsync gc" if much else "")


def _copies(stage: Stage) -> Iterator[Check]:
    copies = [meta for meta in _metas(stage).values() if meta.parent and meta.suffix]
    number = f"{len(copies)} conflict cop{'y' if len(copies) == 1 else 'ies'}"
    yield Check("copies", True, f"{number} (git ccsync list --conflicts)" if copies else "no conflict copies")


def _metas(stage: Stage) -> dict[str, Meta]:
    return stage.metas() if stage.base else {}


def _machines(stage: Stage) -> Iterator[Check]:
    listed = list(_listed(stage))
    counts: dict[str, int] = {}
    for meta in _metas(stage).values():
        counts[meta.machine] = counts.get(meta.machine, 0) + 1
    told = ", ".join(f"{machine.name} {counts.get(machine.id, 0)}" for machine in listed)
    yield Check("machines", True, f"sessions by machine: {told or 'none'}")
    names = [machine.name for machine in listed]
    twice = sorted({name for name in names if names.count(name) > 1})
    found = f"several machines are called '{', '.join(twice)}'" if twice else "every machine has a name of its own"
    yield Check("names", not twice, found, "git ccsync machine rename <name> on one of them" if twice else "")


def _listed(stage: Stage) -> Iterator[Machine]:
    for identity, oid in branch.machines(stage, stage.base).items() if stage.base else ():
        yield layout.load_machine(identity, stage.blob(oid, layout.SMALL_CAP))


def _clock(stage: Stage) -> Iterator[Check]:
    commits = refs.commits(stage.ws.repo, stage.tip, limit=20) if stage.tip else ()
    newest = max((commit.time for commit in commits), default=0)
    ahead = newest - int(time.time())
    wrong = ahead > CLOCK_SKEW
    found = f"a commit on the branch lies {ahead} s in the future" if wrong else "agrees with the branch"
    yield Check("clock", not wrong, found, "set the clock here or there; nothing is decided by time" if wrong else "")


def _ref_locks(ws: Workspace, *, fix: bool) -> Check:
    """Lock files of our refs that a killed git has left: until they are gone nothing is pushed or pulled."""
    found = ref_locks.left(ws)
    if fix and found:
        with Lock(os.path.join(ws.state, "lock")):
            ref_locks.remove(ws)
        found = ref_locks.left(ws)
    if found:
        return Check(
            "ref locks", False, f"left by a git that was killed: {', '.join(found)}", "git ccsync doctor --fix"
        )
    others = ref_locks.standing(ws)
    text = f"held by a git that seems to be at work: {', '.join(others)}" if others else "none"
    return Check("ref locks", not others, text, "end that git, or wait" if others else "")


def _ours(ws: Workspace, *, fix: bool) -> Iterator[Check]:
    """What we left behind, and our own cache."""
    found = leftovers.leftovers(ws)
    if fix and found:
        locking.locked(ws, True, lambda stage: leftovers.remove(stage.ws))
        found = leftovers.leftovers(ws)
    text = f"{len(found)} temporary files of an interrupted run" if found else "none"
    yield Check("leftovers", not found, text, "git ccsync doctor --fix" if found else "")
    yield _ref_locks(ws, fix=fix)
    path = os.path.join(ws.memory, "index")
    damaged = os.path.exists(path) and files.load_cache(path) is None
    if damaged and fix:
        os.unlink(path)
        damaged = False
    mend = "git ccsync doctor --fix; it is a cache, nothing is lost" if damaged else ""
    yield Check("index", not damaged, "damaged" if damaged else "in order", mend)
