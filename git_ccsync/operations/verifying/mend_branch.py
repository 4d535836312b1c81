"""Going on behind a tip that is not followed: what is good of the branch, and ours, as a commit on top of it.

Nobody else's commit is ever taken away, so one that nobody can follow would stand in everybody's way for ever. On top of
it the branch is sound again, and all others follow that.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, NotFound
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import refs
from git_ccsync.operations import pull
from git_ccsync.operations.destinations import route
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.exchange import gate
from git_ccsync.operations.run import locking, message

if TYPE_CHECKING:
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.exchange.fetch import Fetched
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

#: Commits that are looked at for the newest good one.
MOST = 1000


def mend(ws: Workspace) -> str:
    """Let the local branch go on behind the tip that was refused; the name of the remote that needs it pushed, "" if the
    last one was followed. NotFound where nothing before it is good, Locked.
    """

    def work(stage: Stage) -> str:
        destination = route.find_for(stage, "")
        bad = stage.marks.get(gate.refusal(destination))
        if not bad:
            return ""
        pull.merge(stage, destination, _newest_good(stage, destination, bad))
        stage.landing.settle()
        made = stage.add_commit(stage.base, bad, message.subject_and_trailers(stage.ws, 0, 0, "mend the branch"))
        stage.landing.take(stage.sink)
        stage.made[made] = bad
        stage.move(made, stage.base, "mend the branch")
        stage.landing.settle()
        seen = stage.ws.tip(destination.tracking)
        stage.marks.put({gate.refusal(destination): "", f"mended {destination.tracking}": seen})
        stage.index.remember("mended", (destination.tracking, seen))
        stage.save()
        return destination.name

    return locking.locked(ws, False, work, verb="verify")


def _newest_good(stage: Stage, destination: Destination, bad: str) -> Fetched:
    """The newest commit before the refused one that can be followed, judged."""
    for commit in refs.commits(stage.ws.repo, bad, limit=MOST):
        if commit.oid == bad:
            continue
        try:
            found = fetching.judge(stage, destination.tracking, commit.oid, commit.tree)
            gate.check(stage, commit.tree)
        except BadData:
            continue
        return found
    raise NotFound(
        f"nothing of what is on '{destination.name}' can be followed",
        "nothing is lost here; if nobody means to keep what is there, git's own push puts this machine's branch in its place:",
        f"git push --force {destination.name} {stage.ws.ref}:{destination.ref}",
    )
