"""Windows paths inside text: drive letters, shares, and separators that are one or more backslashes.

Only text: nothing here asks the file system, and everything works the same on every platform.
"""

from __future__ import annotations

from git_ccsync.portable.boundary import NAME_BYTES

_SEPARATORS = b"/\\"
_DRIVES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def is_windows(path: bytes) -> bool:
    r"""Whether PATH is absolute in Windows' way: `C:\…`, `C:/…` or `\\server\share`."""
    if path.startswith(b"\\\\"):
        return True
    return len(path) > 2 and path[0] in _DRIVES and path[1:2] == b":" and path[2] in _SEPARATORS


def spell(path: bytes, backslashes: int) -> bytes:
    """PATH with each separator as that many backslashes; 0 means '/'."""
    return path.replace(b"\\", b"/").replace(b"/", b"\\" * backslashes or b"/")


def drive_aliases(path: bytes) -> tuple[bytes, ...]:
    r"""The other usual spellings of `C:\x`: the drive letter in the other case, then as Git Bash and WSL write it."""
    if not is_windows(path) or path.startswith(b"\\\\"):
        return ()
    letter, rest = path[:1], path[2:].replace(b"\\", b"/")
    return (letter.swapcase() + path[1:], b"/" + letter.lower() + rest, b"/mnt/" + letter.lower() + rest)


def to_slashes(rest: bytes, backslashes: int) -> tuple[bytes, int]:
    """Turn the separators of a path that goes on after its root into '/'.

    REST is the text after the root. A separator is a run of exactly BACKSLASHES of them before a name byte; the path
    ends at the first byte that is neither. Returns the text and how many separators were turned.
    """
    tail = rest.lstrip(NAME_BYTES + b"\\")
    names = rest[: len(rest) - len(tail)].split(b"\\" * backslashes)
    turned = 0
    for name in names[1:] if not names[0] else ():
        if not name or name[0] == 0x5C:
            break
        turned += 1
        if b"\\" in name:  # the name ends in another kind of escape
            break
    head = b"/".join(names[: turned + 1])
    return (head + (b"\\" * backslashes).join((b"", *names[turned + 1 :])) + tail, turned)


def from_slashes(text: bytes, backslashes: int, turned: int) -> tuple[bytes, int]:
    """Turn the first TURNED '/' of a path back into backslashes; text that is no path any more ends it.

    Returns the text and how many separators are still owed, if the path may go on behind TEXT; else 0.
    """
    names = text.split(b"/", turned)
    good = 0
    for name in names:
        if name.translate(None, NAME_BYTES):
            break
        good += 1
    done = min(good, len(names) - 1)
    mark = b"\\" * backslashes
    spelled = mark.join(names[: done + 1]) + b"".join([b"/" + name for name in names[done + 1 :]])
    return spelled, turned - done if good == len(names) else 0
