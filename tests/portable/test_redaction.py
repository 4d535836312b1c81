"""The laws of portable text with a censor: what is redacted comes back as its marker, all else as it was."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.errors import SecretFound, SecretInSigned
from git_ccsync.portable import grammar, shield
from git_ccsync.portable.match import in_step, same
from git_ccsync.portable.redaction import Span
from git_ccsync.portable.roots import Root, windows
from git_ccsync.portable.text import Codec, lines
from tests.portable.texts import ID, WORDS, cases

HOME = Root(b"HOME", (b"/home/al",))


class Stub:
    """A censor that knows two words, and any number of keys: a tag is the word's sum under its key."""

    words = (b"SeCrEt", b"TOKEN1234")

    def __init__(self, key: bytes = b"0a0b", known: tuple[bytes, ...] = ()) -> None:
        self.key, self.known = key, (key, *known)

    def tag(self, key: bytes, text: bytes) -> bytes:
        return b"%08x" % (sum(text) * 65536 + int(key, 16))

    def spans(self, text: bytes, *, whole: bool = False) -> list[Span]:
        words = (*self.words, b"SeC\nrEt") if whole else self.words
        found, past = [], 0
        for start in range(len(text)):
            for word in words:
                if start >= past and text.startswith(word, start):
                    past = start + len(word)
                    found.append(Span(start, past, b"word", self.tag(self.key, word), self.key))
        return found

    def fits(self, key: bytes, tag: bytes, text: bytes) -> bool:
        return key not in self.known or tag == self.tag(key, text)

    def taken_out(self, text: bytes) -> bytes:
        for word in self.words:
            text = text.replace(word, self.marker(word))
        return text

    def marker(self, word: bytes) -> bytes:
        return b"{{SECRET:word.%d.%b.%b}}" % (len(word), self.tag(self.key, word), self.key)


def refuse(codec: Codec, text: bytes) -> bytes | None:
    try:
        return codec.portable(text)
    except SecretInSigned:
        return None


@st.composite
def secretive(draw) -> tuple[list[Root], bytes]:
    roots, text = draw(cases())
    word = st.sampled_from(
        [*Stub.words, *Stub.words, b"{{SECRET:word.6.00000000.0a0b}}", b"{{", b"}}", b"{", b"/home/al"]
    )
    for piece in draw(st.lists(word | st.sampled_from(WORDS), max_size=6)):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + piece + text[at:]
    return roots, text


@given(secretive(), st.booleans())
@example(([HOME], b"/home/alSeCrEt/home/al {{SeCrEt}} {SeCrEt} {{{SeCrEt}}}\n"), True)
@example(([HOME], b"{{HOMESeCrEt}} {{X:SeCrEt}} {{=SeCrEt}} SeCrEt}}\n"), True)
@example(
    ([windows(b"HOME", rb"C:\Users\al")], rb"C:\Users\al\SeCrEt\x C:\Users\alSeCrEt\y {{HOME:1.2}}SeCrEt" + b"\n"), True
)
@example(([HOME], b"a\0SeCrEt\0/home/al\n"), True)
@example(([HOME], b'{"x":"SeCrEt","thinking":"/home/al"}\n'), True)
@example(([Root(b"A", (b'/a","signature":"x',))], b'{"b":"/a","signature":"x"} SeCrEt\n'), True)
def test_all_but_the_secrets_comes_back(case, translate: bool) -> None:
    roots, text = case
    stub = Stub()
    codec = Codec(roots, ID, translate=translate, censor=stub)
    stored = refuse(codec, text)
    if stored is None:
        return
    assert codec.local(stored) == stub.taken_out(text)
    for word in Stub.words:
        assert word not in stored
    assert b"".join([codec.portable(line) for line in lines(text)]) == stored


@given(secretive())
def test_protected_values_are_the_same_with_secrets_beside_them(case) -> None:
    roots, text = case
    codec = Codec(roots, ID, censor=Stub())
    for line in lines(text):
        stored = refuse(codec, line)
        if stored and not stored.startswith(grammar.MARKER):
            assert shield.values(codec.local(stored)) == shield.values(Stub().taken_out(line))


@given(secretive(), cases(), st.sampled_from([b"0a0b", b"0c0d"]))
def test_a_line_is_in_step_with_what_was_stored_of_it(case, other, key: bytes) -> None:
    roots, text = case
    codec = Codec(roots, ID, censor=Stub())
    again = Codec(roots, ID, censor=Stub(key))
    elsewhere = Codec(other[0], ID, censor=Stub(b"0e0f"))
    for line in lines(text):
        stored = refuse(codec, line)
        if stored is None:
            continue
        assert in_step(codec, stored, line)
        assert in_step(again, stored, line)  # also after the key was lost
        assert in_step(Codec(roots, ID), stored, line)
        assert in_step(elsewhere, stored, elsewhere.local(stored))
        assert same(codec, stored, again.portable(line))


def test_a_secret_in_a_signed_value_stops_the_line() -> None:
    codec = Codec([HOME], ID, censor=Stub())
    with pytest.raises(SecretInSigned) as caught:
        codec.portable(b'{"x":"SeCrEt"}\n{"thinking":"my SeCrEt","signature":"TOKEN1234","y":"TOKEN1234"}\n')
    assert isinstance(caught.value, SecretFound)
    assert caught.value.found == (
        ("word", Stub().tag(b"0a0b", b"SeCrEt").decode()),
        ("word", Stub().tag(b"0a0b", b"TOKEN1234").decode()),
    )
    with pytest.raises(SecretInSigned):
        codec.portable(b'{"type":"base64","data":"aaSeCrEt"}\n')


def test_a_file_that_is_one_thing_is_redacted_over_its_lines() -> None:
    codec = Codec([HOME], ID, censor=Stub())
    text = b"/home/al SeC\nrEt /home/al\n{{SECRET:word.7.00000000.0a0b}}\n" + b"/home/al/x SeCrEt\n" * 9000
    stored = codec.portable(text, whole=True)
    assert stored.startswith(b"{{HOME}} {{SECRET:word.7.")
    assert stored.count(b"{{=SECRET:word.7.") == 1
    assert stored.count(b"{{HOME}}/x {{SECRET:word.6.") == 9000
    assert b"SeC" not in stored
    assert in_step(codec, stored[:200], codec.local(stored[:200]))
    short = text[:200]
    assert in_step(codec, codec.portable(short, whole=True), short)
    assert not in_step(codec, codec.portable(short, whole=True), short.replace(b"/home/al ", b"/home/al!"))


def test_titles() -> None:
    codec = Codec([HOME], ID, censor=Stub())
    assert (
        codec.redacted_title("SeCrEt in /home/al \udcff é")
        == Stub().marker(b"SeCrEt").decode() + " in /home/al \udcff é"
    )
    assert Codec([HOME], ID).redacted_title("SeCrEt") == "SeCrEt"


def marker(length: int, tag: bytes = b"00000000", key: bytes = b"ffff") -> bytes:
    return b"{{SECRET:word.%d.%b.%b}}" % (length, tag, key)


STUB = Stub()
OWN = Codec([HOME], ID, censor=STUB)


@pytest.mark.parametrize(
    ("stored", "local", "agree"),
    [
        # our key: by the tag
        (STUB.marker(b"SeCrEt"), b"SeCrEt", True),
        (STUB.marker(b"SeCrEt"), b"SeCrEx", False),
        (STUB.marker(b"SeCrEt"), b"SeCrEtt", False),
        (STUB.marker(b"SeCrEt"), b"", False),
        # another key: by the length
        (marker(6), b"SeCrEt", True),
        (marker(6), b"foobar", True),
        (marker(6), b"fooba", False),
        (marker(6), b"foobars", False),
        (marker(6) + b"{{HOME}}" + marker(3), b"foobar/home/alabc", True),
        (marker(6) + b"{{REPO}}/x " + marker(3), b"foobar/repo/x abc", True),
        # itself, as text that somebody quoted, and under another tag
        (marker(6), marker(6), True),
        (marker(6), marker(6, b"11111111", b"eeee"), True),
        (marker(6), marker(6, b"11111111"), False),
        (marker(6), marker(7, b"11111111", b"eeee"), False),
        (b"{{=" + marker(6)[2:], marker(6), True),
        (b"{{=" + marker(6)[2:], b"foobar", True),
        (b"{{==" + marker(6)[2:], b"foobar", False),
        (b"{{==" + marker(6)[2:], b"{{=" + marker(6)[2:], True),
        # what other rules redacted more or less of
        (marker(10), b"ab" + marker(6, b"11111111", b"eeee") + b"cd", True),
        (marker(9), b"ab" + marker(6, b"11111111", b"eeee") + b"cd", False),
        (marker(6) + b"x", b"foobarx", True),
        # the same marker stands over the same text
        (marker(3) + b"-" + marker(3), b"abc-abc", True),
        (marker(3) + b"-" + marker(3), b"abc-abd", False),
        (marker(3) + b"-" + marker(3, b"22222222"), b"abc-abd", True),
        # what is no marker
        (b"{{SECRET}}", b"foobar", False),
        (b"{{SECRET:word.6.0000000.ffff}}", b"foobar", False),
        (b"{{SECRET:word.06.00000000.ffff}}", b"foobar", False),
        (b"{{SECRET:WORD.6.00000000.ffff}}", b"foobar", False),
        (b"{{SECRET:word.6.00000000.ffff.x}}", b"foobar", False),
        (b"{{SECRET:word.999999999.00000000.ffff}}", b"foobar", False),
        (b"{{SECRET:word.0.00000000.ffff}}", b"", False),
    ],
)
def test_what_a_marker_may_stand_over(stored: bytes, local: bytes, agree: bool) -> None:
    assert in_step(OWN, b'{"x":"%b"}\n' % stored, b'{"x":"%b"}\n' % local) is agree


@pytest.mark.parametrize(
    ("stored", "local", "agree"),
    [
        (b"{{HOME}} " + marker(6), b"{{HOME}} foobar", True),
        (b"{{HOME}} " + marker(6), b"{{HOME}} " + marker(6), True),
        (b"{{HOME}} " + marker(6), b"/home/al foobar", False),
        (b"{{=" + marker(6)[2:], b"foobar", False),
        (b"{{" + marker(6) + b"}}", b"{{foobar}}", True),
    ],
)
def test_a_line_that_was_stored_as_it_is(stored: bytes, local: bytes, agree: bool) -> None:
    assert in_step(OWN, b"{{VERBATIM}}%b\n" % stored, b"%b\n" % local) is agree


def test_rules_that_change_make_no_divergence() -> None:
    """Stored in clear, or redacted, by other rules than today's."""
    other = Stub()
    other.words = (b"SeCrEt and TOKEN1234",)
    line = b"/home/al: SeCrEt and TOKEN1234\n"
    before, now = Codec([HOME], ID, censor=other).portable(line), OWN.portable(line)
    assert before != now
    assert in_step(OWN, before, line)
    assert in_step(OWN, b"{{HOME}}: SeCrEt and TOKEN1234\n", line)
    assert same(OWN, before, b"{{HOME}}: SeCrEt and TOKEN1234\n")
    assert same(OWN, now, b"{{HOME}}: SeCrEt and TOKEN1234\n")
    assert same(OWN, before, now)


def test_a_quoted_marker_goes_round_three_machines() -> None:
    """A redacts; B has the marker as text, and so do the lines that B adds; A and C are in step with all of them."""
    a, b, c = OWN, Codec([], ID, censor=Stub(b"0c0d")), Codec([HOME], ID, censor=Stub(b"0e0f"))
    first = b"the key is SeCrEt\n"
    stored = a.portable(first)
    text = b.local(stored)
    assert in_step(b, stored, text)
    again = b.portable(text)  # captured anew, or a fork of it
    assert again == stored.replace(b"{{SECRET", b"{{=SECRET")
    quoted = b.portable(b"B says: " + text)
    for codec in (a, b, c):
        assert codec.local(again) == codec.local(stored) == text
        assert in_step(codec, again, text)
        assert codec.local(quoted) == b"B says: " + text
        assert same(codec, again, stored)
    assert in_step(a, again, first)
    assert in_step(a, stored, first)


def test_a_hostile_line_of_markers_is_judged_in_bounded_time() -> None:
    stored = b"".join(marker(number % 7 + 1, b"%08x" % number) for number in range(20_000)) + b"!\n"
    assert not in_step(OWN, stored, b"a" * 80_000 + b"?\n")
    assert not in_step(OWN, marker(900_000_000) * 2000 + b"\n", b"{{SECRET:" * 40_000 + b"\n")
