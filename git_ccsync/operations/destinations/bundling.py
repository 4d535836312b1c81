"""The whole branch in one file: written by `export --bundle`, taken in by `pull FILE`. Works also where init was not done."""

from __future__ import annotations

from git_ccsync.errors import NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import bundle_file
from git_ccsync.git import config as git_config
from git_ccsync.git.whole import Whole
from git_ccsync.model import PushResult, silent
from git_ccsync.operations.capturing import intake, redacted
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.run import locking
from git_ccsync.operations.run.stage import bind
from git_ccsync.store import branch

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress, Problem, Redacted
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


class Bundled(Frozen):
    """What was written: sessions and bytes in the file; `redacted`: what was left out since the last push."""

    branch: str
    sessions: int
    size: int
    redacted: Redacted
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


def export(ws: Workspace, path: str, on_progress: OnProgress = silent) -> Bundled:
    """Commit what is new here, and write the local branch with all its history to `path`.

    Raises NotFound where there is no session, Refused without a name for the branch or where the file cannot be written.
    """
    ws = with_branch(ws)

    def work(stage: Stage) -> Bundled:
        captured = intake.take(stage, (), on_progress)
        stage.landing.settle()
        sessions = branch.sessions(stage, stage.base) if stage.base else {}
        if not sessions:
            raise NotFound("there is no session of this repository to export")
        size = _write(stage, path)
        told = redacted.added(stage, PushResult())
        stage.save()
        return Bundled(stage.ws.branch, len(sessions), size, told.redacted, captured.problems, told.warnings)

    return locking.locked(ws, False, work)


def _write(stage: Stage, path: str) -> int:
    try:
        with Whole(path) as file:
            return sum(file.write(piece) for piece in bundle_file.pieces(stage.ws.repo, stage.tip, stage.ws.ref))
    except OSError as error:
        raise Refused(f"'{path}' cannot be written: {error.strerror}") from error


def with_branch(ws: Workspace, path: str = "") -> Workspace:
    """The workspace with a branch, also where init was not done: the one in the bundle `path` that is this user's, or the
    only one; without a bundle this user's. No destination is chosen and nothing is agreed to by that.
    """
    if ws.initialised:
        return ws
    name = destinations.default_branch(ws.config)
    if path:
        found = sorted(destinations.named(tuple(bundle_file.refs_in(path))))
        name = name if name in found else found[0] if len(found) == 1 else ""
        if not name:
            listed = ", ".join(f"'{one}'" for one in found) or "none"
            raise Refused(f"it is not clear which branch in '{path}' is yours: {listed}", *_CHOOSE)
    if not name:
        raise Refused("git does not know your email address, which would name your branch", *_CHOOSE)
    bind(ws)
    git_config.set_value(ws.repo, "ccsync.branch", name)
    return ws._replace(branch=name)


_CHOOSE = ("git config ccsync.branch <name> says so",)
