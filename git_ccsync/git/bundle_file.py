"""One git bundle (gitformat-bundle(5)): what its heading says, and the bytes of a new one. Opens only what it is given."""

from __future__ import annotations

import os
import stat

from git_ccsync.errors import BadData, Refused
from git_ccsync.git import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.git.repository import Repository

#: A heading is not longer.
_CAP = 1 << 18
_SIGNATURES = (b"# v2 git bundle\n", b"# v3 git bundle\n")
_HEX = frozenset(b"0123456789abcdef")
#: No search for deltas: it would cost more than all the rest, and those that are there are taken over.
_PACK = ("pack-objects", "--revs", "--stdout", "--delta-base-offset", "--window=0", "-q")


def refs(path: str) -> dict[str, str]:
    """The refs in a bundle: name to object id. BadData if it is no regular file, or has no whole heading; OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags | getattr(os, "O_NOFOLLOW", 0)), "rb", buffering=0) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise BadData("it is no regular file")
        head = file.read(_CAP) or b""
    if not head.startswith(_SIGNATURES):
        raise BadData("it is no bundle" if head else "it is empty: it has not arrived yet")
    lines, end, _ = head.partition(b"\n\n")
    if not end:
        raise BadData("it is cut short, or has not arrived whole yet")
    return dict(_ref(line) for line in lines.split(b"\n")[1:] if line[:1] not in (b"-", b"@"))


def _ref(line: bytes) -> tuple[str, str]:
    oid, _, name = line.partition(b" ")
    if len(oid) != 40 or not _HEX.issuperset(oid):
        raise BadData("it is no bundle of this kind of repository")
    return os.fsdecode(name), oid.decode()


def refs_in(path: str) -> dict[str, str]:
    """`refs` of a bundle that somebody named. Refused where there are none."""
    try:
        return refs(os.path.realpath(path))
    except BadData as error:
        raise Refused(f"'{path}': {error.message}") from error
    except OSError as error:
        raise Refused(f"'{path}' cannot be read: {error.strerror}") from error


def pieces(repo: Repository, commit: str, ref: str) -> Iterator[bytes]:
    """A bundle with the whole history of `commit`, which is called `ref` in it. GitFailed."""
    yield b"# v2 git bundle\n%s %s\n\n" % (commit.encode(), os.fsencode(ref))
    yield from command.stream(_PACK, git_dir=repo.git_dir, input=f"{commit}\n".encode())
