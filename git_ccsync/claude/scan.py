"""Finding transcripts and side files under the Claude directory by name and stat; nothing here opens a transcript.

Odd things (links, FIFOs, directories in a transcript's place) become Problems; their names are made fit to be shown.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import shown
from git_ccsync.claude.home import KEY_LIMIT
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Bounds of one session's side files; what lies beyond is reported, not carried.
MAX_FILES, MAX_DEPTH = 10_000, 8
#: How all our temporaries under the Claude directory start.
TEMP_PREFIX = ".ccsync-"
#: Where an agent's transcript lies below `<id>/` since 2.1, and how its name starts.
AGENTS, AGENT = "subagents/", "agent-"
_HEX = b"0123456789abcdef"
_new = tuple.__new__


class Found(Frozen):
    """A transcript on this disk. `key` is its directory's name, `side` whether a directory `<id>/` lies beside it."""

    id: str
    path: str
    key: str
    size: int
    mtime_ns: int
    inode: int
    side: bool


class SideFile(Frozen):
    """A file of a session beside its transcript; `name` is relative to `<id>/`, with "/".

    A legacy one (`agent-<hex>.jsonl` of 2.0.x) lies beside the transcript itself, and has the name of today's place.
    """

    name: str
    path: str
    size: int
    mtime_ns: int
    inode: int


def scan(
    claude: str, prefixes: Sequence[str], agents: list[SideFile] | None = None
) -> tuple[list[Found], list[Problem]]:
    """All transcripts in `projects/<key>` for each key that is one of `prefixes` or starts with one and "-".

    A key over 200 units has a hash behind its first 200, so there the 200 decide. The key only preselects
    (sessions.belongs decides). Absent directories are empty ones; one that cannot be looked into, or a link to nothing,
    is one Problem. `agents` takes up the agents' transcripts that
    2.0.x put beside them, whosoever they are (sessions.agent_of).
    """
    projects = os.path.join(claude, "projects")
    found: list[Found] = []
    problems: list[Problem] = []
    for key in _keys(projects, prefixes):
        try:
            _scan_key(f"{projects}/{key}", key, found, problems, [] if agents is None else agents)
        except OSError as error:
            problems.append(Problem(shown(f"projects/{key}"), error.strerror or "cannot be read"))
    return found, problems


def _keys(projects: str, prefixes: Sequence[str]) -> list[str]:
    """Names of the directories to look at; of several links to one directory, the directory itself or the first."""
    exact = frozenset(prefixes)
    starts = tuple({p if p.endswith("-") else p[:KEY_LIMIT] + "-" for p in prefixes if p})
    try:
        with os.scandir(projects) as entries:
            chosen = [e for e in entries if e.name in exact or (starts and e.name.startswith(starts))]
    except (FileNotFoundError, NotADirectoryError):
        return []
    plain = sorted(e.name for e in chosen if e.is_dir(follow_symlinks=False))
    links = sorted(e.name for e in chosen if e.is_symlink())
    if not links:
        return plain
    seen: dict[tuple[object, ...], str] = {}
    for name in plain + links:
        try:
            status = os.stat(f"{projects}/{name}")
        except OSError:  # that of a disk that is not there, say: the caller meets the same, and tells it
            seen[(name,)] = name
            continue
        if name in plain or status.st_mode & 0o170000 == 0o040000:
            seen.setdefault((status.st_dev, status.st_ino), name)
    return sorted(seen.values())


def _scan_key(directory: str, key: str, found: list[Found], problems: list[Problem], agents: list[SideFile]) -> None:
    sides: set[str] = set()
    begin = len(found)
    with _Listing(directory) as entries:
        for entry in entries:
            name = entry.name
            if name[36:] == ".jsonl" and is_id(name[:36]):
                try:
                    s = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # gone since it was listed: as if it had gone before
                if s.st_mode & 0o170000 == 0o100000:
                    values = (name[:36], f"{directory}/{name}", key, s.st_size, s.st_mtime_ns, s.st_ino, False)
                    found.append(_new(Found, values))
                else:
                    problems.append(_problem(key, name, _kind(entry)))
            elif name.startswith(AGENT):
                _take_agent(entry, directory, agents)
            elif reason := _odd(entry, name, sides):
                problems.append(_problem(key, name, reason))
    for at in range(begin, len(found)) if sides else ():
        if found[at][0] in sides:
            found[at] = found[at]._replace(side=True)


def _take_agent(entry: os.DirEntry[str], directory: str, agents: list[SideFile]) -> None:
    """A legacy agent's transcript. Its name is that which it has in the directory of its session since 2.1."""
    if not is_agent(entry.name):
        return
    try:
        s = entry.stat(follow_symlinks=False)
    except OSError:
        return
    if s.st_mode & 0o170000 == 0o100000:
        path = f"{directory}/{entry.name}"
        agents.append(SideFile(AGENTS + entry.name, path, s.st_size, s.st_mtime_ns, s.st_ino))


def is_agent(name: str) -> bool:
    """Whether `name` is that of an agent's transcript."""
    stem = name[len(AGENT) : -len(".jsonl")]
    return name.startswith(AGENT) and name.endswith(".jsonl") and bool(stem) and not stem.strip("0123456789abcdef")


class _Listing:
    """scandir of a directory held open: its entries' stats then need no walk down the path, a fifth of the whole scan."""

    def __init__(self, directory: str) -> None:
        self._fd = os.open(directory, os.O_RDONLY) if os.scandir in os.supports_fd else -1
        try:
            self._entries = os.scandir(self._fd if self._fd >= 0 else directory)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        return self._entries

    def __exit__(self, *_: object) -> None:
        self._entries.close()
        self._close()

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)


def _odd(entry: os.DirEntry[str], name: str, sides: set[str]) -> str:
    """What is wrong with an entry that is no transcript, "" for nothing; a session's directory is put into `sides`."""
    if is_id(name):
        if entry.is_dir(follow_symlinks=False):
            sides.add(name)
        elif entry.is_symlink():
            return "is a symbolic link"
    elif name[36:] == ".jsonl" and is_id(name[:36].lower()):
        return "the name is not a lower-case UUID"
    return ""


def is_id(name: str) -> bool:
    """Whether `name` is a lower-case UUID, the only kind of session id that Claude Code finds again."""
    return (
        len(name) == 36
        and name[8:24:5] == "----"
        and name.isascii()
        and name.encode("ascii").translate(None, _HEX) == b"----"
    )


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "is a symbolic link"
    return "is a directory" if entry.is_dir(follow_symlinks=False) else "is not a regular file"


def _problem(key: str, name: str, reason: str) -> Problem:
    return Problem(shown(f"projects/{key}/{name}"), reason)


def side_files(directory: str) -> tuple[list[SideFile], list[Problem]]:
    """The side files under a session's directory `<id>/`, sorted by name; at most MAX_FILES, MAX_DEPTH deep.

    Left out silently: resume-head.jsonl (a cache), *.key (secrets), our temporaries. Links and special files, and
    names with a backslash (they are no plain names on Windows), are Problems.
    """
    files: list[SideFile] = []
    problems: list[Problem] = []
    label = os.path.basename(directory)
    pending = [(directory, "", 1)]
    while pending:
        path, prefix, depth = pending.pop()
        try:
            with os.scandir(path) as entries:
                listed = sorted(entries, key=lambda e: e.name)
        except OSError as error:
            if prefix or not isinstance(error, FileNotFoundError):
                problems.append(Problem(shown(f"{label}/{prefix}"), error.strerror or "cannot be read"))
            continue
        for entry in listed:
            if len(files) >= MAX_FILES:
                problems.append(Problem(shown(label), f"has more than {MAX_FILES} side files"))
                return sorted(files), problems
            reason = _take(entry, prefix, depth, files, pending)
            if reason:
                problems.append(
                    Problem(
                        shown(f"{label}/{prefix}{entry.name}"), reason, stray=not entry.is_dir(follow_symlinks=False)
                    )
                )
    return sorted(files), problems


def _take(
    entry: os.DirEntry[str], prefix: str, depth: int, files: list[SideFile], pending: list[tuple[str, str, int]]
) -> str:
    """Put one entry where it belongs; what is wrong with it, "" for nothing."""
    name = entry.name
    if name == "resume-head.jsonl" or name.endswith(".key") or name.startswith(TEMP_PREFIX):
        return ""
    if "\\" in name:
        return "the name holds a backslash"
    if entry.is_dir(follow_symlinks=False):
        if depth >= MAX_DEPTH:
            return f"lies more than {MAX_DEPTH} directories deep"
        pending.append((entry.path, f"{prefix}{name}/", depth + 1))
        return ""
    if not entry.is_file(follow_symlinks=False):
        return _kind(entry)
    try:
        s = entry.stat(follow_symlinks=False)
    except OSError:
        return ""
    files.append(SideFile(prefix + name, entry.path, s.st_size, s.st_mtime_ns, s.st_ino))
    return ""
