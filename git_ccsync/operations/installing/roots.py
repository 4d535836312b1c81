"""Which local directories have portable names in a session (gitformat-ccsync(5), ROOTS)."""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.capturing.censor import Censor
from git_ccsync.portable.grammar import RESERVED, is_name
from git_ccsync.portable.roots import Root, usable
from git_ccsync.portable.text import Codec
from git_ccsync.state import files

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace

#: Names with a meaning of their own, which no placeholder can have.
TAKEN = frozenset(
    ("CLAUDE_PROJECT", "MAIN_PROJECT", "CLAUDE", "REPO", "MAIN", "HOME", *(name.decode() for name in RESERVED))
)


class Codecs:
    """Makes the codec of each session; knows the roots of this machine, today's and those of before, and what is not
    to leave it.
    """

    def __init__(self, ws: Workspace, proposed: tuple[tuple[str, str], ...] = ()) -> None:
        self._ws, self.proposed, self.censor = ws, proposed, Censor(ws, branch=True)
        # What others propose is foreign text: a bad name there must not stop every push from here.
        fit = {name: path for name, path in proposed if _fits(name, path)}
        places = {name: path for name, path in {**fit, **dict(ws.here.placeholders)}.items() if path}
        user = ws.environ.get("HOME") or os.path.expanduser("~")
        fixed = {**places, "CLAUDE": ws.claude, "HOME": user}
        self.names = tuple(sorted(places))
        self._fixed = tuple(_root(name, path) for name, path in {**fixed, **_memory(ws)}.items())
        self._translate = ws.config.get_bool("ccsync.translate", True)
        self._former = (*_former(ws, fixed), *(_root("REPO", tree) for tree in ws.former if not ws.is_home))
        self._codecs: dict[tuple[str, str], Codec] = {}

    def roots(self, worktree: str, key: str) -> tuple[Root, ...]:
        """The roots of a session of `worktree` that lies in project directory `key`."""
        main = self._ws.trees[0] if self._ws.trees else worktree
        project = os.path.join(self._ws.claude, "projects", key)
        if self._ws.is_home:  # a session outside any repository knows no REPO
            return (_root("CLAUDE_PROJECT", project), *self._fixed)
        # MAIN also where it is REPO: a session of a linked work tree that is not here lies with the main one's.
        return (_root("CLAUDE_PROJECT", project), _root("REPO", worktree), _root("MAIN", main), *self._fixed)

    def ready(self) -> None:
        """Look at the paths that are most likely asked for, while nobody waits."""
        for tree in self._ws.trees[:1]:
            self.codec("", tree, home.forced_key(self._ws.environ) or home.project_key(tree))

    def codec(self, session: str, worktree: str, key: str) -> Codec:
        """The codec for the lines of `session`. Thousands may lie in one directory: its paths are resolved once."""
        made = self._codecs.get((worktree, key))
        if not made:
            made = Codec(self.roots(worktree, key), session, self._former, self._translate, self.censor)
            self._codecs[worktree, key] = made
            return made
        return made.of(session)

    def carried(self, session: str, worktree: str, key: str) -> Codec:
        """The codec for lines that were carried here by hand: they name a REPO also where they go to a place outside any."""
        roots = self.roots(worktree, key)
        if self._ws.is_home:
            roots = (_root("REPO", worktree), *roots)
        return Codec(roots, session, self._former, self._translate, self.censor)


def _fits(name: str, path: str) -> bool:
    return is_name(os.fsencode(name)) and name not in TAKEN and path.isprintable() and bool(usable(os.fsencode(path)))


def _memory(ws: Workspace) -> dict[str, str]:
    """The project directory of the main work tree: the memory that Claude Code names in its system prompt lies there,
    also for a session of a subdirectory or of a linked work tree (measured, 2.1.330).
    """
    key = home.forced_key(ws.environ) or (home.project_key(ws.trees[0]) if ws.trees else "")
    return {"MAIN_PROJECT": os.path.join(ws.claude, "projects", key)} if key else {}


def _root(name: str, path: str) -> Root:
    real = os.path.realpath(path)
    spelled = (path,) if real == path else (path, real)
    return Root(name.encode(), tuple(os.fsencode(item) for item in spelled))


def _former(ws: Workspace, fixed: dict[str, str]) -> tuple[Root, ...]:
    """Roots that were in use here once, after writing down today's: old lines may still spell them."""
    path = os.path.join(ws.state, "roots")
    pairs = [line.split("\t", 1) for line in os.fsdecode(files.read(path)).split("\n") if "\t" in line]
    known = [pair for pair in pairs if is_name(os.fsencode(pair[0])) and os.path.isabs(pair[1]) and "\0" not in pair[1]]
    fresh = [[n, p] for n, p in fixed.items() if [n, p] not in known and "\n" not in p and "\t" not in p]
    if fresh and ws.initialised:
        files.append(path, os.fsencode("".join(f"{name}\t{place}\n" for name, place in fresh)))
    return tuple(_root(name, place) for name, place in known if fixed.get(name) != place)
