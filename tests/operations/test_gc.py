"""Which packs are merged: few are left, and each byte is written a few times in its life, however long that is."""

from __future__ import annotations

from git_ccsync.operations.gc import merging


def test_few_packs_and_little_work_for_half_a_year() -> None:
    packs: list[int] = [1]  # init's, which keeps no others apart
    most = work = 0
    for _ in range(52_000 // 64):
        end = merging(packs, 420)
        made = 420 + sum(packs[:end])
        packs = sorted([made, *packs[end:]])
        most, work = max(most, len(packs)), work + made
    assert most <= 5
    assert work < 10 * sum(packs)


def test_equal_packs_without_anything_new_become_one() -> None:
    assert merging([100] * 40, 0) == 40
    assert merging([1, *[100] * 40], 0) == 41
    assert merging([100], 0) == 0
    assert merging([10, 100, 1000], 1) == 0
