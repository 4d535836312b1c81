"""Rows of stored files that hold what is wanted: by `git grep` on a plain branch, and here on an encrypted one, whose
contents git cannot read. One segment at a time is in memory, or as many as one line spans.
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import grep
from git_ccsync.operations.run import clear
from git_ccsync.operations.searching.search_words import Finder
from git_ccsync.store.format import SEGMENT_CAP
from git_ccsync.store.segments import BLOB, TREE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.git.grep import Wanted
    from git_ccsync.git.objects import Reader, TreeEntry
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace

    Found = tuple[str, bytes, bytes]

#: Folders within folders, on any branch of ours.
_DEEPEST = 12


def rows(stage: Stage, trees: Sequence[str], wanted: Wanted) -> Iterator[Found]:
    """(tree, name in it, row without its line end) of every row that holds what is wanted, in the order of `trees`, which
    hold segments. GitFailed as `grep.rows`.
    """
    if not stage.lens:
        yield from grep.rows(stage.ws.repo.common_dir, trees, wanted)
        return
    finder = Finder(wanted)
    for tree in trees:
        try:
            entries = stage.reader.tree(tree)
        except BadData:
            continue
        for name, row in _rows(stage.reader, entries, finder):
            yield tree, name, row


def rows_below(ws: Workspace, root: str, wanted: Wanted) -> Iterator[Found]:
    """The same of all that lies below the tree `root`, with its path."""
    if not clear.is_sealed(ws):
        yield from grep.rows(ws.repo.git_dir, [root] if root else [], wanted)
        return
    with clear.reader(ws) as reader:
        for path, row in _below(reader, root, Finder(wanted), (b"",)):
            yield root, path, row


def _below(reader: Reader, tree: str, finder: Finder, above: tuple[bytes, ...]) -> Iterator[tuple[bytes, bytes]]:
    try:
        entries = reader.tree(tree) if tree and len(above) <= _DEEPEST else ()
    except BadData:
        return
    path = b"/".join(above[1:])
    for name, row in _rows(reader, entries, finder):
        yield (path + b"/" if path else b"") + name, row
    for entry in entries:
        if entry.mode == TREE:
            yield from _below(reader, entry.oid, finder, (*above, entry.name))


def _rows(reader: Reader, entries: Sequence[TreeEntry], finder: Finder) -> Iterator[tuple[bytes, bytes]]:
    """Of the blobs in one tree, in their order; a line that spans several counts with the last of them."""
    named = [entry for entry in entries if entry.mode == BLOB]
    held, name = b"", b""
    for entry, (_, kind, data) in zip(named, reader.many([one.oid for one in named], cap=SEGMENT_CAP), strict=True):
        if kind != "blob":
            continue
        held, name = held + data, entry.name
        end = len(held) if entry is named[-1] else held.rfind(b"\n") + 1
        for row in finder.rows(held[:end]):
            yield name, row.removesuffix(b"\n")
        held = held[end:]
    if held:
        for row in finder.rows(held):
            yield name, row.removesuffix(b"\n")
