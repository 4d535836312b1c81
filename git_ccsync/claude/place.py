"""Where a file of ours goes: its directory held open, so that no link swapped in later can lead a write elsewhere.

Only install.py and exchange.py use this. `projects/<key>` itself may be a symbolic link (Claude Code allows it);
below a session's own directory `<id>/` no link is followed.
"""

from __future__ import annotations

import errno
import os

from git_ccsync.claude.files import CHUNK, NOFOLLOW, shown
from git_ccsync.claude.scan import TEMP_PREFIX, is_id
from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
NEW_FILE = os.O_CREAT | os.O_EXCL | NOFOLLOW | getattr(os, "O_CLOEXEC", 0)
NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES))
_counter = 0


class Changed(CcsyncError):
    """The file is no longer what the caller judged; nothing that somebody else wrote was touched."""

    status = 1


def check_name(name: str) -> tuple[str, ...]:
    """The components of a relative name; BadData unless it stays inside its directory."""
    parts = tuple(name.split("/"))
    for part in parts:
        if part in ("", ".", "..") or "\0" in part or "\\" in part or len(os.fsencode(part)) > 255:
            raise BadData(f"'{shown(name)}' is not a name inside a session's directory")
    return parts


def check_tag(tag: str) -> str:
    """`tag` if it can stand in a temporary's name."""
    if not tag.isascii() or not tag.isalnum():
        raise BadData("the tag of temporaries must be letters and digits")
    return tag


class Place:
    """The directory of `path`, open, and the name in it. Directories that are missing are made (0700) and synced."""

    def __init__(self, path: str, *, make: bool = True) -> None:
        base, parts = _split(path)
        self.name = parts[-1]
        if make:
            _make_directories(base)
        self.fd = os.open(base, _DIRECTORY)
        try:
            for part in parts[:-1]:
                self._descend(part, make)
        except BaseException:
            os.close(self.fd)
            raise

    def _descend(self, part: str, make: bool) -> None:
        if make:
            try:
                os.mkdir(part, 0o700, dir_fd=self.fd)
                os.fsync(self.fd)
            except FileExistsError:
                pass
        try:
            inner = os.open(part, _DIRECTORY | NOFOLLOW, dir_fd=self.fd)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
                raise BadData(f"'{shown(part)}' is not a directory") from None
            raise
        os.close(self.fd)
        self.fd = inner

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)

    def sync(self) -> None:
        """Make the directory's entries durable."""
        os.fsync(self.fd)

    def stat(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        return os.open(name, flags | NOFOLLOW | getattr(os, "O_CLOEXEC", 0), mode, dir_fd=self.fd)

    def link(self, old: str, new: str) -> None:
        os.link(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        os.rename(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd)

    def remove(self, name: str) -> None:
        """Unlink `name` if it is there."""
        try:
            os.unlink(name, dir_fd=self.fd)
        except FileNotFoundError:
            pass

    def write_temp(self, chunks: Iterable[bytes], *, tag: str, mtime_ns: int = 0, mode: int = 0o600) -> str:
        """A new file with these bytes, synced, with that mtime (0: now); its name. Nothing stays after an error."""
        name = temp_name(tag)
        fd = self.open(name, os.O_WRONLY | NEW_FILE, mode)
        try:
            try:
                os.fchmod(fd, mode)
                for chunk in chunks:
                    write_all(fd, chunk)
                if mtime_ns:
                    os.utime(fd, ns=(mtime_ns, mtime_ns))
                os.fsync(fd)
            finally:
                os.close(fd)
        except BaseException:
            self.remove(name)
            raise
        return name

    def copy(self, old: str, fd: int) -> None:
        """Append the bytes of `old` to an open file and sync it."""
        source = self.open(old, os.O_RDONLY)
        try:
            while data := os.read(source, CHUNK):
                write_all(fd, data)
            os.fsync(fd)
        finally:
            os.close(source)


def temp_name(tag: str, kept: str = "") -> str:
    """A name for a temporary, or for the kept original of `kept`, that heal() knows as ours."""
    global _counter
    _counter += 1
    return f"{TEMP_PREFIX}{check_tag(tag)}-{os.getpid()}-{_counter}" + (f".{kept}.kept" if kept else ".tmp")


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, however the system slices it."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _split(path: str) -> tuple[str, tuple[str, ...]]:
    """The directory that may be reached through links, and the names below it that may not be links."""
    if not os.path.isabs(path) or "\0" in path or "/../" in path:
        raise BadData(f"'{shown(path)}' is not an absolute path")
    parts = path.split("/")
    for position in range(len(parts) - 2, 0, -1):
        if is_id(parts[position]):
            return "/".join(parts[:position]), check_name("/".join(parts[position:]))
    return os.path.dirname(path), check_name(parts[-1])


def _make_directories(path: str) -> None:
    """Make `path` and what is missing above it, 0700 each, and sync the directory that holds the topmost new one."""
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for made in reversed(missing):
        try:
            os.mkdir(made, 0o700)
        except FileExistsError:
            if not os.path.isdir(made):
                raise
        sync_directory(os.path.dirname(made))


def sync_directory(path: str) -> None:
    """Make the entries of the directory at `path` durable."""
    fd = os.open(path, _DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
