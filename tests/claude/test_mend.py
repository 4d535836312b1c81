"""Broken rows: each flaw is found where it is, and a mended text has none; what is not broken keeps its bytes."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude.chain import DOUBLE, FORGED, LINK, TORN, UNSIGNED, Chain, Flaw
from git_ccsync.claude.mend import Mender
from tests.support.transcript import Transcript, odd_lines

IDS = [f"{n:08x}-0000-4000-8000-000000000000" for n in range(9)]


def row(number: int, parent: int | None, kind: str = "user", **fields: object) -> bytes:
    value = {"parentUuid": None if parent is None else IDS[parent], "type": kind, "uuid": IDS[number], **fields}
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def thought(number: int, parent: int, *blocks: dict[str, str]) -> bytes:
    return row(number, parent, "assistant", message={"role": "assistant", "content": list(blocks)})


def flaws(text: bytes, others: Chain | None = None) -> list[Flaw]:
    chain = Chain(others.thoughts if others else None)
    chain.feed(text)
    return chain.flaws()


def mended(text: bytes, *bad: str) -> bytes:
    chain = Chain()
    chain.feed(text)
    return Mender(chain.has, bad).block(text)


SIGNED = {"type": "thinking", "thinking": "hm", "signature": "s"}
BARE = {"type": "thinking", "thinking": "hm"}
SAID = {"type": "text", "text": "done"}


def test_where_each_flaw_is() -> None:
    text = row(0, None) + b'{"type":"us\n' + row(1, 7) + row(0, None) + thought(2, 1, BARE) + b"[1]\n\n"
    assert flaws(text) == [
        Flaw(TORN, 2), Flaw(LINK, 3, IDS[7]), Flaw(DOUBLE, 4, IDS[0]), Flaw(UNSIGNED, 5, IDS[2]),
    ]  # fmt: skip
    whole = Chain()
    whole.feed(thought(2, 1, SIGNED))
    assert flaws(row(1, None) + thought(2, 1, {**SIGNED, "signature": "x"}), whole) == [Flaw(FORGED, 2, IDS[2])]
    assert flaws(thought(3, 3, {"type": "redacted_thinking", "data": ""})) == [Flaw(UNSIGNED, 1, IDS[3])]


def test_rows_whose_uuids_begin_alike_are_others() -> None:
    """As programs make them that count, or put the time in front."""
    rows = b"".join(
        b'{"type":"user","uuid":"00000000-0000-4000-8000-%012d","parentUuid":%s}\n'
        % (number, b'"00000000-0000-4000-8000-%012d"' % (number - 1) if number else b"null")
        for number in range(3)
    )
    assert flaws(rows) == []
    assert mended(rows) == rows


def test_children_may_stand_before_their_parents() -> None:
    text = row(2, 1) + row(1, 0) + row(0, None)
    assert flaws(text) == []
    assert mended(text) == text


def test_what_is_not_broken_keeps_its_bytes() -> None:
    rows = Transcript(IDS[8], "/home/al/app", start=0)
    text = rows.exchange() + rows.signed("a thought") + rows.tool("/x", "y") + rows.bookkeeping("t") + b"\n[1,2]\n"
    assert mended(text) == text
    odd = [line for line in odd_lines() if flaws(line) == [] or b"crlf" in line]
    assert mended(b"".join(odd)) == b"".join(odd)


def test_a_row_that_goes_leaves_its_place_to_the_one_before() -> None:
    last = b'{"type":"last-prompt","leafUuid":"%b"}\n' % IDS[1].encode()
    text = row(0, None) + thought(1, 0, BARE) + row(2, 1, note="é \\u00e9 1e999") + last
    assert mended(text) == row(0, None) + row(2, 0, note="é \\u00e9 1e999") + last.replace(
        IDS[1].encode(), IDS[0].encode()
    )
    assert mended(thought(1, 0, BARE) + row(2, 1)) == row(2, None), "nothing is before it"


def test_a_row_that_one_before_it_names_as_its_parent_stays() -> None:
    made = mended(row(1, 0) + thought(0, 0, BARE))
    assert flaws(made) == []
    assert made.startswith(row(1, 0))
    assert b"was left out here" in made


def test_a_row_that_goes_and_named_itself_as_its_parent() -> None:
    assert mended(row(0, None) + thought(1, 1, BARE) + row(2, 1)) == row(0, None) + row(2, 0)


def test_what_was_said_beside_a_thought_stays() -> None:
    text = row(0, None) + thought(1, 0, BARE, SAID) + thought(2, 1, SIGNED, SAID)
    assert mended(text) == row(0, None) + thought(1, 0, SAID) + thought(2, 1, SIGNED, SAID)
    assert mended(text, IDS[2]) == row(0, None) + thought(1, 0, SAID) + thought(2, 1, SAID)


def test_a_parent_that_is_named_inside_is_not_taken_for_the_rows_own() -> None:
    inner = {"parentUuid": IDS[7], "text": f'"parentUuid":"{IDS[7]}"'}
    value = {"message": inner, "parentUuid": IDS[7], "type": "user", "uuid": IDS[1]}
    text = row(0, None) + json.dumps(value, separators=(",", ":")).encode() + b"\n"
    assert json.loads(mended(text).splitlines()[1]) == {**value, "parentUuid": IDS[0]}


rows_of_all_kinds = st.one_of(
    st.builds(row, st.integers(0, 4), st.one_of(st.none(), st.integers(0, 6))),
    st.builds(thought, st.integers(0, 4), st.integers(0, 6), st.sampled_from([SIGNED, BARE, SAID])),
    st.sampled_from([b'{"type":"us\n', b"\n", b"[]\n", b'{"leafUuid":"x"}\n', b'{"type":"mode"}\r\n']),
)


@given(st.lists(rows_of_all_kinds, max_size=12), st.integers(0, 12))
def test_a_mended_text_has_no_flaw_and_is_mended_in_any_pieces(rows: list[bytes], cut: int) -> None:
    text = b"".join(rows)
    chain = Chain()
    chain.feed(text)
    once = Mender(chain.has)
    made = once.block(text)
    pieces = Mender(chain.has)
    assert pieces.block(b"".join(rows[:cut])) + pieces.block(b"".join(rows[cut:])) == made
    assert flaws(made) == []
    assert mended(made) == made
