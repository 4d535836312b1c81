"""Which repository we are in, and its work trees. The only place that honours the caller's GIT_DIR."""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError, GitFailed, Unsupported
from git_ccsync.frozen import Frozen
from git_ccsync.git import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.process import Output

_QUESTION = (
    "rev-parse",
    "--path-format=absolute",
    "--is-bare-repository",
    "--is-shallow-repository",
    "--show-object-format",
    "--git-dir",
    "--git-common-dir",
    "--git-path",
    "objects",
    "--show-toplevel",  # last: it is the one that may fail, and then the rest has been said
)


class Repository(Frozen):
    """Absolute local paths of one repository as seen from one work tree; `common_dir` is what its work trees share."""

    git_dir: str
    common_dir: str
    work_tree: str
    object_dir: str
    shallow: bool


class Worktree(Frozen):
    """One work tree: `head` is an object id ("" if unborn or not asked for), `branch` a full ref name ("" detached)."""

    path: str
    head: str
    branch: str
    main: bool


class Discovery:
    """The question under way; `finish()` gives the answer."""

    def __init__(self, running: command.Running) -> None:
        self._running = running

    def finish(self) -> Repository:
        """The repository. CcsyncError in git's words if there is none, Unsupported if it is of a kind we refuse."""
        return _repository(self._running.finish())


def begin_discovery(cwd: str) -> Discovery:
    """Ask git which repository `cwd` is in, without waiting."""
    return Discovery(command.start(_QUESTION, cwd=cwd, env=command.environment(keep_context=True), check=False))


def discover(cwd: str) -> Repository:
    """The repository that `cwd` is in, or that GIT_DIR names: one `git rev-parse`.

    CcsyncError in git's words if there is none; Unsupported if it is bare, sha256, or git is too old.
    """
    return begin_discovery(cwd).finish()


def _repository(output: Output) -> Repository:
    lines = os.fsdecode(output.stdout).split("\n")[:-1]
    if lines and lines[0].startswith("--"):
        raise Unsupported("git is too old: git ccsync needs git 2.31 or newer")
    if lines and lines[0] == "true":
        raise _bare()
    if len(lines) > 2 and lines[2] != "sha1":
        raise Unsupported(f"repositories with object format '{lines[2]}' are not supported, only sha1")
    if output.status:
        raise _refusal(output)
    if len(lines) != 7:
        raise Unsupported("a line break in the path of the repository is not supported")
    _, shallow, _, git_dir, common_dir, object_dir, work_tree = lines
    return Repository(git_dir, common_dir, work_tree, object_dir, shallow == "true")


def _bare() -> Unsupported:
    return Unsupported("this is a bare repository; run git ccsync in a repository with a work tree")


def _refusal(output: Output) -> CcsyncError:
    """Git's own words: not a repository, not a work tree, or one of another owner (safe.directory)."""
    first, *rest = output.stderr.decode("utf-8", "replace").splitlines() or ["not a git repository"]
    message, hints = first.removeprefix("fatal: "), [line for line in rest if line.strip()]
    if message.startswith("cannot use bare repository"):
        inside = "/.git'" in message or "/.git/" in message  # git before 2.45 calls that bare, too
        return CcsyncError("this operation must be run in a work tree") if inside else _bare()
    if message.startswith("not a git repository (or any"):
        hints.append(f"for sessions outside any repository: git ccsync --home {_first_at_home()}")
    return CcsyncError(message, *hints)


def _first_at_home() -> str:
    """The command that comes first with --home: `init`, until it has run."""
    from git_ccsync.git.nearby import home_repository

    return "status" if os.path.isdir(os.path.join(home_repository(os.environ), "objects")) else "init"


def worktrees(repo: Repository, *, heads: bool = False) -> tuple[Worktree, ...]:
    """The work trees of the repository, the main one first; a bare main has none.

    Without linked ones no process is needed, unless `heads` asks for what is checked out.
    """
    if not heads and repo.git_dir == repo.common_dir and not _has_linked(repo):
        return (Worktree(repo.work_tree, "", "", True),)
    try:
        text = command.run(("worktree", "list", "--porcelain", "-z"), git_dir=repo.git_dir).stdout
    except GitFailed as error:
        if error.git_status != 129:
            raise
        text = command.run(("worktree", "list", "--porcelain"), git_dir=repo.git_dir).stdout  # git before 2.36
        text = text.replace(b"\n", b"\0")
    return tuple(_worktrees(repo, text))


def _has_linked(repo: Repository) -> bool:
    try:
        return bool(os.listdir(repo.common_dir + "/worktrees"))
    except FileNotFoundError:
        return False


def _worktrees(repo: Repository, text: bytes) -> list[Worktree]:
    found = []
    for number, block in enumerate(text.split(b"\0\0")):
        facts = dict(_fact(line) for line in block.split(b"\0") if line)
        if b"worktree" not in facts or b"bare" in facts:
            continue
        path, head = os.fsdecode(facts[b"worktree"]), facts.get(b"HEAD", b"").decode("ascii", "replace")
        main = number == 0
        if main and repo.git_dir == repo.common_dir:
            path = repo.work_tree  # with core.worktree (a submodule) git lists its own directory instead
        found.append(Worktree(path, head.strip("0") and head, os.fsdecode(facts.get(b"branch", b"")), main))
    return found


def _fact(line: bytes) -> tuple[bytes, bytes]:
    key, _, value = line.partition(b" ")
    return key, value
