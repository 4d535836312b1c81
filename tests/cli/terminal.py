"""A real terminal for tests: a program on a pseudo-terminal, typed at as a person would. Knows no shell and no verb."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 60.0


class Terminal:
    """A program with a terminal of `columns`; `screen` is everything it has written, without its control sequences, and
    without the progress that it has erased (which shows only where the computer is busy)."""

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], *, cwd: Path, columns: int = 80) -> None:
        self._written = b""
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            os.chdir(cwd)
            os.execvpe(argv[0], list(argv), dict(env))
        self.status: int | None = None

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def type(self, text: str) -> None:
        """Send keys."""
        os.write(self._fd, text.encode())

    @property
    def raw(self) -> str:
        """What was written so far, with its control sequences."""
        return self._written.decode("utf-8", "replace")

    @property
    def screen(self) -> str:
        """What was written so far."""
        text = re.sub(r"(\r[^\r\n\x1b]+\x1b\[K)+\r\x1b\[K", "", self._written.decode("utf-8", "replace"))
        return re.sub(r"\x1b(\[[0-9;?>=]*[A-Za-z]|[=>]|\][^\x07]*\x07|\([A-Z0-9])|\x07|\x0f", "", text).replace(
            "\r\n", "\n"
        )

    def wait_for(self, pattern: str) -> str:
        """Read until `pattern` (a regular expression) is on the screen; the screen."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, self.screen):
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{self.screen}"
            if not self._read(0.2) and self.status is not None:
                raise AssertionError(f"ended without {pattern!r}:\n{self.screen}")
        return self.screen

    def finish(self) -> tuple[int, str]:
        """Read until the program has ended; its status and the screen."""
        end = time.monotonic() + PATIENCE
        while self.status is None or self._read(0):
            assert time.monotonic() < end, f"still running:\n{self.screen}"
            self._read(0.2)
        return self.status, self.screen

    def _read(self, seconds: float) -> bool:
        if not select.select([self._fd], [], [], seconds)[0]:
            return self._reap()
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # EIO: the other side is closed
            data = b""
        self._written += data
        return bool(data) or self._reap()

    def _reap(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.status = os.waitstatus_to_exitcode(status) if pid else None
        return False
