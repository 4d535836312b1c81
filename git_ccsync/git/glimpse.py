"""A glimpse of a remote's refs: their newest commits without what is in them, and making a remote out of a directory.

The commits are fetched into a repository of their own, thrown away at once: a shallow fetch into the user's would
make that shallow.
"""

from __future__ import annotations

import os

from git_ccsync.git import answers, command, refs, remote
from git_ccsync.git.repository import Repository
from git_ccsync.git.surroundings import environment_with
from git_ccsync.git.url import BUNDLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.refs import Commit
    from git_ccsync.git.remote import Target

#: Of more refs only the first are looked at.
MANY = 50
_WORDS = (
    "fetch",
    "--progress",
    "--depth=1",
    "--filter=tree:0",  # commits alone; a server that knows no filters sends the files of one commit too
    "--no-tags",
    "--refmap=",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
)
#: A bundle is here already, whole, and knows nothing of depths and filters.
_BUNDLED = (
    "fetch",
    "--no-tags",
    "--refmap=",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
)
_CHECKED = ("fetch.fsckObjects=true", remote.STREAMED)


def tips(
    repo: Repository, target: Target, names: Sequence[str], *, stall: float, total: float = 60
) -> dict[str, Commit]:
    """The newest commit of each of the refs `names` on the remote, by name. RemoteFailed, Stalled."""
    import shutil
    import tempfile

    directory = tempfile.mkdtemp(prefix="git-ccsync-")
    try:
        create_bare(directory)
        numbered = {name: f"refs/tips/{number}" for number, name in enumerate(names[:MANY])}
        if target.url.startswith(BUNDLES):
            return _bundled(repo, target, numbered, directory, stall)
        pairs = [f"+{name}:{here}" for name, here in numbered.items()]
        output = command.talk(
            (*_WORDS, "--", remote.NAME, *pairs),
            git_dir=directory,
            cwd=repo.work_tree,
            stall=stall,
            total=total,
            config=_CHECKED,
            env=environment_with(remote.settings_of(target)),
            most=target.most,
            url=target.url,
        ).run()
        if output.status:
            raise answers.failure("read", target.url, output)
        there = Repository(directory, directory, directory, os.path.join(directory, "objects"), True)
        return {name: next(refs.commits(there, here, limit=1)) for name, here in numbered.items()}
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _bundled(
    repo: Repository, target: Target, numbered: dict[str, str], directory: str, stall: float
) -> dict[str, Commit]:
    """The same from a directory of bundles: what cannot be read is left out."""
    from git_ccsync.git import bundles

    there = Repository(directory, directory, directory, os.path.join(directory, "objects"), True)
    found = {}
    for name, here in numbered.items():
        for path in bundles.files_with(target.url, name):
            words = (*_BUNDLED, "--", path, f"+{name}:{here}")
            output = command.talk(
                words, git_dir=directory, cwd=repo.work_tree, stall=stall, config=_CHECKED, most=target.most
            ).run()
            if not output.status:
                found[name] = next(refs.commits(there, here, limit=1))
                break
    return found


def create_bare(path: str) -> None:
    """Make the absent or empty directory `path` a bare repository. GitFailed if that cannot be done."""
    # Neither the user's template (its hooks would run here) nor another object format, which could not be pushed to.
    command.run(("init", "-q", "--bare", "--template=", "--object-format=sha1", "--", path))
