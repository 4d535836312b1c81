"""Sessions that are held back after an undone push: not captured until they have new lines, or are asked for by name.

`held-back` in the repository's state, a line each: `<id of the file> TAB <its size> TAB <transcript on the branch>`.
"""

from __future__ import annotations

import os

from git_ccsync.claude import scan
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.state import files
from git_ccsync.state.index import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.claude.scan import Found
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace


#: In the index in the place of a session's id.
HELD = "held"


def load(ws: Workspace) -> dict[str, tuple[int, str]]:
    """Id -> (size of the file, transcript on the branch) as they were when it was held back."""
    found = {}
    for line in files.read(_path(ws)).decode("ascii", "replace").split("\n"):
        fields = line.split("\t")
        if len(fields) == 3 and fields[1].isdecimal():
            found[fields[0]] = int(fields[1]), fields[2]
    return found


def add(ws: Workspace, more: dict[str, tuple[int, str]]) -> None:
    """Hold these back."""
    if more:
        _save(ws, load(ws) | more)


def _save(ws: Workspace, held: dict[str, tuple[int, str]]) -> None:
    text = "".join(f"{name}\t{size}\t{tree}\n" for name, (size, tree) in sorted(held.items()))
    files.replace(_path(ws), text.encode("ascii", "replace"))


def _path(ws: Workspace) -> str:
    return os.path.join(ws.memory, "held-back")


def release(stage: Stage, only: Sequence[str]) -> None:
    """Let go of those that are asked for by name, or of which the branch has more again; before files are looked for."""
    held = load(stage.ws)
    gone = [name for name, (_, tree) in held.items() if name in only or stage.parts(name).transcript != tree]
    if gone:
        _let_go(stage, held, gone)


def _let_go(stage: Stage, held: dict[str, tuple[int, str]], gone: Iterable[str]) -> None:
    names = {name for name in gone if name in held}
    for path in list(stage.index.raw()):
        if any(name in path for name in names):
            stage.index.drop(path)
    if not stage.dry_run:
        _save(stage.ws, {name: at for name, at in held.items() if name not in names})


def without(stage: Stage, found: Sequence[Found]) -> list[Found]:
    """Those of `found` that are not held back. Of the others the index remembers that they were looked at; what has new
    lines is let go.
    """
    held = load(stage.ws)
    if not held:
        return list(found)
    here = {item.id: item for item in found if item.id in held}
    due = {name for name, item in here.items() if not is_held(stage, held, name, item.size)}
    if due:
        _let_go(stage, held, due)
    for name in here.keys() - due:
        _pass_over(stage, here[name])
    return [item for item in found if item.id not in here or item.id in due]


def is_held(stage: Stage, held: dict[str, tuple[int, str]], name: str, size: int) -> bool:
    """Whether the transcript of that id and size is held back."""
    return name in held and size <= held[name][0] and stage.parts(name).transcript == held[name][1]


def _pass_over(stage: Stage, item: Found) -> None:
    sides = scan.side_files(item.path.removesuffix(".jsonl"))[0] if item.side else []
    stage.index.put(item.path, Entry(item.size, item.mtime_ns, item.inode, session=HELD))
    for side in sides:
        stage.index.put(side.path, Entry(side.size, side.mtime_ns, side.inode))
