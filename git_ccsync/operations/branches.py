"""branches: those of the remotes as they were seen last, each with whoever wrote to it last. Offline."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.run import clear
from git_ccsync.operations.run.workspace import TRACKING
from git_ccsync.operations.setting_up.survey import machine_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.operations.run.workspace import Workspace


class Branch(Frozen):
    """A branch under the name that it has here (`<remote>/<branch>`); `updated` is when its last commit was made."""

    name: str
    author: str
    machine: str
    updated: str
    sessions: int
    mine: bool


def branches(ws: Workspace) -> tuple[Branch, ...]:
    """Every branch that was fetched from a remote, newest first, those of others that were looked at too; () before the
    first push, pull or init.
    """
    from git_ccsync.operations.arriving import others_list

    found = [_branch(ws, name) for name in ws.refs if name.startswith(TRACKING)]
    known = {one.name for one in found}
    for view in others_list.kept(ws):
        fetched = [_branch(view, name)._replace(mine=False) for name in view.refs if name.startswith(TRACKING)]
        found += [one for one in fetched if one.name not in known]
    return tuple(sorted(found, key=lambda one: one.updated, reverse=True))


def place_to_ask(ws: Workspace, found: Sequence[Branch]) -> str:
    """What `git ls-remote` could be asked instead: the remote that sessions go to, else one whose branches are `found`, else
    any. A directory that was pushed to once is no remote; "" if there is none.
    """
    from git_ccsync.git import url as urls
    from git_ccsync.operations.destinations import destination as destinations

    chosen, names = urls.without_credentials(destinations.choose(ws.config)), ws.config.remotes()
    by_key = {urls.key_of(name): name for name in names}
    known = [by_key[key] for key in (one.name.rpartition("/")[0] for one in found) if key in by_key]
    return chosen if chosen in names or "/" in chosen else next(iter((*known, *names)), "")


def _branch(ws: Workspace, ref: str) -> Branch:
    import time

    from git_ccsync.store import branch

    commit = next(clear.commits(ws, ws.tip(ref), limit=1))
    with clear.reader(ws) as reader:
        count = len(branch.sessions(reader, commit.tree))
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(commit.time))
    mine = ref.rpartition("/")[2] == ws.branch
    author = f"{commit.author_name} <{commit.author_email}>"
    return Branch(ref.removeprefix(TRACKING), author, machine_in(commit.message), stamp, count, mine)
