"""When two lines are one line: expansion, former roots, portable text, pattern."""

from __future__ import annotations

import time

import pytest

from git_ccsync.portable.match import in_step, same
from git_ccsync.portable.roots import Root
from git_ccsync.portable.text import Codec
from tests.portable.texts import ID, OTHER_ID, desktop, laptop, posix

STORED = b'{"cwd":"{{REPO}}","x":"{{REPO}}/src {{HOME}}/b {{TOOLS}}/c {{=Z}}","id":"{{SESSION}}"}\n'


def line(
    repo: bytes = b"/home/al/code/app", home: bytes = b"/home/al", tools: bytes = b"{{TOOLS}}", own: str = ID
) -> bytes:
    return b'{"cwd":"%b","x":"%b/src %b/b %b/c {{Z}}","id":"%b"}\n' % (repo, repo, home, tools, own.encode())


@pytest.mark.parametrize(
    "local",
    [
        line(),
        line(repo=b"/old/place"),
        line(repo=b"/old/src", home=b"/home/bob", tools=b"/opt/x y/tools"),
        line(repo=b"/src/src/src", tools=b"/c/c"),
        line(repo=b"{{REPO}}"),
        line(tools=b"/home/al"),
    ],
)
def test_in_step(local: bytes) -> None:
    assert in_step(laptop(), STORED, local)


@pytest.mark.parametrize(
    "local",
    [
        line().replace(b"/src", b"/lib"),
        line() + b" ",
        b" " + line(),
        line(tools=b"relative"),
        line(tools=b"/"),
        line(tools=b'/a","y":"/b'),
        line(tools=rb"/a\n/b"),
        line(tools=b"/a/"),
        line(own=OTHER_ID),
        line(repo=b"/one").replace(b'"/one"', b'"/two"'),
        line().replace(b"{{Z}}", b"{{=Z}}"),
        b"",
    ],
)
def test_out_of_step(local: bytes) -> None:
    assert not in_step(laptop(), STORED, local)


def test_text_with_the_roots_of_then_is_in_step_now() -> None:
    row = b'{"cwd":"/old/a","x":"/old/a/b"}\n'
    stored = b'{"cwd":"{{REPO}}","x":"{{REPO}}/b"}\n'
    now = Codec([Root(b"REPO", (b"/new",))], ID, [Root(b"REPO", (b"/older",)), Root(b"REPO", (b"/old/a",))])
    assert in_step(now, stored, row)


def test_a_former_root_need_not_look_like_one_path() -> None:
    odd = Root(b"REPO", (b'/a"b',))
    assert in_step(Codec([], ID, [odd]), b'{"x":"{{REPO}}/c"}\n', rb'{"x":"/a\"b/c"}' + b"\n")
    assert not in_step(Codec([], ID), b'{"x":"{{REPO}}/c"}\n', rb'{"x":"/a\"b/c"}' + b"\n")


def test_protected_and_verbatim_text_is_no_pattern() -> None:
    stored = b'{"signature":"{{HOME}}","x":"{{TOOLS}}"}\n'
    assert in_step(laptop(), stored, b'{"signature":"{{HOME}}","x":"/opt"}\n')
    assert not in_step(laptop(), stored, b'{"signature":"/home/al","x":"/opt"}\n')
    assert in_step(laptop(), b"{{VERBATIM}}{{TOOLS}}\n", b"{{TOOLS}}\n")
    assert not in_step(laptop(), b"{{VERBATIM}}{{TOOLS}}\n", b"/opt\n")


def test_a_windows_line_after_the_repository_moved() -> None:
    stored = b'{"cwd":"{{REPO:2.2}}/a/b","y":"{{HOME}}/c"}\n'
    assert in_step(desktop(), stored, rb'{"cwd":"D:\\w\\a\\b","y":"E:/h/c"}' + b"\n")
    assert in_step(laptop(), stored, b'{"cwd":"/w/a/b","y":"/h/c"}\n')
    assert not in_step(desktop(), stored, rb'{"cwd":"D:\\w\\a\\x","y":"E:/h/c"}' + b"\n")


def test_the_native_cwd_after_the_repository_moved() -> None:
    stored = b'{"cwd":"{{REPO}}/a/b","y":"{{REPO}}/c"}\n'
    assert in_step(desktop(), stored, rb'{"cwd":"C:\\Users\\al\\app\\a\\b","y":"C:/Users/al/app/c"}' + b"\n")
    stored = b'{"cwd":"{{REPO}}/a/b","y":"c/d"}\n'
    assert in_step(desktop(), stored, rb'{"cwd":"D:\\w\\a\\b","y":"c/d"}' + b"\n")


def test_stored_lines_are_compared_in_local_space() -> None:
    here = laptop()
    assert same(here, b"{{REPO}}/x\n", b"{{HOME}}/code/app/x\n")
    assert same(here, b"{{TOOLS}}/x\n", b"/opt/tools/x\n")
    assert same(here, b"/opt/tools/x\n", b"{{TOOLS}}/x\n")
    assert same(posix(b"/home/al", b"/w"), b"{{VERBATIM}}/w/x\n", b"{{REPO}}/x\n")
    assert not same(here, b"{{REPO}}/x\n", b"{{REPO}}/y\n")


def test_a_hostile_line_is_judged_in_bounded_time() -> None:
    stored = b"".join(b"{{R%d}}" % number for number in range(40)) + b"!\n"
    start = time.process_time()
    assert not in_step(laptop(), stored, b"/a" * 100 + b"!")
    assert time.process_time() - start < 5
