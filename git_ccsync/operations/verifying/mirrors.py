"""Remotes that a plain `git push` sends our refs to, for `doctor`: which they are, and the command line that keeps ours back.

What git does with refspecs that begin with "^" was measured: they hold for patterns, in any order, for `--mirror` and
`--prune` too, and for what these delete there; where there is nothing but such ones, a push fails.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.operations.run.workspace import HEADS, LOCAL, TRACKING

if TYPE_CHECKING:
    from git_ccsync.git.config import Config
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace

#: Both namespaces of ours in one pattern, and everything that is to go all the same.
OURS, ALL = "refs/ccsync*", "+refs/*:refs/*"


class Loud(Frozen):
    """A remote to be mended: what is wrong, and the command line for it."""

    found: str
    mend: str


class _Way(Frozen):
    """What a plain push to a remote takes."""

    name: str
    mirror: bool
    specs: tuple[str, ...]

    def carries(self, ref: str) -> bool:
        takes = [_source(spec) for spec in self.specs if spec[:1] != "^"] or ([ALL[1:].partition(":")[0]] * self.mirror)
        # who names refs/ccsync in a refspec means it
        taken = any(_matches(take, ref) for take in takes if not take.startswith("refs/ccsync"))
        return taken and not any(_matches(spec[1:], ref) for spec in self.specs if spec[:1] == "^")

    @property
    def bare(self) -> bool:
        """Whether its refspecs only leave out, ours among them: git refuses to push then."""
        ours = any(spec.startswith("^refs/ccsync") for spec in self.specs)
        return ours and all(spec[:1] == "^" for spec in self.specs)


def loud(ws: Workspace, place: Destination) -> list[Loud]:
    """What is to be mended, a remote at a time, in the order of the configuration."""
    patterns = _patterns(ws, place)
    return [found for name in ws.config.remotes() for found in _look(_way(ws.config, name), patterns)]


def _patterns(ws: Workspace, place: Destination) -> dict[str, tuple[str, ...]]:
    """What is to stay here: patterns, each with refs that stand for it."""
    found: dict[str, tuple[str, ...]] = {OURS: (f"{LOCAL}x", f"{TRACKING}x/x")}
    if place.ref.startswith(HEADS):  # a plain fetch brings it here as a git branch
        for start in (HEADS, f"refs/remotes/{place.remote}/ccsync/"):
            found[f"{start}*"] = tuple(refs.list_refs(ws.repo, start))
    return found


def _way(config: Config, name: str) -> _Way:
    return _Way(name, config.get_bool(f"remote.{name}.mirror"), config.get_all(f"remote.{name}.push"))


def _look(way: _Way, patterns: dict[str, tuple[str, ...]]) -> list[Loud]:
    sent = [pattern for pattern, examples in patterns.items() if any(map(way.carries, examples))]
    if not sent and not way.bare:
        return []
    wrong = "carry refs/ccsync along" if sent else "fail: its refspecs only leave out"
    mend = " && ".join(_mend(way, sent or list(patterns)))
    if way.bare and not way.mirror:  # it may never have been a mirror
        mend += f"; or, if it is to be no mirror: {_git('--unset-all', f'remote.{way.name}.push')}"
    return [Loud(f"pushes to '{way.name}' {wrong}", mend)]


def _mend(way: _Way, keep: list[str]) -> list[str]:
    """Refspecs alone: a mirror stays one. It deletes nothing there that it is told to leave out."""
    specs = [] if any(spec[:1] != "^" for spec in way.specs) else [ALL]
    specs += [f"^{pattern}" for pattern in keep if f"^{pattern}" not in way.specs]
    return [_git("--add", f"remote.{way.name}.push", spec) for spec in specs]


def _git(*words: str) -> str:
    from shlex import quote

    return " ".join(("git config", *map(quote, words)))


def _source(spec: str) -> str:
    return spec.removeprefix("+").partition(":")[0]


def _matches(pattern: str, ref: str) -> bool:
    start, star, end = pattern.partition("*")
    if not star:
        return ref == pattern
    return len(ref) >= len(start) + len(end) and ref.startswith(start) and ref.endswith(end)
