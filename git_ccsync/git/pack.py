"""Writing one pack and its index, in bounded memory, while two threads compress. No deltas: segments share no bytes.

The form is gitformat-pack(5): a version 2 pack, a version 2 index. The index is ours too: `git index-pack` would
inflate and hash everything again, for more time than all the rest takes (tests/bench).
"""

from __future__ import annotations

import os
import threading
import zlib
from collections import deque
from queue import SimpleQueue

from git_ccsync.errors import CcsyncError
from git_ccsync.git import sharing
from git_ccsync.git.packfile import KINDS, entry_header, header, index_content
from git_ccsync.git.sharing import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Bytes of content that may be on their way to the disk; one larger object goes alone.
IN_FLIGHT = 12 << 20
WORKERS = 2
#: `git prune` takes away what starts like this and has been left behind.
TEMP = "tmp_ccsync_"
_CHUNK = 1 << 20


def _engine() -> Callable[[], Any]:
    """Makes compressors. ISA-L deflates three times as fast as zlib at about the same size."""
    try:
        from isal import isal_zlib
    except ImportError:
        return lambda: zlib.compressobj(1)
    return lambda: isal_zlib.compressobj(1)


class _Job:
    """One object on its way: content in, compressed pieces (or the error) out."""

    __slots__ = ("crc", "done", "error", "kind", "level", "name", "pieces", "size", "source")

    def __init__(self, kind: int, data: bytes, name: bytes, level: int) -> None:
        self.kind, self.level = kind, level
        self.name = name
        self.size = len(data)
        self.source = data
        self.pieces: list[bytes] = []
        self.crc = 0
        self.error: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()

    def work(self, engine: Callable[[], Any]) -> None:
        """Compress, in a worker, piece by piece: joined they would stand in memory twice."""
        try:
            packer = engine() if self.level else zlib.compressobj(0)
            self.pieces.append(entry_header(self.kind, self.size))
            for at in range(0, self.size, _CHUNK):
                self.pieces.append(packer.compress(memoryview(self.source)[at : at + _CHUNK]))
            self.pieces.append(packer.flush())
            for piece in self.pieces:
                self.crc = zlib.crc32(piece, self.crc)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self.error = error
        self.source = b""
        self.done.release()


class PackWriter:
    """Streams objects into `objects/pack/tmp_ccsync_*`; `finish()` turns it into a pack that git sees."""

    def __init__(self, object_dir: str, tweak: int = 0, *, dense: bool = False) -> None:
        """`tweak`: shared permissions, as from `sharing.sharing`. `dense`: blobs are stored as they are."""
        self._dense = dense
        self._folder = object_dir + "/pack"
        self._tweak = tweak
        sharing.make_directory(self._folder, tweak)
        stem = f"{self._folder}/{TEMP}{os.getpid()}_{os.urandom(4).hex()}"
        self._temps = [stem + "_pack", stem + "_idx"]
        self._file = os.open(self._temps[0], os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        self._size = 0
        self._flying: deque[_Job] = deque()
        self._weight = 0
        #: id → (offset, crc); None while it is on its way. Ids as bytes: there may be a hundred thousand.
        self._known: dict[bytes, tuple[int, int] | None] = {}
        self._queue: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._engine = _engine()
        self._append(header(0))

    def add(self, kind: str, data: bytes, oid: str) -> None:
        """Take an object in, once; waits while too much is on its way."""
        name = bytes.fromhex(oid)
        if name in self._known:
            return
        self._known[name] = None
        job = _Job(KINDS[kind], data, name, 0 if self._dense and kind == "blob" else 1)
        while self._flying and self._weight + job.size > IN_FLIGHT:
            self._land()
        self._start()
        self._flying.append(job)
        self._weight += job.size
        self._queue.put(job)
        while self._flying and self._flying[0].done.acquire(blocking=False):
            self._write(self._flying[0])

    def read(self, oid: str) -> bytes | None:
        """The content of an object in this pack, None if it is not."""
        name = bytes.fromhex(oid)
        if name not in self._known:
            return None
        while (place := self._known[name]) is None:
            self._land()
        at = place[0]
        while os.pread(self._file, 1, at)[0] & 0x80:
            at += 1
        return self._inflate(at + 1)

    def _inflate(self, at: int) -> bytes:
        engine = zlib.decompressobj()
        pieces = []
        while not engine.eof:
            data = os.pread(self._file, _CHUNK, at)
            at += len(data)
            pieces.append(engine.decompress(data))
        return b"".join(pieces)

    def finish(self) -> str:
        """Write the rest, sync, index and make it visible; the pack's name ("" if nothing was added)."""
        try:
            while self._flying:
                self._land()
            if not self._known:
                return ""
            return self._publish(self._seal())
        finally:
            self.abort()

    def abort(self) -> None:
        """Stop the workers and remove the temporaries."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._flying.clear()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        while self._temps:
            try:
                os.unlink(self._temps.pop())
            except OSError:
                pass

    def _start(self) -> None:
        if len(self._threads) < WORKERS:
            thread = threading.Thread(target=self._work, name="ccsync-deflate", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while job := self._queue.get():
            job.work(self._engine)

    def _land(self) -> None:
        """Wait for the oldest object and write it: the order in the pack is the order of `add`."""
        job = self._flying[0]
        job.done.acquire()
        self._write(job)

    def _write(self, job: _Job) -> None:
        self._flying.popleft()
        self._weight -= job.size
        if job.error:
            raise job.error
        self._known[job.name] = self._size, job.crc
        self._size += sum(map(len, job.pieces))
        for piece in job.pieces if job.size > _CHUNK else (b"".join(job.pieces),):
            write_all(self._file, piece)

    def _append(self, data: bytes) -> None:
        write_all(self._file, data)
        self._size += len(data)

    def _seal(self) -> bytes:
        """Put the count in the header and the checksum at the end: known only now, so all is read once more."""
        from hashlib import sha1

        os.pwrite(self._file, len(self._known).to_bytes(4, "big"), 8)
        state = sha1(usedforsecurity=False)
        at = 0
        while at < self._size:
            data = os.pread(self._file, _CHUNK, at)
            if not data:
                raise CcsyncError(f"'{self._temps[0]}' was cut off while it was written")
            state.update(data)
            at += len(data)
        self._append(state.digest())
        os.fsync(self._file)
        return state.digest()

    def _publish(self, checksum: bytes) -> str:
        """The index beside it, then both under their names; the index last, for that is what git looks for."""
        index = os.open(self._temps[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o444)
        try:
            write_all(index, index_content(self._known, checksum))
            os.fsync(index)
        finally:
            os.close(index)
        name = f"pack-{checksum.hex()}"
        for temp, ending in zip(self._temps, (".pack", ".idx"), strict=True):
            sharing.adjust(temp, self._tweak)
            os.rename(temp, f"{self._folder}/{name}{ending}")
        self._temps.clear()
        sharing.settle((self._folder,))
        return name
