"""hook: what an event of Claude Code leads to, as far as the person waits for it. Files alone; no process, no lock, no network.

Everything that takes time is `background`'s. What is imported here is paid for by every prompt.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import nearby

if TYPE_CHECKING:
    from collections.abc import Mapping

    from git_ccsync.operations.presence.continued import Continued, Stamp

#: Set where a Claude Code is started by us to do a job: its hooks are none of a person's session.
OFF = "GIT_CCSYNC_NO_HOOKS"
START, PROMPT, STOP, END = EVENTS = ("SessionStart", "UserPromptSubmit", "Stop", "SessionEnd")
#: Ends of a session after which its work counts as done; all others (a signal, a log-out) leave it unfinished, but for
#: `claude -p` (this entry point), which has no other end.
_DONE, _BY_ITSELF = ("prompt_input_exit", "clear"), "sdk-cli"
#: Seconds that Claude Code is left alone after an event, before work begins behind it: it still writes rows about an
#: answer, or is starting.
SETTLE = 1.0
#: A helper that fetches every two minutes has died, or ended with its hour, if nothing was fetched for so long (seconds).
_STALE = 300


class Call(Frozen):
    """One event, in a repository that was set up here. `session` is "" if the event does not say; `word` is the source of
    a start or the reason of an end; `common` the repository's directory, `state` our own in it; `by_itself` a run that
    nobody leaves or closes.
    """

    event: str
    session: str
    word: str
    cwd: str
    common: str
    state: str
    pid: int
    by_itself: bool = False


def read(event: str, data: bytes, environ: Mapping[str, str]) -> Call | None:
    """The call that Claude Code describes in `data` (JSON, or anything), None if there is nothing to do for it here."""
    if event not in EVENTS or environ.get(OFF):
        return None
    # Where the session began is where it belongs; its own directory may have moved on since.
    cwd = environ.get("CLAUDE_PROJECT_DIR") or _field(data, "cwd")
    cwd = os.path.realpath(cwd if cwd and os.path.isabs(cwd) and "\0" not in cwd else os.getcwd())
    common = nearby.common_dir(cwd)
    if not common:  # outside any repository: ours for that is opened by its own path
        common = cwd = nearby.home_repository(environ)
    if not os.path.isdir(f"{common}/ccsync"):
        return None
    from git_ccsync.state import held, machine

    state = f"{common}/ccsync/{machine.known_id(environ)}"
    if not os.path.exists(f"{state}/consent"):
        return None
    session = _field(data, "session_id")
    word = _field(data, "source" if event == START else "reason") if event in (START, END) else ""
    pid = environ.get("CLAUDE_PID", "")
    by_itself = environ.get("CLAUDE_CODE_ENTRYPOINT") == _BY_ITSELF
    number = int(pid) if pid.isascii() and pid.isdecimal() and len(pid) < 11 else 0
    return Call(event, session if held.is_id(session) else "", word, cwd, common, state, number, by_itself)


def _field(data: bytes, key: str) -> str:
    """A string of the event, "" if it has none of that name."""
    from git_ccsync.claude import rows

    text = data.strip()
    return rows.field(text, key.encode(), 0, len(text)) if text else ""


def note(call: Call) -> Continued | None:
    """Write down what the event says of its session. What the person is to be told, None for nothing."""
    from git_ccsync.state import held

    mark(call.state, call.event)
    if not call.session:
        return None
    known = held.get(call.state, call.session)
    if call.event == START or (call.event != END and (not known or known.state != held.OPEN)):
        _begin(call, known.told if known else "")
    elif call.event == END:
        done = call.word in _DONE or (call.by_itself and call.word == "other")
        state = held.CLOSED if done else held.UNFINISHED
        held.put(call.state, call.session, (known or held.Held(state, call.pid))._replace(state=state))
    elif call.event == PROMPT:
        held.prompt(call.state, call.session)
    return _news(call, known.told if known else "") if call.event == PROMPT else None


def claim(call: Call) -> int | None:
    """Whether something is left to do, for which nobody waits: None for nothing, else a descriptor that holds this
    event's turn (see `background`), -1 where it needs none.
    """
    if call.event == PROMPT:
        import time

        return -1 if time.time() - marked(call.state, "fetched") > _STALE else None
    if call.event != STOP:
        return -1
    from git_ccsync.state import lock

    turn = lock.attempt(f"{call.state}/auto/waiting")
    return None if turn < 0 else turn


def _begin(call: Call, told: str) -> None:
    from git_ccsync.claude import live
    from git_ccsync.state import held

    held.put(call.state, call.session, held.Held(held.OPEN, call.pid, live.started(call.pid), told))


def _news(call: Call, told: str) -> Continued | None:
    """What another machine did with this session since its user was told last."""
    from git_ccsync.state import files, held

    cache = files.load_cache(f"{call.state}/auto/look")
    before: Stamp = ((), ())
    if isinstance(cache, tuple) and len(cache) == 3:
        before = cache[0], nearby.stamp(call.common, cache[0])
        found = cache[2].get(call.session, ()) if before[1] == cache[1] else ()
        if found is None or (found and found[0] == told):
            return None
    from git_ccsync.operations.presence import continued

    news = continued.now(call.cwd, call.session, before)
    if not news or news.subtree == told:
        return None
    known = held.get(call.state, call.session)
    if known:
        held.put(call.state, call.session, known._replace(told=news.subtree))
    return news


def mark(state: str, name: str) -> None:
    """Remember that something was done just now."""
    path = f"{state}/auto/{name}"
    try:
        os.utime(path)
    except FileNotFoundError:
        from git_ccsync.state import files

        files.replace(path, b"")


def marked(state: str, name: str) -> float:
    """When that was done last, in seconds since 1970; 0 for never."""
    try:
        return os.stat(f"{state}/auto/{name}").st_mtime
    except OSError:
        return 0.0
