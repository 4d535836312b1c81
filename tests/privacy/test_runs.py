"""What is looked for in the joined runs, at C speed, is found where a look into each of them finds it."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.privacy import finding, runs, sieve

LITERAL = b"sk-"
TEXTS = st.lists(
    st.sampled_from(
        (b"sk-", b"a" * 19, b"Xs-k_sk-", b" ", b"\n", b'"', b"=", b"k-s", b"b" * 40, b"~sk-0123456789abcdefgh")
    ),
    max_size=24,
).map(b"".join)


def each(text: bytes, word: bytes, spans: list[tuple[int, int]]) -> list[int]:
    """Every place of WORD in a span, once, the slow way."""
    found, past = [], 0
    for low, high in spans:
        for at in range(max(low, past), min(high, len(text)) - len(word) + 1):
            if at >= past and text.startswith(word, at):
                found.append(at)
                past = at + 1
    return found


@given(TEXTS, st.sampled_from((b"sk-", b"k", b"a", b"=sk")))
@example(b" " + b"a" * 19 + b"sk- " + b"sk-" * 9, b"sk-")
def test_a_word_is_found_within_spans(text: bytes, word: bytes) -> None:
    long = runs.find(text, whole=False)
    for spans in ([run[:2] for run in long], [run[1:3] for run in long], [(run[0], run[1] + 6) for run in long]):
        assert list(runs.within(text, word, spans, runs.joined(text, spans))) == each(text, word, spans)


def at_joints(text: bytes, long: list[runs.Run]) -> list[int]:
    """Where LITERAL begins a run, or stands behind a joint in its first bytes, the slow way."""
    found = []
    for _, start, end, _ in long:
        stop = min(end, start + sieve.JOINED + len(LITERAL))
        places = [at for at in range(start, stop - len(LITERAL) + 1) if text.startswith(LITERAL, at)]
        found += [at for at in places if at == start or text[at - 1] in runs.JOINTS]
        if text.startswith(LITERAL, start) and start not in places:
            found.append(start)
    return found


@given(TEXTS)
@example(b"a" * 20 + b" sk-0123456789abcdefgh")
def test_a_literal_is_found_at_the_joints_of_runs(text: bytes) -> None:
    long = runs.find(text, whole=False)
    assert sorted(finding._at_joints(text, LITERAL, long, finding._heads(text, long))) == sorted(at_joints(text, long))
