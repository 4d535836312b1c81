"""Which sessions a running Claude Code holds: its markers `sessions/<pid>.json` against the processes of this machine.

A session counts as live unless it is proven not to be. Nothing here sends a signal or writes.
"""

from __future__ import annotations

import os
import sys
import time

from git_ccsync.claude.files import read_small
from git_ccsync.claude.rows import loads
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    Marker = dict[str, object]

#: Seconds for which a fresh write counts as a sign of life where no marker can be expected.
RECENT = 10.0
_MARKER_CAP = 64 << 10
_TAIL = 64 << 10
_MAX_PID = 2**31 - 1


def live_sessions(claude: str) -> dict[str, int]:
    """Session id -> pid of the process that holds it, for all sessions that are not proven dead."""
    directory = os.path.join(claude, "sessions")
    try:
        names = os.listdir(directory)
    except OSError:
        return {}
    live: dict[str, int] = {}
    for name in names:
        if name.endswith(".json"):
            data = read_small(os.path.join(directory, name), _MARKER_CAP)
            marker = loads(data) if data else None
            if isinstance(marker, dict) and isinstance(identity := marker.get("sessionId"), str):
                pid = _pid(marker.get("pid")) or _pid(name[:-5])
                if pid and _alive(pid, marker):
                    live[identity] = pid
    return live


def is_live(claude: str, session: str, path: str, *, ours_mtime_ns: int = 0) -> bool:
    """Whether the session is held by a process, or was written within RECENT seconds by a version without markers.

    `ours_mtime_ns` is the mtime that we last gave the file, 0 for none.
    """
    return session in live_sessions(claude) or recently_written(path, ours_mtime_ns=ours_mtime_ns)


def recently_written(path: str, *, ours_mtime_ns: int = 0) -> bool:
    """Whether a Claude Code that is known to write no marker (before 2.1) wrote the transcript just now."""
    try:
        mtime_ns = os.lstat(path).st_mtime_ns
    except OSError:
        return False
    if mtime_ns == ours_mtime_ns or abs(time.time() - mtime_ns / 1e9) > RECENT:
        return False
    return _writer(path) < (2, 1)


def _writer(path: str) -> tuple[int, int]:
    """Version of the Claude Code that wrote the last rows; a very high one if they do not say."""
    from git_ccsync.claude.sessions import tail_version

    pieces = tail_version(path, _TAIL).split(".")
    if len(pieces) < 2 or not all(p.isascii() and p.isdecimal() and len(p) < 9 for p in pieces[:2]):
        return (_MAX_PID, 0)
    return int(pieces[0]), int(pieces[1])


def _pid(value: object) -> int:
    """A process id from a marker or its name, 0 if it is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 11:
        value = int(value)
    return value if type(value) is int and 0 < value <= _MAX_PID else 0


def _alive(pid: int, marker: Marker) -> bool:
    domain = marker.get("pidDomain")
    if isinstance(domain, str) and domain and _is_foreign(domain):
        return True  # its processes cannot be seen from here
    if not _exists(pid):
        return False
    recorded = marker.get("procStart")
    recorded = str(recorded) if isinstance(recorded, (str, int)) and not isinstance(recorded, bool) else ""
    started = _start(pid)
    if started == "dead":
        return False
    return not recorded or not started or _shape(recorded) != _shape(started) or recorded == started


def _shape(start: str) -> bool:
    """Whether a start time is in clock ticks (Linux) rather than a date (macOS): only equal kinds compare."""
    return start.isdecimal()


def _exists(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # os.kill(pid, 0) would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _start(pid: int) -> str:
    """When the process started, in the words of this system; "" if that cannot be read, "dead" for a zombie."""
    return _start_linux(pid) if sys.platform.startswith("linux") else _start_ps(pid)


def _start_linux(pid: int) -> str:
    """Field 22 of /proc/<pid>/stat; field 2 may hold spaces and parentheses, so count behind the last one."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return ""
    if len(fields) < 20:
        return ""
    return "dead" if fields[0] in (b"Z", b"X") else fields[19].decode("ascii", "replace")


def _start_ps(pid: int) -> str:
    """What `ps -o lstart=` says (macOS and the BSDs)."""
    import subprocess

    environ = {"LC_ALL": "C", "PATH": "/bin:/usr/bin"}
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    try:
        done = subprocess.run(command, stdin=-3, capture_output=True, env=environ, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return " ".join(done.stdout.decode("ascii", "replace").split())


def _is_foreign(domain: str) -> bool:
    """Whether `linux:<machine-id>:pid:[<namespace>]` names another machine or pid namespace than ours.

    Parts that cannot be read here prove nothing; neither do the words of other systems on their own kind.
    """
    system, _, rest = domain.partition(":")
    if not sys.platform.startswith("linux"):
        return system == "linux"
    if system != "linux":
        return True
    machine, _, namespace = rest.partition(":")
    try:
        ours = os.readlink("/proc/self/ns/pid")
    except OSError:
        ours = ""
    if ours and namespace.startswith("pid:") and namespace != ours:
        return True
    identity = (read_small("/etc/machine-id", 256) or b"").decode("ascii", "replace").strip()
    return bool(identity and machine and machine != identity)
