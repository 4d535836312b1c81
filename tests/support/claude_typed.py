"""The real Claude Code in a terminal, typed at as a person would. claude_code.py starts it and says what it sees."""

from __future__ import annotations

import os
import re
import signal
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.cli.terminal import PATIENCE, Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.support.anthropic import Request
    from tests.support.claude_code import ClaudeCode


class Typed(Terminal):
    """Claude Code in a terminal. A context manager: leaving kills it if it still runs."""

    def __init__(self, claude: ClaudeCode, words: Sequence[str], cwd: Path) -> None:
        with warnings.catch_warnings():
            # Python warns of forks beside threads, such as the API's; the child does nothing but exec.
            warnings.simplefilter("ignore", DeprecationWarning)
            super().__init__(words, claude.env, cwd=cwd, columns=120)
        self._claude = claude

    @property
    def session(self) -> str:
        """The id of the session that is open in it; "" before it has one."""
        return str(self._claude.live().get(self.pid, {}).get("sessionId", ""))

    def idle(self) -> bool:
        """Whether it says that it waits for a prompt."""
        return self._claude.live().get(self.pid, {}).get("status") == "idle"

    def over(self, prompt: str, since: float) -> bool:
        """Whether a prompt's turn, begun after `since` (epoch seconds), is over, hooks included.

        A turn of some milliseconds can leave no trace in the marker, which is written as the window is drawn; the row
        that ends a turn is always written, and behind its hooks.
        """
        return self.idle() and bool(self._claude.api.asked(prompt)) and self._claude.ended(self.session, since)

    def ready(self) -> Self:
        """Wait until it can be typed at."""
        self.until(self.idle, "not ready")
        return self

    def say(self, prompt: str) -> Request:
        """Type a prompt and wait until its turn is over, hooks included; the turn's last request."""
        before = time.time()
        self.send(prompt)
        self.until(lambda: self.over(prompt, before), f"still busy with {prompt!r}")
        return self._claude.api.only(prompt)

    def send(self, text: str) -> None:
        """Type a line, and Enter once it stands there: all at once would be taken for a paste."""
        before = len(self.screen)
        self.type(text)
        self.until(lambda: squeezed(text) in squeezed(self.screen[before:]), f"{text!r} does not appear")
        self.type("\r")

    def shows(self, text: str) -> bool:
        """Whether a text was on the screen so far."""
        return squeezed(text) in squeezed(self.screen)

    def leave(self) -> None:
        """Exit as a user does; it must end well."""
        self.send("/exit")
        status, screen = self.finish()
        assert status == 0, screen

    def kill(self) -> None:
        """kill -9, and wait until it is dead."""
        os.kill(self.pid, signal.SIGKILL)
        self.finish()

    def until(self, true: Callable[[], bool], complaint: str) -> None:
        """Read what it writes until something is true."""
        end = time.monotonic() + PATIENCE
        while not true():
            running = self.status is None and time.monotonic() < end
            assert running, f"{complaint}:\n{self.screen[-4000:]}"
            self._read(0.05)


def squeezed(text: str) -> str:
    """Text without white space: a terminal wraps, and steps over blanks rather than writing them."""
    return re.sub(r"\s", "", text)
