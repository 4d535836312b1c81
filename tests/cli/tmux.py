"""A program in a real terminal emulator: tmux, with a server of its own. What is on the screen, and its colours."""

from __future__ import annotations

import itertools
import os
import re
import shlex
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PATIENCE = 20.0

_numbers = itertools.count()

needs_tmux = pytest.mark.skipif(not shutil.which("tmux"), reason="tmux is not installed")


class Tmux:
    """`argv` in a window of `columns` by `lines`. Before and after the program the screen says BEGIN and `ENDED status`."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        *,
        cwd: Path,
        columns: int = 80,
        lines: int = 24,
        term: str = "tmux",
    ) -> None:
        # The path of a socket has 104 bytes at most, and those of tests are longer: a short name where it is run. Another
        # one each time: a server that was told to end may still be there.
        self._socket, self._place = f"tmux.{next(_numbers)}", cwd
        self.env = {**env, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
        script = f"echo BEGIN; {shlex.join(argv)}; echo ENDED $?; cat"
        exported = " ".join(shlex.quote(f"{name}={value}") for name, value in {**self.env, "TERM": term}.items())
        self._tmux(
            "-f", os.devnull, "new-session", "-d", "-x", str(columns), "-y", str(lines),
            f"exec env -i {exported} sh -c {shlex.quote(script)}",
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server", check=False)

    def _tmux(self, *words: str, check: bool = True) -> str:
        argv = ["tmux", "-S", self._socket, *words]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        done = subprocess.run(argv, env=env, cwd=self._place, capture_output=True, check=check, timeout=30)
        return done.stdout.decode()

    def keys(self, *names: str) -> None:
        """Press keys by tmux's names."""
        self._tmux("send-keys", *names)

    def type(self, text: str) -> None:
        """Type text."""
        self._tmux("send-keys", "-l", text)

    def resize(self, columns: int, lines: int) -> None:
        """Make the window another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(lines))

    @property
    def pid(self) -> int:
        """The process of the shell that runs the program."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    @property
    def screen(self) -> list[str]:
        """The lines of the screen, without trailing spaces."""
        return [line.rstrip() for line in self._tmux("capture-pane", "-p").split("\n")[:-1]]

    @property
    def rows(self) -> list[str]:
        """What was written, also what has left the screen; a row that the terminal had to break is one."""
        return [row.rstrip() for row in self._tmux("capture-pane", "-p", "-J", "-S", "-").split("\n")[:-1]]

    @property
    def painted(self) -> str:
        """The screen with the sequences that colour it."""
        return self._tmux("capture-pane", "-p", "-e")

    @property
    def painted_rows(self) -> list[str]:
        """`rows` with the sequences that colour them; a colour holds until the next sequence, rows on."""
        return self._tmux("capture-pane", "-p", "-e", "-J", "-S", "-").split("\n")[:-1]

    def wait_for(self, pattern: str) -> list[str]:
        """Wait until `pattern` (a regular expression, lines joined) is on the screen; the screen."""
        end = time.monotonic() + PATIENCE
        while not re.search(pattern, "\n".join(screen := self.screen), re.MULTILINE):
            shown = "\n".join(screen)
            over = re.search(r"^ENDED \d", shown, re.MULTILINE) and self.screen == screen
            assert not over, f"ended without {pattern!r}:\n{shown}"
            assert time.monotonic() < end, f"no {pattern!r} on the screen:\n{shown}"
            time.sleep(0.03)
        return screen

    def shows(self, screen: list[str]) -> None:
        """Wait until the screen is this, to the letter: what is written at once may be drawn in pieces."""
        end = time.monotonic() + PATIENCE
        while (shown := self.screen) != screen and time.monotonic() < end:
            time.sleep(0.03)
        assert shown == screen


def colours(painted: str) -> set[str]:
    """The parameters of all colour sequences."""
    return {word for found in re.findall(r"\x1b\[([0-9;:]*)m", painted) for word in found.split(";")}


#: Attributes and the 16 colours of the palette: no 38;5 or 38;2.
PALETTE = {"", "0", "1", "2", "4", "7", "22", "24", "27", "39", "49"} | {
    str(base + number) for base in (30, 40, 90, 100) for number in range(8)
}
