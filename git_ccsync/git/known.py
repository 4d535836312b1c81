"""What git said of a repository and its configuration, believed as long as the files behind it stay as they are.

Two processes less for each verb (git-config(1), FILES, names what is read). Only the plain case is kept: a `.git`
directory of the caller's own at or above where the caller stands, no conditional or included configuration.
"""

from __future__ import annotations

import os
import time

from git_ccsync.git.config import Config
from git_ccsync.git.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Stamp = tuple[str, int, int, int]

#: Seconds that it is believed: git may also read a file that nobody can know of before it exists.
BELIEVED = 600
#: A file changed this shortly before may change again without a new time stamp (git's "racy" entries).
RACY_NS = 50_000_000
#: Variables that change what git finds or reads.
_NAMES = ("HOME", "XDG_CONFIG_HOME", "PATH")
#: How those begin that a git with trace2 switched on gives its children, new ones each time.
_TRACED = "GIT_TRACE2_PARENT_"
#: Variables that name a file of configuration (git-config(1)), and where the system's is without them: a company may put its
#: `ccsync.require` into one that was not there, or was empty, when git was asked. Of git by Homebrew it is below its prefix.
_PLACES = ("GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL")
_SYSTEM = ("/etc/gitconfig", "/opt/homebrew/etc/gitconfig", "/usr/local/etc/gitconfig")


def recall(held: object, cwd: str, environ: Mapping[str, str]) -> tuple[Repository, Config] | None:
    """The repository around CWD (absolute) and its configuration, if HELD (what `note` gave; else None) still holds."""
    if not isinstance(held, tuple) or len(held) != 5:
        return None
    until, said, stamps, repo, values = held
    if not 0 <= until - time.time() <= BELIEVED or said != _surroundings(environ):
        return None
    found = Repository(*repo)
    if _stray(cwd, found.work_tree) or any(_stamp(path) != (path, *rest) for path, *rest in stamps):
        return None
    return found, Config(values)


def note(repo: Repository, config: Config, cwd: str, environ: Mapping[str, str]) -> object:
    """What `recall` takes, in plain values; None where nothing is to be believed."""
    values = dict(config.items())
    if repo.git_dir != repo.common_dir or repo.git_dir != os.path.join(repo.work_tree, ".git"):
        return None
    if _stray(cwd, repo.work_tree) or any(key.startswith(("include.", "includeif.")) for key in values):
        return None
    if not _own(repo.git_dir) or any(_is_secret(key, found) for key, found in values.items()):
        return None
    stamps = tuple(_stamp(path) for path in sorted({*_places(repo, environ), *config.origins}))
    if any(mtime > time.time_ns() - RACY_NS for _, mtime, _, _ in stamps):
        return None
    return time.time() + BELIEVED, _surroundings(environ), stamps, tuple(repo), values


def _surroundings(environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted((k, v) for k, v in environ.items() if k in _NAMES or (k[:4] == "GIT_" and not k.startswith(_TRACED)))
    )


def _is_secret(key: str, values: Iterable[str | None]) -> bool:
    """Whether a key or its values hold what is to stay where its owner wrote it."""
    from git_ccsync.git.url import has_credentials  # only where something is written; believing it is timed

    return key.endswith(".extraheader") or any(map(has_credentials, (key, *(value or "" for value in values))))


def _own(git_dir: str) -> bool:
    """Whether the caller owns it: else git looks at safe.directory, and may change its mind."""
    return hasattr(os, "geteuid") and os.stat(git_dir).st_uid == os.geteuid()


def _stray(cwd: str, work_tree: str) -> bool:
    """Whether CWD lies outside the work tree, or below something in it that may be a repository of its own."""
    while cwd != work_tree:
        parent = os.path.dirname(cwd)
        if parent == cwd or os.path.lexists(cwd + "/.git") or os.path.lexists(cwd + "/HEAD"):
            return True
        cwd = parent
    return False


def _places(repo: Repository, environ: Mapping[str, str]) -> Iterable[str]:
    """Where configuration may turn up that is not there yet, and what else the answer came from."""
    home = environ.get("HOME", "")
    base = environ.get("XDG_CONFIG_HOME") or home + "/.config"
    own = (f"{repo.git_dir}/{name}" for name in ("config", "config.worktree", "shallow", "commondir"))
    named = filter(None, map(environ.get, _PLACES))
    return (*own, repo.git_dir, *_SYSTEM, f"{home}/.gitconfig", f"{base}/git/config", *named)


def _stamp(path: str) -> Stamp:
    """(path, mtime_ns, size, inode); zeros for what is not there. Of a directory only that it is the same one."""
    try:
        found = os.stat(path)
    except OSError:
        return path, 0, 0, 0
    if path.endswith("/.git"):
        return path, 0, found.st_uid, found.st_ino
    return path, found.st_mtime_ns, found.st_size, found.st_ino
