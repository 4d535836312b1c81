"""Reading beside the picker, so that moving never waits: one thread that reads the wished preview first, then the rest.

Knows no screen; what it reads with, and the iterator, are used by that thread alone.
"""

from __future__ import annotations

import contextlib
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator

#: Seconds between two words of how much was learnt.
OFTEN = 0.25
#: Seconds that the end of the picker waits for the end of what is being read.
PATIENCE = 0.5
#: Previews that are kept.
MOST = 500


class Previews:
    """`read` makes the preview of a session; `prompts` yields (session, first prompt) for as long as nothing is wished.

    `told(prompts)` is called from the thread: with what was learnt, {} where a preview has arrived.
    """

    def __init__(
        self,
        read: Callable[[str], str],
        prompts: Generator[tuple[str, str]],
        told: Callable[[dict[str, str]], None],
    ) -> None:
        self._read, self._prompts, self._told = read, prompts, told
        self._known: dict[str, str] = {}
        self._wish = ""
        self._ended = False
        self._awake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="previews", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def get(self, session: str) -> str | None:
        """The preview of a session; None if it is not read yet: then it is what is read next."""
        known = self._known.get(session)
        with self._awake:
            self._wish = "" if known is not None else session
            self._awake.notify()
        return known

    def stop(self) -> None:
        """End the thread; it closes what it reads from."""
        with self._awake:
            self._ended = True
            self._awake.notify()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        learnt: dict[str, str] = {}
        said, more = time.monotonic(), True
        while (wish := self._next(wait=not more)) is not None:
            if wish:
                self._fill(wish)
                continue
            pair = self._prompt()
            more = pair is not None
            if pair:
                learnt[pair[0]] = pair[1]
            if learnt and (not more or time.monotonic() - said > OFTEN):
                self._told(learnt)
                learnt, said = {}, time.monotonic()
        self._close()

    def _next(self, *, wait: bool) -> str | None:
        """The wish, "" for none, None at the end; with `wait` there is one of the last two only if there is nothing."""
        with self._awake:
            while wait and not self._wish and not self._ended:
                self._awake.wait()
            wish, self._wish = self._wish, ""
            return None if self._ended else wish

    def _fill(self, session: str) -> None:
        try:
            text = self._read(session)
        except Exception:  # noqa: BLE001 -- a session that cannot be read is shown without a preview, and chosen all the same
            text = "(cannot be read)"
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[session] = text
        self._told({})

    def _prompt(self) -> tuple[str, str] | None:
        try:
            return next(self._prompts, None)
        except Exception:  # noqa: BLE001 -- prompts only make the search better
            return None

    def _close(self) -> None:
        with contextlib.suppress(Exception):  # see above
            self._prompts.close()
