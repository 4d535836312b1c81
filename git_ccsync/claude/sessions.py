"""Which repository a session belongs to: the head of its transcript, and the rules of git-ccsync(1), SESSIONS."""

from __future__ import annotations

import os

from git_ccsync.claude.files import line_batches, open_regular
from git_ccsync.claude.home import project_key
from git_ccsync.claude.rows import field, row_type
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How much of an agent's transcript is read to learn whose it is.
_AGENT_HEAD = 1 << 20


class Head(Frozen):
    """What decides where a session belongs. `rows`: it has a user or assistant row; `empty`: it has no row of any type."""

    cwd: str = ""
    relocated: str = ""
    rows: bool = False
    empty: bool = False


def head(path: str, key: str = "") -> Head:
    """The first `cwd` and the last `relocatedCwd` of the transcript at `path`, read once in bounded memory.

    `key`: the project directory that it lies in. Where that is still its first cwd's the session was never moved (`/cd`
    moves the file to the new key), and the rest is not read. BadData if it is no regular file; OSError as open().
    """
    fd = open_regular(path)
    cwd = relocated = ""
    rows = typed = False
    try:
        for batch in line_batches(fd):
            cwd = cwd or _first(batch, b"cwd")
            relocated = _last_relocated(batch) or relocated
            rows = rows or _has_rows(batch)
            typed = typed or b'"type"' in batch
            if key and cwd and rows and project_key(cwd) == key:
                break
    finally:
        os.close(fd)
    return Head(cwd, relocated, rows, not typed)


def begun_on(path: str) -> str:
    """The git branch that the first row with a directory tells, "" if it tells none. BadData, OSError as `head`."""
    fd = open_regular(path)
    try:
        for batch in line_batches(fd):
            for row in batch.split(b"\n"):
                if b'"cwd"' in row and field(row, b"cwd", 0, len(row)):
                    return field(row, b"gitBranch", 0, len(row))
    finally:
        os.close(fd)
    return ""


def _row_at(data: bytes, at: int) -> tuple[int, int]:
    end = data.find(b"\n", at)
    return data.rfind(b"\n", 0, at) + 1, len(data) if end < 0 else end


def _first(data: bytes, key: bytes) -> str:
    needle = b'"%b"' % key
    at = data.find(needle)
    while at >= 0:
        start, end = _row_at(data, at)
        if value := field(data, key, start, end):
            return value
        at = data.find(needle, end)
    return ""


def _last_relocated(data: bytes) -> str:
    at = data.rfind(b'"relocatedCwd"')
    while at >= 0:
        start, end = _row_at(data, at)
        if row_type(data, start, end) == "relocated" and (value := field(data, b"relocatedCwd", start, end)):
            return value
        at = data.rfind(b'"relocatedCwd"', 0, start)
    return ""


def _has_rows(data: bytes) -> bool:
    for needle in (b'"user"', b'"assistant"'):
        at = data.find(needle)
        while at >= 0:
            start, end = _row_at(data, at)
            if row_type(data, start, end) in ("user", "assistant"):
                return True
            at = data.find(needle, end)
    return False


def belongs(head: Head, trees: Sequence[str], former: Sequence[str], key: str) -> str | None:
    """The one of `trees` (work trees of the repository), else of `former` (paths it had before), that the session
    belongs to; None if it belongs to none.

    A directory inside a nested repository or submodule belongs to that. One that is gone still lies where it lay.
    Without any directory in the rows the `key` decides, if it is the key of exactly one tree.
    """
    cwd = head.relocated or head.cwd
    if not cwd:
        named = [tree for tree in trees if project_key(os.path.realpath(tree)) == key]
        return named[0] if len(named) == 1 else None
    if not os.path.isabs(cwd) or "\0" in cwd:
        return None
    try:
        real = os.path.realpath(cwd)
    except (OSError, ValueError):
        return None
    tree = _around(real, trees)
    if tree is not None:
        return None if _nested(os.path.realpath(tree), real) else tree
    tree = _around(real, former)
    # Whatever repository lies at a former path today is another one.
    if tree is None or _has_git(os.path.realpath(tree)) or _nested(os.path.realpath(tree), real):
        return None
    return tree


def _around(real: str, trees: Sequence[str]) -> str | None:
    """The innermost of `trees` that holds the real path."""
    best, length = None, -1
    for tree in trees:
        base = os.path.realpath(tree).rstrip(os.sep)
        if len(base) > length and (real == base or real.startswith(base + os.sep)):
            best, length = tree, len(base)
    return best


def _nested(tree: str, path: str) -> bool:
    """Whether a repository of its own lies between `tree` (exclusive) and `path` (inclusive)."""
    while len(path) > len(tree):
        if _has_git(path):
            return True
        path = os.path.dirname(path)
    return False


def _has_git(path: str) -> bool:
    return os.path.lexists(os.path.join(path, ".git"))


def agent_of(path: str) -> str:
    """The id of the session that the agent's transcript at `path` is part of, "" if it does not say (or is none)."""
    try:
        fd = open_regular(path)
    except (OSError, BadData):
        return ""
    try:
        return _first(os.read(fd, _AGENT_HEAD), b"sessionId")
    finally:
        os.close(fd)
