"""Leases as values: their bytes, how long they count by the observer's clock alone, what a merge makes of two."""

from __future__ import annotations

import pytest

from git_ccsync.errors import BadData
from git_ccsync.store import lease
from git_ccsync.store.lease import Lease, Seen

HOLDER = "5f0c2a9be1d34786"
ONE, TWO = "1" * 16, "2" * 16


def test_what_is_written_is_read() -> None:
    assert lease.load(lease.dump(Lease(HOLDER, ONE))) == Lease(HOLDER, ONE)
    assert lease.load(lease.dump(Lease(HOLDER, ONE)) + b"mood = 3\n[x]\ny = 1\n") == Lease(HOLDER, ONE)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff", b"machine = 3\n", b'machine = "../../x"\n', b'claim = "x"\n', b"[" * 9000, b"x" * (300 << 10)],
)
def test_what_names_no_machine_is_no_lease(data: bytes) -> None:
    with pytest.raises(BadData):
        lease.load(data)


def observe(before: Seen | None, claim: str, lines: str, now: float, *, by_holder: bool = True) -> Seen:
    return lease.observe(before, claim, lines, by_holder=by_holder, now=now)


def test_it_expires_when_it_has_stood_still_by_the_observers_clock() -> None:
    seen = observe(None, ONE, "t1", 1000.0)
    assert seen == observe(seen, ONE, "t1", 2700.0) == Seen(ONE, "t1", 1000.0)
    assert not lease.expired(seen, 1800, 2799.0)
    assert lease.expired(seen, 1800, 2800.0)


def test_lines_of_the_holder_and_new_claims_renew_it() -> None:
    seen = observe(None, ONE, "t1", 1000.0)
    assert observe(seen, ONE, "t2", 2000.0).at == 2000.0
    assert observe(seen, TWO, "t1", 2000.0).at == 2000.0


def test_lines_of_others_do_not_renew_it() -> None:
    seen = observe(observe(None, ONE, "t1", 1000.0), ONE, "t2", 2000.0, by_holder=False)
    assert seen == Seen(ONE, "t2", 1000.0)
    assert observe(seen, ONE, "t2", 2500.0).at == 1000.0


def test_a_clock_that_was_put_back_starts_the_wait_anew() -> None:
    seen = observe(None, ONE, "t1", 10_000.0)
    assert observe(seen, ONE, "t1", 500.0) == Seen(ONE, "t1", 500.0)


@pytest.mark.parametrize(
    ("before", "ours", "theirs", "then"),
    [
        (None, "B", None, "B"),  # nobody else wants it
        (None, "B", "A", "A"),  # two claims at once: who was faster
        ("A", "A", "C", "C"),
        ("A", "B", "A", "B"),  # taken over
        ("A", "B", "C", "C"),  # taken over by two
        ("A", "B", None, "B"),  # taken over while it was given back
        ("A", "A", None, None),  # given back there
        ("A", None, "A", None),  # given back here
        ("A", None, "C", "C"),  # given back here, taken over there
        (None, None, None, None),
        (None, None, "A", "A"),
    ],
)
def test_merging(before: str | None, ours: str | None, theirs: str | None, then: str | None) -> None:
    assert lease.merged(before, ours, theirs) == then
