"""status: where this repository stands. With nothing changed since the last look, stats and refs tell that it is so.

The answer is kept in `standing` in the repository's state, with a digest of all that it was made from.
"""

from __future__ import annotations

import os
import time
from zlib import crc32

from git_ccsync.claude import scan
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git.codec import hash_prefixed
from git_ccsync.model import MachineState, Problem, StatusResult, silent
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.run.workspace import project_keys, refreshed, require_init
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.claude.scan import Found, SideFile
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.run.workspace import Workspace

#: Another set of fields makes another cache.
VERSION = " ".join(StatusResult._fields + MachineState._fields + Problem._fields)
#: A file changed this shortly before it was looked at may change again without a new time stamp.
RACY_NS = 20_000_000
#: What the answer hangs on in the repository's state, besides the disk, the refs and the configuration.
_MEMORY, _STATE = ("index", "here", "memory"), ("marks", "consent")


def status(ws: Workspace, *, fetch: bool = False, on_progress: OnProgress = silent) -> StatusResult:
    """What is in step with the branch and what is not, offline; with `fetch` the remote is looked at first.

    Raises NotInitialised; with `fetch` RemoteFailed and Locked.
    """
    require_init(ws)
    problems: tuple[Problem, ...] = ()
    if fetch:
        from git_ccsync.operations.overview import looking

        problems = looking.fetch(ws, on_progress)
        ws = refreshed(ws)
    result = _known(ws)
    return result._replace(problems=(*problems, *result.problems)) if problems else result


def _known(ws: Workspace) -> StatusResult:
    """The answer from the cache if it still holds, else a new one."""
    path = os.path.join(ws.memory, "standing")
    agents: list[SideFile] = []
    found, problems = scan.scan(ws.claude, project_keys(ws), agents)
    key, newest = _key(ws, found, agents, problems)
    held = files.load_cache(path)
    if isinstance(held, tuple) and len(held) == 3 and held[:2] == (VERSION, key):
        return _thawed(held[2])
    from git_ccsync.operations.overview import catalogue, looking

    before = time.time_ns()
    result = looking.status(ws)
    # A file that may not be read yet has the same stat once it may.
    if newest < before - RACY_NS and not result.problems:
        catalogue.save(path, (VERSION, _key(ws, found, agents, problems)[0], _frozen(result)))
    return result


def _key(
    ws: Workspace, found: Sequence[Found], agents: Sequence[SideFile], problems: Sequence[Problem]
) -> tuple[str, int]:
    """A digest of all that the answer is made from, and the newest mtime of a file."""
    sides = [*_sides(found), *agents]
    memory = idle.memory_files(ws) if idle.carries_memory(ws) else ()
    paths = [*(f"{ws.memory}/{name}" for name in _MEMORY), *(f"{ws.state}/{name}" for name in _STATE)]
    stamps = list(map(files.stamp, paths))
    stamps.append(files.stamp(os.path.join(ws.claude, "settings.json")))
    rest = (
        _digest(found),
        sides,
        memory,
        stamps,
        idle.live_here(ws),
        problems,
        idle.stamp(ws),
        ws.refs,
        ws.here,
        _day(),
    )
    newest = max(
        [one[4] for one in found] + [one.mtime_ns for one in sides] + [one.mtime_ns for one in memory], default=0
    )
    return hash_prefixed(b"", repr(rest).encode("utf-8", "surrogateescape")), newest


def _digest(found: Sequence[Found]) -> tuple[object, ...]:
    """Ids, directories and stats of thousands of files in a few numbers, at C speed. Python's hash of ints is the same
    in every process.
    """
    keys = [one[2] for one in found]
    names = "".join([one[0] for one in found]).encode()
    numbers = hash(tuple([number for one in found for number in one[3:6]]))
    return {key: keys.count(key) for key in dict.fromkeys(keys)}, crc32(names), numbers


def _sides(found: Sequence[Found]) -> list[SideFile]:
    return [file for item in found if item[-1] for file in scan.side_files(item.path.removesuffix(".jsonl"))[0]]


def _day() -> int:
    """Sessions grow too old to be installed from one day to the next."""
    return int(time.time()) // 86400


def _frozen(result: StatusResult) -> tuple[object, ...]:
    """The result as plain values, which a cache can hold."""
    plain = result._replace(
        machines=tuple(tuple(one) for one in result.machines),  # type: ignore[misc]
        problems=tuple(tuple(one) for one in result.problems),  # type: ignore[misc]
    )
    return tuple(plain)


def _thawed(values: tuple[object, ...]) -> StatusResult:
    plain = StatusResult(*values)  # type: ignore[arg-type]
    return plain._replace(
        machines=tuple(MachineState(*one) for one in plain.machines),
        problems=tuple(Problem(*one) for one in plain.problems),
    )
