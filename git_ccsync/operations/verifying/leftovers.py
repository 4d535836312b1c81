"""What an interrupted run of ours leaves behind: temporary files, told by their names. Removing them loses nothing."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import install as writing
from git_ccsync.claude import scan
from git_ccsync.claude.scan import TEMP_PREFIX
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import scratch
from git_ccsync.operations.installing.installed import repository_tag, trash_of
from git_ccsync.operations.run.workspace import project_keys

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.run.workspace import Workspace

#: Seconds after which a temporary belongs to no running process.
OLD = 3600


def leftovers(ws: Workspace) -> tuple[str, ...]:
    """Paths of all of them: in the object store, in our state, in Claude's project directories."""
    return (*_objects(ws), *_state(ws), *_claude(ws))


def remove(ws: Workspace) -> None:
    """Take them away, under the locks; what an exchange had kept goes to the trash."""
    for path in (*_objects(ws), *_state(ws)):
        _remove(path)
    with writing.lock(os.path.join(ws.here.state, "claude.lock"), 60):
        writing.heal(_directories(ws), repository_tag(ws), trash_of(ws))


def _remove(path: str) -> None:
    import shutil

    try:
        os.unlink(path)
    except IsADirectoryError:
        shutil.rmtree(path, ignore_errors=True)
    except OSError:
        pass


def _objects(ws: Workspace) -> Iterator[str]:
    top = ws.repo.object_dir
    folders = [name for name in _names(top) if len(name) == 2] + ["pack"]
    for folder in folders:
        for name in _names(os.path.join(top, folder)):
            path = os.path.join(top, folder, name)
            if name.startswith(("tmp_obj_ccsync_", "tmp_ccsync_")) and _old(path):
                yield path


def _state(ws: Workspace) -> Iterator[str]:
    for path in (os.path.join(top, name) for top in {ws.state, ws.memory} for name in _names(top)):
        name = os.path.basename(path)
        if (name.endswith(".tmp") or name.startswith(scratch.PREFIX)) and _old(path):
            yield path


def _claude(ws: Workspace) -> Iterator[str]:
    for directory in _directories(ws):
        for name in _names(directory):
            if name.startswith(f"{TEMP_PREFIX}{repository_tag(ws)}-") and _old(os.path.join(directory, name)):
                yield os.path.join(directory, name)


def _directories(ws: Workspace) -> list[str]:
    """The project directories of this repository, and what lies below the sessions in them."""
    found = []
    for key in project_keys(ws):
        top = os.path.join(ws.claude, "projects", key)
        found.append(top)
        for name in _names(top):
            if scan.is_id(name):
                found += [folder for folder, _, _ in os.walk(os.path.join(top, name))]
    return found


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _old(path: str) -> bool:
    try:
        return time.time() - os.lstat(path).st_mtime > OLD
    except OSError:
        return False
