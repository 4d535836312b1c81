"""Kills a process at one system call of its choice, by strace; and finds out which calls there are to choose from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.machine import executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.machine import Machine

#: Calls that change what others can see: files, pipes, locks. "?" lets a kernel or architecture be without one.
MUTATING = (
    *(
        "write",
        "pwrite64",
        "writev",
        "fsync",
        "fdatasync",
        "?rename",
        "renameat",
        "renameat2",
        "?link",
        "linkat",
        "?unlink",
    ),
    *("unlinkat", "?mkdir", "mkdirat", "?rmdir", "?symlink", "symlinkat", "ftruncate", "utimensat", "?chmod", "fchmod"),
    *("fchmodat", "flock", "sendfile", "copy_file_range", "?vfork", "?fork", "clone", "?clone3", "wait4"),
)
CALL = re.compile(rb"^(?:\d+ +)?(\w+)\((.*)", re.MULTILINE)

#: The first argument of a write to a pipe, a socket or a terminal, with -y: nobody can see it after the process's death.
NOT_A_FILE = re.compile(rb"\d+<(pipe:|socket:|UNIX|TCP|/dev/)")


class Point(NamedTuple):
    """One place to die: the n-th `call` of the process itself, or (`children`) of whichever process comes there first."""

    call: str
    number: int
    children: bool

    def __str__(self) -> str:
        return f"{self.call}:{self.number}{'+children' if self.children else ''}"


def have_strace() -> bool:
    """Whether strace is here and may trace."""
    if not shutil.which("strace"):
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def points(machine: Machine, args: Sequence[str], log: Path) -> list[Point]:
    """Run a verb under trace (it must succeed) and return every point at which it could be killed, in a fixed order."""
    found: list[Point] = []
    for children in (False, True):
        flags = ["-ff"] if children else []
        trace = log / ("all" if children else "one")
        trace.mkdir(parents=True)
        calls = ",".join((*MUTATING, "?open", "openat", "execve"))
        prefix = ["strace", *flags, "-qqy", "-e", f"trace={calls}", "-e", "signal=none", "-o", str(trace / "log")]
        process = machine.start(*args, prefix=prefix)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, (out, err)
        machine.world.restore()
        traces = [path.read_bytes() for path in trace.iterdir()]
        # The command's own calls have had their turn when it comes to its children's.
        found += _points([text for text in traces if not (children and _own(text))], children=children)
    return found


def _points(traces: list[bytes], *, children: bool) -> list[Point]:
    """strace counts the calls of each process for itself: of the n-th calls one point, whoever comes there first."""
    most: set[Point] = set()
    for trace in traces:
        seen: Counter[str] = Counter()
        for match in CALL.finditer(trace):
            call = match[1].decode()
            seen[call] += 1
            if _lasting(call, match[2]):
                most.add(Point(call, seen[call], children))
    return sorted(most)


def _own(trace: bytes) -> bool:
    """Whether a trace is of the command itself and not of a git that it started."""
    return trace.startswith(b'execve("%s"' % os.fsencode(executable()[0]))


def _lasting(call: str, arguments: bytes) -> bool:
    """Whether a call can leave something behind."""
    if call == "execve":
        return False
    if call.startswith("open"):
        return b"O_CREAT" in arguments
    return "write" not in call or not NOT_A_FILE.match(arguments)


def kill_at(machine: Machine, args: Sequence[str], point: Point) -> int:
    """Run a verb until it comes to the point; the exit status as a shell sees it (137 if it was killed itself)."""
    flags = ["-f"] if point.children else []
    inject = f"inject={point.call}:signal=KILL:when={point.number}"
    prefix = [
        "strace",
        *flags,
        "-qq",
        "-e",
        f"trace={point.call}",
        "-e",
        inject,
        "-e",
        "signal=none",
        "-o",
        "/dev/null",
    ]
    process = machine.start(*args, prefix=prefix)
    try:
        process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode
