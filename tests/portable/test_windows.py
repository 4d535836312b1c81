"""Windows paths in portable text: bytes come back, other machines see '/'."""

from __future__ import annotations

import pytest

from git_ccsync.portable.roots import Root, windows
from git_ccsync.portable.text import Codec
from git_ccsync.portable.windows import drive_aliases
from tests.portable.texts import ID, desktop, laptop

TABLE = [
    # (on Windows, stored, on POSIX)
    (rb'"cwd":"C:\\Users\\al\\app\\sub"', b'"cwd":"{{REPO:2.1}}/sub"', b'"cwd":"/home/al/code/app/sub"'),
    (rb'"C:\\Users\\al\\app\\src\\x.py\n"', rb'"{{REPO:2.2}}/src/x.py\n"', rb'"/home/al/code/app/src/x.py\n"'),
    (rb"see C:\Users\al\a\b", b"see {{HOME:1.2}}/a/b", b"see /home/al/a/b"),
    (
        rb'"{\"p\":\"C:\\\\Users\\\\al\\\\x\\ny\"}"',
        rb'"{\"p\":\"{{HOME:4.1}}/x\\ny\"}"',
        rb'"{\"p\":\"/home/al/x\\ny\"}"',
    ),
    (rb'"C:/Users/al/app/x"', b'"{{REPO}}/x"', b'"/home/al/code/app/x"'),
    (rb'"c:\\Users\\al\\x"', b'"{{HOME@2:2.1}}/x"', b'"/home/al/x"'),
    (rb'"/c/Users/al/x" "/mnt/c/Users/al/x"', b'"{{HOME@3}}/x" "{{HOME@4}}/x"', b'"/home/al/x" "/home/al/x"'),
    (rb'"C:\\Users\\alice"', rb'"C:\\Users\\alice"', rb'"C:\\Users\\alice"'),
    (rb'"C:\\Users\\al\\a/b\\c"', rb'"{{HOME:2.1}}/a/b\\c"', rb'"/home/al/a/b\\c"'),
    (rb'"C:\\Users\\al\\"', rb'"{{HOME:2.0}}\\"', rb'"/home/al\\"'),
    (rb'"cwd":"C:/Users/al/app"', b'"cwd":"{{REPO:0.0}}"', b'"cwd":"/home/al/code/app"'),
    (rb'"C:\\Users\\al\\%b\\x"' % ID.encode(), b'"{{HOME:2.2}}/{{SESSION}}/x"', b'"/home/al/%b/x"' % ID.encode()),
]


@pytest.mark.parametrize(("here", "stored", "there"), TABLE)
def test_table(here: bytes, stored: bytes, there: bytes) -> None:
    assert desktop().portable(here) == stored
    assert laptop().local(stored) == there
    assert desktop().local(stored) == here


def test_a_posix_path_gets_slashes_but_the_cwd_is_native() -> None:
    stored = laptop().portable(b'{"cwd":"/home/al/code/app/a b/c","file":"/home/al/code/app/x"}\n')
    assert desktop().local(stored) == rb'{"cwd":"C:\\Users\\al\\app\\a b\\c","file":"C:/Users/al/app/x"}' + b"\n"


def test_a_share_is_a_root_too() -> None:
    codec = Codec([Root(b"REPO", (rb"\\srv\share\app",))], ID)
    line = rb'{"cwd":"\\\\srv\\share\\app\\x"}'
    assert codec.portable(line) == b'{"cwd":"{{REPO:2.1}}/x"}'
    assert codec.local(codec.portable(line)) == line
    assert codec.local(b'{"cwd":"{{REPO}}/x"}') == line


def test_a_hostile_count_costs_nothing() -> None:
    line = b"{{HOME:2.999999999}}" + b"/a" * 20_000 + b" {{HOME:99999999.1}}\n"
    assert len(desktop().local(line)) < 4 * len(line)


def test_the_usual_spellings_of_a_drive() -> None:
    assert drive_aliases(rb"D:\w") == (rb"d:\w", b"/d/w", b"/mnt/d/w")
    assert drive_aliases(rb"\\srv\x") == drive_aliases(b"/x") == ()
    assert windows(b"REPO", rb"D:\w").paths[0] == rb"D:\w"
