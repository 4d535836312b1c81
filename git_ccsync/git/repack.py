"""Moving objects from loose files and small packs into one pack: which there are, the pack, what it makes superfluous.

In this order, always: the pack and its index, each written aside and on disk; verified; shown; only then is taken away
what lies in it too. Nothing is decided here about whose an object is.
"""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError, GitFailed
from git_ccsync.frozen import Frozen
from git_ccsync.git import command, sharing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from git_ccsync.git.repository import Repository

#: Trees and metas share most of their bytes with the ones before. Segments share none and are larger, as a rule: left out
#: of the search, they cost it nothing (measured: 0.1 s for the objects of 640 pushes).
_HOW = ("core.bigFileThreshold=8k", "pack.compression=9", "pack.threads=1", "pack.packSizeLimit=0")
_DELTAS = ("--delta-base-offset", "--window=50", "--depth=50")
#: What may lie beside a pack that can be moved elsewhere; `.keep`, `.bitmap` and `.mtimes` say that it must stay.
_MOVABLE = {"pack", "idx", "rev", "promisor"}
#: `git prune` takes away what starts like this and has been left behind.
_TEMP = "tmp_ccsync_"
#: Entries of a reflog that are looked at: it names commits that were replaced, whose objects are nowhere else.
_RECENT = 1000


class Pack(Frozen):
    """A pack that may be taken apart: its name without ending, bytes, and whether it came from a promisor remote."""

    name: str
    size: int
    promisor: bool = False


def packs(repo: Repository) -> dict[str, Pack]:
    """The packs of this repository (not of those that it borrows from) by name; none that somebody wants to stay."""
    folder = repo.object_dir + "/pack"
    endings: dict[str, set[str]] = {}
    for file in os.listdir(folder) if os.path.isdir(folder) else ():
        name, _, ending = file.partition(".")
        if name.startswith("pack-"):
            endings.setdefault(name, set()).add(ending)
    found = {}
    for name, there in endings.items():
        if {"pack", "idx"} <= there <= _MOVABLE:
            try:
                found[name] = Pack(name, os.stat(f"{folder}/{name}.pack").st_size, "promisor" in there)
            except OSError:  # gone meanwhile
                pass
    return found


def index_path(repo: Repository, name: str) -> str:
    """Where the index of a pack lies."""
    return f"{repo.object_dir}/pack/{name}.idx"


def busy(repo: Repository) -> bool:
    """Whether git's own gc may be at work."""
    return any(map(_recent, (f"{repo.common_dir}/gc.pid", f"{repo.object_dir}/maintenance.lock")))


def indexed_together(repo: Repository) -> bool:
    """Whether there is an index over several packs: no pack may go without it, and who made it looks after packs, too."""
    folder = repo.object_dir + "/pack"
    return any(map(os.path.exists, (f"{folder}/multi-pack-index", f"{folder}/multi-pack-index.d")))


def _recent(path: str) -> bool:
    """As git judges its own lock: one that is half a day old was left behind."""
    import time

    try:
        return time.time() - os.stat(path).st_mtime < 12 * 3600
    except OSError:
        return False


def reachable(repo: Repository, tips: Sequence[str], known: Sequence[str]) -> dict[bytes, bytes]:
    """The objects that `tips` lead to and `known` do not: name (20 bytes) → path within the tree, b"" for commits."""
    words = "".join(f"{tip}\n" for tip in tips) + "".join(f"^{tip}\n" for tip in known)
    asked = ("rev-list", "--objects", "--ignore-missing", "--stdin")
    found, rest = {}, b""
    for chunk in command.stream(asked, git_dir=repo.git_dir, input=words.encode("ascii")) if tips else ():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            oid, _, path = line.partition(b" ")
            found[bytes.fromhex(oid.decode("ascii"))] = path
    return found


def recent_tips(repo: Repository, ref: str) -> tuple[str, ...]:
    """The last commits that a ref has stood at, by its reflog; none where it has no such thing."""
    asked = ("rev-list", "-g", f"--max-count={_RECENT}", ref, "--")
    done = command.run(asked, git_dir=repo.git_dir, check=False)
    return tuple(dict.fromkeys(done.stdout.decode("ascii", "replace").split())) if not done.status else ()


def expire(repo: Repository, ref: str) -> None:
    """Shorten the reflog of a ref, as git's own gc would (gc.reflogExpire: 90 days, if the user has said nothing)."""
    command.run(("reflog", "expire", ref), git_dir=repo.git_dir, check=False)


def tips_of(repo: Repository, ref: str) -> tuple[str, ...]:
    """All commits that a ref stands at or has stood at, by its reflog."""
    asked = ("rev-list", "-g", ref, "--")
    done = command.run(asked, git_dir=repo.git_dir, check=False)
    return tuple(dict.fromkeys(done.stdout.decode("ascii", "replace").split()))


def expire_all(repo: Repository, ref: str) -> None:
    """Empty the reflog of a ref."""
    words = ("reflog", "expire", "--expire=all", "--expire-unreachable=all", ref)
    command.run(words, git_dir=repo.git_dir, check=False)


def loose(repo: Repository, names: Iterable[bytes]) -> dict[bytes, int]:
    """Those of `names` that lie in files of their own here, and the bytes of these."""
    found = {}
    for name in names:
        try:
            found[name] = os.lstat(_loose_path(repo, name)).st_size
        except OSError:
            pass
    return found


def _loose_path(repo: Repository, name: bytes) -> str:
    text = name.hex()
    return f"{repo.object_dir}/{text[:2]}/{text[2:]}"


def room(repo: Repository, size: int) -> bool:
    """Whether the disk can take `size` more bytes, and some."""
    found = os.statvfs(repo.object_dir)
    return found.f_bavail * found.f_frsize > size + (64 << 20)


class Built(Frozen):
    """A pack that is whole and on disk, and that git does not see yet: its name to be, and its files."""

    name: str
    temps: dict[str, str]
    promisor: bool


def build(repo: Repository, objects: Mapping[bytes, bytes], *, promisor: bool = False) -> Built:
    """A pack of `objects` (name → path, which tells git what resembles what); b"" is no path.

    GitFailed if one of them is missing or broken, CcsyncError if nothing can be written, FileNotFoundError if somebody
    took a file away meanwhile; then nothing has changed.
    """
    folder = repo.object_dir + "/pack"
    stem = f"{folder}/{_TEMP}{os.getpid()}_{os.urandom(4).hex()}"
    temps = {"pack": stem + "_pack", "idx": stem + "_idx"}
    lines = b"".join(b"%s %s\n" % (name.hex().encode("ascii"), path) for name, path in objects.items())
    try:
        sharing.make_directory(folder, sharing.sharing(repo))
        checksum = _fill(repo, temps["pack"], lines)
        _index(repo, temps, len(objects))
    except BaseException as error:
        drop(temps)
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise unwritable(repo, error) from error
        raise
    return Built(f"pack-{checksum}", temps, promisor)


def drop(temps: Mapping[str, str]) -> None:
    """Take away what was built and is not wanted."""
    for temp in temps.values():
        _remove(temp)


def unwritable(repo: Repository, error: OSError) -> CcsyncError:
    """The error where the object store does not take anything."""
    return CcsyncError(f"cannot write objects to '{repo.object_dir}': {error.strerror}")


def _fill(repo: Repository, temp: str, lines: bytes) -> str:
    """Write the pack; its checksum."""
    asked = ("pack-objects", "-q", *_DELTAS, "--stdout")
    file = os.open(temp, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
    try:
        size = 0
        for chunk in command.stream(asked, git_dir=repo.git_dir, config=_HOW, input=lines):
            sharing.write_all(file, chunk)
            size += len(chunk)
        os.fsync(file)
        return os.pread(file, 20, size - 20).hex()
    finally:
        os.close(file)


def _index(repo: Repository, temps: Mapping[str, str], count: int) -> None:
    """Let git make the index, for which it takes every object out again and compares it with the one that is there."""
    from git_ccsync.git.packindex import PackIndex

    config = ("pack.writeReverseIndex=false", "pack.threads=1")
    command.run(("index-pack", "-o", temps["idx"], temps["pack"]), git_dir=repo.git_dir, config=config)
    with PackIndex(temps["idx"]) as index:
        if len(index) != count:
            raise GitFailed(f"git pack-objects: {len(index)} of {count} objects are in the pack")
    file = os.open(temps["idx"], os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def show(repo: Repository, built: Built) -> None:
    """Give a pack its names, the index last, for that is what git looks for. OSError; then the rest may be dropped."""
    folder, tweak = repo.object_dir + "/pack", sharing.sharing(repo)
    if built.promisor:
        os.close(os.open(f"{folder}/{built.name}.promisor", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o444))
    for ending in ("pack", "idx"):
        sharing.adjust(built.temps[ending], tweak)
        os.rename(built.temps[ending], f"{folder}/{built.name}.{ending}")
    sharing.settle((folder,))


def remove_loose(repo: Repository, names: Iterable[bytes]) -> int:
    """Take away the loose files of objects that a pack holds; how many there were."""
    return sum(_remove(_loose_path(repo, name)) for name in names)


def remove_pack(repo: Repository, name: str) -> None:
    """Take away a pack whose objects another one holds, its index first: from then on nobody new looks into it."""
    for ending in ("idx", "rev", "pack", "promisor"):
        _remove(f"{repo.object_dir}/pack/{name}.{ending}")


def _remove(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
