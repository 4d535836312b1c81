"""`hook EVENT`: what Claude Code calls. Ends with 0 whatever happens, and says nothing but what a person must know.

Claude Code blocks the prompt after a status of 2, and puts what SessionStart prints into the model's context.
"""

from __future__ import annotations

import os

from git_ccsync.operations import hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.operations.hooks import Call
    from git_ccsync.operations.presence.continued import Continued

#: What is read of stdin in all; an event is a few kilobytes, a prompt with pasted text perhaps a megabyte.
CAP = 32 << 20
#: Milliseconds that the event may take to come, and that a further piece of it may, once it could be whole.
PATIENCE, BRIEF = 2000, 50


def run(event: str) -> int:
    """`git ccsync hook EVENT`; 0."""
    try:
        _run(event)
    except BaseException as error:  # noqa: BLE001 -- nothing may reach Claude Code, least of all a status of 2
        if isinstance(error, Exception):
            _record(error)
    return 0


def _run(event: str) -> None:
    if os.environ.get(hooks.OFF):
        return
    call = hooks.read(event, _input(), os.environ)
    if not call:
        return
    news = hooks.note(call)
    if news:
        os.write(1, _words(news))
    turn = hooks.claim(call)
    if turn is not None:
        from git_ccsync.cli import detach

        detach.detach(lambda: _behind(call, turn))


def _behind(call: Call, turn: int) -> None:
    import time

    if call.event != hooks.END:
        time.sleep(hooks.SETTLE)  # even importing would take the processor from Claude Code now
    from git_ccsync.operations.unattended import background

    try:
        background.run(call, turn)
    except Exception as error:  # noqa: BLE001 -- nobody is there to tell
        _record(error)


def _input() -> bytes:
    """What stdin holds, up to its end; b"" if nobody writes there."""
    found: list[bytes] = []
    size = 0
    try:
        if os.isatty(0):
            return b""
        while size < CAP and _comes(BRIEF if found and found[-1].endswith((b"}", b"}\n")) else PATIENCE):
            data = os.read(0, 1 << 16)
            if not data:
                break
            found.append(data)
            size += len(data)
    except OSError:
        pass
    return b"".join(found)


def _comes(patience: int) -> bool:
    """Whether there is something to read, or the end of it, in time."""
    import select

    poll = select.poll()
    poll.register(0, select.POLLIN)
    return bool(poll.poll(patience))


def _words(news: Continued) -> bytes:
    import json
    import time

    from git_ccsync.cli import ages, render

    when = ages.ago(news.updated, time.time())
    text = f"{render.safe(news.machine)} went on{f' {when}' if when else ''}; /exit and run git ccsync resume"
    return json.dumps({"systemMessage": text}).encode() + b"\n"


def _record(error: BaseException) -> None:
    from git_ccsync.state import log

    try:
        log.record(error)
    except Exception:  # noqa: BLE001, S110 -- a hook ends well even where nothing can be written
        pass
