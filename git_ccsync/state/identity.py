"""This machine's own secret key, as text: `identity` in the machine's state, 0600 whatever the umask. No ciphers here."""

from __future__ import annotations

import os

from git_ccsync.state import files

#: Larger than any age identity; a file over it is none.
CAP = 4096


def read(machine: str) -> str:
    """The secret key kept in `machine` (the machine's state directory), "" if there is none yet."""
    path = _path(machine)
    found = files.read(path, CAP).decode("ascii", "replace").strip()
    if found and os.name == "posix" and os.stat(path).st_mode & 0o077:
        os.chmod(path, 0o600)  # a backup put back, or a copy: what others could read is theirs, but not for longer
    return found


def keep(machine: str, secret: str) -> str:
    """Keep a new secret key, on disk when this returns. If another process was faster, its key is the one: that is what
    comes back.
    """
    path = _path(machine)
    temporary = f"{path}.{os.getpid()}.new"
    files.replace(temporary, f"{secret}\n".encode(), durable=True)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        os.replace(temporary, path)
    finally:
        _remove(temporary)
    return read(machine)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _path(machine: str) -> str:
    return os.path.join(machine, "identity")
