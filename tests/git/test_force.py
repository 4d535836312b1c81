"""The one push that takes commits away: from what was seen alone, and from no ref but ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from git_ccsync.errors import Refused, Usage
from git_ccsync.git import force
from tests.git.test_remote import REF, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def replace(place: Place, oid: str, seen: str, ref: str = REF) -> str:
    return force.replace(place.repo, place.target(), oid, ref, seen, stall=20).status


def test_it_replaces_what_was_seen_and_nothing_else(place: Place) -> None:
    first = place.commit("one")
    second, anew = place.commit("two", first), place.commit("anew")
    place.push(second)
    assert replace(place, anew, first) == "rejected"
    assert place.refs(place.bare)[REF] == second
    assert replace(place, anew, second) == "pushed"
    assert place.refs(place.bare)[REF] == anew


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/al", "refs/tags/al", "refs/ccsync/bob"])
def test_no_other_ref_is_ever_replaced(place: Place, ref: str) -> None:
    tips = place.refs(place.bare)
    anew = place.commit("anew")
    with pytest.raises((Usage, Refused)):
        replace(place, anew, tips["refs/heads/main"], ref)
    assert place.refs(place.bare) == tips
