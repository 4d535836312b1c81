"""Claude Code's events as its hooks see them: JSON on stdin, its process in the environment. Starts real processes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.machine import ROOT, Machine, Result
from tests.support.session import Session

#: Seconds within which what runs detached must have come to its end; it usually takes one.
PATIENCE = 30
#: The command line of what stands for a Claude Code.
SLEEP = b"sleep\000600\0"


def launcher(machine: Machine) -> Path:
    """A git-ccsync of this checkout on the machine's PATH, as an installer would have made it."""
    path = machine.home / ".local" / "bin" / "git-ccsync"
    if not path.exists():
        path.parent.mkdir(parents=True)
        path.write_text(
            f"#!{sys.executable}\nimport os, sys\nsys.path.insert(0, {str(ROOT)!r})\n"
            "from git_ccsync.cli import main\nos._exit(main())\n"
        )
        path.chmod(0o755 | stat.S_IXUSR)
        machine.env["PATH"] = f"{path.parent}{os.pathsep}{machine.env['PATH']}"
    return path


class Events:
    """The events of one session on a machine. `process` is the Claude Code that they come from: it lives until `end`."""

    def __init__(self, machine: Machine, session: Session | None = None, *, marker: bool = False) -> None:
        self.machine, self.session = machine, session
        self.program = launcher(machine)
        self.process = subprocess.Popen(os.fsdecode(SLEEP).split("\0")[:-1], env=machine.env)
        machine.world.stops(self)

    def stop(self) -> None:
        """End the process, without a word to anybody."""
        self.process.kill()
        self.process.wait()

    def data(self, event: str, **fields: object) -> bytes:
        """What Claude Code writes to a hook."""
        session = self.session
        common = {
            "session_id": session.id if session else "",
            "transcript_path": str(session.path) if session else "",
            "cwd": str(self.machine.clone),
            "hook_event_name": event,
        }
        return json.dumps({**common, **fields}).encode()

    def env(self, **more: str) -> dict[str, str]:
        """The environment of a hook."""
        return {
            **self.machine.env,
            "CLAUDE_PID": str(self.process.pid),
            "CLAUDE_PROJECT_DIR": str(self.machine.clone),
            **more,
        }

    def fire(
        self, event: str, *, input: bytes | None = None, env: dict[str, str] | None = None, **fields: object
    ) -> Result:
        """Run the hook to its end, which must be silent on stderr and have the status 0."""
        done = subprocess.run(
            [str(self.program), "hook", event], input=self.data(event, **fields) if input is None else input,
            env=self.env(**(env or {})), cwd=self.machine.clone, capture_output=True, timeout=30, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b""), done
        return Result(done.returncode, done.stdout.decode(), "")

    @property
    def state(self) -> Path:
        """The repository's state of this machine."""
        (found,) = (self.machine.clone / ".git" / "ccsync").iterdir()
        return found

    def trouble(self) -> str:
        """What was logged."""
        path = self.state / "auto" / "trouble"
        return path.read_text() if path.exists() else ""


def processes(machine: Machine) -> dict[int, str]:
    """What runs on a machine besides the Claude Code of `Events`: process id to command line. Linux."""
    mark = f"HOME={machine.home}".encode()
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "cmdline").read_bytes() if entry.name.isdecimal() else b""
            if words and words != SLEEP and mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = os.fsdecode(words.replace(b"\0", b" ").strip())
        except OSError:  # gone meanwhile
            continue
    return found


def until(holds: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Wait until something holds; fails if it does not come to."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "that never happened"
        time.sleep(0.05)
