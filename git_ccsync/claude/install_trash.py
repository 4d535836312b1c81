"""Taking files away from under the Claude directory: into the trash of the caller's state, and back. Nothing is deleted."""

from __future__ import annotations

import errno
import os

from git_ccsync.claude.install_place import NEW_FILE, make_directories, sync_directory

#: How the system says that the trash lies on another file system.
_ELSEWHERE = frozenset((errno.EXDEV, errno.EPERM))


def discard(path: str, trash: str) -> str:
    """Move the file, link or directory at `path` into the directory `trash`; its path there, "" if nothing is at `path`.

    A writer who has it open goes on writing to it. Durable when this returns.
    """
    if not os.path.lexists(path):
        return ""
    make_directories(trash)
    target = _reserved(trash, os.path.basename(path), directory=_is_directory(path))
    _move(path, target)
    return target


def put_back(kept: str, path: str) -> None:
    """Move what `discard` moved back to `path`, where nothing may be: FileExistsError."""
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
    make_directories(os.path.dirname(path))
    _move(kept, path)


def remove_empty(directory: str, top: str) -> None:
    """Remove `directory` and what is above it up to `top`, as far as they are empty."""
    while directory == top or directory.startswith(top + os.sep):
        try:
            os.rmdir(directory)
        except FileNotFoundError:  # by a run that was cut short
            pass
        except OSError:
            return
        directory = os.path.dirname(directory)


def _is_directory(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path)


def _reserved(trash: str, name: str, *, directory: bool) -> str:
    """An empty file or directory in the trash, named after `name`."""
    number = 0
    while True:
        target = os.path.join(trash, f"{name}.{number}")
        try:
            if directory:
                os.mkdir(target, 0o700)
            else:
                os.close(os.open(target, NEW_FILE, 0o600))
            return target
        except FileExistsError:
            number += 1


def _move(path: str, target: str) -> None:
    try:
        os.rename(path, target)
    except OSError as error:
        if error.errno not in _ELSEWHERE:
            raise
        _copy(path, target)
    sync_directory(os.path.dirname(target))
    sync_directory(os.path.dirname(path))


def _copy(path: str, target: str) -> None:
    """To another file system: whole and durable there before it goes here."""
    import shutil

    if _is_directory(path):
        shutil.copytree(path, target, symlinks=True, dirs_exist_ok=True)
        os.sync()
        shutil.rmtree(path)
        return
    if os.path.lexists(target):
        os.unlink(target)
    shutil.copy2(path, target, follow_symlinks=False)
    os.sync()
    os.unlink(path)
