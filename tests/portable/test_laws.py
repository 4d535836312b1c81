"""The laws of portable text, for all bytes and all roots."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.portable import grammar, shield, text
from git_ccsync.portable.match import in_step, same
from git_ccsync.portable.roots import Root
from git_ccsync.portable.text import Codec, lines
from tests.portable.texts import ID, WORDS, cases, laptop, root_sets

HOME = Root(b"HOME", (b"/home/al",))


@given(cases(), st.sampled_from([ID, "", "not an id"]), st.booleans())
@example(([HOME], b"{{=X:" + ID.encode() + b"}}\n"), ID, True)
@example(([Root(b"A", (b'/a","signature":"x',))], b'{"b":"/a","signature":"x"}\n'), ID, True)
@example(([Root(b"A", (b"/end\\",))], b'{"b":"/end\\"thinking":"{{A}}"}\n'), ID, True)
@example(([HOME], b"{{HOME"), ID, True)
@example(([HOME], b"{/home/al}"), ID, True)
@example(([HOME], b"{{/home/al}}}"), ID, True)
@example(([HOME], b"{{VERBATIM}}x\n{{=VERBATIM}}\n"), ID, True)
def test_what_was_translated_comes_back(case, session, translate) -> None:
    roots, given_text = case
    codec = Codec(roots, session, translate=translate)
    assert codec.local(codec.portable(given_text)) == given_text


@given(cases())
def test_random_bytes_come_back(case) -> None:
    roots, head = case
    codec = Codec(roots, ID)
    noise = bytes(range(256)) + head * 2
    assert codec.local(codec.portable(noise)) == noise


@given(cases(), st.lists(st.sampled_from(WORDS), max_size=8).map(b"".join))
def test_lines_know_nothing_of_each_other(case, tail) -> None:
    roots, head = case
    codec = Codec(roots, ID)
    first = head + b"\n"
    assert codec.portable(first + tail) == codec.portable(first) + codec.portable(tail)
    assert codec.local(first + tail) == codec.local(first) + codec.local(tail)


@pytest.mark.slow
@given(cases(size=30))
def test_slices_change_nothing(case) -> None:
    roots, given_text = case
    codec = Codec(roots, ID)
    whole, back = codec.portable(given_text), codec.local(given_text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_SLICE", 5)
        assert codec.portable(given_text) == whole
        assert codec.local(given_text) == back
    assert b"".join(codec.portable(line) for line in lines(given_text)) == whole


@pytest.mark.slow
@given(cases())
@example(([HOME], b'{"thinking":"/home/al {{HOME}}","signature" :\t"/home/al"}\n'))
@example(([HOME], b'{"type":"redacted_thinking","data":"/home/al"}\n'))
@example(([Root(b"A", (b'/a","signature":"',))], b'{"b":"/a","signature":"/x"}\n'))
@example(([HOME], b'{"data":"/home/al","type":"base64"}\n'))
@example(([HOME], b'{"signature":"/home/al\n/home/al"}\n'))
def test_protected_values_are_the_same_in_both_spaces(case) -> None:
    roots, given_text = case
    codec, elsewhere = Codec(roots, ID), laptop()
    for line in lines(given_text):
        stored = codec.portable(line)
        if not stored.startswith(grammar.MARKER):
            assert shield.values(stored) == shield.values(line)
            assert shield.values(elsewhere.local(stored)) == shield.values(line)


@given(root_sets(), st.sampled_from(WORDS))
def test_a_placeholder_without_a_root_stays(roots, word) -> None:
    for body in (b"NOWHERE", b"NOWHERE@2:1.3", b"LATER:kind.12:0a", b"HOME@0", b"HOME@1", b"HOME:02.1", b"HOME:65.0"):
        line = b"a " + b"{{%b}}" % body + b" " + word.replace(b"{", b"").replace(b"=", b"")
        assert b"{{%b}}" % body in Codec(roots, "").local(line)


def test_what_expansion_puts_in_is_not_read_again() -> None:
    codec = Codec([Root(b"REPO", (b"/{{HOME}}/x",)), HOME, Root(b"MAIN", (b"/m/{{",))], ID)
    assert codec.local(b"{{REPO}} {{MAIN}}HOME}}\n") == b"/{{HOME}}/x /m/{{HOME}}\n"


@given(cases(), cases())
def test_a_line_is_in_step_with_what_was_stored_of_it(case, other) -> None:
    codec, elsewhere = Codec(case[0], ID), Codec(other[0], ID)
    for line in lines(case[1]):
        stored = codec.portable(line)
        assert in_step(codec, stored, line)
        assert in_step(elsewhere, stored, elsewhere.local(stored))
        assert same(elsewhere, stored, elsewhere.portable(elsewhere.local(stored)))


_BEFORE = rb"(?:(?<![A-Za-z0-9_\-.~+%$\x80-\xff/\\*?})\]])|(?<=\\[nrtbf]))"
_GOES_ON = rb"[A-Za-z0-9_\-.~+%@$\x80-\xff]"
_STOP = rb"\.(?:\\[nrtbf\"]|(?!" + _GOES_ON + rb"|[/\\]|\Z))"
_AFTER = rb"(?:(?!" + _GOES_ON + rb")|(?=" + _STOP + rb"))"


@given(
    st.lists(
        st.sampled_from([b"/home/al", b"/home/al/app", b"/work", b" ", b"/x", b"\\n", b"s", b'"', b"@", b".", b"\n"])
    ).map(b"".join)
)
def test_plain_roots_are_found_as_by_a_regular_expression(given_text) -> None:
    names = {b"/home/al/app": b"{{REPO}}", b"/home/al": b"{{HOME}}", b"/work": b"{{MAIN}}"}
    pattern = re.compile(_BEFORE + rb"(/home/al/app|/home/al|/work)" + _AFTER)
    roots = [Root(mark.strip(b"{}"), (path,)) for path, mark in names.items()]
    assert Codec(roots, ID).portable(given_text) == pattern.sub(lambda hit: names[hit[1]], given_text)
