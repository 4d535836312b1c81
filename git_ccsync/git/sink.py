"""Where new objects go: loose files for a few, one pack for many. Nothing shows before it is whole and on disk."""

from __future__ import annotations

import os
import stat

from git_ccsync.errors import CcsyncError
from git_ccsync.git import sharing
from git_ccsync.git.codec import deflated, hash_object
from git_ccsync.git.sharing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.pack import PackWriter
    from git_ccsync.git.recent import Recent
    from git_ccsync.git.repository import Repository

#: Over this many bytes, or sessions (a session makes about 12 objects), one pack is cheaper for every later reader,
#: above all for the first push: git searches loose objects for deltas.
LOOSE_BYTES = 2 << 20
LOOSE_SESSIONS = 30
#: `git prune` takes away what starts like this and has been left behind.
TEMP = "tmp_obj_ccsync_"
LOOSE_OBJECTS = LOOSE_SESSIONS * 12
#: Ten packs are as much of a burden to git as the loose files after which ours are packed (`operations.gc`).
PACK_WEIGHT = 64


class Sink:
    """Takes new objects, children before parents; `finish()` makes them durable and visible, `abort()` drops them."""

    def __init__(
        self, repo: Repository, *, sessions: int = 0, recent: Recent | None = None, dense: bool = False
    ) -> None:
        """`sessions`: how many are going to be written, if that is known. `recent` hears of small objects. `dense`: blobs
        do not compress, and are stored as they are.
        """
        self._repo = repo
        self._waiting: dict[str, tuple[str, bytes]] = {}
        self._bytes = 0
        self._recent = recent
        self._pack: PackWriter | None = None
        self._tweak: int | None = None
        self._temps: list[str] = []
        self._many, self._dense = sessions > LOOSE_SESSIONS, dense
        #: Bytes of content taken in so far, for callers who commit in slices.
        self.added = 0
        #: Files made so far, a pack counted as several.
        self.files = 0
        #: Something that was taken in is not going to be on disk.
        self._dropped = False

    def __enter__(self) -> Sink:
        return self

    def __exit__(self, *error: object) -> None:
        self.abort()

    def add(self, kind: str, data: bytes) -> str:
        """Take an object in; its id. It is written by `finish()`, or earlier to a temporary pack.

        CcsyncError if the object store cannot be written.
        """
        oid = hash_object(kind, data)
        self.added += len(data)
        try:
            self._add(kind, data, oid)
        except OSError as error:
            raise self._unwritable(error) from error
        return oid

    def _add(self, kind: str, data: bytes, oid: str) -> None:
        if self._pack:
            self._pack.add(kind, data, oid)
        elif oid not in self._waiting:
            self._waiting[oid] = kind, data
            self._bytes += len(data)
            if self._many or self._bytes > LOOSE_BYTES or len(self._waiting) > LOOSE_OBJECTS:
                self._overflow()

    def _unwritable(self, error: OSError) -> CcsyncError:
        return CcsyncError(f"cannot write objects to '{self._repo.object_dir}': {error.strerror}")

    def add_plain(self, data: bytes) -> str:
        """Take in a blob that nothing seals, on an encrypted branch either; its id."""
        return Sink.add(self, "blob", data)

    def pending(self, oid: str) -> bytes | None:
        """The content of an object that was added and is not on disk yet; None for any other.

        CcsyncError if the object store cannot be written: a pack writes what is on its way first.
        """
        if self._pack:
            try:
                return self._pack.read(oid)
            except OSError as error:
                raise self._unwritable(error) from error
        waiting = self._waiting.get(oid)
        return waiting[1] if waiting else None

    def waiting(self) -> tuple[tuple[str, str, bytes], ...]:
        """(id, kind, content) of all that `finish` is going to write; () where it goes to a pack already."""
        return tuple((oid, kind, data) for oid, (kind, data) in self._waiting.items())

    def finish(self) -> tuple[str, ...]:
        """Put everything on disk and show it. The sink is empty after that and can be used again.

        Out: the directories to be `settle`d before a ref may name the objects; what lies in them is on disk already.
        CcsyncError if the object store cannot be written; nothing of this sink is needed by anybody then. The same where
        something was dropped before: nobody may come to see what was built of it.
        """
        if self._dropped:
            raise CcsyncError("what was to be committed did not get to the disk")
        try:
            if self._pack:
                self._pack.finish()
                self._pack = None
                self.files += PACK_WEIGHT
                return ()
            names = self._write_loose()
            self._waiting.clear()
            return names
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            self.abort()

    def abort(self) -> None:
        """Drop what is not finished, temporary files included."""
        self._dropped = self._dropped or bool(self._pack or self._waiting)
        if self._pack:
            self._pack.abort()
            self._pack = None
        self._waiting.clear()
        self._bytes = 0
        while self._temps:
            _remove(self._temps.pop())

    def _shared(self) -> int:
        if self._tweak is None:
            self._tweak = sharing.sharing(self._repo)
        return self._tweak

    def _overflow(self) -> None:
        from git_ccsync.git.pack import PackWriter

        self._pack = PackWriter(self._repo.object_dir, self._shared(), dense=self._dense)
        for oid, (kind, data) in self._waiting.items():
            self._pack.add(kind, data, oid)
        self._waiting.clear()

    def _write_loose(self) -> tuple[str, ...]:
        """All temporaries first, then all syncs, then all renames in the order of `add`: a reader that comes upon an
        object finds what it names. Each directory is synced once, and all before anybody hears of a commit.
        """
        root = self._repo.object_dir
        stem = f"{TEMP}{os.getpid()}_{os.urandom(4).hex()}"
        named: list[tuple[str, str]] = []
        touched: dict[str, None] = {}
        for number, (oid, (kind, data)) in enumerate(self._waiting.items()):
            folder = f"{root}/{oid[:2]}"
            path = f"{folder}/{oid[2:]}"
            if freshen(path):
                continue
            if folder not in touched:
                if sharing.make_directory(folder, self._shared()):
                    touched[root] = None
                touched[folder] = None
            temp = f"{folder}/{stem}_{number}"
            self._write(temp, b"%s %d\0" % (kind.encode("ascii"), len(data)), data, kind)
            named.append((temp, path))
        for temp, _ in named:
            _sync(temp)
        for temp, path in named:
            os.rename(temp, path)
        self._temps.clear()
        self.files += len(named)
        for oid, (kind, data) in self._waiting.items():
            if self._recent:
                self._recent.put(oid, kind, data)
        return tuple(touched)

    def _write(self, temp: str, header: bytes, data: bytes, kind: str) -> None:
        """Write one loose object to a temporary, not yet synced: the disk may begin while we go on."""
        content = deflated(header, data, 0 if self._dense and kind == "blob" else 1)
        self._temps.append(temp)
        handle = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        try:
            write_all(handle, content)
            if hasattr(os, "posix_fadvise"):  # Linux begins to write now, so that one journal commit serves all files
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(handle)
        sharing.adjust(temp, self._shared())


def freshen(path: str) -> bool:
    """True if this loose object exists; it then counts as new again, so that no gc takes it away under us.

    An empty file, as a crash can leave one with other writers, does not exist.
    """
    try:
        found = os.lstat(path)
        if not stat.S_ISREG(found.st_mode) or not found.st_size:
            return False
        os.utime(path)
    except OSError:
        return False
    return True


def _sync(path: str) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        pass
