"""What the properties are tried on: bytes made of everything that means something to the translation, and root sets."""

from __future__ import annotations

from hypothesis import strategies as st

from git_ccsync.portable.roots import Root, windows
from git_ccsync.portable.text import Codec

ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
OTHER_ID = "8a1b02c3-0d4e-4f50-8617-28394a5b6c7d"

PLAIN_PATHS = [
    b"/home/al",
    b"/home/al/app",
    b"/home/al/.claude",
    b"/home/al/app/sub",
    b"/work",
    b"/srv/x y",
    "/home/é".encode(),
]
ODD_PATHS = [
    *(
        b"/",
        b"",
        b"rel/ative",
        b"/a",
        b"/a/a",
        b"/a/a/a",
        b"/home/al/",
        b"/{{HOME}}",
        b"/x}}",
        b"/{{=REPO}}",
        b"/n\n",
        b"/nul\0",
    ),
    *(
        b'/q"u',
        b"/b\\s",
        b"/end\\",
        b"/tab\t\x01",
        b'/a","signature":"x',
        b"/\xff\xfe",
        ID.encode(),
        b"/" + ID.encode(),
    ),
    *(
        rb"C:\Users\al",
        rb"C:\Users\al\app",
        b"C:/Users/al/app",
        b"c:\\Users\\al",
        b"C:\\",
        rb"\\srv\share",
        b"/c/Users/al",
    ),
]
NAMES = [b"CLAUDE_PROJECT", b"MAIN_PROJECT", b"CLAUDE", b"REPO", b"MAIN", b"PROJECTS", b"HOME"]

WORDS = [
    *(
        b"{{",
        b"}}",
        b"{",
        b"}",
        b"{{{",
        b"=",
        b"{{=",
        b"{{HOME}}",
        b"{{REPO@2}}",
        b"{{REPO:2.1}}",
        b"{{==HOME}}",
        b"{{X:y.z}}",
    ),
    *(b"{{VERBATIM}}", b"{{SESSION}}", b"{{HOME@2:4.9}}", b"{{HOME:0.0}}", b"{{lower}}", b"{{X:"),
    *(
        b"\n",
        b'"',
        b"\\",
        b"\\n",
        b"\\\\",
        b"\\\\\\\\",
        b"/",
        b"/x",
        b"\\\\x",
        b"\\x",
        b" ",
        b":",
        b",",
        b"\0",
        b"a",
        b"\xe9",
        b"-",
        b"\r\n",
    ),
    *(
        b'"thinking"',
        b'"signature"',
        b'"data"',
        b'"base64"',
        b'"redacted_thinking"',
        b'"thinking":"',
        b'"signature" : "',
        b'\\"signature\\":\\"',
    ),
    *(b'"cwd":"', b'{"type":"base64","data":"', b"\x1b[32m", b"\\u001b[0m", ID.encode(), OTHER_ID.encode()),
]

paths = st.sampled_from(PLAIN_PATHS + ODD_PATHS)
any_paths = paths | st.binary(max_size=6).map(lambda tail: b"/" + tail)


@st.composite
def root_sets(draw, given=any_paths) -> list[Root]:
    """Any roots, in any order: equal, nested, empty, odd, with aliases."""
    roots = []
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5)):
        found = draw(st.lists(given, min_size=1, max_size=2))
        roots.append(windows(name, found[0]) if draw(st.integers(0, 3)) == 0 else Root(name, tuple(found)))
    return roots


@st.composite
def cases(draw, size: int = 12) -> tuple[list[Root], bytes]:
    """Roots and a text that is about them."""
    roots = draw(root_sets())
    own = [path for root in roots for path in root.paths] + [
        path.replace(b"\\", b"\\\\") for root in roots for path in root.paths
    ]
    word = st.sampled_from(WORDS) | st.sampled_from(own or [b""]) | st.binary(max_size=3)
    return roots, b"".join(draw(st.lists(word, max_size=size)))


def laptop() -> Codec:
    """An ordinary POSIX machine."""
    return posix(b"/home/al", b"/home/al/code/app")


def posix(home: bytes, repo: bytes) -> Codec:
    """A POSIX machine with the usual roots."""
    claude = home + b"/.claude"
    key = bytes(byte if chr(byte).isalnum() and byte < 128 else 0x2D for byte in repo)
    roots = [Root(b"HOME", (home,)), Root(b"CLAUDE", (claude,)), Root(b"REPO", (repo,))]
    return Codec([*roots, Root(b"CLAUDE_PROJECT", (claude + b"/projects/" + key,))], ID)


def desktop() -> Codec:
    """A Windows machine."""
    return Codec([windows(b"HOME", rb"C:\Users\al"), windows(b"REPO", rb"C:\Users\al\app")], ID)
