"""Where a file of ours goes: its directory held open, so that no link swapped in later can lead a write elsewhere.

Only install*.py use this. `projects/<key>` itself may be a symbolic link (Claude Code allows it); below a session's own
directory `<id>/`, and below `memory/`, no link is followed.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat

from git_ccsync.claude.files import CHUNK, SAFE, shown
from git_ccsync.claude.scan import TEMP_PREFIX, is_id
from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL
#: How file systems say that they have no hard links.
NO_LINKS = frozenset((errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES))
_numbers = itertools.count(1)


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


class Place:
    """The directory of `path`, open, and the name in it. Directories that are missing are made (0700) and synced."""

    def __init__(self, path: str, *, make: bool = True) -> None:
        base, parts = _split(path)
        self.name = parts[-1]
        self.directory = os.path.dirname(path)
        if make:
            make_directories(base)
        self.fd = os.open(base, _DIRECTORY)
        try:
            for part in parts[:-1]:
                self._descend(part, make)
        except BaseException as error:
            self.__exit__(type(error), error)
            raise

    def _descend(self, part: str, make: bool) -> None:
        if make:
            try:
                os.mkdir(part, 0o700, dir_fd=self.fd)
                os.fsync(self.fd)
            except FileExistsError:
                pass
        try:
            inner = os.open(part, _DIRECTORY | _NOFOLLOW, dir_fd=self.fd)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
                raise BadData(f"'{shown(part)}' is not a directory") from None
            raise
        os.close(self.fd)
        self.fd = inner

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object = None, error: object = None, trace: object = None) -> None:
        os.close(self.fd)
        # Relative to an open directory, or a temporary: neither says to anybody what could not be written.
        if isinstance(error, OSError) and isinstance(error.filename, str) and not os.path.isabs(error.filename):
            error.filename = os.path.join(self.directory, self.name)

    def sync(self) -> None:
        """Make the directory's entries durable."""
        os.fsync(self.fd)

    def stat(self, name: str) -> os.stat_result:
        """lstat() of a name here."""
        return os.stat(name, dir_fd=self.fd, follow_symlinks=False)

    def open(self, name: str, flags: int, mode: int = 0o600) -> int:
        """A descriptor of the regular file `name`; BadData if it is anything else. Never through a link."""
        try:
            fd = os.open(name, flags | SAFE, mode, dir_fd=self.fd)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO):
                raise BadData(f"'{shown(name)}' is not a regular file") from None
            raise
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise BadData(f"'{shown(name)}' is not a regular file")
        return fd

    def link(self, old: str, new: str) -> None:
        """Give `old` a second name; FileExistsError if that is taken."""
        os.link(old, new, src_dir_fd=self.fd, dst_dir_fd=self.fd, follow_symlinks=False)

    def rename(self, old: str, new: str) -> None:
        """Rename `old` to `new`, over what is there."""
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
        fd = self.open(name, NEW_FILE, mode)
        try:
            try:
                os.fchmod(fd, mode)
                for chunk in chunks:
                    write_all(fd, chunk)
                finish(fd, mtime_ns)
            finally:
                os.close(fd)
        except BaseException:
            self.remove(name)
            raise
        return name


def temp_name(tag: str, kept: str = "") -> str:
    """A name for a temporary, or for the kept original of `kept`, that heal() knows as ours."""
    return f"{temp_prefix(tag)}{os.getpid()}-{next(_numbers)}" + (f".{kept}.kept" if kept else ".tmp")


def temp_prefix(tag: str) -> str:
    """What all names of temporaries with this tag start with."""
    if not tag.isascii() or not tag.isalnum():
        raise BadData("the tag of temporaries must be letters and digits")
    return f"{TEMP_PREFIX}{tag}-"


def write_all(fd: int, data: bytes) -> None:
    """Write all of `data`, however the system slices it."""
    done = os.write(fd, data)
    while done < len(data):
        done += os.write(fd, memoryview(data)[done:])


def finish(fd: int, mtime_ns: int) -> None:
    """Set the mtime (0: leave it) and make the file durable."""
    if mtime_ns:
        os.utime(fd, ns=(mtime_ns, mtime_ns))
    os.fsync(fd)


def top_up(target: int, source: int) -> None:
    """Write to `target`, at its end, what `source` has beyond that length; durable."""
    offset = os.lseek(target, 0, os.SEEK_END)
    while data := os.pread(source, CHUNK, offset):
        write_all(target, data)
        offset += len(data)
    os.fsync(target)


def _split(path: str) -> tuple[str, tuple[str, ...]]:
    """The directory that may be reached through links, and the names below it that may not be links."""
    if not os.path.isabs(path) or "\0" in path:
        raise BadData(f"'{shown(path)}' is not an absolute path")
    parts = path.split("/")
    for position in range(len(parts) - 2, 2, -1):
        if parts[position - 2] == "projects" and (parts[position] == "memory" or is_id(parts[position])):
            return "/".join(parts[:position]), check_name("/".join(parts[position:]))
    return os.path.dirname(path), check_name(parts[-1])


def make_directories(path: str) -> None:
    """Make `path` and what is missing above it, 0700 each, all durable."""
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
