"""The words of `undo`."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, porcelain, progress, render
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.options import UndoOptions
    from git_ccsync.model import RemoteResult
    from git_ccsync.operations.undo import Undone

#: More sessions than this are only counted.
MOST = 3


def run(options: UndoOptions) -> int:
    """`git ccsync undo`; the exit status: 1 if a file was left as it is, or a URL could not be reached."""
    from git_ccsync.operations import undo

    ws = open_workspace(".")
    with progress.meter() as meter:
        result = undo.undo(ws, dry_run=options.dry_run, on_progress=meter)
    if options.json:
        porcelain.document(result)
    else:
        for line in words(result):
            render.out(line)
    return int(result.left > 0 or bool(result.missed))


def words(result: Undone) -> Iterator[str]:
    """What to say of it: what was undone, then each file, then refs."""
    when = ages.ago(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(result.seconds)), time.time())
    yield f"{'would undo' if result.dry_run else 'undone'}: {result.verb} ({when})"
    for step in result.files:
        told = f" ({step.reason})" if step.reason else ""
        yield f"  {step.action:<8}  {render.home(step.path)}{told}"
    if result.old != result.new and not (result.remote and result.dry_run):
        yield f"  {render.safe(result.ref)}: {result.old[:7] or 'none'} -> {result.new[:7] or 'none'}"
    if result.remote:
        yield from _taken_back(result)
    if result.left and not result.dry_run:
        yield f"{render.count(result.left, 'file')} left as {'it is' if result.left == 1 else 'they are'}"


def _taken_back(result: Undone) -> Iterator[str]:
    shown = ", ".join(map(render.safe, result.remotes))
    if result.dry_run:
        yield f"  what was pushed would be taken off {shown} by one more commit"
    else:
        whose = "its" if len(result.remotes) == 1 else "their"
        yield f"what was pushed is off {shown}; {whose} history still holds it, and whoever pulled it has it"
    for one in result.missed:
        yield f"what was pushed is not taken off {render.safe(one.url)}{_why(one)}; the next push tries again"
    if result.held:
        some = ", ".join(name[:8] for name in result.held[:MOST]) + (" …" if len(result.held) > MOST else "")
        verb = "would be" if result.dry_run else "is" if len(result.held) == 1 else "are"
        yield f"{render.count(len(result.held), 'session')} {verb} held back: {some}"
        yield "  (new lines, or 'git ccsync push --session ID', send them again)"


def _why(one: RemoteResult) -> str:
    return f" ({render.safe(one.reason)})" if one.reason else ""
