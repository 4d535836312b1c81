"""The words of `rm`."""

from __future__ import annotations

from git_ccsync.cli import porcelain, progress, render
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.options import RmOptions
    from git_ccsync.operations.rm import Removed, RmResult


def run(options: RmOptions) -> int:
    """`git ccsync rm`; the exit status. A remote that cannot be reached is told, and is no failure."""
    from git_ccsync.operations import rm

    ws = open_workspace(".")
    with progress.meter() as meter:
        result = rm.rm(ws, options.session, dry_run=options.dry_run, send=not options.no_push, on_progress=meter)
    if options.json:
        porcelain.document(result)
    else:
        for line in words(result):
            render.out(line)
    if result.unsent:
        render.warning(f"the other machines cannot know yet: {result.unsent}")
    return 0


def words(result: RmResult) -> Iterator[str]:
    """What to say of it, and how to have it back."""
    for one in result.removed:
        yield from _one(one, dry_run=result.dry_run)
    if any(one.files for one in result.removed):
        yield f"their files {'would go' if result.dry_run else 'are'} in {render.home(result.trash)}"
    if result.dry_run:
        return
    if any(one.lines for one in result.removed) and not result.sent:
        yield "next: 'git ccsync push' tells your other machines"
    if any(one.lines for one in result.removed):
        yield "the branch keeps every line: 'git ccsync restore' and 'git ccsync undo' bring them back"
    else:
        yield "it was never sent: 'git ccsync undo' brings it back"


def _one(one: Removed, *, dry_run: bool) -> Iterator[str]:
    name = f"{one.session[:8]}  {render.safe(one.title) or '(no title)'}"
    if one.hidden:
        told = f"  ({render.count(one.lines, 'line')})"
    else:
        told = "  (off the branch's lists already)" if one.lines else "  (not on the branch)"
    yield f"{'would remove' if dry_run else 'removed'} {name}{told}"
    for path in one.files:
        yield f"  {render.home(path)}"
