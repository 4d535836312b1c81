"""The roots of a machine: local directories with portable names, and every way in which their paths are spelled in text."""

from __future__ import annotations

from git_ccsync.errors import Usage
from git_ccsync.frozen import Frozen
from git_ccsync.portable.grammar import RESERVED, is_name
from git_ccsync.portable.windows import drive_aliases, is_windows, spell

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: How deep JSON may lie in JSON for a root to be found: 1, 2, 4 or 8 backslashes for one.
BACKSLASHES = (1, 2, 4, 8)

#: Which name wins where two roots are the same directory; custom names stand between MAIN and HOME, by alphabet.
_FIRST = (b"CLAUDE_PROJECT", b"MAIN_PROJECT", b"CLAUDE", b"REPO", b"MAIN")
_LAST = b"HOME"


class Root(Frozen):
    """A directory of this machine and its portable name. `paths[0]` is the canonical plain spelling, absolute, POSIX or
    Windows; the others are aliases, which keep their places: {{NAME@2}} is `paths[1]`.
    """

    name: bytes
    paths: tuple[bytes, ...]


class Spelling(Frozen):
    """One way in which a root appears in text. `backslashes` is 0 but for a Windows path with backslashes; `windows`
    is true for every spelling of a Windows path.
    """

    text: bytes
    body: bytes
    backslashes: int
    windows: bool


def windows(name: bytes, path: bytes) -> Root:
    r"""A root at a Windows path `C:\…`, with the drive letter's other spellings (`c:\…`, `/c/…`, `/mnt/c/…`) as aliases."""
    return Root(name, (path, *drive_aliases(path)))


def usable(path: bytes) -> bytes:
    """PATH without separators at its end; empty if it is no absolute path below a top directory."""
    if b"\0" in path:
        return b""
    if is_windows(path):
        bare = path.rstrip(b"/\\")
        return bare if is_windows(bare) else b""
    return path.rstrip(b"/") if path.startswith(b"/") else b""


def in_json(path: bytes, depth: int) -> bytes:
    """PATH as it stands in a JSON string in DEPTH layers of JSON."""
    for _ in range(depth):
        path = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        for byte in sorted({byte for byte in path if byte < 0x20}):
            path = path.replace(bytes((byte,)), _SHORT.get(byte) or b"\\u%04x" % byte)
    return path


_SHORT = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r"}


def expand(path: bytes, backslashes: int) -> bytes:
    """How PATH is spelled where a placeholder asks for that many backslashes; -1 where it asks for none.

    A Windows path has its separators so (0 and -1: '/'). A POSIX path stands in the JSON in which one backslash would
    be that many; without a number, or with a strange one, in plain JSON.
    """
    if is_windows(path):
        return spell(path, max(backslashes, 0))
    text = in_json(path, BACKSLASHES.index(backslashes) if backslashes in BACKSLASHES else 1)
    return in_json(path, 1) if b"\n" in text else text


def spellings(roots: Sequence[Root]) -> list[Spelling]:
    """Every spelling of every root, longest first; of two roots with the same one the first name by rank has it."""
    found: dict[bytes, Spelling] = {}
    for root in sorted(roots, key=_rank):
        for number, path in enumerate(root.paths, 1):
            body = root.name + (b"@%d" % number if number > 1 else b"")
            for spelling in _spell(usable(path), body):
                found.setdefault(spelling.text, spelling)
    return sorted(found.values(), key=lambda spelling: (-len(spelling.text), spelling.text))


def _spell(path: bytes, body: bytes) -> Iterator[Spelling]:
    """The spellings of one path; none of an unusable one."""
    if is_windows(path):
        yield Spelling(spell(path, 0), body, 0, windows=True)
        for count in BACKSLASHES:
            yield Spelling(spell(path, count), body, count, windows=True)
    elif path:
        plain = in_json(path, 1)
        yield Spelling(plain, body, 0, windows=False)
        for depth, count in enumerate(BACKSLASHES):
            text = in_json(path, depth)
            if text != plain and b"\n" not in text:
                yield Spelling(text, b"%b:%d.0" % (body, count), 0, windows=False)


def _rank(root: Root) -> tuple[int, bytes]:
    """The place of a root among those that share its path. Raises Usage for a name that cannot be a placeholder's."""
    if not is_name(root.name) or root.name in RESERVED:
        raise Usage(f"'{root.name.decode('utf-8', 'replace')}' cannot name a root", "use capitals, digits and '_'")
    if root.name in _FIRST:
        return _FIRST.index(root.name), b""
    return (len(_FIRST) + 1, b"") if root.name == _LAST else (len(_FIRST), root.name)
