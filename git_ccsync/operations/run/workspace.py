"""Where a verb works: the repository, this machine, Claude's directory, the branch. Opened once a run, read-only.

Three git processes run at once here, and nothing heavy is imported: the no-op push spends most of its time in this.
"""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.errors import NotInitialised
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import config as git_config
from git_ccsync.git import known, refs, repository
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from git_ccsync.git.config import Config
    from git_ccsync.git.refs import Ref
    from git_ccsync.git.repository import Repository
    from git_ccsync.state.machine import Here

LOCAL = "refs/ccsync/"
TRACKING = "refs/ccsync-remotes/"
HEADS = "refs/heads/ccsync/"
#: So many directories are remembered.
OPENINGS = 50
#: How the path of the repository for sessions outside any ends.
_HOME = "home.git"


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
    def memory(self) -> str:
        """Where is kept what was seen of the Claude directory: the state itself for ~/.claude, a directory in it for another
        one, since what was installed in one is not in the other.
        """
        if self.claude == home.claude_dir({"HOME": self.environ.get("HOME", "")}):
            return self.state
        import zlib

        return f"{self.state}/claude-{zlib.crc32(os.fsencode(self.claude)):08x}"

    @property
    def is_home(self) -> bool:
        """Whether this is the repository for sessions outside any repository (`outside`)."""
        return self.repo.work_tree == self.repo.git_dir

    @property
    def place(self) -> str:
        """The directory that opens this workspace again."""
        return self.repo.git_dir if self.is_home or not self.trees else self.trees[0]

    def work_tree(self, name: str) -> str:
        """The linked work tree of that name, else the main one."""
        named = [tree for tree in self.trees[1:] if name and (os.path.basename(tree) or tree) == name]
        return named[0] if named else self.trees[0]

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

    def __init__(self, cwd: str, *, fetch: str | None = None, watched: bool = True) -> None:
        """`fetch` is the remote, as it was typed, from which a fetch is to begin as soon as it is known where that leads: at
        once mostly, else in `finish`. `watched`: whether somebody may look at its progress.
        """
        self._cwd, self._environ = os.path.abspath(_start if cwd == "." else cwd), dict(os.environ)
        self._fetch, self._watched = fetch, watched
        self._made: Workspace | None = None
        self._memory = os.path.join(machine.state_home(self._environ), "openings")
        self._home = _home_repository(self._cwd, self._environ)
        if self._home:
            self._known = None
            self._config = git_config.start_read(git_dir=self._home.git_dir)
            self._refs = refs.start_list("", LOCAL, TRACKING, HEADS, git_dir=self._home.git_dir)
            return
        held = self._remembered()
        self._known = known.recall(held.get(self._cwd), self._cwd, self._environ)
        if self._known:
            # Before the fetch, which moves one of them: where it was is told, and judged by.
            self._refs = refs.start_list("", LOCAL, TRACKING, HEADS, git_dir=self._known[0].git_dir)
            self._begin(held)
            return
        self._discovery = repository.begin_discovery(self._cwd)
        self._config = git_config.start_read(self._cwd)
        self._refs = refs.start_list(self._cwd, LOCAL, TRACKING, HEADS)

    def finish(self) -> Workspace:
        """The workspace. CcsyncError outside a repository, Unsupported for bare and sha256 repositories."""
        self._begin()
        return self.ahead()._replace(refs=self._refs.finish())

    def ahead(self) -> Workspace:
        """The workspace without its refs, which git may still be listing. Errors as with `finish`."""
        if not self._made:
            self._made = self._make()
        return self._made

    def _begin(self, held: dict[str, object] | None = None) -> None:
        remote, self._fetch = self._fetch, None
        if remote is None:
            return
        from git_ccsync.operations.exchange import underway

        told = underway.Told(self._memory, self._cwd, remote)
        if (
            not (held and self._known and underway.again(self._known[0], told, held, watched=self._watched))
            and self.ahead().initialised
        ):
            underway.begin(self.ahead(), remote, told)

    def _make(self) -> Workspace:
        environ = self._environ
        repo = self._home or (self._known[0] if self._known else self._discovery.finish())
        here = machine.load(environ, _recoverable(repo.common_dir))
        state = os.path.join(repo.common_dir, "ccsync", here.id)
        config = self._known[1] if self._known else self._config.finish()
        branch = config.get("ccsync.branch")
        trees = _trees(repo, environ)
        outside = repo.work_tree == repo.git_dir
        former = _remember(state, trees, None if outside else environ) if branch else ()
        if branch and not self._known and not self._home:
            self._remember(repo, config)
        claude = home.claude_dir(environ)
        return Workspace(repo, config, here, environ, claude, state, branch, {}, trees, former)

    def _remembered(self) -> dict[str, object]:
        held = files.load_cache(self._memory)
        return held if isinstance(held, dict) else {}

    def _remember(self, repo: Repository, config: Config) -> None:
        """Spare the next run two of the three questions."""
        held = self._remembered()
        held.pop(self._cwd, None)
        held[self._cwd] = known.note(repo, config, self._cwd, self._environ)
        try:
            files.save_cache(self._memory, dict(list(held.items())[-OPENINGS:]))
        except OSError:  # a cache
            pass


def open_workspace(cwd: str = ".") -> Workspace:
    """The workspace around the directory `cwd`; at `nearby.home_repository` that of the sessions outside any.

    Raises CcsyncError outside a repository, Unsupported for bare and sha256 repositories.
    """
    return Opening(cwd).finish()


#: What "." means in this process.
_start = "."


def start_at(path: str) -> None:
    """From now on "." opens the workspace at `path`; the process stays in its directory."""
    global _start  # noqa: PLW0603 -- as a change of the directory would be
    _start = path


def _home_repository(cwd: str, environ: dict[str, str]) -> Repository | None:
    """The repository for sessions outside any, None if `cwd` is not its path."""
    if not cwd.endswith(_HOME):
        return None
    from git_ccsync.operations.capturing import outside

    return outside.repository(environ) if outside.is_home(cwd, environ) else None


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
    bound = ((name, _binding(os.path.join(top, name, "binding"))) for name in names)
    return tuple(f"{name}:{text.decode('ascii', 'replace').strip()}" for name, text in bound if text)


def _binding(path: str) -> bytes:
    try:
        return files.read(path, 256)
    except OSError:  # another user's, in a clone that several share
        return b""


def _trees(repo: Repository, environ: dict[str, str]) -> tuple[str, ...]:
    if repo.work_tree == repo.git_dir:
        from git_ccsync.operations.capturing import outside

        return outside.trees(environ)
    return tuple(os.path.realpath(tree.path) for tree in repository.worktrees(repo))


def _remember(state: str, trees: tuple[str, ...], environ: dict[str, str] | None) -> tuple[str, ...]:
    """The work trees that this repository had before, after writing down today's. `environ`: None if `--all` knows it
    anyway.
    """
    path = os.path.join(state, "trees")
    lines = os.fsdecode(files.read(path)).split("\n")
    known = [
        line for line in lines if os.path.isabs(line) and "\0" not in line
    ]  # what a disk made of it is passed over
    fresh = [tree for tree in trees if tree not in known and "\n" not in tree]
    if fresh:
        files.append(path, os.fsencode("".join(f"{tree}\n" for tree in fresh)))
        if environ and known and trees[0] in fresh:  # it was moved, or copied
            from git_ccsync.operations.run import known as repositories

            repositories.register(environ, trees[0])
    return tuple(tree for tree in known if tree not in trees)


def project_keys(ws: Workspace) -> tuple[str, ...]:
    """Names of project directories that sessions of this repository's work trees (also former ones) have."""
    forced = home.forced_key(ws.environ)
    named = tuple(home.project_key(tree) for tree in (*ws.trees, *ws.former))
    return (*named, forced) if forced else named


def refreshed(ws: Workspace) -> Workspace:
    """The same workspace with our refs as they are now."""
    return ws._replace(refs=refs.list_refs(ws.repo, LOCAL, TRACKING, HEADS))
