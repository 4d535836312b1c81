"""The words of `export`, and its file: written whole or not at all, or to stdout."""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import render
from git_ccsync.errors import Refused, Usage
from git_ccsync.git.whole import Whole
from git_ccsync.operations import exporting
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import BinaryIO

    from git_ccsync.cli.options import ExportOptions
    from git_ccsync.operations.exporting import ExportResult
    from git_ccsync.operations.run.workspace import Workspace


class _Nothing(Refused):
    """Nothing could be exported; each reason was told."""


def run(options: ExportOptions) -> int:
    """`git ccsync export`; the exit status."""
    if not options.output:
        raise Usage("where to? -o <file>, or '-o -' for standard output")
    if options.bundle:
        from git_ccsync.cli import export_bundle

        return export_bundle.run(options)
    if options.output == "-":
        if os.isatty(1):
            raise Usage("standard output is a terminal; redirect it, or give -o <file>")
        sys.stdout.flush()
        result = _export(options, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return _tell(result, "", options)
    try:
        with Whole(os.path.abspath(options.output)) as file:
            result = _export(options, file)
            if not result.sessions:
                raise _Nothing("nothing was exported")  # noqa: TRY301 -- so that no file is made
    except _Nothing:
        return _tell(result, "", options)
    except OSError as error:
        raise Refused(f"'{options.output}' cannot be written: {error.strerror}") from error
    return _tell(result, options.output, options)


def _export(options: ExportOptions, file: BinaryIO) -> ExportResult:
    ws = open_workspace(".")
    if not options.to:
        return _write(ws, options, file)
    from git_ccsync.operations.arriving import parcel

    whom = parcel.to(options.to)
    with parcel.spool(ws) as plain:
        result = _write(ws, options, plain)
        if result.sessions:
            parcel.seal(plain, file, whom)
    return result


def _write(ws: Workspace, options: ExportOptions, file: BinaryIO) -> ExportResult:
    tar = options.output.lower().endswith(".tar")
    return exporting.export(ws, options.session, file, redact=not options.no_redact, tar=tar)


def _tell(result: ExportResult, place: str, options: ExportOptions) -> int:
    """Say what is in the file; all of it on stderr, where stdout is the file."""
    for text in result.warnings:
        render.warning(text)
    failed = render.problems(result.problems)
    if result.sessions:
        what = render.count(len(result.sessions), "session")
        (render.out if place else render.note)(f"exported {what}, {render.count(result.lines, 'line')}{_to(place)}")
        if options.to:
            render.note(f"only {_whose(options.to)} can open it")
    if result.secrets:
        render.note(f"left out {render.count(result.secrets, 'secret')}; '--no-redact' exports them as they are")
    return 1 if failed or not result.sessions else 0


def _to(place: str) -> str:
    return f", to '{render.safe(place)}'" if place else ""


def _whose(to: Sequence[str]) -> str:
    """Those keys in words: the files that they are in."""
    named = [f"'{render.safe(word)}'" for word in to if os.path.isfile(word)]
    others = len(to) - len(named)
    words = [*named, *([f"{render.count(others, 'key')} given"] if others else [])]
    return f"whoever has the private half of {' or '.join(words)}"
