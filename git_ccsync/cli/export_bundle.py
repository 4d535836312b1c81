"""The words of `export --bundle`: the whole branch in one file."""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import progress, render
from git_ccsync.errors import Usage
from git_ccsync.operations.destinations import bundling
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import ExportOptions
    from git_ccsync.operations.destinations.bundling import Bundled
    from git_ccsync.operations.run.workspace import Workspace


def run(options: ExportOptions) -> int:
    """`git ccsync export --bundle`; the exit status."""
    if options.session:
        raise Usage("a bundle holds the whole branch: no session can be named")
    if options.to:
        raise Usage("a bundle is git's, and git opens no encrypted one: --to does not go with it")
    if options.no_redact:
        raise Usage("a bundle holds what is pushed: --no-redact does not go with it")
    ws = open_workspace(".")
    if options.output == "-":
        return _to_stdout(ws)
    with progress.meter() as meter:
        done = bundling.export(ws, os.path.abspath(options.output), meter)
    return _tell(done, options.output)


def _to_stdout(ws: Workspace) -> int:
    import shutil
    import tempfile

    if os.isatty(1):
        raise Usage("standard output is a terminal; redirect it, or give -o <file>")
    with tempfile.TemporaryDirectory() as directory:
        done = bundling.export(ws, f"{directory}/bundle")
        sys.stdout.flush()
        with open(f"{directory}/bundle", "rb") as file:
            shutil.copyfileobj(file, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    return _tell(done, "")


def _tell(done: Bundled, place: str) -> int:
    for text in done.warnings:
        render.warning(text)
    failed = render.problems(done.problems)
    what = f"exported branch '{done.branch}', {render.count(done.sessions, 'session')}, {render.size(done.size)}"
    (render.out if place else render.note)(f"{what}, to '{render.safe(place)}'" if place else what)
    if done.redacted.values:
        render.note(f"left out {render.count(done.redacted.values, 'secret')}")
    return 1 if failed else 0
