"""Progress of long work on stderr: one line that is rewritten and erased at the end. Knows phases, not verbs."""

from __future__ import annotations

import os
import sys
import time

from git_ccsync.cli import render
from git_ccsync.cli.options_timed import is_watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.model import Progress

#: Work that is over within this many seconds shows nothing.
DELAY = 1.0
#: Seconds between two updates: enough for the eye, few enough for a slow line.
INTERVAL = 0.1


class Meter:
    """A progress callback and what it has drawn. Use it as a context manager: the line is gone afterwards."""

    def __init__(self, *, shown: bool, delay: float = DELAY) -> None:
        self._shown = shown
        self._begun = time.monotonic()
        self._due = self._begun + delay
        self._phase = ""
        self._phase_begun = self._begun
        self._drawn = False

    def __enter__(self) -> Meter:
        return self

    def __exit__(self, *_: object) -> None:
        self.erase()

    def __call__(self, step: Progress) -> None:
        """Show `step`, if it is time."""
        if not self._shown:
            return
        now = time.monotonic()
        if step.phase != self._phase:
            self._phase, self._phase_begun = step.phase, now
        if now < self._due:
            return
        self._due = now + INTERVAL
        self._draw(line(step, now - self._phase_begun))

    def erase(self) -> None:
        """Take the line away, so that other words can stand in its place."""
        if self._drawn:
            self._drawn = False
            self._write("\r\033[K" if _can_erase() else "\r" + " " * (_room() - 1) + "\r")

    def _draw(self, text: str) -> None:
        room = _room() - 1
        text = render.pad(render.cut(text, room), 0)
        tail = "\033[K" if _can_erase() else " " * (room - render.columns(text))
        self._write("\r" + text + tail)
        self._drawn = True

    @staticmethod
    def _write(text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except OSError:  # the terminal went away: work goes on
            pass


def meter(wish: int = -1, *, quiet: bool = False) -> Meter:
    """The meter for `--progress` (1), `--no-progress` (0) or neither (-1: only on a terminal)."""
    return Meter(shown=is_watched(wish, quiet=quiet), delay=0 if wish == 1 else DELAY)


def line(step: Progress, elapsed: float) -> str:
    """`Packing: 45% (135/300), 12 MB/s`; counts of bytes are written as sizes."""
    sized = step.unit == "bytes"
    done = render.size(step.done) if sized else f"{step.done:,}"
    text = step.phase.capitalize()
    if step.total:
        total = render.size(step.total) if sized else f"{step.total:,}"
        text += f": {min(100, 100 * step.done // step.total):3d}% ({done}/{total})"
    elif step.done:
        text += f": {done}"
    if (step.done or step.size) and not sized and step.unit:
        text += f" {step.unit}"
    if step.size:
        text += f", {render.size(step.size)}"
    moved = step.done if sized else step.size
    if moved and elapsed > 0.5:
        text += f", {render.size(int(moved / elapsed))}/s"
    return text


def _can_erase() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb"


def _room() -> int:
    try:
        return os.get_terminal_size(2).columns or 80
    except (OSError, ValueError):
        return 80
