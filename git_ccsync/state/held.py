"""Which Claude Code sessions hooks have seen begin here, and how they stand: open, closed, or left unfinished.

One small file a session, `auto/sessions/<id>` in the repository's state directory: `<state> TAB <pid> TAB <start of that
process> TAB <what was told>`; its mtime is when the session was last prompted. Written by hooks without any lock: each
session has one writer at a time.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import Frozen
from git_ccsync.state import files

OPEN, CLOSED, UNFINISHED = "open", "closed", "unfinished"
_CAP = 4096
_HEX = frozenset("0123456789abcdef")


class Held(Frozen):
    """One session. `pid` and `start` name the process that holds it (0 and "" if unknown); `told` is the state of the
    branch that its user was last told of; `prompted` is in seconds since 1970.
    """

    state: str
    pid: int = 0
    start: str = ""
    told: str = ""
    prompted: float = 0.0


def folder(state: str) -> str:
    """Where the files lie."""
    return f"{state}/auto/sessions"


def is_id(text: str) -> bool:
    """Whether `text` is a session id, and so fit for a file's name."""
    return (
        len(text) == 36
        and text[8] + text[13] + text[18] + text[23] == "----"
        and _HEX.issuperset(text.replace("-", ""))
        and text.count("-") == 4
    )


def get(state: str, session: str) -> Held | None:
    """What is known of a session, None if nothing."""
    path = f"{folder(state)}/{session}"
    try:
        text = files.read(path, _CAP)
        prompted = os.stat(path).st_mtime
    except OSError:
        return None
    fields = text.decode("utf-8", "surrogateescape").rstrip("\n").split("\t")
    if len(fields) != 4 or fields[0] not in (OPEN, CLOSED, UNFINISHED):
        return None
    return Held(fields[0], int(fields[1]) if fields[1].isdecimal() else 0, fields[2], fields[3], prompted)


def every(state: str) -> dict[str, Held]:
    """All of them, by id."""
    try:
        names = os.listdir(folder(state))
    except OSError:
        return {}
    found = {name: get(state, name) for name in names if is_id(name)}
    return {name: one for name, one in found.items() if one}


def put(state: str, session: str, held: Held) -> None:
    """Write down how a session stands; it counts as prompted now."""
    fields = (held.state, str(held.pid), held.start, held.told)
    text = "\t".join(field.replace("\t", " ").replace("\n", " ") for field in fields)
    files.replace(f"{folder(state)}/{session}", f"{text}\n".encode("utf-8", "surrogateescape"))


def prompt(state: str, session: str) -> bool:
    """Note that the session was prompted now; False if it is not known."""
    try:
        os.utime(f"{folder(state)}/{session}")
    except OSError:
        return False
    return True


def drop(state: str, session: str) -> None:
    """Forget a session."""
    try:
        os.unlink(f"{folder(state)}/{session}")
    except FileNotFoundError:
        pass
