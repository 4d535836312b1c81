"""What a pull says once: machines and authors never seen before on this branch, and the other branches there."""

from __future__ import annotations

from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import remote
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.marks import Marks

#: So many of a kind are named; so many sessions of an unknown author are remembered.
MOST, SESSIONS = 5, 1000


def strangers(stage: Stage, theirs: Fetched) -> tuple[str, ...]:
    """A line for each machine and author that this machine has not seen on the branch. At the first look at a branch
    everybody is new: it is silent, but for authors who have come since this machine began the branch or took it on. Before
    them what git says against an object that came.
    """
    odd = (theirs.odd,) if theirs.odd else ()
    return (*odd, *_strangers(stage, theirs))


def _strangers(stage: Stage, theirs: Fetched) -> tuple[str, ...]:
    if stage.dry_run or not theirs.tree:
        return ()
    listing = branch.folder(stage, theirs.tree, "machines")
    first = not stage.marks.get("machines")
    blind = first and (not stage.tip or theirs.relation == fetching.UNRELATED)
    fresh = {} if stage.marks.get("machines") == listing else _machines(stage, theirs.tree)
    known = {*stage.marks.starting("author "), *(fetching.authors(stage, stage.tip) if first and not blind else ())}
    own = f"<{stage.ws.config.get('user.email')}>"
    authors = [a for a in theirs.authors if a and "\t" not in a and a not in known and not a.endswith(own)]
    marks = {f"machine {identity}": name for identity, name in fresh.items()}
    marks |= {} if blind else _unknown(stage, theirs.tree, {} if first else fresh, authors)
    stage.marks.put({"machines": listing, **marks, **{f"author {author}": "1" for author in authors}})
    if stage.lens:
        from git_ccsync.operations.sealed import enrol

        stage.remarks += [*enrol.untold(stage), *_asking(stage, theirs.tree)]
    machines = [] if first else list(fresh.values())
    return () if blind else (*_told("machine", machines), *_told("author", authors))


def _told(what: str, names: list[str]) -> list[str]:
    said = [f"{what} '{name}' was not seen on this branch before" for name in names[:MOST]]
    more = len(names) - MOST
    rest = f"nor was 1 more {what}" if more == 1 else f"nor were {more:,} more {what}s"
    return [*said, rest] if more > 0 else said


def _unknown(stage: Stage, tree: str, machines: dict[str, str], authors: list[str]) -> dict[str, str]:
    """The marks by which `stranger` knows them: machines by their ids, authors by the sessions that came with them."""
    marks = {f"new machine {identity}": name for identity, name in machines.items()}
    if authors:
        came = list(branch.changed(stage, stage.base, tree))[:SESSIONS]
        marks |= {f"new lines {session}": f"author '{authors[0]}'" for session in came}
    return marks


def stranger(marks: Marks, session: str, machine: str) -> str:
    """Who added to a session that nobody here has gone on with since: "" for nobody but those who were known, or were said
    to be by `known`. `machine` is the id of the one that added to it last.
    """
    name = marks.get(f"new machine {machine}")
    return f"machine '{name}'" if name else marks.get(f"new lines {session}")


def known(marks: Marks, session: str, machine: str) -> None:
    """A person knows who that is."""
    marks.put({key: "" for key in (f"new machine {machine}", f"new lines {session}") if marks.get(key)})


def _asking(stage: Stage, tree: str) -> list[str]:
    """A line if somebody else asks to be let in to an encrypted branch, once for each."""
    folder = branch.folder(stage, tree, "requests")
    asked, known = {entry.name.hex() for entry in stage.tree(folder)} if folder else set(), stage.marks.get("requests")
    stage.marks.put({"requests": " ".join(sorted(asked)[:200])})
    if asked <= set(known.split()):
        return []
    return ["a machine asks to be let in to the encrypted branch; 'git ccsync key show' tells its name and fingerprint"]


def _machines(stage: Stage, tree: str) -> dict[str, str]:
    """Machines without a mark yet, this one apart: id -> name."""
    known = stage.marks.starting("machine ")
    found = {}
    for identity, oid in branch.machines(stage, tree).items():
        if identity in known or identity == stage.ws.here.id:
            continue
        try:
            name = layout.load_machine(identity, stage.blob(oid, layout.SMALL_CAP)).name
        except BadData:
            name = identity
        found[identity] = "".join(c for c in name if c.isprintable())
    return found


def other_branches(stage: Stage, destination: Destination) -> tuple[str, ...]:
    """Names of the other branches on the remote, () if it cannot be asked."""
    ws = stage.ws
    target = remote.target_at(ws.config, destination.remote, destination.urls[0], destination.tracking)
    top = destination.ref.rpartition("/")[0]
    try:
        found = remote.ls_remote(ws.repo, target, f"{top}/*", stall=ws.config.get_int("ccsync.stallLimit", 60))
    except CcsyncError:
        return ()
    # git's "*" stands for slashes too: other projects, with branches of their own, are among what it found
    names = (name.removeprefix(f"{top}/") for name in found if name != destination.ref)
    return tuple(sorted(name for name in names if destinations.is_branch(name)))
