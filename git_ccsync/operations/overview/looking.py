"""The long way of `status`: every session's standing, counted; the remote, looked at. Not for the case that nothing is new."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import home
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import url as urls
from git_ccsync.model import Problem, StatusResult
from git_ccsync.operations import machines
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import further, guard, route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.overview import standing
from git_ccsync.operations.run.stage import Stage
from git_ccsync.state import consent, keyring
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import Marks

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.overview.standing import Look
    from git_ccsync.operations.run.workspace import Workspace


def fetch(ws: Workspace, on_progress: OnProgress) -> tuple[Problem, ...]:
    """Bring the destination's branch into its tracking ref, and nothing further; what is wrong with it."""
    with Lock(os.path.join(ws.state, "lock")), Stage(ws) as stage:
        destination = destinations.resolve(ws.repo, ws.config, ws.branch)
        route.settle(stage, destination)
        found = fetching.fetch(stage, destination, on_progress)
        stage.marks.put({"fetched": str(int(time.time()))})
        how = _other_history(stage, found) if found.relation == fetching.UNRELATED else ""
    if how:
        return () if how == "newer" else (Problem(destination.ref, "has again, or still, what was purged here"),)
    if found.relation == fetching.UNRELATED:
        return (Problem(destination.ref, "has another beginning on the remote than here"),)
    what = "went backwards on the remote" if found.tip else "is gone from the remote"
    return (Problem(destination.ref, what),) if found.rewound else ()


def _other_history(stage: Stage, found: Fetched) -> str:
    """How a history with another beginning stands to ours, after a purge; "" for that of another branch."""
    from git_ccsync.operations.purging import follow_purge

    return follow_purge.kind(stage, found)


def status(ws: Workspace) -> StatusResult:
    """Everything that can be told offline."""
    found = standing.look(ws)
    destination, problems = _destination(ws)
    counted = _counted(ws, found, destination)._replace(unreadable=_unreadable(found))
    if idle.carries_memory(ws):
        counted, told = _with_memory(ws, counted, destination)
        problems = (*problems, *told)
    problems = (*problems, *found.problems, *_waiting(ws))
    return counted._replace(problems=problems, in_step=counted.in_step and all(one.stray for one in problems))


def _unreadable(found: Look) -> int:
    """Sessions of this repository that cannot be looked at, whether the branch has them or not."""
    known = {one.session.id for one in found.standings if one.says("unreadable")}
    return len(known | standing.unread(found.problems))


def _waiting(ws: Workspace) -> tuple[Problem, ...]:
    from git_ccsync.operations.sealed import keys_send

    said = keys_send.waiting(ws)
    return (Problem(ws.ref, said),) if said else ()


def _with_memory(
    ws: Workspace, counted: StatusResult, destination: Destination | None
) -> tuple[StatusResult, tuple[Problem, ...]]:
    from git_ccsync.operations.companions import memory_look

    found = memory_look.look(ws, destination.tracking if destination else "")
    in_step = counted.in_step and not (found.ahead or found.behind)
    counted = counted._replace(in_step=in_step, memory_ahead=found.ahead, memory_behind=found.behind)
    return counted, found.problems


def _destination(ws: Workspace) -> tuple[Destination | None, tuple[Problem, ...]]:
    try:
        return destinations.resolve(ws.repo, ws.config, ws.branch), ()
    except CcsyncError as error:
        return None, (Problem(ws.config.get("ccsync.remote") or ws.branch, error.message),)


def _counted(ws: Workspace, found: Look, destination: Destination | None) -> StatusResult:
    every = [one for one in found.standings if not one.says("purged")]
    ahead = [one for one in every if one.says("new", "ahead")]
    diverged = [one.session.id for one in every if one.says("diverged")]
    behind = sum(one.due and not one.says("diverged") for one in every)
    marks = Marks(ws.state)
    lacking = _lacking(ws, marks, destination) if destination else ()
    times = {name: marks.get(name) for name in ("push", "pull", "fetched")}
    return StatusResult(
        repository=ws.place, branch=ws.branch,
        remote=destination.name if destination else "",
        url=urls.without_credentials(destination.urls[0]) if destination else "",
        ref=destination.ref if destination else ws.ref,
        visibility=_readers(ws, destination) if destination else "",
        in_step=not (ahead or diverged or behind or lacking),
        sessions=sum(not one.says("left-out") for one in every), ahead=len(ahead),
        ahead_lines=sum(one.lines for one in ahead), ahead_bytes=sum(one.bytes for one in ahead),
        behind=behind, diverged=len(diverged), replaced=sum(_is_replaced(ws, found, one) for one in diverged),
        live=tuple(one.session.id for one in every if one.says("live")),
        torn=tuple(one.session.id for one in every if one.says("torn")),
        removed=sum(one.says("removed") and not one.due for one in every), held=sum(one.says("held") for one in every),
        not_here=sum(one.says("not-here") and not one.due for one in every),
        open_elsewhere=tuple((one.session.id, name) for one in every for name in one.session.open_on),
        machines=machines.listing(ws, found.known),
        last_push=_stamp(times["push"]), last_pull=_stamp(times["pull"]),
        fetched=_stamp(max(times.values(), key=_seconds)),
        lacking=lacking, moved=_moved(ws, found), purged=_seconds(marks.get("purged")),
    )  # fmt: skip


def _is_replaced(ws: Workspace, found: Look, session: str) -> bool:
    """Whether a session that has diverged went on nowhere else: what its file has no more was written by this machine."""
    card = found.known.cards.get(session)
    return card is not None and card.meta.machine == ws.here.id and session not in found.behind


def _lacking(ws: Workspace, marks: Marks, destination: Destination) -> tuple[str, ...]:
    """Further push URLs that lack what the first one has, without credentials."""
    tip = ws.tip(destination.tracking)
    behind = further.lacking(marks, destination.urls, destination.ref, tip) if tip else ()
    return tuple(urls.without_credentials(url) for url in behind)


def _moved(ws: Workspace, found: Look) -> int:
    """Sessions of the main work tree that lie where Claude Code looks from another place than today's."""
    if not ws.former or home.forced_key(ws.environ):
        return 0
    today = tuple(home.project_key(tree) for tree in ws.trees)
    keys = [os.path.basename(os.path.dirname(one.session.path)) for one in found.standings if not one.session.worktree]
    before = {home.project_key(tree) for tree in ws.former}
    return sum(any(_under(key, top) for top in before) and not any(_under(key, top) for top in today) for key in keys)


def _under(key: str, top: str) -> bool:
    return key == top or key.startswith(top + "-")


def _stamp(seconds: str) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_seconds(seconds))) if _seconds(seconds) else ""


def _seconds(text: str) -> int:
    """A time as marks have it, 0 for none, or for one that no clock shows."""
    return int(text) if text.isdecimal() and len(text) < 12 else 0


def _readers(ws: Workspace, destination: Destination) -> str:
    """Who can read what lies there, as far as was seen when it was looked last; "" if nobody has agreed to it yet."""
    held = consent.check(ws.state, guard.normal(ws.repo, destination))
    place = destination.urls[0]
    if not held:
        return ""
    if keyring.is_sealed(Marks(ws.state)):
        return "machines and keys that were let in"
    if held.visibility == "public":
        return "everyone, as it is public"
    if urls.is_path(place):
        return f"whoever may read '{urls.without_credentials(place)}'"
    return f"everyone with access to {urls.label(place)}"
