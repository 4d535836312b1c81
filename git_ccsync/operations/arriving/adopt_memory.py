"""The memory of a directory that is adopted: what the project's memory here lacks is written there. Nothing is replaced."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import home, install_memory, memory
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.capturing import idle
from git_ccsync.operations.installing import installed

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage

#: Bytes of one memory file.
CAP = 16 << 20


def bring(stage: Stage, path: str) -> tuple[str, ...]:
    """The names of the files that were (in a dry run: would be) copied from the memory of the directory `path`."""
    ws, key = stage.ws, home.project_key(path)
    source, target = memory.directory(ws.claude, key), idle.memory_directory(ws)
    if source == target:
        return ()
    how = install_memory.Write(installed.tag(stage), installed.trash(stage))
    before = stage.codec("", path, key)
    after = stage.codec("", ws.trees[0], os.path.basename(os.path.dirname(target)))
    brought = []
    for file in memory.listing(source).files:
        place = os.path.join(target, file.name)
        data = claude_files.read_small(os.path.join(source, file.name), CAP)
        if data is None or os.path.lexists(place):
            continue
        try:
            if not stage.dry_run:
                stage.undo.before(place)
                install_memory.create(place, after.local(before.unredacted(data)), how)
                stage.undo.after(place)
        except (CcsyncError, OSError):  # somebody was faster: theirs stays
            continue
        brought.append(file.name)
    return tuple(brought)
