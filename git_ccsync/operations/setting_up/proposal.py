"""What init would do, before it does anything: destination, branches there, readers, extent. Values for a question."""

from __future__ import annotations

import os

from git_ccsync.errors import Refused, RemoteFailed, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import guard
from git_ccsync.operations.destinations.destination import ELSEWHERE
from git_ccsync.operations.destinations.place import Destination
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import HEADS, LOCAL
from git_ccsync.operations.setting_up import survey
from git_ccsync.operations.setting_up.survey import Extent, Theirs
from git_ccsync.state import consent

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace


class Proposal(Frozen):
    """What is to be agreed to.

    `remote` is the remote's name; `add` the URL it is to be made with, "" if it exists; `create` the directory that
    is to become a bare repository, "" for none; `project` the key on a remote that serves many, "" where it serves this
    one. `branches` are those that the remote holds, `suggested` is the one to take ("" if a person must say).
    `visibility` is private, unknown or public; `allowed` that a public place was allowed by its URL. `agreed`: the
    owner agreed to just these URLs before.
    """

    remote: str
    urls: tuple[str, ...]
    add: str
    create: str
    project: str
    branches: tuple[Theirs, ...]
    suggested: str
    visibility: str
    allowed: bool
    agreed: bool
    people: int
    extent: Extent

    @property
    def place(self) -> str:
        """What people call the destination."""
        return urls.label(self.urls[0])

    def at(self, branch: str, *, heads: bool = False) -> Destination:
        """The destination of a branch: where it is, else under refs/ccsync/ (with `heads`, refs/heads/ccsync/)."""
        ref = next((one.ref for one in self.branches if one.name == branch), "")
        if not ref:
            ref = f"{LOCAL}{self.project}/{branch}" if self.project else LOCAL + branch
            ref = destinations.in_heads(ref) if heads else ref
        return destinations.at(self.remote, self.urls, branch, ref)


class Place(Frozen):
    """A remote as chosen: see Proposal."""

    remote: str
    urls: tuple[str, ...]
    add: str = ""
    create: str = ""


def propose(ws: Workspace, *, remote: str = "", branch: str = "", since: str = "", allow_public: str = "") -> Proposal:
    """What init would do with these words; the remote is asked, nothing is sent, nothing is written.

    Raises Refused if there is no destination to choose, RemoteFailed if it cannot be read, Usage for bad words.
    """
    wanted = destinations.checked_branch(branch) if branch else ""
    check_day(since)
    place = choose(ws, remote)
    if allow_public and not guard.is_named(ws, place.urls, allow_public):
        raise _other(place, allow_public)
    project = _project(ws, place)
    target = git_remote.target_at(ws.config, place.remote, place.urls[0], "")
    there = {} if place.create else _there(ws, target, project)
    found = survey.branches(ws, target, there)
    shown = Destination(place.remote, place.urls, "", "", "")
    with Stage(ws, dry_run=True) as stage:
        extent = survey.extent(stage, since)
    return Proposal(
        *place[:4],
        project,
        found,
        wanted or suggest(ws, found),
        guard.look(ws, place.urls),
        guard.allowed(ws.repo, ws.config, shown, allow_public),
        consent.check(ws.state, guard.normal(ws.repo, shown)) is not None,
        survey.people(ws),
        extent,
    )


def _other(place: Place, url: str) -> Refused:
    """The refusal to publish at a URL that is not the destination's: nothing would come of it."""
    from shlex import quote

    shown, there = urls.without_credentials(url), urls.without_credentials(place.urls[0])
    again = quote(shown)
    return Refused(
        f"'{shown}' is not where sessions go: that is '{there}'",
        f"git ccsync init --remote {again} --allow-public {again}",
        "    sends them there instead, where everyone can read them",
    )


def check_day(day: str) -> None:
    """Usage unless `day` is "" or YYYY-MM-DD."""
    import datetime as dt

    try:
        good = not day or dt.date.fromisoformat(day).isoformat() == day
    except ValueError:
        good = False
    if not good:
        raise Usage(f"'{day}' is no date: write YYYY-MM-DD")


def candidates(ws: Workspace) -> tuple[str, ...]:
    """The remotes among which a person must choose, () if the order of DESTINATION decides."""
    names = ws.config.remotes()
    if len(names) < 2 or _configured(ws):
        return ()
    return () if destinations.by_order(ws.config, _carrying(ws)) else names


def _configured(ws: Workspace) -> str:
    """The destination that was chosen before, "" for none, or one whose remote is gone: then the order decides anew."""
    return "" if destinations.gone(ws.config) else ws.config.get("ccsync.remote")


def choose(ws: Workspace, remote: str) -> Place:
    """The remote to use: `remote` as given, else by the order; a URL of a remote that exists is that remote."""
    names = ws.config.remotes()
    carrying = _carrying(ws) if not remote and len(names) > 1 and not _configured(ws) else ()
    chosen = remote or _configured(ws) or destinations.by_order(ws.config, carrying)
    if not chosen or chosen in names:
        found = destinations.resolve(ws.repo, ws.config, "x", chosen)
        return Place(found.remote, found.urls)
    (url,) = git_remote.push_urls(ws.repo, ws.config, chosen)
    directory = urls.is_path(url) and not url.startswith(urls.BUNDLES)
    if urls.is_path(url):
        url = _directory(url, explicit=bool(remote)) if directory else urls.absolute(url)
    # What is written down is what git rewrites each time: rewritten twice it would lead elsewhere.
    said = url if ws.config.rewritten(chosen) == chosen else chosen
    return _named(ws, url) or Place(ELSEWHERE, (url,), said, url if directory and _is_vacant(url) else "")


def _carrying(ws: Workspace) -> tuple[str, ...]:
    """The remotes that hold branches of ours; one that does not answer holds none."""
    found, stall = [], destinations.patience(ws.config, 10)
    for name in ws.config.remotes():
        try:
            target = git_remote.target_at(ws.config, name, git_remote.push_urls(ws.repo, ws.config, name)[0], "")
            there = git_remote.ls_remote(ws.repo, target, "refs/ccsync/*", stall=stall, total=30)
        except (RemoteFailed, Usage, IndexError):
            continue
        if any(ref.startswith(LOCAL) for ref in there):
            found.append(name)
    return tuple(found)


def _named(ws: Workspace, url: str) -> Place | None:
    """The remote that leads to `url` already."""
    wanted = urls.normalise(url, ws.repo.work_tree)
    for name in ws.config.remotes():
        found = git_remote.push_urls(ws.repo, ws.config, name)
        if found and urls.normalise(found[0], ws.repo.work_tree) == wanted:
            return Place(name, found)
    if ELSEWHERE in ws.config.remotes() and not ws.config.get_bool(f"remote.{ELSEWHERE}.skipFetchAll"):
        raise Refused(
            f"a remote named '{ELSEWHERE}' exists already and leads elsewhere",
            "give it another name: git remote rename ccsync <name>",
        )
    return None


def _directory(path: str, *, explicit: bool) -> str:
    """The absolute path of a directory that was given as destination. Refused if it looks like a mistyped name."""
    plain = urls.parse(path).path
    if explicit and os.sep not in path and not os.path.isdir(plain):
        raise Refused(f"there is no remote named '{path}'", f"for a directory write './{path}'")
    return os.path.abspath(plain)


def _is_vacant(path: str) -> bool:
    """True for a directory that is absent or empty. Refused if something else stands there."""
    try:
        return not os.listdir(path)
    except FileNotFoundError:
        return True
    except NotADirectoryError:
        raise Refused(f"'{path}' is not a directory") from None


def _project(ws: Workspace, place: Place) -> str:
    """The project's key on a remote that serves many; "" on one of the project's own. What was set up once stays."""
    ref = ws.config.get("ccsync.remoteRef")
    if ref and place.remote == ws.config.get("ccsync.remote"):
        above = ref.removeprefix(HEADS).removeprefix(LOCAL).rpartition("/")[0]
        return above if "/" not in above else ""
    elsewhere = place.add or (place.remote == ELSEWHERE and ws.config.get_bool(f"remote.{ELSEWHERE}.skipFetchAll"))
    return destinations.project(ws.repo, ws.config) if elsewhere else ""


def _there(ws: Workspace, target: git_remote.Target, project: str) -> dict[str, str]:
    """Our branches on the remote, by name."""
    prefix = f"{LOCAL}{project}/" if project else LOCAL
    heads = HEADS + prefix.removeprefix(LOCAL)
    stall = destinations.patience(ws.config, 30)
    found = git_remote.ls_remote(ws.repo, target, prefix + "*", heads + "*", stall=stall)
    return destinations.named(tuple(found), prefix)


def suggest(ws: Workspace, found: tuple[Theirs, ...]) -> str:
    """The branch to take: the one set already, the only one of this user's address, a new one if there is none at all.

    "" if a person must say: the remote holds branches, and none or several are this user's.
    """
    configured = ws.config.get("ccsync.branch")
    if configured:
        return configured
    mine = [branch.name for branch in found if branch.mine]
    if found:
        return mine[0] if len(mine) == 1 else ""
    return destinations.default_branch(ws.config)
