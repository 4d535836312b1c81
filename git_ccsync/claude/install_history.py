"""Adding prompts to Claude Code's history; with the other install_*.py the only code that writes under the Claude directory.

Only ever appended to, as Claude Code itself does: a running one goes on behind what is added here.
"""

from __future__ import annotations

import os

from git_ccsync.claude.files import CHUNK
from git_ccsync.claude.install_place import Place, finish, write_all
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def append(path: str, rows: Sequence[bytes]) -> None:
    """Put whole rows (without line ends) behind the file, made if there is none; durable when this returns.

    Each call of write() has whole rows, so that another writer's never lands inside one.
    """
    with Place(path) as place:
        fd = place.open(place.name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            size = os.fstat(fd).st_size
            torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"
            held = [b"\n"] if torn else []
            room = CHUNK
            for row in rows:
                held.append(row + b"\n")
                room -= len(row) + 1
                if room < 0:
                    write_all(fd, b"".join(held))
                    held, room = [], CHUNK
            write_all(fd, b"".join(held))
            finish(fd, 0)
        finally:
            os.close(fd)
        place.sync()
