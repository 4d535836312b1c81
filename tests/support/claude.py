"""A stand-in for a running Claude Code: a real process with a live marker that appends to a transcript when told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.machine import Machine

# Each line on stdin is the path of a file whose bytes are to be appended; its end is Claude's exit.
BODY = """
import json, os, sys
marker, transcript, session, cwd = sys.argv[1:]
marker = os.path.join(marker, f"{os.getpid()}.json")
try:
    started = open(f"/proc/{os.getpid()}/stat").read().rsplit(")", 1)[1].split()[19]
    domain = "linux:%s:pid:[%s]" % (open("/etc/machine-id").read().strip(), os.readlink("/proc/self/ns/pid")[5:-1])
except OSError:
    started = domain = ""
row = {"pid": os.getpid(), "sessionId": session, "cwd": cwd, "startedAt": 0, "procStart": started, "version": "2.1.330",
       "kind": "interactive", "entrypoint": "cli", "status": "idle", "updatedAt": 0}
if domain:
    row["pidDomain"] = domain
with open(marker, "w") as file:
    json.dump(row, file)
print("ready", flush=True)
for name in sys.stdin:
    with open(name.rstrip("\\n"), "rb") as file:
        data = file.read()
    out = os.open(transcript, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(out, data)
    os.close(out)
    print("done", flush=True)
os.unlink(marker)
"""


class Claude:
    """A live session: `pid`, `marker`. `append` makes it write; `stop` is a clean exit, `kill` leaves the marker behind."""

    def __init__(self, machine: Machine, session: str) -> None:
        self._machine, self._session = machine, session
        directory = machine.claude / "sessions"
        directory.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-c", BODY, str(directory), str(machine.path(session)), session, str(machine.clone)]
        self._process = subprocess.Popen(words, env=machine.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = self._process.pid
        self.marker = directory / f"{self.pid}.json"
        self._answer()

    def append(self, lines: int = 1) -> bytes:
        """Let the process append prompts and answers; returns the bytes when they are on disk."""
        assert self._process.stdin
        rows = self._machine.here(self._session).rows
        data = b"".join(rows.exchange() for _ in range(lines)) + rows.bookkeeping()
        file = self.marker.with_suffix(".pending")
        file.write_bytes(data)
        self._process.stdin.write(os.fsencode(file) + b"\n")
        self._process.stdin.flush()
        self._answer()
        file.unlink()
        return data

    def stop(self) -> None:
        """End as /exit does: the marker goes. Harmless if it has ended already."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(10)
        if self._process.stdout:
            self._process.stdout.close()

    def kill(self) -> None:
        """End as a crash does: the marker stays and names a process that is gone."""
        self._process.send_signal(signal.SIGKILL)
        self.stop()

    def _answer(self) -> None:
        assert self._process.stdout
        assert self._process.stdout.readline(), "the claude stand-in died"


def marker(pid: int, session: str, **fields: object) -> bytes:
    """A marker's bytes as a test wants them: a pid that is gone, a foreign domain, an unreadable start time."""
    return json.dumps({"pid": pid, "sessionId": session, **fields}).encode()
