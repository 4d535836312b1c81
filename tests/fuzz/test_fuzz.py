"""Every target, with a few examples a day: `python -m tests.fuzz` tries many more."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import branches, texts
from tests.fuzz.target import Target, mutated

TARGETS = (*branches.TARGETS, *texts.TARGETS)


def tried(target: Target, examples: int) -> None:
    words = st.sampled_from(target.words) if target.words else st.nothing()
    made = st.lists(st.one_of(words, st.binary(max_size=12), st.sampled_from(target.seeds)), max_size=6).map(b"".join)
    edited = st.builds(
        lambda seed, number: mutated(seed, target.words, random.Random(number)),
        st.sampled_from(target.seeds),
        st.integers(0, 1 << 32),
    )

    @settings(max_examples=examples)
    @given(st.one_of(edited, made))
    def holds(data: bytes) -> None:
        target.check(data)

    for seed in target.seeds:
        target.check(seed)
    holds()


@pytest.mark.parametrize("target", TARGETS, ids=[one.name for one in TARGETS])
def test_law(target: Target) -> None:
    tried(target, settings().max_examples // 2)


@pytest.mark.parametrize("target", branches.SEALED, ids=[one.name for one in branches.SEALED])
def test_law_of_what_is_sealed(target: Target) -> None:
    pytest.importorskip("cryptography")
    pytest.importorskip("pyrage")
    tried(target, settings().max_examples // 2)
