"""The words of `gc`: what was packed, and what our packs are now."""

from __future__ import annotations

from git_ccsync.cli import every, porcelain, render
from git_ccsync.operations import gc
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options_upkeep import GcOptions
    from git_ccsync.operations.gc import Packed


def run(options: GcOptions) -> int:
    """`git ccsync gc`; 1 if it failed in one of several repositories."""
    if options.all:
        return _everywhere(options)
    done = gc.gc(open_workspace("."))
    if options.json:
        porcelain.document(done)
    else:
        render.out(words(done))
    return 0


def _everywhere(options: GcOptions) -> int:
    rows = list(every.each(lambda path: gc.gc(open_workspace(path))))
    if options.json:
        every.document(rows)
    else:
        every.summary([(row.path, _cell(row), "red" if every.failed(row) else "") for row in rows])
    return int(any(map(every.failed, rows)))


def _cell(row: every.Row) -> str:
    return every.error_words(row.error) if row.error is not None else words(row.result)


def words(done: Packed) -> str:
    """`packed 640 loose objects and 2 packs; now 1 pack, 4.9 MB`."""
    parts = [render.count(done.loose, "loose object")] if done.loose else []
    parts += [render.count(done.merged, "pack")] if done.merged else []
    now = f"{render.count(done.packs, 'pack')}, {render.size(done.bytes)}"
    return f"packed {' and '.join(parts)}; now {now}" if parts else f"nothing to pack; {now}"
