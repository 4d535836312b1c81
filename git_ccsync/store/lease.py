"""Leases: which machine says that it is at work on a session (gitformat-ccsync(5), LEASES). Bytes and judgement; pure.

A lease holds no time. It is renewed by the lines that its holder adds to the session, and by a new claim; how long it has
stood still every observer measures by its own clock, so that no other machine's clock is ever believed.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from typing import TypeVar

    Entry = TypeVar("Entry")

FOLDER = "leases"


class Lease(Frozen):
    """`leases/<session id>`: the holder's id, and what tells this claim of it from every other."""

    machine: str
    claim: str


class Seen(Frozen):
    """A state of a lease: its claim and the session's transcript; `at` is when it was first seen here (epoch seconds)."""

    claim: str
    lines: str
    at: float


def path(session: str) -> str:
    """Where the lease of a session lies in the tree."""
    return f"{FOLDER}/{session}"


def dump(lease: Lease) -> bytes:
    """Bytes of a lease."""
    return layout.dump(lease._asdict())


def load(data: bytes) -> Lease:
    """The lease in `data`; BadData if it names no machine. Keys that this version does not know are passed over."""
    raw = layout.load(data, "lease")
    machine, claim = raw.get("machine"), raw.get("claim")
    if not isinstance(machine, str) or not layout.is_machine_id(machine):
        raise BadData("lease names no machine")
    return Lease(machine, claim if isinstance(claim, str) else "")


def observe(before: Seen | None, claim: str, lines: str, *, by_holder: bool, now: float) -> Seen:
    """What is known of a lease after it was looked at `now`.

    `lines` is the session's transcript, `by_holder` whether the lease's holder wrote the newest of them: lines of others
    renew nothing. A clock that was put back since starts the wait anew.
    """
    if not before or before.claim != claim or before.at > now:
        return Seen(claim, lines, now)
    if lines == before.lines:
        return before
    return Seen(claim, lines, now if by_holder else before.at)


def expired(seen: Seen, ttl: float, now: float) -> bool:
    """Whether a lease has stood still for `ttl` seconds."""
    return now - seen.at >= ttl


def merged(before: Entry | None, ours: Entry | None, theirs: Entry | None) -> Entry | None:
    """What a lease is after both sides went on from `before`; None for no lease. A lease that is there is not taken
    away by a claim made in ignorance of it; where theirs is gone, our new claim holds.
    """
    return ours if theirs in (before, None) and ours != before else theirs
