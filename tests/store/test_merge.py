"""Merging two versions of one append file: the five scenarios, their tolerances, and what holds for any two versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from git_ccsync.model import AHEAD, BEHIND, DIVERGED, SAME
from git_ccsync.store.merge import MAX_REMOVED, Rules, Verdict, judge, lacking

# Lines as one letter each: capitals are conversation with a uuid, small letters are bookkeeping, "~" is torn, "?" is
# conversation without a uuid.
RULES = Rules(
    equal=lambda theirs, ours: theirs == ours,
    bookkeeping=lambda row: row[:1].islower(),
    uuid=lambda row: row[:1].decode() if row[:1].isupper() else "",
    torn=lambda row: row[:1] == b"~",
    key=bytes,
)


def lines(text: str) -> list[bytes]:
    return [letter.encode() + b"\n" for letter in text]


def told(theirs: str, ours: str, *, known: bool = False) -> Verdict:
    return judge(lambda: iter(lines(theirs)), lambda: iter(lines(ours)), RULES, all_known=known)


def missing(theirs: str, ours: str, verdict: Verdict) -> str:
    rows = lacking(lambda: iter(lines(theirs)), lambda: iter(lines(ours)), RULES, verdict.common, verdict.ours)
    return b"".join(row.strip() for row in rows).decode()


def merged(theirs: str, ours: str) -> tuple[str, str]:
    """The branch after ours was put onto theirs, and the lines of the conflict copy behind the fork ("" for none)."""
    verdict = told(theirs, ours)
    if verdict.scenario == DIVERGED:
        return theirs, ours[verdict.ours :]
    if verdict.scenario != AHEAD:
        return theirs, ""
    return theirs + (ours[verdict.ours :] if verdict.ordered else missing(theirs, ours, verdict)), ""


# --- the numbered scenarios


def test_scenario_1_new_is_everything_ahead_of_nothing() -> None:
    assert told("", "AB") == Verdict(AHEAD, 0, 0, 0)


def test_scenario_2_same() -> None:
    assert told("AaB", "AaB") == Verdict(SAME, 3, 3, 6)
    assert told("", "") == Verdict(SAME, 0, 0, 0)


def test_scenario_3_ahead() -> None:
    assert told("Aa", "AaBb") == Verdict(AHEAD, 2, 2, 4)


@pytest.mark.parametrize("ours", ["", "A", "Aa", "AaB"])
def test_scenario_4_behind_however_short(ours: str) -> None:
    verdict = told("AaBb", ours)
    assert (verdict.scenario, verdict.common) == (BEHIND, len(ours))


def test_scenario_5_diverged() -> None:
    assert told("AaBb", "AaCc") == Verdict(DIVERGED, 2, 2, 4, first=b"C\n")
    assert told("B", "C") == Verdict(DIVERGED, 0, 0, 0, first=b"C\n")


def test_a_row_with_another_text_was_changed_and_not_removed() -> None:
    theirs = lines("ABc")
    for ours in ([*lines("A"), b"B changed\n", *lines("c")], [*lines("AC"), b"B changed\n"]):
        verdict = judge(lambda: iter(theirs), lambda ours=ours: iter(ours), RULES, all_known=True)
        assert verdict.scenario == DIVERGED
    assert told("ABc", "AC", known=True).scenario == AHEAD, "taken out, and gone on"


def test_a_divergence_is_named_by_our_first_row_with_a_uuid() -> None:
    assert told("AB", "Aa?C").first == b"C\n"
    assert told("AB", "Aa?").first == b"a\n"


# --- bookkeeping


@pytest.mark.parametrize(
    ("theirs", "ours", "scenario", "branch"),
    [
        ("AB", "Aa", AHEAD, "ABa"),
        ("Aa", "AB", AHEAD, "AaB"),
        ("Aa", "Ab", AHEAD, "Aab"),
        ("ABab", "Aa", BEHIND, "ABab"),
        ("ABa", "Aaa", AHEAD, "ABaa"),
        ("Aab", "Aba", BEHIND, "Aab"),
        ("AaBb", "AcBbC", AHEAD, "AaBbcC"),
    ],
)
def test_bookkeeping_tails_are_no_divergence(theirs: str, ours: str, scenario: int, branch: str) -> None:
    verdict = told(theirs, ours)
    assert (verdict.scenario, verdict.ordered) == (scenario, False)
    assert merged(theirs, ours) == (branch, "")
    assert told(branch, ours).scenario in (SAME, BEHIND)
    assert merged(branch, ours) == (branch, "")


def test_an_unknown_row_is_conversation() -> None:
    assert told("AB", "A?").scenario == DIVERGED


# --- rows that an interrupted write left


def test_torn_rows_are_passed_over() -> None:
    assert told("AB", "A~B") == Verdict(SAME, 2, 3, 6)
    assert told("AB", "A~") == Verdict(BEHIND, 1, 2, 4)
    assert told("AB", "~AB~C") == Verdict(AHEAD, 2, 3, 6)
    assert told("A~", "A~") == Verdict(SAME, 2, 2, 4)
    assert told("AB", "A~C").scenario == DIVERGED


# --- rows that Claude Code took out


@pytest.mark.parametrize("removed", range(1, MAX_REMOVED + 1))
def test_up_to_four_removed_rows_are_in_step(removed: int) -> None:
    gone = "BCDEFG"[:removed]
    assert told(f"A{gone}Z", "AZ") == Verdict(SAME, removed + 2, 2, 4)
    assert told(f"A{gone}Zz", "AZzY") == Verdict(AHEAD, removed + 3, 3, 6)
    assert told(f"A{gone}ZY", "AZ") == Verdict(BEHIND, removed + 2, 2, 4)


def test_removed_rows_count_together() -> None:
    assert told("ABCDEFGH", "ADFH").scenario == SAME
    assert told("ABCDEFGHIJK", "ACEGIK").scenario == DIVERGED


def test_five_removed_rows_are_a_divergence() -> None:
    assert told("ABCDEFZ", "AZ").scenario == DIVERGED


def test_a_row_removed_before_bookkeeping_is_believed_when_conversation_follows() -> None:
    assert told("ABaCb", "AaCb") == Verdict(SAME, 5, 4, 8)
    assert told("ABaC", "AaCD") == Verdict(AHEAD, 4, 3, 6)


def test_rows_added_there_before_our_bookkeeping_are_not_removed_rows() -> None:
    """The branch has our bookkeeping behind their messages, as merging puts it; this disk still lacks the messages."""
    verdict = told("ABCab", "Aab")
    assert (verdict.scenario, verdict.common, verdict.ordered) == (BEHIND, 1, False)
    assert told("ABCab", "AabD").scenario == DIVERGED


def test_rows_that_were_all_here_once_were_removed_here() -> None:
    assert told("ABa", "Aa", known=True) == Verdict(SAME, 3, 2, 4)
    assert told("ABC", "AD", known=True) == Verdict(AHEAD, 1, 1, 2)
    assert told("ABCDEF", "AZ", known=True).scenario == DIVERGED
    assert told("ABCDEF", "ACZ", known=True).scenario == AHEAD
    assert told("ABCDEFG", "ACZ", known=True).scenario == DIVERGED
    assert told("ABC", "Z", known=True).scenario == DIVERGED, "another file altogether"


def test_what_was_removed_stays_removed_when_the_index_is_lost() -> None:
    """Where the rows behind our last were judged removed, and ours was put behind them, the next look agrees."""
    theirs, ours = "ABabcCabcDabcE", "AZ"
    assert told(theirs, ours, known=True).scenario == AHEAD
    assert told(theirs + "Z", ours) == Verdict(SAME, len(theirs) + 1, 2, 4)


def test_bookkeeping_alone_is_never_removed() -> None:
    assert told("AabB", "AB") == Verdict(BEHIND, 1, 1, 2, ordered=False)


# --- any two versions


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str]:
    """Two versions that grew from one beginning: of two conversations one may continue the other, and bookkeeping
    stands anywhere."""
    base, one, other = draw(talk("ABC")), draw(talk("DEFGHI")), draw(talk("STUVWX"))
    if draw(st.booleans()):
        other = one[: draw(st.integers(0, 6))] + (other if draw(st.booleans()) and len(one) < 2 else "")
    common = draw(with_books(base))
    return common + draw(with_books(one)), common + draw(with_books(other))


def talk(rows: str) -> st.SearchStrategy[str]:
    return st.integers(0, len(rows)).map(lambda count: rows[:count])


def with_books(rows: str) -> st.SearchStrategy[str]:
    books = st.lists(st.text("abc", max_size=3), min_size=len(rows) + 1, max_size=len(rows) + 1)
    return books.map(lambda found: found[0] + "".join(row + book for row, book in zip(rows, found[1:], strict=True)))


@pytest.mark.slow
@settings(max_examples=3 * settings.default.max_examples)  # the heart of it
@given(versions())
def test_no_row_is_lost(pair: tuple[str, str]) -> None:
    theirs, ours = pair
    branch, copy = merged(theirs, ours)
    assert branch.startswith(theirs)
    kept = Counter(branch + copy)
    assert not Counter(upper(theirs)) - kept
    assert not Counter(upper(ours)) - kept
    assert set(ours) <= set(branch + copy)


def upper(text: str) -> str:
    return "".join(row for row in text if row.isupper())


@pytest.mark.slow
@settings(max_examples=3 * settings.default.max_examples)  # the heart of it
@given(versions())
def test_merging_again_changes_nothing(pair: tuple[str, str]) -> None:
    theirs, ours = pair
    branch, copy = merged(theirs, ours)
    if not copy:
        assert merged(branch, ours) == (branch, "")
        assert merged(branch, theirs) == (branch, "")
        assert told(branch, branch).scenario == SAME


@settings(max_examples=3 * settings.default.max_examples)  # the heart of it
@given(versions())
def test_either_order_has_the_same_outcome(pair: tuple[str, str]) -> None:
    one, copy = merged(*pair)
    other, copied = merged(*reversed(pair))
    assert bool(copy) == bool(copied)
    if not copy:
        assert upper(one) == upper(other)
        assert set(one) == set(other)


@settings(max_examples=2 * settings.default.max_examples)
@given(st.text("ABC?ab~", max_size=12), st.text("ABC?ab~", max_size=12), st.booleans())
def test_any_two_versions_get_a_verdict_that_fits_them(theirs: str, ours: str, known: bool) -> None:
    verdict = told(theirs, ours, known=known)
    assert 0 <= verdict.common <= len(theirs)
    assert 0 <= verdict.ours <= len(ours)
    assert verdict.offset == 2 * verdict.ours
    assert (verdict.scenario == DIVERGED) == bool(verdict.first)
    if verdict.scenario == SAME:
        assert (verdict.common, verdict.ours) == (len(theirs), len(ours))


def test_a_source_is_started_anew_for_each_look() -> None:
    """Runs over lines are never rewound: files of any size are read as streams."""
    starts = Counter[str]()

    def run(name: str, text: str) -> Iterator[bytes]:
        starts[name] += 1
        yield from lines(text)

    judge(lambda: run("theirs", "ABC"), lambda: run("ours", "ABCD"), RULES)
    assert starts == {"theirs": 1, "ours": 1}
