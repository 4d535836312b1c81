"""Commands in forks of a spare process: real processes, without the tenth of a second that Python needs to import.

What belongs to the start of a process (the launcher, what is imported when, encodings) cannot be seen this way: tests
of that, and all with `world.real`, start the installed program.
"""

from __future__ import annotations

import marshal
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.spare_process import HEADER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What an interpreter reads when it starts; under another one than ours a command is started anew.
AT_START = ("PYTHON", "LC_", "LANG")
#: As much as a pipe takes at once.
PIPE = 1 << 16

_lock = threading.Lock()
_link: socket.socket | None = None


def fits(env: Mapping[str, str], input: bytes) -> bool:
    """Whether a fork can stand for a process of its own with this environment and input."""
    odd = (name for name in env if name.startswith(AT_START) and name != "PYTHONDONTWRITEBYTECODE")
    return not [name for name in odd if (name, env[name]) != ("LC_ALL", "C.UTF-8")] and len(input) < PIPE


def run(
    words: Sequence[str], env: Mapping[str, str], *, cwd: Path, input: bytes, limit: float
) -> tuple[int, bytes, bytes]:
    """Run `git-ccsync WORDS[1:]` to its end: its status, stdout and stderr. TimeoutExpired after `limit` seconds."""
    pipes = [os.pipe() for _ in range(4)]
    told, stdin, stdout, stderr = pipes
    os.write(stdin[1], input)
    os.close(stdin[1])
    mask = os.umask(0o077)
    os.umask(mask)
    _send(marshal.dumps((str(cwd), mask, list(words), dict(env))), [told[1], stdin[0], stdout[1], stderr[1]])
    for number in (told[1], stdin[0], stdout[1], stderr[1]):
        os.close(number)
    said = _read([told[0], stdout[0], stderr[0]], limit, words)
    return int(said[0].split()[1]), said[1], said[2]


def _send(payload: bytes, descriptors: list[int]) -> None:
    with _lock:
        link = _started()
        socket.send_fds(link, [HEADER.pack(len(payload))], descriptors)
        link.sendall(payload)


def _read(descriptors: list[int], limit: float, words: Sequence[str]) -> list[bytes]:
    """What comes out of each, to its end."""
    said = dict.fromkeys(descriptors, b"")
    end = time.monotonic() + limit
    with selectors.DefaultSelector() as selector:
        for number in descriptors:
            selector.register(number, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(max(0, end - time.monotonic()))
            if not ready:
                pid = int(said[descriptors[0]].split()[0])
                os.kill(pid, signal.SIGKILL)
                raise subprocess.TimeoutExpired(list(words), limit, said[descriptors[1]], said[descriptors[2]])
            for key, _ in ready:
                data = os.read(key.fd, PIPE)
                said[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
                    os.close(key.fd)
    return [said[number] for number in descriptors]


def _started() -> socket.socket:
    """The way to the spare process, which is started by the first that needs it, and ends with this one."""
    global _link
    if _link is None:
        from tests.support.machine import ROOT, executable

        _link, theirs = socket.socketpair()
        script = Path(__file__).with_name("spare_process.py")
        root = "" if len(executable()) == 1 else str(ROOT)
        words = [sys.executable, str(script), str(theirs.fileno()), root]
        env = {name: os.environ[name] for name in ("PATH", "HOME", "LC_ALL", "LD_LIBRARY_PATH") if name in os.environ}
        subprocess.run(words, env=env, pass_fds=[theirs.fileno()], cwd="/", check=True)
        theirs.close()
    return _link
