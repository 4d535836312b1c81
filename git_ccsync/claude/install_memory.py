"""Writing memory files: made, replaced, taken away; with install.py the only code that writes under the Claude directory.

What was there before is never gone: it ends in the trash of the caller's state. Called under the machine-wide lock.
"""

from __future__ import annotations

import os

from git_ccsync.claude import install
from git_ccsync.claude.files import shown
from git_ccsync.claude.install_exchange import check_stat, exchange, keep
from git_ccsync.claude.install_place import Changed, Place, temp_name
from git_ccsync.frozen import Frozen


class Write(Frozen):
    """How our temporaries are marked, and where originals go."""

    tag: str
    trash: str


def create(path: str, data: bytes, how: Write) -> None:
    """A new file that holds `data`, durable; FileExistsError if there is one already."""
    install.create(path, [data], tag=how.tag, mtime_ns=0)


def replace(path: str, data: bytes, expected: tuple[int, int, int], how: Write) -> str:
    """Put `data` in the place of the file that the caller judged, (size, mtime_ns, inode); where that is kept.

    Changed, with nothing touched, if it is another by now.
    """
    return exchange(path, [data], expected=expected, tag=how.tag, trash=how.trash, mtime_ns=0).path


def remove(path: str, expected: tuple[int, int, int], how: Write) -> str:
    """Take away the file that the caller judged; where it is kept. Changed, with nothing touched, if it is another."""
    with Place(path, make=False) as place:
        original = place.open(place.name, os.O_RDONLY)
        try:
            check_stat(place.name, os.fstat(original), expected)
            aside = temp_name(how.tag, place.name)
            place.rename(place.name, aside)
            if not os.path.samestat(place.stat(aside), os.fstat(original)):  # somebody put another one there just now
                place.link(aside, place.name)
                place.remove(aside)
                raise Changed(f"'{shown(place.name)}' was written to meanwhile")
            place.sync()
            return keep(place, aside, original, how.trash)
        finally:
            os.close(original)
