"""Passwords in lines of PostgreSQL's password file, `host:port:database:user:password`, wherever such a line is
shown (postgresql.org/docs/current/libpq-pgpass.html). Pure.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import looks, runs, sieve

if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern

    from git_ccsync.privacy.finding import Hit

#: Between the port and the password; both end at what cannot be a part of either in text that is shown.
_FIELD = rb"[^\s:\"'\\,;()\[\]{}<>]{1,63}"
_REST = _FIELD + b":" + _FIELD + rb":([^\s:\"'\\`]{4,200})(?![:\w])"
_compiled: list[Pattern[bytes]] = []


def find(text: bytes, low: bytes) -> Iterator[Hit]:
    """Passwords in such lines of TEXT; LOW is its lower-case form."""
    for port in sieve.PORTS:
        for at in runs.everywhere(low, port):
            found = _rest().match(text, low.index(b":", at + 1) + 1)
            if found and _is_host(text[max(0, at - 64) : at]) and looks.chosen(found[1]):
                yield (*found.span(1), "password")


def _is_host(before: bytes) -> bool:
    """Whether a host's name, or any, stands at the end of BEFORE."""
    return before[-1:].isalnum() or before[-1:] in (b"*", b"]")


def _rest() -> Pattern[bytes]:
    if not _compiled:
        import re

        _compiled.append(re.compile(_REST))
    return _compiled[0]
