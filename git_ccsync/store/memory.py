"""Merging the memory files of a project: names that may be carried, and two states with what both were made from. Pure.

Contents are portable text, names are relative paths with "/". Nothing is lost: what two machines say about one thing is
kept side by side, in one file where a reader makes sense of that, else in two.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.store import three_way

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Folder of the tree; the file that Claude Code reads at every start, in which the others are listed.
FOLDER, INDEX = "memory", "MEMORY.md"
#: Bounds: bytes of a file here and as stored, files, components of a name, bytes of one.
CAP, STORED_CAP, MAX_FILES, DEPTH, LONGEST = 1 << 20, 4 << 20, 1000, 3, 120
#: What file systems of some machine do not take, or take for something else.
_FORBIDDEN = frozenset('<>:"|?*\\')
_DEVICES = frozenset(("con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))))
_PROSE = (".md", ".markdown", ".txt")
_FENCE = (b"---", b"---\r")


class Conflict(Frozen):
    """A file that both sides changed in the same place. `copy` is the file that holds ours, "" if both stand in it."""

    name: str
    copy: str = ""


class Merged(Frozen):
    """The files of both sides, and where they did not agree."""

    files: dict[str, bytes]
    conflicts: tuple[Conflict, ...] = ()


def is_name(name: str) -> bool:
    """Whether a file of that name can lie on every machine and nowhere but in its directory, and is to be seen there."""
    parts = name.split("/")
    return len(parts) <= DEPTH and all(map(_is_part, parts))


def _is_part(part: str) -> bool:
    return (
        bool(part)
        and part.isprintable()
        and not _FORBIDDEN.intersection(part)
        and part[0] not in ". "
        and part[-1] not in ". "
        and len(part.encode("utf-8", "surrogatepass")) <= LONGEST
        and part.partition(".")[0].strip().lower() not in _DEVICES
    )


def fitting(names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that can all lie in one directory of any file system; of two that some would take for one, the
    first.
    """
    kept: dict[str, str] = {}
    for name in names:
        above = _folders(name)
        if not is_name(name) or _fold(name) in kept:
            continue
        if all(kept.get(_fold(folder), folder + "/") == folder + "/" for folder in above):
            kept.update({_fold(folder): folder + "/" for folder in above})
            kept[_fold(name)] = name
    return tuple(name for name in kept.values() if not name.endswith("/"))


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:number]) for number in range(1, len(parts))]


def _fold(name: str) -> str:
    """What case-blind and normalising file systems know of a name."""
    if name.isascii():
        return name.lower()
    import unicodedata

    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def merge(base: Mapping[str, bytes], ours: Mapping[str, bytes], theirs: Mapping[str, bytes], machine: str) -> Merged:
    """What both sides made of `base`. A file that one side took away and the other changed comes back. `machine` is the
    name of ours, for files that hold our version of one.
    """
    files: dict[str, bytes] = {}
    conflicts: list[Conflict] = []
    aside: dict[str, bytes] = {}
    for name in sorted({*base, *ours, *theirs}):
        data, apart, clash = _merge_file(name, base.get(name), ours.get(name), theirs.get(name))
        if data is not None:
            files[name] = data
        if apart is not None:
            aside[name] = apart
        elif clash:
            conflicts.append(Conflict(name))
    for name, data in aside.items():
        # Where the copy is our last version still, it goes on: a machine that sends and never takes needs but one.
        copy = _copy_name(name, (data, base.get(name)), machine, {**ours, **theirs, **files})
        files[copy] = data
        _list_copy(files, name, copy, machine)
        conflicts.append(Conflict(name, copy))
    return Merged(files, tuple(conflicts))


def _merge_file(
    name: str, base: bytes | None, ours: bytes | None, theirs: bytes | None
) -> tuple[bytes | None, bytes | None, bool]:
    """(the file, ours where it goes apart, whether they did not agree)."""
    if theirs in (ours, base):
        return ours, None, False
    if ours == base:
        return theirs, None, False
    if ours is None or theirs is None:  # taken away on one side, changed on the other
        return (theirs if ours is None else ours), None, False
    if name.lower().endswith(_PROSE) and b"\0" not in ours + theirs:
        found = _merge_prose(name, base, ours, theirs)
        if found:
            return found[0], None, found[1]
    return theirs, ours, True


def _merge_prose(name: str, base: bytes | None, ours: bytes, theirs: bytes) -> tuple[bytes, bool] | None:
    """The lines of both, and whether some of them speak against each other; None if they cannot stand in one file."""
    before, mine, yours = (text.split(b"\n") for text in (base or b"", ours, theirs))
    if base is None:
        before = []
    found = three_way.merge(before, mine, yours)
    text = b"\n".join(found.lines)
    if text in (ours, theirs):
        return text, False
    if base is None and name.rpartition("/")[2] != INDEX:
        return None  # two files that have no more than their name in common
    front = _front(before)
    if any(number < front for number in (*found.met, *found.clashes)):
        return None  # a key may stand there once
    if front and _front(found.lines) == 0:
        return None
    return text, bool(found.clashes)


def _front(lines: Iterable[bytes]) -> int:
    """How many lines the front matter (YAML between two fences) takes, 0 if there is none."""
    for number, line in enumerate(lines):
        if number == 0 and line not in _FENCE:
            return 0
        if number and line in _FENCE:
            return number + 1
    return 0


def _copy_name(name: str, may_hold: tuple[bytes | None, ...], machine: str, taken: Mapping[str, bytes]) -> str:
    """A name for our version of a file, `<stem>.<machine>.md`: a free one, or one of a file that holds one of `may_hold`."""
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (last, "")
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in machine)[:24] or "here"
    folded = {_fold(other): other for other in taken}
    for number in range(1, MAX_FILES + 2):
        mark = f".{plain}" if number == 1 else f".{plain}-{number}"
        room = max(1, LONGEST - len(mark) - len(ending.encode("utf-8", "replace")))
        short = stem.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
        copy = f"{folder}{slash}{short}{mark}{ending}"
        if copy == folded.get(_fold(copy), copy) and taken.get(copy, may_hold[0]) in may_hold:
            break
    return copy


def _list_copy(files: dict[str, bytes], name: str, copy: str, machine: str) -> None:
    """Tell the index of a second version, so that whoever reads it finds both, and makes one of them."""
    folder, slash, last = name.rpartition("/")
    index = files.get(f"{folder}{slash}{INDEX}")
    link = f"({copy.rpartition('/')[2]})"
    if index is None or link.encode() in index:
        return
    shown = machine if machine.isprintable() else "another machine"
    line = f"- [{link[1:-1]}]{link}: {last} as '{shown}' had it when both were changed; merge the two into {last}\n"
    gap = b"" if index.endswith(b"\n") or not index else b"\n"
    files[f"{folder}{slash}{INDEX}"] = index + gap + line.encode("utf-8", "replace")
