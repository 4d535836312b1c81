"""Names and bytes of the format: what is written can be read, in one form only, and hostile bytes give BadData alone."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from git_ccsync.errors import BadData
from git_ccsync.model import Machine, Meta
from git_ccsync.store import format as layout

SESSION = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"
Value = TypeVar("Value")

words = st.text(st.characters(codec="utf-8"), max_size=60)
counts = st.integers(0, 10**18)
metas = st.builds(
    Meta,
    **{
        name: st.booleans() if type(value) is bool else counts if type(value) is int else words
        for name, value in Meta()._asdict().items()
    },
)
session_ids = st.uuids().map(str)
machines = st.builds(
    Machine,
    id=st.just("5f0c2a9be1d34786"),
    name=words.filter(bool),
    os=words,
    open=st.lists(session_ids, max_size=3).map(lambda found: tuple(sorted(found))),
    unfinished=st.lists(session_ids, max_size=3).map(lambda found: tuple(sorted(found))),
    placeholders=st.dictionaries(words, words, max_size=3).map(lambda found: tuple(sorted(found.items()))),
    done=st.dictionaries(session_ids, st.text("0123456789abcdef", min_size=40, max_size=40), max_size=3).map(
        lambda found: tuple(sorted(found.items()))
    ),
)


def read(parse: Callable[[bytes], Value], data: bytes) -> Value | None:
    """The value, None if the bytes were refused; any other error is the test's failure."""
    try:
        return parse(data)
    except BadData:
        return None


@given(metas)
def test_meta_comes_back_and_has_one_form(meta: Meta) -> None:
    data = layout.dump_meta(meta)
    assert layout.load_meta(data) == meta
    assert layout.dump_meta(layout.load_meta(data), data) == data
    assert tomllib.loads(data.decode()) == meta._asdict()


@given(machines)
def test_machines_come_back_and_have_one_form(machine: Machine) -> None:
    data = layout.dump_machine(machine)
    assert layout.load_machine(machine.id, data) == machine._replace(name=machine.name[:64], os=machine.os[:64])
    assert tomllib.loads(data.decode())["name"] == machine.name


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,9}", fullmatch=True), words | counts | st.booleans() | st.lists(words).map(tuple)
    )
)
def test_the_quick_reader_and_toml_agree(values: dict[str, object]) -> None:
    data = layout.dump(values)
    plain = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    assert layout.load(data, "it") == plain == tomllib.loads(data.decode())


def test_surrogates_do_not_leave_this_machine() -> None:
    assert layout.load_meta(layout.dump_meta(Meta(title="a\udcff"))).title == "a\ufffd"


def test_keys_of_other_versions_are_kept() -> None:
    before = layout.dump_meta(Meta(title="a")) + b'mood = "fine"\nloud = true\nweight = 7\n'
    assert layout.dump_meta(Meta(title="b"), before) == before.replace(b'"a"', b'"b"')


@pytest.mark.parametrize(
    ("text", "meta"),
    [
        (b"", Meta()),
        (b"title = 3\nlines = -4\nmessages = true\ndirty = 1\n", Meta()),
        (b"lines = 5\n\n[later]\nx = 1\n", Meta(lines=5)),
        (b"title = 'literal'\r\n", Meta(title="literal")),
    ],
)
def test_other_forms_and_types_are_read_tolerantly(text: bytes, meta: Meta) -> None:
    assert layout.load_meta(text) == meta


hostile = st.binary(max_size=200) | st.lists(
    st.sampled_from(
        [b'title = "', b"lines = ", b'"', b"[", b"]", b"\n", b"9" * 30, b"\\u", b"=", b" = ", b"[x]", b"{", b"'''",
         b"true", b"\xff", b"\0", b"1979-05-27", b"nan", b'open = ["', b"placeholders", b".", b", "]
    ), max_size=24,
).map(b"".join)  # fmt: skip


@given(hostile)
@example(b"x = " + b"[" * 5000)
@example(b'title = "\\ud800"')
@example(b"lines = " + b"9" * 5000)
def test_hostile_bytes_are_refused_or_read(data: bytes) -> None:
    meta = read(layout.load_meta, data)
    if meta is not None:
        assert [type(value) for value in meta] == [type(value) for value in Meta()]
        assert all(value >= 0 for value in meta if type(value) is int)
    machine = read(lambda text: layout.load_machine("5f0c2a9be1d34786", text), data)
    if machine is not None:
        assert machine.name
        assert all(layout.is_session_id(session) for session in (*machine.open, *machine.unfinished))
    read(layout.load_tombstone, data)
    name = read(layout.unescape_name, data)
    if name is not None:
        assert layout.escape_name(name).encode() == data


def test_large_files_are_not_parsed() -> None:
    with pytest.raises(BadData, match="larger"):
        layout.load_meta(b"#" * (layout.SMALL_CAP + 1))


# --- names

parts = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0"), min_size=1, max_size=20)
paths = st.lists(parts.filter(lambda part: part not in (".", "..")), min_size=1, max_size=4).map("/".join)


@given(paths)
def test_names_of_side_files_come_back_as_one_component(path: str) -> None:
    name = layout.escape_name(path)
    assert "/" not in name
    assert name.isascii()
    assert name.isprintable()
    assert name not in (".", "..", ".git")
    assert layout.unescape_name(name.encode()) == path


def test_names_that_are_no_utf_8_come_back() -> None:
    path = "tool-results/\udcff\udc80"
    assert layout.unescape_name(layout.escape_name(path).encode()) == path


@pytest.mark.parametrize(
    "name",
    [b"", b"..", b".", b"a/b", b"..%2Fx", b"%2E%2E%2Fx", b"a%2F..%2Fb", b"%2Fetc", b"a%2F", b"a%00", b"a%0", b"a%zz", b"%2e",
     b"a\\b", b"a%5Cb", b"x" * 256, b"a b", b"\xff"],
)  # fmt: skip
def test_names_that_leave_their_folder_or_have_another_form_are_refused(name: bytes) -> None:
    with pytest.raises(BadData):
        layout.unescape_name(name)


@pytest.mark.parametrize(
    ("name", "good"),
    [
        (SESSION, True),
        (SESSION.upper(), False),
        (SESSION + "\n", False),
        (SESSION.replace("-", "a"), False),
        (SESSION[:-1] + "g", False),
        (SESSION[:-1] + "\u0661", False),
        ("-" * 36, False),
        ("", False),
    ],
)
def test_session_ids(name: str, good: bool) -> None:
    assert layout.is_session_id(name) is good


def test_machine_ids() -> None:
    assert layout.is_machine_id("5f0c2a9be1d34786")
    for name in ("5f0c2a9be1d3478", "5F0C2A9BE1D34786", "5f0c2a9be1d34786\n", "../../../../../."):
        assert not layout.is_machine_id(name)


@given(st.integers(0, 10**8))
def test_segment_places_are_told_back(number: int) -> None:
    group, place = layout.segment_path(number)
    assert int(group) * layout.GROUP + int(place) == number
    assert (len(group) >= 4, len(place)) == (True, 2)


@given(session_ids, st.integers(0, 10**6))
def test_tombstones_come_back(who: str, lines: int) -> None:
    tree = "ab" * 20
    assert layout.load_tombstone(layout.dump_tombstone(who, "2026-11-21T10:57:01Z", tree, lines)) == (tree, lines)
