"""Finding bytes in long texts is what `bytes.find` does, and protects what it protects in short ones."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.portable import shield
from git_ccsync.seek import seek

LONG = b"filling, of no meaning\n" * 4000
NEEDLES = (b'thinking"', b'"base64"', b"\n", b"\0\0", b"g, of no meaning\nfilling")


@given(
    st.lists(st.sampled_from((*NEEDLES, b"thinking", b'"', b"x", LONG, LONG[:500])), max_size=8).map(b"".join),
    st.sampled_from(NEEDLES),
    st.integers(0, 100_000),
    st.integers(0, 400_000),
)
def test_a_needle_is_found_where_find_finds_it(text: bytes, needle: bytes, at: int, end: int) -> None:
    text += LONG
    assert seek(text)(needle, at, end) == text.find(needle, at, end)


def test_every_place_of_a_needle_is_found() -> None:
    text = b'"thinking"' + LONG + b'"thinking""thinking"' + LONG + b'"thinking"'
    find, at, found = seek(text), 0, []
    while (at := find(b'thinking"', at, len(text))) >= 0:
        found.append(at)
        at += 1
    assert found == [1, len(LONG) + 11, len(LONG) + 21, len(text) - 9]


@given(
    st.lists(
        st.sampled_from(
            (
                *(
                    b'{"type":"thinking","thinking":"',
                    b'"thinking" : "',
                    b'\\"thinking\\":\\"',
                    b'"signature":"',
                    b'","',
                ),
                *(
                    b'{"type":"base64","data":"',
                    b'"redacted_thinking","data":"',
                    b'"}',
                    b"\n",
                    b"/home/al",
                    b"\\",
                    b'"',
                ),
            )
        ),
        max_size=12,
    ).map(b"".join)
)
def test_a_span_is_protected_however_much_stands_before_it(text: bytes) -> None:
    moved = [(start + len(LONG), end + len(LONG)) for start, end in shield.spans(text)]
    assert shield.spans(LONG + text) == moved
