"""The sessions outside any repository: the bare repository of ours that keeps them, and which sessions are its own.

Its work trees are HOME and, for what lies elsewhere, the root of the file system. The one bare repository that is worked
in, because we made it.
"""

from __future__ import annotations

import os

from git_ccsync.errors import NotInitialised
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import nearby
from git_ccsync.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from git_ccsync.claude.scan import Found
    from git_ccsync.claude.sessions import Head
    from git_ccsync.operations.run.stage import Stage

#: The key of its branches on a remote that serves many projects, and the name of the tree that is not HOME.
PROJECT, REST = "git-ccsync/home", "/"
#: Where the index remembers which directory a project directory is of.
_DIRECTORIES = "directories"


def is_home(path: str, environ: Mapping[str, str]) -> bool:
    """Whether `path` is that of the repository for sessions outside any, whether it exists or not."""
    place = nearby.home_repository(environ)
    return path == place or os.path.realpath(path) == os.path.realpath(place)


def is_of_home(ref: str) -> bool:
    """Whether the ref, on a remote that serves many projects, is of such sessions."""
    from git_ccsync.git import url

    return f"/{url.key_of(PROJECT)}/" in ref


def repository(environ: Mapping[str, str]) -> Repository:
    """That repository. NotInitialised if `init --home` was never begun here."""
    place = os.path.realpath(nearby.home_repository(environ))
    if not os.path.isdir(os.path.join(place, "objects")):
        raise NotInitialised(
            "sessions outside repositories are not carried yet", "run 'git ccsync --home init' to choose where they go"
        )
    return Repository(place, place, place, os.path.join(place, "objects"), False)


def make(environ: Mapping[str, str]) -> str:
    """Make the repository where there is none; its path. Private, without hooks, and never packed behind our back."""
    from git_ccsync.git import config, glimpse

    place = nearby.home_repository(environ)
    os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
    if not os.path.isdir(os.path.join(place, "objects")):
        glimpse.create_bare(place)
    repo = repository(environ)
    config.set_value(repo, "gc.auto", "0")
    config.set_value(repo, "maintenance.auto", "false")
    return repo.git_dir


def trees(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What stands for its work trees: HOME, and the root for what lies elsewhere."""
    user = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    return (user, os.sep) if user != os.sep else (user,)


def in_repository(path: str, known: dict[str, bool]) -> bool:
    """Whether the directory `path` (real) lies in a repository, by its looks: a `.git` there or above. One that is gone
    lies where it lay. `known` takes up what was looked at.
    """
    found = known.get(path)
    if found is None:
        above = os.path.dirname(path)
        found = os.path.lexists(os.path.join(path, ".git")) or (above != path and in_repository(above, known))
        known[path] = found
    return found


def owner(stage: Stage, item: Found, head: Head, *, known: bool) -> str | None:
    """The tree that a session belongs to, None if it lies in a repository, or nobody can tell any more: a directory that
    is gone may have lain in one. What is `known` from before needs no directory.
    """
    cwd = head.relocated or head.cwd
    if not os.path.isabs(cwd) or "\0" in cwd:
        return stage.ws.trees[0] if known and not cwd else None
    real = os.path.realpath(cwd)
    if in_repository(real, stage.around) or not (known or _is_plain(real, item.path)):
        return None
    top = stage.ws.trees[0]
    return top if real == top or real.startswith(top + os.sep) else stage.ws.trees[-1]


def _is_plain(real: str, path: str) -> bool:
    """Whether a new session's directory is there and was no repository's when the session at `path` began."""
    from git_ccsync.claude import sessions

    return os.path.isdir(real) and sessions.begun_on(path) in ("", "HEAD")


def still_ours(stage: Stage, found: Iterable[Found]) -> list[Found]:
    """The transcripts but those whose directory has become a repository since: from then on they are that one's, and what
    the branch has of them stays.
    """
    held = stage.index.value(_DIRECTORIES)
    known: dict[str, str] = dict(held) if isinstance(held, dict) else {}
    before, kept = len(known), []
    for item in found:
        entry = stage.index.get(item.path)
        if entry and entry.worktree:
            if item.key not in known:
                known[item.key] = _directory(item)
            if in_repository(known[item.key], stage.around):
                stage.index.put(item.path, type(entry)(item.size, item.mtime_ns, item.inode))
                continue
        kept.append(item)
    if len(known) != before:
        stage.index.remember(_DIRECTORIES, known)
    return kept


def _directory(item: Found) -> str:
    from git_ccsync.claude import sessions
    from git_ccsync.errors import BadData

    try:
        head = sessions.head(item.path, item.key)
    except (OSError, BadData):
        return os.sep
    cwd = head.relocated or head.cwd
    return os.path.realpath(cwd) if os.path.isabs(cwd) and "\0" not in cwd else os.sep
