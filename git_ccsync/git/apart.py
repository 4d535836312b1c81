"""A branch of somebody else, in a bare repository of its own: fetched with as little as git can, and deletable at any time.

A depth and a filter leave their marks where they are used: the repository becomes shallow, and a partial clone. The
user's own must become neither, and must hold nothing of others that nobody asked for, so what is looked at lies apart.
"""

from __future__ import annotations

import os

from git_ccsync.errors import ObjectRefused
from git_ccsync.frozen import Frozen
from git_ccsync.git import answers, command, connectivity, glimpse, remote
from git_ccsync.git.repository import Repository
from git_ccsync.git.surroundings import environment_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.remote import Target
    from git_ccsync.model import OnProgress

#: Bytes up to which blobs come along: metas, the files of machines, wrapped keys; and lines that were sent alone.
SMALL = 4096
#: After so many packs it begins anew: it is a cache, and nobody packs it.
PACKS = 30
#: Objects asked for on one command line.
_ASKED = 1000
_WORDS = (
    "fetch",
    "--progress",
    "--no-tags",
    "--refmap=",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--no-prune",
    "--no-show-forced-updates",
)
_CONFIG = (remote.STREAMED, "fetch.writeCommitGraph=false", "fetch.parallel=1")
#: How keys begin that say how others are reached, and as whom; the user may have set them for this one clone.
_REACHING = ("http.", "credential.", "core.sshcommand", "core.gitproxy", "core.askpass", "ssh.", "protocol.")


class Source(Frozen):
    """Where a branch is fetched from: `settings` are of the user's clone alone, `stall` is in seconds."""

    target: Target
    settings: tuple[tuple[str, str], ...]
    stall: float


def source(user: Repository, target: Target, stall: float) -> Source:
    """`target`, reached as from the user's repository."""
    words = ("config", "--local", "--includes", "-z", "--list")
    text = os.fsdecode(command.run(words, git_dir=user.git_dir, check=False).stdout)
    pairs = (entry.partition("\n") for entry in text.split("\0")[:-1])
    return Source(target, tuple((key, value) for key, _, value in pairs if key.startswith(_REACHING)), stall)


def at(directory: str, user: Repository) -> Repository:
    """The bare repository in `directory`, made if it is absent; `user` is the one whose place relative URLs start from."""
    repo = Repository(directory, directory, user.work_tree, os.path.join(directory, "objects"), True)
    if len(_packs(repo)) > PACKS:
        begin_anew(repo)
    elif not os.path.isfile(os.path.join(directory, "HEAD")):
        os.makedirs(directory, 0o700, exist_ok=True)
        glimpse.create_bare(directory)
    return repo


def begin_anew(repo: Repository) -> None:
    """Forget all that was brought."""
    import shutil

    shutil.rmtree(repo.git_dir)
    os.makedirs(repo.git_dir, 0o700)
    glimpse.create_bare(repo.git_dir)


def fetch(
    repo: Repository,
    there: Source,
    ref: str,
    tracking: str,
    *,
    history: bool = False,
    whole: bool = False,
    on_progress: OnProgress | None = None,
) -> None:
    """Bring the remote's `ref` into `tracking`: trees and small blobs, and of its commits the newest, or all of them with
    `history`. With `whole`, and from a server that knows no filters, all that is in them. RemoteFailed, TooMuch, Stalled.
    """
    depth = _depth(repo, history=history)
    limit = "--no-filter" if whole else f"--filter=blob:limit={SMALL}"
    _Talk(repo, there, on_progress).fetch((*depth, limit, "--", remote.NAME, f"+{ref}:{tracking}"))


def _depth(repo: Repository, *, history: bool) -> tuple[str, ...]:
    if history:
        return ("--unshallow",) if is_shallow(repo) else ()
    return ("--depth=1",) if is_shallow(repo) or not size(repo) else ()


def is_shallow(repo: Repository) -> bool:
    """Whether older commits were not brought."""
    return os.path.exists(os.path.join(repo.git_dir, "shallow"))


def lacking(repo: Repository, oid: str) -> tuple[str, ...]:
    """The blobs below the tree or commit `oid` that are not here."""
    return tuple(connectivity.missing(repo, oid))


def bring(repo: Repository, there: Source, oids: Sequence[str], on_progress: OnProgress | None = None) -> None:
    """Bring just these objects. RemoteFailed, also where the server (protocol 0 and 1) hands out refs alone; Stalled."""
    for start in range(0, len(oids), _ASKED):
        words = ("--filter=blob:none", "--", remote.NAME, *oids[start : start + _ASKED])
        _Talk(repo, there, on_progress).fetch(words, "fetch.negotiationAlgorithm=noop")


def size(repo: Repository) -> int:
    """Bytes of all that was brought so far."""
    return sum(os.path.getsize(path) for path in _packs(repo))


def _packs(repo: Repository) -> list[str]:
    top = os.path.join(repo.object_dir, "pack")
    try:
        return [os.path.join(top, name) for name in os.listdir(top) if name.endswith(".pack")]
    except OSError:
        return []


class _Talk:
    """Fetches from one place into one repository."""

    def __init__(self, repo: Repository, there: Source, on_progress: OnProgress | None) -> None:
        self._repo, self._there, self._on_progress = repo, there, on_progress

    def fetch(self, words: Sequence[str], *config: str) -> None:
        """One fetch; again without git's own check where an object does not pass it: our readers judge all that they read."""
        try:
            self._once(words, "fetch.fsckObjects=true", *config)
        except ObjectRefused:
            self._once(words, "fetch.fsckObjects=false", *config)

    def _once(self, words: Sequence[str], *config: str) -> None:
        repo, target = self._repo, self._there.target
        drain = command.talk(
            (*_WORDS, *words),
            git_dir=repo.git_dir,
            cwd=repo.work_tree,
            stall=self._there.stall,
            config=("fetch.unpackLimit=1", *_CONFIG, *config),  # what is a pack can be counted
            env=environment_with((*self._there.settings, *remote.settings_of(target))),
            most=target.most,
            url=target.url,
        )
        drain.on_line = answers.metered(answers.reporter(self._on_progress), target.url, target.most)
        try:
            output = drain.run()
        finally:
            # Else git would go to the remote for each object that is missing, wherever one is read.
            section = ("config", "--remove-section", f"remote.{remote.NAME}")
            command.run(section, git_dir=repo.git_dir, check=False)
        if output.status:
            raise answers.failure("fetch from", target.url, output)
