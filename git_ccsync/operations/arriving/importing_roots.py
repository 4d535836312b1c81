"""Whose paths stand in a session that was carried here by hand, and whose are to stand there. Foreign paths are only text."""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.installing.roots import Codecs
from git_ccsync.portable.roots import Root, usable
from git_ccsync.portable.roots import windows as windows_root
from git_ccsync.portable.text import Codec
from git_ccsync.portable.windows import is_windows

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.carriage import CarriedSession

#: Where home directories lie: behind these one more name makes one.
_HOMES = (b"/home/", b"/Users/", b"/var/home/", b"/export/home/")


class Target(Frozen):
    """Where a session is to go: the name of its project directory; the work tree here and the directory there that stand
    for each other.
    """

    key: str
    worktree: str
    root: bytes


def target(ws: Workspace, carried: CarriedSession, directory: str = "") -> Target:
    """Where `carried` goes in this repository; `directory` in it, where one is given."""
    cwd, said = usable(os.fsencode(carried.cwd)), _said(carried)
    root = said.get("REPO", b"") or (said.get("HOME", b"") if ws.is_home and not directory else b"")
    below = _below(cwd, root) if root else None
    if below is None:
        root, below = cwd, ()
    worktree = _worktree(ws)
    if directory:
        real = os.path.realpath(directory)
        parts = real.split(os.sep)
        if below and tuple(parts[-len(below) :]) == below:
            return Target(_key(ws, real), os.sep.join(parts[: -len(below)]) or os.sep, root)
        return Target(_key(ws, real), real, cwd)
    return Target(_key(ws, os.path.join(worktree, *below)), worktree, root)


def _worktree(ws: Workspace) -> str:
    here = os.path.realpath(ws.repo.work_tree)
    return here if here in ws.trees or not ws.trees else ws.trees[0]


def _key(ws: Workspace, path: str) -> str:
    return home.forced_key(ws.environ) or home.project_key(path)


def _below(path: bytes, top: bytes) -> tuple[str, ...] | None:
    """The names that lead from `top` to `path`, None if it does not lie there."""
    one, other = ([part for part in text.replace(b"\\", b"/").split(b"/") if part] for text in (path, top))
    names = one[len(other) :]
    if one[: len(other)] != other or any(name in (b".", b"..") for name in names):
        return None
    return tuple(os.fsdecode(name) for name in names)


def _said(carried: CarriedSession) -> dict[str, bytes]:
    """The roots that the file names, as far as they can be roots."""
    found = {name: usable(os.fsencode(path)) for name, path in carried.roots if path.isprintable()}
    return {name: path for name, path in found.items() if path}


def there(target: Target, carried: CarriedSession) -> Codec:
    """The codec of the machine that the session comes from. What the file does not say is guessed from its directory."""
    said = _said(carried)
    user = said.get("HOME") or _home(target.root)
    roots = {"HOME": user, "CLAUDE": said.get("CLAUDE") or (user and user + b"/.claude"), "REPO": target.root}
    for name in ("MAIN", "CLAUDE_PROJECT", "MAIN_PROJECT"):
        roots[name] = said.get(name, b"")
    if roots["CLAUDE"] and not roots["CLAUDE_PROJECT"]:
        key = home.project_key(carried.cwd)
        roots["CLAUDE_PROJECT"] = roots["CLAUDE"] + b"/projects/" + os.fsencode(key)
    return Codec([_root(name.encode(), path) for name, path in roots.items() if path], carried.id)


def _root(name: bytes, path: bytes) -> Root:
    return windows_root(name, path) if is_windows(path) else Root(name, (path,))


def _home(path: bytes) -> bytes:
    if path == b"/root" or path.startswith(b"/root/"):
        return b"/root"
    if is_windows(path):
        parts = path.replace(b"/", b"\\").split(b"\\")
        return b"\\".join(parts[:3]) if len(parts) > 2 and parts[1].lower() == b"users" and parts[2] else b""
    for top in _HOMES:
        name = path[len(top) :].partition(b"/")[0]
        if path.startswith(top) and name:
            return top + name
    return b""


def here(ws: Workspace, carried: CarriedSession, target: Target) -> Codec:
    """The codec of this machine for the session."""
    return Codecs(ws).carried(carried.id, target.worktree, target.key)
