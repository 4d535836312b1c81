"""The repositories that this machine knows: those set up here, and those in which Claude Code has sessions."""

from __future__ import annotations

import os

from git_ccsync.claude import home as claude_home
from git_ccsync.claude import scan
from git_ccsync.claude.files import line_batches, open_regular
from git_ccsync.claude.rows import field
from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import nearby, repository
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: How many transcripts of one project directory are opened to learn where they ran, and how far each is read.
TRIES = 8
_HEAD = 1 << 20


def repositories(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every repository known to this machine, as the real path of its main work tree, sorted; last that of the sessions
    outside any, where it was set up.

    Those that are gone, or that git refuses, are left out.
    """
    known = [*listed(environ), *_worked_in(claude_home.claude_dir(environ))]
    found: dict[str, None] = {}
    tops: dict[str, str] = {}
    for path in known:
        top = _top(path)
        if top and top not in tops:
            tops[top] = _main(top)
            found[tops[top]] = None
    found.pop("", None)
    home = nearby.home_repository(environ)
    outside = (home,) if os.path.isdir(os.path.join(home, "ccsync")) else ()
    return (*sorted(found), *outside)


def listed(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The repositories that `init` wrote down, whether they still exist or not."""
    text = files.read(_path(environ))
    return tuple(os.fsdecode(_unescape(line)) for line in text.split(b"\n") if line)


def register(environ: Mapping[str, str], path: str) -> None:
    """Write down that `path` was set up here."""
    if path not in listed(environ):
        files.append(_path(environ), _escape(os.fsencode(path)) + b"\n")


def _path(environ: Mapping[str, str]) -> str:
    return os.path.join(machine.state_home(environ), "repositories")


def _escape(path: bytes) -> bytes:
    return path.replace(b"%", b"%25").replace(b"\n", b"%0A")


def _unescape(line: bytes) -> bytes:
    return line.replace(b"%0A", b"\n").replace(b"%25", b"%")


def _top(path: str) -> str:
    """The nearest directory at or above `path` that holds a .git, "" for none. `path` itself may be gone."""
    while path != os.path.dirname(path):
        if os.path.lexists(os.path.join(path, ".git")):
            return os.path.realpath(path)
        path = os.path.dirname(path)
    return ""


def _main(top: str) -> str:
    """The main work tree of the repository at `top`, "" if git refuses it."""
    try:
        repo = repository.discover(top)
        return os.path.realpath(repository.worktrees(repo)[0].path)
    except (CcsyncError, IndexError):
        return ""


def _worked_in(claude: str) -> Iterator[str]:
    """Directories in which sessions ran: for each project directory the first one that a transcript names."""
    try:
        keys = os.listdir(os.path.join(claude, "projects"))
    except OSError:
        return
    newest: dict[str, list[tuple[int, str]]] = {}
    for item in scan.scan(claude, keys)[0]:
        newest.setdefault(item.key, []).append((-item.mtime_ns, item.path))
    for _, items in sorted(newest.items()):
        for _, path in sorted(items)[:TRIES]:
            cwd = _cwd(path)
            if os.path.isabs(cwd) and "\0" not in cwd:
                yield cwd
                break


def _cwd(path: str) -> str:
    """The first `cwd` in a transcript, as far as it is read; "" if it has none there."""
    try:
        fd = open_regular(path)
    except (OSError, BadData):
        return ""
    seen = 0
    try:
        for batch in line_batches(fd):
            for row in batch.split(b"\n"):
                cwd = field(row, b"cwd", 0, len(row)) if b'"cwd"' in row else ""
                if cwd:
                    return cwd
            seen += len(batch)
            if seen > _HEAD:
                break
    except OSError:
        pass
    finally:
        os.close(fd)
    return ""
