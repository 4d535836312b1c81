"""Where a verb works: the repository, this machine, Claude's directory, the branch. Opened once a run, read-only.

Three git processes run at once here, and nothing heavy is imported: the no-op push spends most of its time in this.
"""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.errors import NotInitialised
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import config as git_config
from git_ccsync.git import refs, repository
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from git_ccsync.git.config import Config
    from git_ccsync.git.refs import Ref
    from git_ccsync.git.repository import Repository
    from git_ccsync.state.machine import Here

LOCAL = "refs/ccsync/"
TRACKING = "refs/ccsync-remotes/"
HEADS = "refs/heads/ccsync/"


class Workspace(Frozen):
    """One repository as this machine's user has it. `trees` are its work trees (real paths, the main one first),
    `former` those that it had before; `refs` our refs as they were at the start.
    """

    repo: Repository
    config: Config
    here: Here
    environ: dict[str, str]
    claude: str
    state: str
    branch: str
    refs: dict[str, Ref]
    trees: tuple[str, ...]
    former: tuple[str, ...]

    @property
    def ref(self) -> str:
        """Full name of the local branch."""
        return LOCAL + self.branch

    @property
    def initialised(self) -> bool:
        """Whether `init` was done here."""
        return bool(self.branch)

    def tip(self, name: str = "") -> str:
        """Object id of a ref of ours (the local branch by default) at the start, "" if it does not exist."""
        found = self.refs.get(name or self.ref)
        return found.oid if found else ""

    def tree(self, name: str = "") -> str:
        """The tree of that ref's tip, "" if it does not exist."""
        found = self.refs.get(name or self.ref)
        return found.tree if found else ""


class Opening:
    """A workspace being opened: git has been asked, and answers while the caller imports what it will need."""

    def __init__(self, cwd: str) -> None:
        cwd = os.path.abspath(cwd)
        self._discovery = repository.begin_discovery(cwd)
        self._config = git_config.start_read(cwd)
        self._refs = refs.start_list(cwd, LOCAL, TRACKING, HEADS)

    def finish(self) -> Workspace:
        """The workspace. CcsyncError outside a repository, Unsupported for bare and sha256 repositories."""
        environ = dict(os.environ)
        claude = home.claude_dir(environ)
        repo = self._discovery.finish()
        here = machine.load(environ, _recoverable(repo.common_dir))
        state = os.path.join(repo.common_dir, "ccsync", here.id)
        config = self._config.finish()
        branch = config.get("ccsync.branch")
        trees = _trees(repo)
        former = _remember(state, trees) if branch else ()
        return Workspace(repo, config, here, environ, claude, state, branch, self._refs.finish(), trees, former)


def open_workspace(cwd: str = ".") -> Workspace:
    """The workspace around the directory `cwd`.

    Raises CcsyncError outside a repository, Unsupported for bare and sha256 repositories.
    """
    return Opening(cwd).finish()


def require_init(ws: Workspace) -> None:
    """NotInitialised unless `init` was done here."""
    if not ws.initialised:
        raise NotInitialised(
            "this repository does not carry sessions yet", "run 'git ccsync init' to choose where they go"
        )


def _recoverable(common_dir: str) -> tuple[str, ...]:
    """`id:binding` of every machine that has state in this repository."""
    top = os.path.join(common_dir, "ccsync")
    try:
        names = os.listdir(top)
    except OSError:
        return ()
    bound = ((name, files.read(os.path.join(top, name, "binding"), 256)) for name in names)
    return tuple(f"{name}:{text.decode('ascii', 'replace').strip()}" for name, text in bound if text)


def _trees(repo: Repository) -> tuple[str, ...]:
    return tuple(os.path.realpath(tree.path) for tree in repository.worktrees(repo))


def _remember(state: str, trees: tuple[str, ...]) -> tuple[str, ...]:
    """The work trees that this repository had before, after writing down today's."""
    path = os.path.join(state, "trees")
    known = [line for line in os.fsdecode(files.read(path)).split("\n") if line]
    fresh = [tree for tree in trees if tree not in known and "\n" not in tree]
    if fresh:
        files.append(path, os.fsencode("".join(f"{tree}\n" for tree in fresh)))
    return tuple(tree for tree in known if tree not in trees)


def project_keys(ws: Workspace) -> tuple[str, ...]:
    """Names of project directories that sessions of this repository's work trees (also former ones) have."""
    forced = home.forced_key(ws.environ)
    named = tuple(home.project_key(tree) for tree in (*ws.trees, *ws.former))
    return (*named, forced) if forced else named


def refreshed(ws: Workspace) -> Workspace:
    """The same workspace with our refs as they are now."""
    return ws._replace(refs=refs.list_refs(ws.repo, LOCAL, TRACKING, HEADS))
