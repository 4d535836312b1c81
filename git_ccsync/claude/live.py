"""Which sessions a running Claude Code holds: its markers `sessions/<pid>.json` against the processes of this machine.

A session counts as live unless it is proven not to be. Nothing here sends a signal or writes.
"""

from __future__ import annotations

import os
import sys
import time

from git_ccsync.claude.files import read_small
from git_ccsync.claude.rows import loads
from git_ccsync.errors import BadData, Refused
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    Marker = dict[str, object]

#: Seconds for which a fresh write counts as a sign of life where no marker can be expected.
RECENT = 10.0
_MARKER_CAP = 64 << 10
_MAX_PID = 2**31 - 1
_LINUX = sys.platform.startswith("linux")
_ZOMBIE = "dead"
_LSTART = "%a %b %d %H:%M:%S %Y"
#: Why a transcript is left alone while a process has it.
HELD = "a running Claude Code holds it"


def live_sessions(claude: str) -> dict[str, int]:
    """Session id -> pid of the process that holds it, for all sessions that are not proven dead."""
    directory = os.path.join(claude, "sessions")
    try:
        names = os.listdir(directory)
    except OSError:
        return {}
    live: dict[str, int] = {}
    for name in names:
        if not name.endswith(".json"):
            continue
        named = _pid(name[:-5])
        marker = _read(os.path.join(directory, name), named)
        session = marker.get("sessionId")
        pid = _pid(marker.get("pid")) or named
        if isinstance(session, str) and pid and _alive(pid, marker):
            live[session] = pid
    return live


def started(pid: int) -> str:
    """When a process of this computer began, in this system's own words; "" if that cannot be read."""
    return (_start_linux(pid) if _LINUX else _start_macos(pid)).replace(_ZOMBIE, "") if pid else ""


def running(pid: int, start: str) -> bool:
    """Whether the process that began at `start` (see `started`) still runs; unless proven otherwise, it does."""
    return pid > 0 and _alive(pid, {"procStart": start})


def _read(path: str, pid: int) -> Marker:
    """The marker's fields, {} if they cannot be had. A living process may be writing it anew: then look again."""
    for _ in range(5):
        data = read_small(path, _MARKER_CAP)
        marker = loads(data) if data else None
        if isinstance(marker, dict):
            return marker
        if data is None or not pid or not _exists(pid):
            break
        time.sleep(0.004)
    return {}


def is_live(claude: str, session: str, path: str, *, ours_mtime_ns: int = 0) -> bool:
    """Whether the session is held by a process, or was written within RECENT seconds by a version without markers.

    `ours_mtime_ns` is the mtime that we last gave the file, 0 for none.
    """
    return session in live_sessions(claude) or recently_written(path, ours_mtime_ns=ours_mtime_ns)


def check_free(claude: str, session: str, path: str, hint: str, *, known: bool = False, whose: str = "") -> None:
    """Refused if `is_live`, or if it is `known` that a process holds the session: with `hint` where one does, else with how
    long ago the transcript at `path` was written. `whose` stands before the session's id.
    """
    named = f"{whose}'{session[:8]}'"
    if known or session in live_sessions(claude):
        raise Refused(f"a running Claude Code holds {named}", hint)
    if recently_written(path):
        raise Refused(f"{named} {written(path)}", "try again in a moment")


def busy(path: str, *, held: bool, ours_mtime_ns: int = 0) -> str:
    """Why the transcript at `path` is left alone for now: a process is known to hold it (`held`), or somebody wrote it just
    now; "" if nothing says so.
    """
    if held:
        return HELD
    return f"it {written(path)}" if recently_written(path, ours_mtime_ns=ours_mtime_ns) else ""


def written(path: str) -> str:
    """`was written 3 seconds ago`: all that is known of a transcript that no process is known to hold."""
    try:
        age = int(time.time() - os.lstat(path).st_mtime)
    except OSError:
        age = 0
    return f"was written {age} second{'' if age == 1 else 's'} ago" if age > 0 else "was written just now"


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
    from git_ccsync.claude.transcript import tail_version

    try:
        pieces = tail_version(path).split(".")
    except (OSError, BadData):
        return (_MAX_PID, 0)
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
    recorded = str(recorded) if type(recorded) in (str, int) else ""
    started = _start_linux(pid) if _LINUX else _start_macos(pid)
    if started == _ZOMBIE:
        return False
    return not (recorded and started and _differs(recorded, started))


def _differs(recorded: str, started: str) -> bool:
    """Whether two start times, each in clock ticks (Linux) or a date as `ps -o lstart=` has it, prove two processes.

    Different kinds prove nothing. Dates are local time, and laptops travel: a whole number of quarters of an hour
    within a day proves nothing either.
    """
    if recorded.isdecimal() or started.isdecimal():
        return recorded.isdecimal() and started.isdecimal() and recorded != started
    try:
        one, other = (time.mktime(time.strptime(text, _LSTART)) for text in (recorded, started))
    except (ValueError, OverflowError):
        return False
    apart = abs(one - other)
    return apart > 26 * 3600 or apart % 900 not in (0, 1, 899)


def _exists(pid: int) -> bool:
    if os.name == "nt":
        return True  # os.kill(pid, 0) would end the process there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _start_linux(pid: int) -> str:
    """Field 22 of /proc/<pid>/stat, "" if unreadable. Field 2 may hold spaces and parentheses: count behind the last."""
    try:
        with open(f"/proc/{pid}/stat", "rb", buffering=0) as file:
            fields = file.read(4096).rpartition(b")")[2].split()
    except OSError:
        return ""
    if len(fields) < 20:
        return ""
    return _ZOMBIE if fields[0] in (b"Z", b"X") else fields[19].decode("ascii", "replace")


def _start_macos(pid: int) -> str:
    """What `ps -o lstart=` would print, "" if unreadable: asked of libproc, for rooms start no processes.

    struct proc_bsdinfo (sys/proc_info.h) has 136 bytes: status at 4, pid at 12, start in seconds since 1970 at 120.
    """
    try:
        import ctypes

        buffer = ctypes.create_string_buffer(136)
        if ctypes.CDLL("/usr/lib/libproc.dylib").proc_pidinfo(pid, 3, ctypes.c_uint64(0), buffer, 136) != 136:
            return ""
    except (ImportError, OSError, AttributeError):
        return ""
    word = [int.from_bytes(buffer.raw[at : at + 4], sys.byteorder) for at in (4, 12)]
    if word[1] != pid:
        return ""
    start = int.from_bytes(buffer.raw[120:128], sys.byteorder)
    return _ZOMBIE if word[0] == 5 else time.strftime(_LSTART, time.localtime(start))


def _is_foreign(domain: str) -> bool:
    """Whether `linux:<machine-id>:pid:[<namespace>]` names another machine or pid namespace than ours.

    Parts that cannot be read here prove nothing; neither do the words of other systems on their own kind.
    """
    system, _, rest = domain.partition(":")
    if not _LINUX:
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
