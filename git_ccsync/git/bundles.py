"""A directory of git bundles, one of each machine, as a remote: for what syncs files and cannot keep a repository whole.

`bundles::<directory>` is its URL. A machine writes its own file alone, whole and by a rename; every other file is hostile,
may be half here, and may be a copy that a syncer made of two. What the directory "has" are all their tips: a push is
rejected while one of them is not merged here, as by any remote on which somebody was faster.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, RemoteFailed, Stalled
from git_ccsync.git import bundle_file, command, refs, remote
from git_ccsync.git.answers import RefPushed
from git_ccsync.git.push import plain
from git_ccsync.git.remote import Target
from git_ccsync.git.url import bundle_directory
from git_ccsync.git.whole import PREFIX, Whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from git_ccsync.git.remote import OnProgress
    from git_ccsync.git.repository import Repository

#: What in this process was found to be no whole bundle, or not to be ours: (path, tip) with the reason.
_bad: dict[tuple[str, str], str] = {}
_told: set[str] = set()
_brought: list[tuple[str, str]] = []
#: What this process has merged: (repository, tip).
_merged: set[tuple[str, str]] = set()


def trouble() -> tuple[str, ...]:
    """What was passed over in this process, each told once."""
    found = tuple(f"'{os.path.basename(path)}' is passed over: {why}" for (path, _), why in _bad.items())
    new = tuple(text for text in found if text not in _told)
    _told.update(new)
    return new


def reject(reason: str) -> None:
    """Pass over the tip that was brought last: it is not what it should be."""
    if _brought:
        _bad[_brought[-1]] = reason


def merged(repo: Repository, *tips: str) -> None:
    """From now on these tips bring nothing new to the repository."""
    _merged.update((repo.common_dir, tip) for tip in tips)


def is_merged(repo: Repository, tip: str) -> bool:
    """Whether `merged` told of this tip."""
    return (repo.common_dir, tip) in _merged


def directory(url: str) -> str:
    """The directory of a URL; RemoteFailed if it is not there: a disk may not be mounted."""
    path = bundle_directory(url)
    if not os.path.isdir(path):
        raise RemoteFailed(f"the directory '{path}' is not there", "is the disk mounted, is the syncer set up?")
    return path


def _folder(url: str, ref: str) -> str:
    """Where the bundles of one project lie: below the directory, as its branches lie below refs/ccsync/ elsewhere."""
    middle = ref.removeprefix("refs/heads/ccsync/").removeprefix("refs/ccsync/").rpartition("/")[0]
    return os.path.join(directory(url), middle.replace("/", "%2F")) if middle else directory(url)


def _bundles(folder: str) -> Iterator[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        if name.startswith(".") and name.endswith(".bundle.icloud"):
            _bad[os.path.join(folder, name[1:-7]), ""] = "iCloud has not put it on this disk"
        if name.endswith(".bundle") and not name.startswith((".", PREFIX, "~")):
            yield os.path.join(folder, name)


def _refs(path: str) -> dict[str, str]:
    try:
        return bundle_file.refs(path)
    except (BadData, OSError) as error:
        _bad[path, ""] = getattr(error, "message", "") or "it cannot be read"
        return {}


def _tips(url: str, ref: str) -> list[tuple[str, str]]:
    """(path, tip) of every bundle that has `ref`."""
    found = ((path, _refs(path).get(ref, "")) for path in _bundles(_folder(url, ref)))
    return [(path, oid) for path, oid in found if oid]


def ls_remote(url: str, patterns: Sequence[str]) -> dict[str, str]:
    """The refs in all bundles, also of other projects, as `remote.ls_remote`. RemoteFailed without the directory."""
    from fnmatch import fnmatchcase

    top = directory(url)
    folders = [top, *(os.path.join(top, name) for name in sorted(os.listdir(top)) if not name.startswith("."))]
    found: dict[str, str] = {}
    for folder in folders:
        for path in _bundles(folder):
            found |= _refs(path)
    return {name: oid for name, oid in found.items() if not patterns or any(fnmatchcase(name, one) for one in patterns)}


def files_with(url: str, ref: str) -> tuple[str, ...]:
    """The bundles that have `ref`, the one that was written last first."""
    return tuple(sorted((path for path, _ in _tips(url, ref)), key=os.path.getmtime, reverse=True))


class _Look:
    """How the tips of a directory stand to a commit of ours."""

    def __init__(self, repo: Repository, target: Target, ref: str, ours: str) -> None:
        merged = frozenset(target.merged[1:] if target.merged[:1] == (ours,) else ())
        self.held: list[str] = []
        self.known: list[str] = []
        self.fresh: list[tuple[str, str]] = []
        for path, oid in _tips(target.url, ref):
            if ours and _is_ancestor(repo, oid, ours):
                self.held.append(oid)
            elif oid in merged or is_merged(repo, oid):
                self.known.append(oid)
            elif (path, oid) not in _bad:
                self.fresh.append((path, oid))

    def newest(self, repo: Repository) -> str:
        """Of those that ours has, the one farthest on; they lie on one line. If ours has none, one that was merged: what
        ours has beyond that is there no more, and is to be pushed.
        """
        if not self.held:
            return next((oid for oid in self.known if _exists(repo, oid)), "")
        best = ""
        for oid in self.held:
            best = oid if not best or _is_ancestor(repo, best, oid) else best
        return best


def _exists(repo: Repository, oid: str) -> bool:
    return command.run(("cat-file", "-e", oid + "^{commit}"), git_dir=repo.git_dir, check=False).status == 0


def _is_ancestor(repo: Repository, oid: str, ours: str) -> bool:
    return command.run(("merge-base", "--is-ancestor", oid, ours), git_dir=repo.git_dir, check=False).status == 0


class Fetch(remote.Fetch):
    """As `remote.Fetch`: brings one tip that is not merged here yet into the tracking ref; if there is none, that follows
    to the newest that is.
    """

    def __init__(self, repo: Repository, target: Target, spec: Sequence[tuple[str, str]], *, stall: float) -> None:
        self._repo, self._target, self._stall = repo, target, stall
        ((self._ref, self._tracking),) = spec

    def finish(self, on_progress: OnProgress | None = None) -> bool:
        """False if no bundle has the branch. RemoteFailed without the directory."""
        local = "refs/ccsync/" + self._ref.rpartition("/")[2]
        there = refs.list_refs(self._repo, local, self._tracking)
        look = _Look(self._repo, self._target, self._ref, there[local].oid if local in there else "")
        for path, oid in look.fresh:
            if self._bring(path, oid, on_progress):
                return True
        tip, held = look.newest(self._repo), there.get(self._tracking)
        if tip and (not held or held.oid != tip):
            refs.update(self._repo, self._tracking, tip, held.oid if held else "", "ccsync: newest of the bundles")
        return bool(tip)

    def _bring(self, path: str, oid: str, on_progress: OnProgress | None) -> bool:
        one = Target("", path, self._tracking, most=self._target.most)
        try:
            found = remote.Fetch(self._repo, one, [(self._ref, self._tracking)], stall=self._stall).finish(on_progress)
        except Stalled:
            raise
        except RemoteFailed:
            found = False
        if found:
            _brought.append((path, oid))
        else:
            _bad[path, oid] = "it is damaged, or has not arrived whole yet"
        return found

    def close(self) -> None:
        """Nothing was begun."""


class Push:
    """As `push.Push`: writes this machine's bundle with the whole history of the commit."""

    def __init__(
        self, repo: Repository, target: Target, spec: Sequence[tuple[str, str]], *, tracking: str = ""
    ) -> None:
        self._repo, self._target, self._tracking = repo, target, tracking
        ((self._commit, self._ref),) = spec
        plain(target, self._commit, self._ref)

    def finish(self, _on_progress: OnProgress | None = None) -> tuple[RefPushed, ...]:
        """One RefPushed: rejected while another machine's tip is not merged here. RemoteFailed if it cannot be written."""
        folder = _folder(self._target.url, self._ref)
        held = refs.list_refs(self._repo, self._tracking).get(self._tracking) if self._tracking else None
        old = held.oid if held else ""
        try:
            os.makedirs(folder, exist_ok=True)
            with _Alone(folder):
                _heal(folder, self._target.machine)
                return (self._write(folder, old),)
        except OSError as error:
            raise RemoteFailed(f"'{folder}' cannot be written: {error.strerror}") from error

    def _write(self, folder: str, old: str) -> RefPushed:
        if _Look(self._repo, self._target, self._ref, self._commit).fresh:
            return self._told("rejected", old, "another machine's bundle has more")
        path = os.path.join(folder, f"{self._target.machine}.bundle")
        status = "up-to-date"
        if not os.path.lexists(path) or _refs(path).get(self._ref) != self._commit:
            with Whole(path) as file:
                for piece in bundle_file.pieces(self._repo, self._commit, self._ref):
                    file.write(piece)
            status = "pushed"
        if self._tracking and old != self._commit:
            refs.update(self._repo, self._tracking, self._commit, old, "ccsync: push to bundles")
        return self._told(status, old)

    def _told(self, status: str, old: str, reason: str = "") -> RefPushed:
        return RefPushed(self._ref, status, old, self._commit, reason)

    def close(self) -> None:
        """Nothing is left to end."""


def _heal(folder: str, machine: str) -> None:
    """Remove what a push of this machine left here when it was killed: the syncer would carry it everywhere."""
    for name in os.listdir(folder):
        if name.startswith(PREFIX) and name.endswith(f"-{machine}.bundle.tmp"):
            os.unlink(os.path.join(folder, name))


class _Alone:
    """One push of this machine to a directory at a time: two clones here have one file there."""

    def __init__(self, folder: str) -> None:
        self._folder, self._fd = folder, -1

    def __enter__(self) -> Self:
        import fcntl

        self._fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
        except OSError:  # a file system without locks
            pass
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)
